// Runs every template below some folders through both dry runs, with the same answers, and compares verdict, steps, output and each file.
//
//   node templates.mjs PEER_URL AXLE_URL PACKAGES [--show N] FOLDER...
//
// A folder of a template may have cases.json: a list of answers. Otherwise answers are made from its schema.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { answersFor, WAYS } from './answers.mjs';

const BYTES_MAX = 6 * 1024 * 1024;
const [peer, axle, packages, ...rest] = process.argv.slice(2);
const show = rest[0] === '--show' ? Number(rest.splice(0, 2)[1]) : 40;
const YAML = createRequire(path.join(packages, 'package.json'))('yaml');
const token = process.env.AXLE_TOKEN;
const figures = { templates: 0, runs: 0, rendered: 0, refused: 0, files: 0, equal: 0, kinder: 0, different: 0, tooLarge: 0, unreadable: 0, stepsLeftOut: 0, addressesMadeLocal: 0 };
const statuses = {};

const guest = await fetch(`${peer}/api/auth/guest/refresh`, { method: 'POST', headers: { 'X-Requested-With': 'XMLHttpRequest' } }).then(answer => answer.json());
const peerToken = guest.backstageIdentity.token;
const known = new Set(await actions(peer, peerToken));
for (const id of known) {
  if (!(await actionsOfAxle()).has(id)) {
    known.delete(id);
  }
}

for (const root of rest) {
  for (const file of filesBelow(root)) {
    if (/\.ya?ml$/.test(file)) {
      for (const template of templatesIn(path.join(root, file))) {
        await compare(root, path.join(root, file), template);
      }
    }
  }
}
console.log(JSON.stringify(figures));
if (Object.keys(statuses).length > 0) {
  console.log(`refused by both with different status codes (Backstage, Axle): ${JSON.stringify(statuses)}`);
}
console.log(`RESULT templates ${figures.equal} equal, ${figures.different} different`);
process.exitCode = figures.different === 0 ? 0 : 1;

async function compare(root, file, template) {
  figures.templates++;
  const folder = path.dirname(file);
  const contents = [];
  let bytes = 0;
  const add = (from, to) => {
    for (const name of filesBelow(from)) {
      const content = fs.readFileSync(path.join(from, name));
      bytes += content.length * 1.4;
      if (bytes > BYTES_MAX) {
        return;
      }
      contents.push({ path: path.posix.join(to, name), base64Content: content.toString('base64') });
    }
  };
  add(folder, '.');
  prepare(template, (from, to) => add(from, to), root, folder);
  if (bytes > BYTES_MAX) {
    figures.tooLarge++;
    return;
  }
  const cases = path.join(folder, 'cases.json');
  const given = fs.existsSync(cases) ? JSON.parse(fs.readFileSync(cases, 'utf8')).map((values, i) => [`case ${i + 1}`, values])
    : WAYS.map(way => [way, answersFor(template.spec?.parameters, way)]);
  const seen = new Set();
  for (const [way, values] of given) {
    const { values: answers, secrets } = values.$secrets ? { values: Object.fromEntries(Object.entries(values).filter(([key]) => key !== '$secrets')), secrets: values.$secrets } : { values };
    const body = JSON.stringify({ template, values: answers, secrets, directoryContents: contents });
    if (seen.has(JSON.stringify(values))) {
      continue;
    }
    seen.add(JSON.stringify(values));
    figures.runs++;
    const [expected, actual] = [await dryRun(peer, peerToken, body), await dryRun(axle, token, body)];
    const differences = differencesOf(expected, actual);
    figures[expected.files ? 'rendered' : 'refused']++;
    figures.files += expected.files?.size ?? 0;
    // Backstage trips over a folder that nobody made; Axle makes it.
    const kinder = !expected.files && actual.files && expected.message.startsWith('ENOENT: no such file or directory');
    figures[differences.length === 0 ? 'equal' : kinder ? 'kinder' : 'different']++;
    if (kinder) {
      continue;
    }
    if (process.env.EACH) {
      console.log(`${differences.length === 0 ? 'equal' : 'DIFFERENT'} ${expected.status} ${actual.status} ${path.relative('.', file)} (${way})`);
      if (!expected.files) {
        console.log(`   Backstage: ${expected.message}\n   Axle: ${actual.message}`);
      }
    }
    if (differences.length > 0 && figures.different <= show) {
      console.log(`${file} (${way})\n${differences.slice(0, 12).map(one => `   ${one}`).join('\n')}`);
    }
  }
}

/** What cannot be compared is left out, alike for both: actions that one of them does not have, and waiting. */
function prepare(template, add, root, folder) {
  const steps = template.spec?.steps;
  if (!Array.isArray(steps)) {
    return;
  }
  const kept = steps.filter(step => typeof step?.action !== 'string' || known.has(step.action));
  // A template without steps is no template; then what is wrong is what both say of the action.
  if (kept.length > 0 && kept.length < steps.length) {
    figures.stepsLeftOut += steps.length - kept.length;
    // Positions name the steps without id.
    steps.forEach((step, i) => (step.id ??= `step-${i + 1}`));
    template.spec.steps = kept;
  } else if (kept.length === 0 && steps.length > 0) {
    figures.stepsLeftOut += steps.length;
    template.spec.steps = [{ id: 'nothing', action: 'debug:log', input: { message: 'nothing' } }];
  }
  let count = 0;
  for (const step of template.spec.steps) {
    if (step?.action === 'debug:wait' && step.input) {
      step.input = { milliseconds: 1 };
    }
    if (step?.action === 'roadiehq:utils:sleep') {
      step.input = { amount: 0 };
    }
    const url = step?.input?.url;
    if (typeof url === 'string' && /^fetch:/.test(step.action ?? '') && !url.includes('${{')) {
      const place = localPlace(url, root, folder);
      if (place) {
        figures.addressesMadeLocal++;
        const to = `fetched-${++count}`;
        if (fs.statSync(place).isDirectory()) {
          add(place, to);
          step.input.url = `./${to}`;
        }
      }
    }
  }
}

/** Addresses outside of the template's folder, where that repository is among the folders. */
function localPlace(url, root, folder) {
  let place;
  const page = /^https?:\/\/[^/]+\/([^/]+)\/([^/]+?)(?:\.git)?(?:\/(?:-\/)?(?:tree|blob|src\/branch)\/[^/]+(\/.*?)?)?\/?$/.exec(url);
  if (page) {
    place = [path.join(root, `${page[1]}+${page[2]}`, page[3] ?? '')].find(one => fs.existsSync(one));
  } else if (!/^[a-z]+:/.test(url) && path.relative(folder, path.resolve(folder, url)).startsWith('..')) {
    place = path.resolve(folder, url);
    place = place.startsWith(path.resolve(root) + path.sep) && fs.existsSync(place) ? place : undefined;
  }
  return place;
}

async function dryRun(where, bearer, body) {
  const answer = await fetch(`${where}/api/scaffolder/v2/dry-run`, { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${bearer}` }, body });
  // The workspace is elsewhere each time.
  const text = (await answer.text()).replace(/(?:\/[\w.-]+)+\/dry-run-[0-9a-f-]{36}(?:\/workspace)?/g, 'WORKSPACE');
  if (answer.status !== 200) {
    let message = text;
    try {
      const read = JSON.parse(text);
      message = read.error?.message ?? read.errors?.map(error => error.stack ?? error.message).join('; ') ?? text;
    } catch {
      // As it is.
    }
    return { status: answer.status, message: message.slice(0, 500) };
  }
  const read = JSON.parse(text);
  return {
    status: 200,
    files: new Map(read.directoryContents.map(file => [file.path, file])),
    output: read.output,
    steps: read.steps,
    log: read.log.filter(line => line.body.status).map(line => `${line.body.stepId} ${line.body.status}`),
    said: read.log,
  };
}

function differencesOf(expected, actual) {
  if (!expected.files || !actual.files) {
    if (!expected.files && !actual.files) {
      if (expected.status !== actual.status) {
        const both = `${expected.status}, ${actual.status}`;
        statuses[both] = (statuses[both] ?? 0) + 1;
      }
      return [];
    }
    return [`Backstage ${expected.status} ${expected.message ?? ''}`, `Axle ${actual.status} ${actual.message ?? ''}`];
  }
  const differences = [];
  for (const name of new Set([...expected.files.keys(), ...actual.files.keys()])) {
    const [a, b] = [expected.files.get(name), actual.files.get(name)];
    if (!a || !b) {
      differences.push(`${a ? 'missing' : 'too many'}: ${name}`);
    } else if (a.base64Content.startsWith('UEsDB') && b.base64Content.startsWith('UEsDB')) {
      // Archives hold times, so no two are equal.
    } else if (a.base64Content !== b.base64Content) {
      differences.push(`content of ${name}: ${firstDifference(Buffer.from(a.base64Content, 'base64'), Buffer.from(b.base64Content, 'base64'))}`);
    } else if (a.executable !== b.executable) {
      differences.push(`executable: ${name} ${a.executable} ${b.executable}`);
    }
  }
  for (const part of ['output', 'steps', 'log']) {
    if (!isDeepStrictEqual(expected[part], actual[part])) {
      differences.push(`${part}: ${JSON.stringify(expected[part]).slice(0, 1500)}\n      here: ${JSON.stringify(actual[part]).slice(0, 1500)}`);
    }
  }
  return differences;
}

function firstDifference(a, b) {
  let i = 0;
  while (i < a.length && a[i] === b[i]) {
    i++;
  }
  const around = bytes => JSON.stringify(bytes.subarray(Math.max(0, i - 60), i + 100).toString('latin1'));
  return `at ${i} of ${a.length} and ${b.length} bytes\n      ${around(a)}\n      ${around(b)}`;
}

async function actions(where, bearer) {
  const answer = await fetch(`${where}/api/scaffolder/v2/actions`, { headers: { Authorization: `Bearer ${bearer}` } });
  return (await answer.json()).map(action => action.id);
}

async function actionsOfAxle() {
  return (actionsOfAxle.found ??= new Set(await actions(axle, token)));
}

function templatesIn(file) {
  const text = fs.readFileSync(file, 'utf8');
  if (!text.includes('scaffolder.backstage.io')) {
    return [];
  }
  try {
    const documents = YAML.parseAllDocuments(text);
    if (documents.some(document => document.errors.length > 0)) {
      figures.unreadable++;
      return [];
    }
    return documents.map(document => document.toJS({ mapAsMap: false })).filter(one => one?.kind === 'Template' && one.apiVersion === 'scaffolder.backstage.io/v1beta3');
  } catch {
    figures.unreadable++;
    return [];
  }
}

function* filesBelow(folder, below = '') {
  for (const entry of fs.readdirSync(path.join(folder, below), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = path.posix.join(below, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== '.git' && entry.name !== 'node_modules') {
        yield* filesBelow(folder, name);
      }
    } else if (entry.isFile()) {
      yield name;
    }
  }
}
