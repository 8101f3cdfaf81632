// Gives every public entity document to both catalogues: each file as a location that is only tried, and each document, as it is and
// with one mistake after the other, to validate-entity. Compares what is taken, and what the entities look like afterwards.
//
//   node entities.mjs PEER_URL AXLE_URL PACKAGES FILES_URL [--show N] FOLDER
//
// FILES_URL serves FOLDER.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { mistakesIn } from './mistakes.mjs';

const DOCUMENT_BYTES_MAX = 90 * 1024;
const MISTAKES_MAX = Number(process.env.MISTAKES ?? 50);
const SOURCE = 'backstage.io/source-location';
const [peer, axle, packages, files, ...rest] = process.argv.slice(2);
const show = rest[0] === '--show' ? Number(rest.splice(0, 2)[1]) : 40;
const folder = rest[0];
const YAML = createRequire(path.join(packages, 'package.json'))('yaml');
const figures = { files: 0, filesTaken: 0, filesRefused: 0, entities: 0, filesDifferent: 0, documents: 0, documentsTaken: 0, withMistakes: 0, withMistakesTaken: 0, documentsDifferent: 0 };
const seen = new Set();

for (const name of filesBelow(folder)) {
  const text = fs.readFileSync(path.join(folder, name), 'utf8');
  if (!/^\s*["']?apiVersion["']?\s*:\s*["']?(\w+\.)?backstage\.io\//m.test(text) || seen.has(text)) {
    continue;
  }
  seen.add(text);
  // Backstage knows these with a further module only.
  if (/^kind:\s*AiResource|^\s+type:\s*mcp-server/m.test(text)) {
    continue;
  }
  await file(name);
  let documents;
  try {
    documents = YAML.parseAllDocuments(text).map(document => document.toJS());
  } catch {
    continue;
  }
  for (const [i, document] of documents.entries()) {
    if (document && typeof document === 'object' && !Array.isArray(document)) {
      await one(`${name}#${i}`, document, true);
    }
  }
}
console.log(JSON.stringify(figures));
console.log(`RESULT entities ${figures.files + figures.documents + figures.withMistakes - figures.filesDifferent - figures.documentsDifferent} equal, ${figures.filesDifferent + figures.documentsDifferent} different`);
process.exitCode = figures.filesDifferent + figures.documentsDifferent === 0 ? 0 : 1;

async function file(name) {
  figures.files++;
  const target = `${files}/${name.split('/').map(encodeURIComponent).join('/')}`;
  const [expected, actual] = [await tried(peer, target), await tried(axle, target)];
  figures[expected.entities ? 'filesTaken' : 'filesRefused']++;
  figures.entities += expected.entities?.length ?? 0;
  if (Boolean(expected.entities) !== Boolean(actual.entities)) {
    different('filesDifferent', `${name}: Backstage ${expected.status} ${expected.message ?? ''}\n   Axle ${actual.status} ${actual.message ?? ''}`);
    return;
  }
  // Where Backstage knows no source host at the address, it does not say where the source is; Axle does.
  for (const [i, entity] of (actual.entities ?? []).entries()) {
    if (!(SOURCE in (expected.entities[i]?.metadata.annotations ?? {}))) {
      delete entity.metadata.annotations[SOURCE];
    }
  }
  if (expected.entities && !isDeepStrictEqual(expected.entities, actual.entities)) {
    const at = expected.entities.findIndex((entity, i) => !isDeepStrictEqual(entity, actual.entities[i]));
    different('filesDifferent', `${name}: ${expected.entities.length}, ${actual.entities.length} entities\n   ${JSON.stringify(expected.entities[at] ?? null).slice(0, 1200)}\n   ${JSON.stringify(actual.entities[at] ?? null).slice(0, 1200)}`);
  }
}

async function one(name, document, mistakes) {
  if (JSON.stringify(document).length > DOCUMENT_BYTES_MAX) {
    return;
  }
  figures.documents++;
  figures.documentsTaken += await validated(name, document);
  if (mistakes) {
    const all = [...mistakesIn(document)];
    // Evenly, so that every part of a long document has its turn.
    for (const [label, broken] of all.filter((_, i) => Math.floor((i * MISTAKES_MAX) / all.length) !== Math.floor(((i - 1) * MISTAKES_MAX) / all.length))) {
      const text = JSON.stringify(broken);
      if (!seen.has(text)) {
        seen.add(text);
        figures.withMistakes++;
        figures.withMistakesTaken += await validated(`${name} with ${label}`, broken);
      }
    }
  }
}

async function validated(name, entity) {
  const body = JSON.stringify({ entity, location: 'url:https://example.com/catalog-info.yaml' });
  const [expected, actual] = [await post(peer, '/validate-entity', body), await post(axle, '/validate-entity', body)];
  const taken = isTaken(expected);
  if (taken !== (actual.status === 200)) {
    different('documentsDifferent', `${name}: Backstage ${expected.status} ${expected.text.slice(0, 300)}\n   Axle ${actual.status} ${actual.text.slice(0, 300)}\n   ${JSON.stringify(entity).slice(0, 300)}`);
  }
  return taken ? 1 : 0;
}

async function tried(where, target) {
  const answer = await post(where, '/locations?dryRun=true', JSON.stringify({ type: 'url', target }));
  try {
    const read = JSON.parse(answer.text);
    if (answer.status === 201) {
      return { status: 201, entities: read.entities.map(plain).sort((a, b) => (refOf(a) < refOf(b) ? -1 : 1)) };
    }
    return { status: answer.status, message: read.error?.message };
  } catch {
    return { status: answer.status, message: answer.text.slice(0, 300) };
  }
}

/** Without what is each one's own. */
function plain({ relations, ...entity }) {
  const { uid, etag, ...metadata } = entity.metadata;
  const annotations = Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => !key.startsWith('axle.dev/')));
  return { ...entity, metadata: { ...metadata, annotations } };
}

/** Backstage also reads what a Location names, which says nothing about the document. */
function isTaken(answer) {
  if (answer.status === 200) {
    return true;
  }
  try {
    return JSON.parse(answer.text).errors.every(error => /^(Unable to read url|Registered locations must be of an allowed type)/.test(error.message));
  } catch {
    return false;
  }
}

function refOf(entity) {
  return `${entity.kind}:${entity.metadata.namespace ?? 'default'}/${entity.metadata.name}`.toLowerCase();
}

async function post(where, verb, body) {
  const answer = await fetch(`${where}/api/catalog${verb}`, { method: 'POST', headers: { 'Content-Type': 'application/json', ...(where === axle && { Authorization: `Bearer ${process.env.AXLE_TOKEN}` }) }, body });
  return { status: answer.status, text: await answer.text() };
}

function different(figure, text) {
  figures[figure]++;
  if (figures[figure] <= show) {
    console.log(text);
  }
}

function* filesBelow(root, below = '') {
  for (const entry of fs.readdirSync(path.join(root, below), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = path.posix.join(below, entry.name);
    if (entry.isDirectory() && entry.name !== '.git' && entry.name !== 'node_modules') {
      yield* filesBelow(root, name);
    } else if (entry.isFile() && /\.ya?ml$/.test(name)) {
      yield name;
    }
  }
}
