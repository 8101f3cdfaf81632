// What people get wrong in an entity document: each value once left out, once of another type, and once of a form that is nearly right.

const DEPTH_MAX = 4;
const others = [null, '', ' ', 'a b', 'ä', 'x'.repeat(64), 'a'.repeat(63), 'A.b-c_d', '-a', 'a/b', 'group:x', 'GROUP:x/Y', 'a:b:c', 7, 1.5, true, [], ['x'], ['x', 'x'], [7], [null], {}, { a: 1 }, { 'a b': 'x' }, { 'x.y/z': 'v' }];
const members = [['kind', ['component', 'Komponent', 'API', 'Api', 'my-kind', 'K9']], ['apiVersion', ['backstage.io/v1beta1', 'backstage.io/v2', 'v1', 'a/b/c', 'scaffolder.backstage.io/v1beta2', 'my.org/v1']]];
const added = [
  ['metadata', 'uid', 'x'], ['metadata', 'etag', 7], ['metadata', 'namespace', 'ns'], ['metadata', 'namespace', 'Ns.x'], ['metadata', 'unknown', 1], ['metadata', 'links', [{ url: 'x' }]], ['metadata', 'links', [{ title: 'x' }]],
  ['metadata', 'links', [{ url: 'https://x.y', title: 'T', icon: 'i', type: 't' }]], ['metadata', 'tags', ['a+b#c:d']], ['metadata', 'tags', ['A']], ['metadata', 'labels', { 'a/b': 'c d' }], ['metadata', 'annotations', { 'a.b/c': 7 }],
  ['spec', 'unknown', { a: [1] }], ['spec', 'dependsOn', ['component:a', 'b']], ['spec', 'subcomponentOf', ''], ['spec', 'system', 'S/x'], ['spec', 'domain', null], ['spec', 'profile', { email: 'x', displayName: 7 }], ['spec', 'targets', [7]], ['spec', 'members', ['a', '']], ['spec', 'presence', 'maybe'],
];

export function* mistakesIn(document) {
  yield* within(document, [], document);
  for (const [member, values] of members) {
    for (const value of values) {
      yield [`${member} ${value}`, { ...document, [member]: value }];
    }
  }
  for (const [part, member, value] of added) {
    if (document[part] && typeof document[part] === 'object') {
      yield [`${part}.${member} ${JSON.stringify(value)}`, { ...document, [part]: { ...document[part], [member]: value } }];
    }
  }
  yield ['a further member', { ...document, more: 1 }];
  yield ['relations', { ...document, relations: [{ type: 'ownedBy', targetRef: 'group:default/x' }] }];
  yield ['relations of a wrong form', { ...document, relations: [{ type: '' }] }];
  yield ['status', { ...document, status: { items: [] } }];
}

function* within(value, place, whole) {
  for (const key of Object.keys(value)) {
    const at = [...place, key];
    yield [`no ${at.join('.')}`, changed(whole, at, undefined)];
    // Each place gets some of the values, so that all of them have their turn over a whole catalogue.
    const from = hash(at.join('.') + JSON.stringify(whole.metadata?.name ?? ''));
    for (let i = 0; i < 3; i++) {
      const other = others[(from + i * 7) % others.length];
      if (at.join('.') === 'metadata.annotations' && other !== null) {
        // Backstage merges its own annotations into whatever stands there before it looks: a list then passes, by accident.
        continue;
      }
      yield [`${at.join('.')} ${JSON.stringify(other)}`, changed(whole, at, other)];
    }
    if (value[key] && typeof value[key] === 'object' && at.length < DEPTH_MAX && at[1] !== 'definition' && at[1] !== 'parameters' && at[1] !== 'steps') {
      yield* within(value[key], at, whole);
    }
  }
}

function changed(whole, [first, ...rest], value) {
  const copy = Array.isArray(whole) ? [...whole] : { ...whole };
  if (rest.length > 0) {
    copy[first] = changed(whole[first], rest, value);
  } else if (value === undefined) {
    Array.isArray(copy) ? copy.splice(Number(first), 1) : delete copy[first];
  } else {
    copy[first] = value;
  }
  return copy;
}

function hash(text) {
  let sum = 0;
  for (const character of text) {
    sum = (sum * 31 + character.codePointAt(0)) >>> 0;
  }
  return sum;
}
