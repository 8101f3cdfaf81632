// Behaviour of Backstage's catalog API, seen through its own client, unmodified. What is right is computed here from the
// generated entities by plain loops, and never asked from the server. Runs against any server that speaks the API:
//
//   AXLE_CLIENT=<folder with node_modules> BASE=http://…/api/catalog TOKEN=… FILES=http://…/ FOLDER=<what FILES serves> \
//     COUNT=10000 node suite.mjs
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const { AXLE_CLIENT, BASE, TOKEN, FILES, FOLDER, COUNT = '10000', PATIENCE_S = '120' } = process.env;
const require = createRequire(import.meta.url);
const { CatalogClient, CATALOG_FILTER_EXISTS } = createRequire(path.join(AXLE_CLIENT, 'index.js'))('@backstage/catalog-client');
const generator = require('../../../bench/catalog/generate');

const client = new CatalogClient({ discoveryApi: { getBaseUrl: async () => BASE }, fetchApi: { fetch } });
const options = TOKEN ? { token: TOKEN } : undefined;
const headers = TOKEN ? { authorization: `Bearer ${TOKEN}` } : {};
let [right, wrong] = [0, 0];

async function check(name, run) {
  try {
    await run();
    right++;
  } catch (error) {
    wrong++;
    console.log(`WRONG ${name}: ${String(error.stack ?? error).slice(0, 1200)}`);
  }
}

async function until(what, look) {
  const end = Date.now() + Number(PATIENCE_S) * 1000;
  for (let last; ; await new Promise(done => setTimeout(done, 100))) {
    try {
      if ((last = await look())) {
        return last;
      }
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(`${what} did not come about: ${last}`);
    }
  }
}

const refused = (promise, status, name) => assert.rejects(promise, error => {
  assert.equal(error.response?.status ?? error.statusCode, status, String(error));
  if (name) {
    assert.equal(error.body?.error?.name ?? error.cause?.name, name);
  }
  return true;
});
const raw = (where, init = {}) => fetch(BASE + where, { ...init, headers: { ...headers, 'content-type': 'application/json', ...init.headers } });
const refOf = one => `${one.kind}:${one.metadata.namespace ?? 'default'}/${one.metadata.name}`.toLowerCase();
const namesOf = list => list.map(one => one.metadata.name);
const sorted = list => [...list].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
const same = (actual, expected) => assert.deepEqual(sorted(actual), sorted(expected));

// 1. A catalogue, and what must be true of it.
const all = generator.generate(Number(COUNT));
generator.write(Number(COUNT), FOLDER);
const components = all.filter(one => one.kind === 'Component');
const teamOwned = components.find(one => !one.spec.owner.startsWith('user:'));
const services = components.filter(one => one.spec.type === 'service');
const corners = [
  { apiVersion: 'backstage.io/v1beta1', kind: 'Component', metadata: { name: 'Corner.One_x', namespace: 'corner', title: 'The ONE corner', annotations: { 'a.b.example.com/c.d': 'Dotted.Key', 'plain': 'p' }, labels: { 'l.example.com/x': 'Yes' }, tags: ['c++', 'a:b'], links: [{ url: 'https://example.com/', title: 'L' }], own: { Deep: ['Kept', 1] } }, spec: { type: 'Service', lifecycle: 'x', owner: 'nobody', weight: 7, flag: true, nested: { list: [{ name: 'deep' }, 'Text'], empty: null } } },
  { apiVersion: 'backstage.io/v1alpha1', kind: 'Component', metadata: { name: 'corner-two', namespace: 'corner', annotations: { 'backstage.io/view-url': 'https://example.com/v' } }, spec: { type: 'service', lifecycle: 'x', owner: 'user:guest', dependsOn: ['component:Corner.One_x'] } },
  { apiVersion: 'backstage.io/v1alpha1', kind: 'API', metadata: { name: 'corner-api', namespace: 'corner' }, spec: { type: 'openapi', lifecycle: 'x', owner: 'nobody', definition: 'x'.repeat(300) } },
];
fs.writeFileSync(path.join(FOLDER, 'corners.yaml'), corners.map(one => JSON.stringify(one)).join('\n---\n'));
fs.writeFileSync(path.join(FOLDER, 'broken.yaml'), 'apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: broken}\nspec: {type: x}\n');

let main;
await check('addLocation: only looking', async () => {
  const trial = await client.addLocation({ target: `${FILES}corners.yaml`, dryRun: true }, options);
  assert.equal(trial.exists, false);
  assert.equal(trial.location.target, `${FILES}corners.yaml`);
  same(trial.entities.filter(one => one.kind !== 'Location').map(refOf), corners.map(refOf));
  assert.equal((await client.getLocations({}, options)).items.some(one => one.target === `${FILES}corners.yaml`), false);
});
let cornersId;
await check('addLocation: 201, and its entity appears with everything in its files', async () => {
  main = await client.addLocation({ type: 'url', target: `${FILES}all.yaml` }, options);
  assert.equal(main.location.type, 'url');
  assert.equal(main.location.target, `${FILES}all.yaml`);
  assert.match(main.location.entityRef, /^location:default\/generated-[0-9a-f]{40}$/);
  assert.ok(Array.isArray(main.entities));
  cornersId = (await client.addLocation({ type: 'url', target: `${FILES}corners.yaml` }, options)).location.id;
  await until(`${all.length} entities`, async () =>
    (await client.queryEntities({ filter: { 'metadata.annotations.backstage.io/managed-by-origin-location': `url:${FILES}all.yaml` }, limit: 0 }, options)).totalItems === all.length + 2);
  await until('the corners', async () => (await client.queryEntities({ filter: { 'metadata.namespace': 'corner' }, limit: 0 }, options)).totalItems === corners.length);
});

const total = filter => client.queryEntities({ filter, limit: 0 }, options).then(answer => answer.totalItems);
const inMain = { 'metadata.annotations.backstage.io/managed-by-origin-location': `url:${FILES}all.yaml` };

// 2. getEntities
await check('getEntities: all that match, whole', async () => {
  const { items } = await client.getEntities({ filter: { kind: 'system', ...inMain } }, options);
  same(items.map(refOf), all.filter(one => one.kind === 'System').map(refOf));
  const one = items[0];
  const wanted = all.find(entity => refOf(entity) === refOf(one));
  assert.deepEqual(one.spec, wanted.spec);
  assert.equal(one.metadata.description, wanted.metadata.description);
  assert.ok(one.metadata.uid && one.metadata.etag);
});
await check('getEntities: all of the catalogue in one list', async () => {
  const { items } = await client.getEntities({ filter: inMain, fields: ['kind', 'metadata.name'] }, options);
  assert.equal(items.filter(one => one.kind !== 'Location').length, all.length);
});
await check('getEntities: or between sets, and between keys, or between values', async () => {
  const { items } = await client.getEntities({ filter: [{ kind: 'component', 'spec.type': ['library', 'website'], 'spec.lifecycle': 'deprecated', ...inMain }, { kind: 'domain', ...inMain }], fields: ['kind', 'metadata'] }, options);
  same(items.map(refOf), all.filter(one => one.kind === 'Domain' || (one.kind === 'Component' && ['library', 'website'].includes(one.spec.type) && one.spec.lifecycle === 'deprecated')).map(refOf));
});
await check('getEntities: a key that exists, whatever its value', async () => {
  const filter = { kind: 'component', 'metadata.annotations.backstage.io/techdocs-ref': CATALOG_FILTER_EXISTS };
  same(namesOf((await client.getEntities({ filter, fields: ['metadata.name'] }, options)).items), namesOf(components.filter(one => one.metadata.annotations['backstage.io/techdocs-ref'])));
});
await check('getEntities: order, limit and offset', async () => {
  const page = await client.getEntities({ filter: { kind: 'group', ...inMain }, fields: ['metadata.name'], order: { field: 'metadata.name', order: 'desc' }, limit: 5, offset: 3 }, options);
  assert.deepEqual(namesOf(page.items), sorted(namesOf(all.filter(one => one.kind === 'Group'))).reverse().slice(3, 8));
});
await check('getEntities: what lacks the field ordered by comes last', async () => {
  const { items } = await client.getEntities({ filter: { kind: 'component', 'metadata.namespace': 'corner' }, order: { field: 'metadata.title', order: 'asc' }, limit: 10 }, options);
  assert.deepEqual(namesOf(items), ['Corner.One_x', 'corner-two']);
});
await check('getEntities: several orders', async () => {
  const { items } = await client.getEntities({ filter: { kind: 'resource', ...inMain }, fields: ['metadata.name', 'spec.type'], order: [{ field: 'spec.type', order: 'asc' }, { field: 'metadata.name', order: 'desc' }], limit: 50 }, options);
  const wanted = all.filter(one => one.kind === 'Resource').sort((a, b) => (a.spec.type < b.spec.type ? -1 : a.spec.type > b.spec.type ? 1 : a.metadata.name < b.metadata.name ? 1 : -1)).slice(0, 50);
  assert.deepEqual(namesOf(items), namesOf(wanted));
});
await check('getEntities: only the fields asked for, also with dots in a key', async () => {
  const { items } = await client.getEntities({ filter: { 'metadata.name': 'corner.one_x' }, fields: ['metadata.name', 'metadata.annotations.a.b.example.com/c.d', 'spec.nested'] }, options);
  assert.deepEqual(items, [{ metadata: { name: 'Corner.One_x', annotations: { 'a.b.example.com/c.d': 'Dotted.Key' } }, spec: { nested: corners[0].spec.nested } }]);
});
await check('getEntities: nothing matches', async () => assert.deepEqual((await client.getEntities({ filter: { kind: 'component', 'metadata.name': 'never' } }, options)).items, []));
await check('entities: a following page by its Link', async () => {
  const first = await raw('/entities?limit=2&filter=kind=domain&fields=metadata.name');
  assert.equal(first.status, 200);
  const link = /<([^>]+)>; rel="next"/.exec(first.headers.get('link'));
  assert.ok(link, 'no Link');
  const second = await raw(link[1].slice(link[1].indexOf('/entities')));
  const [a, b] = [await first.json(), await second.json()];
  assert.equal(a.length + b.length, 4);
  assert.equal(new Set(namesOf([...a, ...b])).size, 4);
});

// 3. getEntitiesByRefs, getEntityByRef
await check('getEntitiesByRefs: in the order asked for, nothing for what is missing', async () => {
  const refs = [refOf(components[5]), 'component:default/never', refOf(all[0]), refOf(corners[0])];
  const { items } = await client.getEntitiesByRefs({ entityRefs: refs, fields: ['kind', 'metadata.name', 'metadata.namespace'] }, options);
  assert.deepEqual(items.map(one => one && refOf(one)), [refs[0], undefined, refs[2], refs[3]]);
});
await check('getEntitiesByRefs: more than one request carries', async () => {
  const refs = components.slice(0, 2500).map(refOf);
  assert.deepEqual((await client.getEntitiesByRefs({ entityRefs: refs }, options)).items.map(refOf), refs);
});
await check('getEntitiesByRefs: with a filter and with a predicate', async () => {
  const refs = components.slice(0, 300).map(refOf);
  const wanted = components.slice(0, 300).map(one => (one.spec.type === 'service' ? refOf(one) : undefined));
  assert.deepEqual((await client.getEntitiesByRefs({ entityRefs: refs, filter: { 'spec.type': 'service' } }, options)).items.map(one => one && refOf(one)), wanted);
  assert.deepEqual((await client.getEntitiesByRefs({ entityRefs: refs, query: { 'spec.type': { $in: ['service'] } } }, options)).items.map(one => one && refOf(one)), wanted);
});
let corner;
await check('getEntityByRef: every way to write it', async () => {
  corner = await client.getEntityByRef('component:corner/corner.one_x', options);
  assert.equal(corner.metadata.name, 'Corner.One_x');
  assert.equal((await client.getEntityByRef({ kind: 'COMPONENT', namespace: 'Corner', name: 'CORNER.ONE_X' }, options)).metadata.uid, corner.metadata.uid);
  assert.equal((await client.getEntityByName({ kind: 'Component', namespace: 'corner', name: 'Corner.One_x' }, options)).metadata.uid, corner.metadata.uid);
  assert.equal(await client.getEntityByRef('component:default/never', options), undefined);
});
await check('an entity is as its file says', async () => {
  assert.deepEqual(corner.spec, corners[0].spec);
  for (const key of ['title', 'labels', 'tags', 'links']) {
    assert.deepEqual(corner.metadata[key], corners[0].metadata[key], key);
  }
  for (const [key, value] of Object.entries({ ...corners[0].metadata.annotations, 'backstage.io/managed-by-location': `url:${FILES}corners.yaml`, 'backstage.io/managed-by-origin-location': `url:${FILES}corners.yaml`, 'backstage.io/view-url': `${FILES}corners.yaml` })) {
    assert.equal(corner.metadata.annotations[key], value, key);
  }
  assert.equal(corner.apiVersion, 'backstage.io/v1beta1');
  assert.deepEqual(corner.metadata.own, corners[0].metadata.own);
});
await check('view-url of a file wins over the computed one', async () =>
  assert.equal((await client.getEntityByRef('component:corner/corner-two', options)).metadata.annotations['backstage.io/view-url'], 'https://example.com/v'));

// 4. Relations
await check('relations: both directions, sorted, with the defaults of each field', async () => {
  const inverse = { ownedBy: 'ownerOf', partOf: 'hasPart', providesApi: 'apiProvidedBy', consumesApi: 'apiConsumedBy', dependsOn: 'dependencyOf', memberOf: 'hasMember', childOf: 'parentOf' };
  const edges = new Map(all.map(one => [refOf(one), new Set()]));
  const full = (text, kind) => { const at = /^(?:([^:/]+):)?(?:([^:/]+)\/)?(.+)$/.exec(text); return `${at[1] ?? kind}:${at[2] ?? 'default'}/${at[3]}`.toLowerCase(); };
  for (const one of all) {
    const from = refOf(one);
    const add = (type, values, kind) => [values ?? []].flat().forEach(value => {
      const to = full(value, kind);
      edges.get(from).add(`${type} ${to}`);
      edges.get(to)?.add(`${inverse[type]} ${from}`);
    });
    add('ownedBy', one.spec.owner, 'group');
    add('partOf', one.spec.system, 'system');
    add('partOf', one.spec.domain, 'domain');
    add('providesApi', one.spec.providesApis, 'api');
    add('consumesApi', one.spec.consumesApis, 'api');
    add('dependsOn', one.spec.dependsOn, 'component');
    add('memberOf', one.spec.memberOf, 'group');
    add('childOf', one.spec.parent, 'group');
  }
  const { items } = await client.getEntities({ filter: inMain, fields: ['kind', 'metadata.name', 'relations'] }, options);
  for (const one of items.filter(entity => entity.kind !== 'Location')) {
    assert.deepEqual(one.relations?.map(at => `${at.type} ${at.targetRef}`) ?? [], sorted([...edges.get(refOf(one))]), refOf(one));
  }
});
await check('relations: default namespace is the entity\'s own, targets in lower case', async () =>
  assert.deepEqual((await client.getEntityByRef('component:corner/corner-two', options)).relations, [
    { type: 'dependsOn', targetRef: 'component:corner/corner.one_x' },
    { type: 'ownedBy', targetRef: 'user:corner/guest' },
  ]));
await check('relations can be filtered by', async () =>
  same(namesOf((await client.getEntities({ filter: { kind: 'component', 'relations.ownedBy': `group:default/${teamOwned.spec.owner}` }, fields: ['metadata.name'] }, options)).items),
    namesOf(components.filter(one => one.spec.owner === teamOwned.spec.owner))));

// 5. queryEntities
for (const [label, ask] of [['filter', { filter: { kind: 'component', 'spec.type': 'service', ...inMain } }], ['query', { query: { kind: 'component', 'spec.type': 'service', ...inMain } }]]) {
  await check(`queryEntities by ${label}: pages on and back`, async () => {
    const wanted = sorted(namesOf(services));
    const orderFields = { field: 'metadata.name', order: 'asc' };
    const first = await client.queryEntities({ ...ask, limit: 40, orderFields, fields: ['metadata.name'] }, options);
    assert.deepEqual([first.totalItems, first.pageInfo.prevCursor], [wanted.length, undefined]);
    assert.deepEqual(namesOf(first.items), wanted.slice(0, 40));
    const second = await client.queryEntities({ cursor: first.pageInfo.nextCursor, limit: 40 }, options);
    assert.deepEqual(namesOf(second.items), wanted.slice(40, 80));
    assert.equal(second.totalItems, wanted.length);
    const third = await client.queryEntities({ cursor: second.pageInfo.nextCursor, limit: 10, fields: ['metadata.name'] }, options);
    assert.deepEqual(third.items, wanted.slice(80, 90).map(name => ({ metadata: { name } })));
    const back = await client.queryEntities({ cursor: second.pageInfo.prevCursor, limit: 40 }, options);
    assert.deepEqual(namesOf(back.items), wanted.slice(0, 40));
    assert.equal(back.pageInfo.prevCursor, undefined);
  });
}
await check('queryEntities: descending, last page has no next', async () => {
  const wanted = sorted(namesOf(all.filter(one => one.kind === 'Domain'))).reverse();
  const page = await client.queryEntities({ filter: { kind: 'domain', ...inMain }, limit: wanted.length, orderFields: [{ field: 'metadata.name', order: 'desc' }] }, options);
  assert.deepEqual(namesOf(page.items), wanted);
  assert.equal(page.pageInfo.nextCursor, undefined);
});
await check('queryEntities: limit 0 counts, totalItems can be left out', async () => {
  const none = await client.queryEntities({ filter: { kind: 'system', ...inMain }, limit: 0 }, options);
  assert.deepEqual([none.items, none.totalItems], [[], all.filter(one => one.kind === 'System').length]);
  const without = await client.queryEntities({ filter: { kind: 'system', ...inMain }, limit: 3, totalItems: 'exclude' }, options);
  assert.equal(without.items.length, 3);
});
await check('queryEntities: offset', async () => {
  const wanted = sorted(namesOf(all.filter(one => one.kind === 'Group')));
  const page = await client.queryEntities({ filter: { kind: 'group', ...inMain }, limit: 4, offset: 6, orderFields: { field: 'metadata.name', order: 'asc' } }, options);
  assert.deepEqual(namesOf(page.items), wanted.slice(6, 10));
});
await check('queryEntities: what lacks the field ordered by is left out', async () => {
  const page = await client.queryEntities({ filter: { kind: 'component', 'metadata.namespace': 'corner' }, orderFields: { field: 'metadata.title', order: 'asc' } }, options);
  assert.deepEqual(namesOf(page.items), ['Corner.One_x']);
});
await check('queryEntities: full text in chosen fields', async () => {
  const page = await client.queryEntities({ filter: { kind: 'component', ...inMain }, fullTextFilter: { term: ' BOARD-1', fields: ['metadata.name'] }, limit: 5000, fields: ['metadata.name'] }, options);
  same(namesOf(page.items), namesOf(components.filter(one => one.metadata.name.includes('board-1'))));
});
await check('queryEntities: full text in the field ordered by', async () => {
  const page = await client.queryEntities({ filter: inMain, fullTextFilter: { term: 'orders' }, orderFields: { field: 'metadata.title', order: 'asc' }, limit: 5000, fields: ['metadata.name'] }, options);
  same(namesOf(page.items), namesOf(components.filter(one => one.metadata.title?.includes('orders'))));
});
await check('queryEntities: full text without a match', async () =>
  assert.equal((await client.queryEntities({ fullTextFilter: { term: 'no such text', fields: ['metadata.name', 'metadata.title'] } }, options)).totalItems, 0));

const predicates = [
  ['$all', { $all: [{ kind: 'component' }, { 'spec.lifecycle': 'deprecated' }] }, one => one.kind === 'Component' && one.spec.lifecycle === 'deprecated'],
  ['$any', { $any: [{ kind: 'domain' }, { kind: 'SYSTEM' }] }, one => ['Domain', 'System'].includes(one.kind)],
  ['$not', { $all: [{ kind: 'component' }, { $not: { 'spec.type': 'service' } }] }, one => one.kind === 'Component' && one.spec.type !== 'service'],
  ['$exists true', { 'metadata.title': { $exists: true } }, one => one.metadata.title !== undefined],
  ['$exists false', { kind: 'component', 'metadata.links.url': { $exists: false } }, one => one.kind === 'Component' && !one.metadata.links],
  ['$in', { kind: 'api', 'spec.type': { $in: ['grpc', 'GraphQL'] } }, one => one.kind === 'API' && ['grpc', 'graphql'].includes(one.spec.type)],
  ['$hasPrefix', { kind: 'group', 'metadata.name': { $hasPrefix: 'Team-A' } }, one => one.kind === 'Group' && one.metadata.name.startsWith('team-a')],
  ['$contains text', { 'metadata.tags': { $contains: 'gdpr' } }, one => one.metadata.tags?.includes('gdpr')],
  ['$contains relation', { kind: 'api', relations: { $contains: { type: 'ownedBy', targetRef: `group:default/${all[0].metadata.name}` } } }, one => one.kind === 'API' && one.spec.owner === all[0].metadata.name],
  ['nested', { $all: [{ $any: [{ 'spec.type': 'library' }, { 'spec.type': 'website' }] }, { $not: { $any: [{ 'spec.lifecycle': 'production' }, { 'metadata.tags': { $contains: 'java' } }] } }] }, one => ['library', 'website'].includes(one.spec.type) && one.spec.lifecycle !== 'production' && !one.metadata.tags?.includes('java')],
];
for (const [label, query, holds] of predicates) {
  await check(`predicate ${label}`, async () => {
    const page = await client.queryEntities({ query: { $all: [inMain, { $not: { kind: 'location' } }, query] }, limit: Number(COUNT), fields: ['kind', 'metadata'] }, options);
    same(page.items.map(refOf), all.filter(holds).map(refOf));
  });
}
await check('predicate and filter together', async () => {
  const page = await client.queryEntities({ query: { 'spec.type': 'service' }, filter: { kind: 'component', 'spec.lifecycle': 'experimental', ...inMain }, limit: 0 }, options);
  assert.equal(page.totalItems, services.filter(one => one.spec.lifecycle === 'experimental').length);
});
await check('values of every type are found, whatever their case', async () => {
  for (const filter of [{ 'spec.weight': '7' }, { 'spec.flag': 'true' }, { 'spec.nested.list.name': 'deep' }, { 'spec.nested.list': 'text' }, { 'spec.nested.list.text': 'true' }, { 'metadata.annotations.a.b.example.com/c.d': 'dotted.key' }, { 'metadata.own.deep': 'kept' }, { 'metadata.tags': 'c++' }, { 'metadata.tags.a:b': 'true' }, { 'metadata.uid': corner.metadata.uid }]) {
    assert.equal(await total({ 'metadata.namespace': 'corner', ...filter }), 1, JSON.stringify(filter));
  }
  assert.equal(await total({ 'metadata.namespace': 'corner', 'spec.definition': CATALOG_FILTER_EXISTS }), 1);
  assert.equal(await total({ 'spec.definition': 'x'.repeat(300) }), 0);
});
await check('streamEntities: everything once', async () => {
  const seen = [];
  for await (const page of client.streamEntities({ filter: { kind: 'component', ...inMain }, fields: ['metadata.name'], pageSize: 700 }, options)) {
    seen.push(...namesOf(page));
  }
  assert.equal(seen.length, components.length);
  same(seen, namesOf(components));
});
await check('streamEntities by predicate', async () => {
  let seen = 0;
  for await (const page of client.streamEntities({ query: { kind: 'api', ...inMain }, pageSize: 450 }, options)) {
    seen += page.length;
  }
  assert.equal(seen, all.filter(one => one.kind === 'API').length);
});

// 6. Facets
const counted = (list, of) => Object.entries(list.flatMap(one => of(one) ?? []).reduce((sums, value) => ({ ...sums, [value]: (sums[value] ?? 0) + 1 }), {})).sort(([a], [b]) => (a < b ? -1 : 1)).map(([value, count]) => ({ value, count }));
await check('getEntityFacets: values sorted and counted', async () => {
  const { facets } = await client.getEntityFacets({ facets: ['spec.lifecycle', 'metadata.tags', 'spec.never'], filter: { kind: 'component', ...inMain } }, options);
  assert.deepEqual(facets, { 'spec.lifecycle': counted(components, one => one.spec.lifecycle), 'metadata.tags': counted(components, one => one.metadata.tags), 'spec.never': [] });
});
await check('getEntityFacets: kinds as they are written', async () => {
  const { facets } = await client.getEntityFacets({ facets: ['kind'], filter: inMain }, options);
  assert.deepEqual(facets.kind.filter(one => one.value !== 'Location'), counted(all, one => one.kind));
});
await check('getEntityFacets by predicate', async () => {
  const { facets } = await client.getEntityFacets({ facets: ['spec.type', 'relations.ownedBy'], query: { kind: 'component', 'spec.lifecycle': 'deprecated', ...inMain } }, options);
  const deprecated = components.filter(one => one.spec.lifecycle === 'deprecated');
  assert.deepEqual(facets['spec.type'], counted(deprecated, one => one.spec.type));
  assert.deepEqual(facets['relations.ownedBy'], counted(deprecated, one => (one.spec.owner.startsWith('user:') ? `user:default/${one.spec.owner.slice(5)}` : `group:default/${one.spec.owner}`)));
});

// 7. Ancestry, validation, refresh
await check('getEntityAncestors: up to the registered location', async () => {
  const { rootEntityRef, items } = await client.getEntityAncestors({ entityRef: refOf(components[0]) }, options);
  assert.equal(rootEntityRef, refOf(components[0]));
  const parents = new Map(items.map(one => [refOf(one.entity), one.parentEntityRefs]));
  assert.deepEqual(parents.get(rootEntityRef), ['location:default/generated']);
  assert.deepEqual(parents.get('location:default/generated'), [main.location.entityRef]);
  assert.deepEqual(parents.get(main.location.entityRef), []);
});
await check('getEntityAncestors: of nothing', () => refused(client.getEntityAncestors({ entityRef: 'component:default/never' }, options), 404, 'NotFoundError'));
const valid = { apiVersion: 'backstage.io/v1alpha1', kind: 'Component', metadata: { name: 'v' }, spec: { type: 't', lifecycle: 'l', owner: 'o' } };
const changed = (change) => { const copy = structuredClone(valid); change(copy); return copy; };
for (const [label, entity, good] of [
  ['right', valid, true],
  ['own keys in spec', changed(one => { one.spec.own = { deep: [1] }; }), true],
  ['own keys in metadata', changed(one => { one.metadata.own = { deep: [1] }; }), true],
  ['own keys at the root', changed(one => { one.own = 1; }), false],
  ['no name', changed(one => { delete one.metadata.name; }), false],
  ['a bad name', changed(one => { one.metadata.name = 'a b'; }), false],
  ['a name of 63', changed(one => { one.metadata.name = 'a'.repeat(63); }), true],
  ['a name of 64', changed(one => { one.metadata.name = 'a'.repeat(64); }), false],
  ['a bad namespace', changed(one => { one.metadata.namespace = 'A'; }), false],
  ['a bad tag', changed(one => { one.metadata.tags = ['A b']; }), false],
  ['a bad label', changed(one => { one.metadata.labels = { a: 'b c' }; }), false],
  ['an annotation that is no text', changed(one => { one.metadata.annotations = { a: 1 }; }), false],
  ['a link without address', changed(one => { one.metadata.links = [{ title: 't' }]; }), false],
  ['no owner', changed(one => { delete one.spec.owner; }), false],
  ['an empty owner', changed(one => { one.spec.owner = ''; }), false],
  ['a list that is a text', changed(one => { one.spec.dependsOn = 'x'; }), false],
  ['an unknown kind', changed(one => { one.kind = 'Spaceship'; }), false],
  ['an unknown apiVersion', changed(one => { one.apiVersion = 'example.com/v9'; }), false],
]) {
  await check(`validateEntity: ${label}`, async () => {
    const answer = await client.validateEntity(entity, 'url:http://localhost/x.yaml', options);
    assert.equal(answer.valid, good, JSON.stringify(answer));
    if (!good) {
      assert.ok(answer.errors.length > 0 && answer.errors.every(one => one.name && one.message));
    }
  });
}
await check('validateEntity: a location that is no url', async () => assert.equal((await client.validateEntity(valid, 'file:/x', options)).valid, false));
await check('refreshEntity: a changed file is read again', async () => {
  const file = path.join(FOLDER, 'corners.yaml');
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('The ONE corner', 'Another title'));
  assert.equal(await client.refreshEntity('component:corner/corner.one_x', options), undefined);
  await until('the new title', async () => (await client.getEntityByRef('component:corner/corner.one_x', options)).metadata.title === 'Another title');
  const after = await client.getEntityByRef('component:corner/corner.one_x', options);
  assert.equal(after.metadata.uid, corner.metadata.uid);
  assert.notEqual(after.metadata.etag, corner.metadata.etag);
});
await check('refreshEntity: of nothing', () => refused(client.refreshEntity('component:default/never', options), 404, 'NotFoundError'));

// 8. Locations
await check('addLocation: again is a conflict, unless it is a refresh', async () => {
  await refused(client.addLocation({ target: main.location.target }, options), 409, 'ConflictError');
  assert.equal((await client.addLocation({ target: main.location.target, dryRun: true }, options)).exists, true);
  const again = await client.addLocation({ target: main.location.target, onConflict: 'refresh' }, options);
  assert.deepEqual(again.location, main.location);
});
await check('addLocation: of another type', () => refused(client.addLocation({ type: 'file', target: '/etc/passwd' }, options), 400, 'InputError'));
await check('getLocations, by id, by ref, by entity', async () => {
  const { items } = await client.getLocations({}, options);
  assert.deepEqual(items.find(one => one.id === main.location.id), main.location);
  assert.deepEqual(await client.getLocationById(main.location.id, options), main.location);
  assert.deepEqual(await client.getLocationByRef(`url:${FILES}all.yaml`, options), main.location);
  assert.equal(await client.getLocationByRef('url:http://never.example.com/', options), undefined);
  assert.equal(await client.getLocationById('6f3b8f0e-0000-4000-8000-000000000000', options), undefined);
  assert.deepEqual(await client.getLocationByEntity(refOf(components[0]), options), main.location);
  assert.equal(await client.getLocationByEntity('component:default/never', options), undefined);
});
await check('queryLocations, streamLocations', async () => {
  assert.deepEqual((await client.queryLocations({ query: { target: main.location.target } }, options)).items, [main.location]);
  assert.equal((await client.queryLocations({ query: { $all: [{ type: 'url' }, { id: main.location.id }] } }, options)).totalItems, 1);
  const one = await client.queryLocations({ limit: 1 }, options);
  assert.equal(one.items.length, 1);
  assert.ok(one.totalItems >= 2 && one.pageInfo.nextCursor);
  const seen = [];
  for await (const page of client.streamLocations({ limit: 1 }, options)) {
    seen.push(...page.map(at => at.id));
  }
  assert.deepEqual([seen.length, new Set(seen).size], [one.totalItems, one.totalItems]);
});
await check('updateLocation: another target, the same entity; what it no longer describes goes', async () => {
  fs.writeFileSync(path.join(FOLDER, 'a.yaml'), JSON.stringify(changed(one => { one.metadata.name = 'moved-a'; })));
  fs.writeFileSync(path.join(FOLDER, 'b.yaml'), JSON.stringify(changed(one => { one.metadata.name = 'moved-b'; })));
  const { location } = await client.addLocation({ target: `${FILES}a.yaml` }, options);
  await until('moved-a', () => client.getEntityByRef('component:default/moved-a', options));
  const moved = await client.updateLocation(location.id, { type: 'url', target: `${FILES}b.yaml` }, options);
  assert.deepEqual(moved, { ...location, target: `${FILES}b.yaml` });
  await until('moved-b', () => client.getEntityByRef('component:default/moved-b', options));
  await until('moved-a gone', async () => (await client.getEntityByRef('component:default/moved-a', options)) === undefined || ((await client.getEntityByRef('component:default/moved-a', options)).metadata.annotations['backstage.io/orphan'] === 'true'));
  await client.removeLocationById(location.id, options);
  assert.equal(await client.getLocationById(location.id, options), undefined);
  await until('moved-b gone', async () => (await client.getEntityByRef('component:default/moved-b', options)) === undefined);
});
await check('analyzeLocation: a repository without descriptors is proposed a component', async () => {
  const answer = await client.analyzeLocation({ location: { type: 'url', target: 'http://127.0.0.1:9/acme/widget' } }, options);
  assert.deepEqual(answer.existingEntityFiles, []);
  assert.deepEqual(answer.generateEntities, [{ entity: { apiVersion: 'backstage.io/v1alpha1', kind: 'Component', metadata: { name: 'widget' }, spec: { type: 'other', lifecycle: 'unknown' } }, fields: [] }]);
});
await check('a broken file: nothing of it, and the trial says why', async () => {
  await refused(client.addLocation({ target: `${FILES}broken.yaml`, dryRun: true }, options), 400, 'InputError');
});
await check('removeEntityByUid', async () => {
  const one = await client.getEntityByRef('api:corner/corner-api', options);
  assert.equal(await client.removeEntityByUid(one.metadata.uid, options), undefined);
  await until('gone', async () => (await client.getEntityByRef('api:corner/corner-api', options)) === undefined);
});

// 9. Refusals
for (const [label, where, init, status, name] of [
  ['an unknown parameter', '/entities?nonsense=1', {}, 400, 'InputError'],
  ['a filter without a key', '/entities?filter==x', {}, 400, 'InputError'],
  ['a cursor that is none', '/entities/by-query?cursor=nonsense', {}, 400, 'InputError'],
  ['an order that is none', '/entities/by-query?orderField=a,sideways', {}, 400, 'InputError'],
  ['an unknown operator', '/entities/by-query', { method: 'POST', body: '{"query":{"kind":{"$like":"x"}}}' }, 400, 'InputError'],
  ['a body that is no JSON', '/entities/by-refs', { method: 'POST', body: '{' }, 400],
  ['an entity by an unknown uid', '/entities/by-uid/nothing', {}, 404, 'NotFoundError'],
  ['facets of nothing', '/entity-facets', {}, 400, 'InputError'],
]) {
  await check(`refused: ${label}`, async () => {
    const answer = await raw(where, init);
    const body = await answer.json();
    assert.equal(answer.status, status, JSON.stringify(body));
    assert.equal(body.response.statusCode, status);
    assert.equal(body.request.method, init.method ?? 'GET');
    assert.ok(body.error.message);
    if (name) {
      assert.equal(body.error.name, name);
    }
  });
}
if (TOKEN) {
  await check('refused: nobody, and a wrong token', async () => {
    await refused(client.getEntities({}), 401);
    await refused(client.getEntities({}, { token: 'wrong' }), 401);
  });
}

// 10. The end of it: a location takes all it describes along.
await check('removeLocationById: everything goes with it', async () => {
  await client.removeLocationById(main.location.id, options);
  await client.removeLocationById(cornersId, options);
  await until('all gone', async () => (await total({ 'metadata.annotations.backstage.io/managed-by-origin-location': `url:${FILES}all.yaml` })) === 0);
  assert.equal(await client.getEntityByRef(refOf(components[0]), options), undefined);
});

console.log(`RESULT catalog-client entities=${COUNT} right=${right} wrong=${wrong}`);
process.exitCode = wrong === 0 ? 0 : 1;
