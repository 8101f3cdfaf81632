// push.mjs PORT FILES_PORT WORK PUSHES, with TOKEN and SECRET set: pushes changed titles to Axle's git and to a host that is a folder,
// and prints a line "WHAT NUMBER BARE_SECONDS VISIBLE_SECONDS" for each. Seconds count from the moment at which the push or the event begins;
// BARE_SECONDS is what git takes to push the same commit into a bare repository beside it.
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { agent, asker } from '../lib/ask.mjs';

const [port, filesPort, work, pushes] = process.argv.slice(2);
const { TOKEN, SECRET } = process.env;
const run = promisify(execFile);
const ask = asker(port, TOKEN);
const elsewhere = `http://127.0.0.1:${filesPort}/acme/elsewhere`;
const since = start => (performance.now() - start) / 1000;

async function visible(name, title, start) {
  for (;;) {
    const { status, text } = await ask(`entities/by-name/component/default/${name}`);
    if (status === 200 && JSON.parse(text).metadata.title === title) {
      return since(start);
    }
    if (since(start) > 60) {
      throw new Error(`${name} is not '${title}' after a minute: ${status} ${text}`);
    }
    await new Promise(next => setTimeout(next, 2));
  }
}

const print = (what, number, bare, seen) => console.log(what, number, bare.toFixed(3), seen.toFixed(3));

// 1. Axle's git: the repository of a service that also builds and deploys what is pushed.
const folder = `${work}/here`;
const descriptor = await readFile(`${folder}/catalog-info.yaml`, 'utf8');
for (let number = 1; number <= pushes; number++) {
  const title = `Push ${number}`;
  await writeFile(`${folder}/catalog-info.yaml`, descriptor.replace('metadata:', `metadata:\n  title: ${title}`));
  await run('git', ['-C', folder, 'commit', '-qam', title]);
  const bare = performance.now();
  await run('git', ['-C', folder, 'push', '-q', `${work}/bare.git`, 'HEAD']);
  const limit = since(bare);
  const start = performance.now();
  // It goes on until what was pushed is built and serves.
  const pushed = run('git', ['-C', folder, 'push', '-q']);
  const seen = await visible('here', title, start);
  await pushed;
  print('git', number, limit, seen);
}

// 2. A host elsewhere, which tells of a push by its webhook.
const text = title => `apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: elsewhere, title: ${title}}\nspec: {type: service, lifecycle: production, owner: platform}\n`;
const file = `${work}/files/acme/elsewhere/raw/branch/main/catalog-info.yaml`;
await writeFile(file, text('Push 0'));
const registered = await ask('locations', JSON.stringify({ type: 'url', target: `${elsewhere}/raw/branch/main/catalog-info.yaml` }));
if (registered.status !== 201) {
  throw new Error(registered.text);
}
await visible('elsewhere', 'Push 0', performance.now());
for (let number = 1; number <= pushes; number++) {
  await writeFile(file, text(`Push ${number}`));
  const event = JSON.stringify({ repository: { html_url: elsewhere } });
  const start = performance.now();
  const told = await ask('hook', event, { 'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(event).digest('hex')}` });
  if (told.status !== 202) {
    throw new Error(told.text);
  }
  print('hook', number, 0, await visible('elsewhere', `Push ${number}`, start));
}
agent.destroy();
