import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { createApp } from '../src/app.js';

const lines = [];
const server = createApp((line) => lines.push(line));
let base;

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${server.address().port}`;
});

after(() => server.close());

test('the front page says who answers', async () => {
  const response = await fetch(base);
  assert.equal(response.status, 200);
  assert.equal((await response.json()).service, '${{ values.name }}');
});

test('a greeting uses the name', async () => {
  const response = await fetch(`${base}/greetings?name=Ada`);
  assert.deepEqual(await response.json(), { message: 'Hello, Ada' });
});

test('healthz is ok', async () => {
  const response = await fetch(`${base}/healthz`);
  assert.equal(await response.text(), 'ok\n');
});

test('what is not there is 404, and a wrong method 405', async () => {
  assert.equal((await fetch(`${base}/nothing`)).status, 404);
  assert.equal((await fetch(`${base}/greetings`, { method: 'POST' })).status, 405);
});

test('each request writes one line', async () => {
  lines.length = 0;
  await (await fetch(`${base}/healthz`)).text();
  while (lines.length === 0) await new Promise(setImmediate);
  assert.match(lines.join('\n'), /^GET \/healthz 200 \d+ms$/);
});

test('SIGTERM ends the process with 0', async () => {
  const child = spawn(process.execPath, ['src/main.js'], { env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
