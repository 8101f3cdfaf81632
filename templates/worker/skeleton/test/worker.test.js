import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { report, work } from '../src/work.js';
import { Worker } from '../src/worker.js';

test('work goes on after a failure, and stops when asked', async () => {
  const lines = [];
  const worker = new Worker(
    async (number) => {
      if (number === 1) throw new Error('bad luck');
      if (number === 3) worker.stop();
    },
    { pauseMilliseconds: 0, log: (line) => lines.push(line) },
  );

  await worker.run();

  assert.match(lines.join('\n'), /^work 1 failed: bad luck\nwork 2 done \d+ms\nwork 3 done \d+ms$/);
});

test('the work in hand is finished before it stops', async () => {
  let finish;
  const worker = new Worker(() => new Promise((resolve) => { finish = resolve; }), { pauseMilliseconds: 60_000, log: () => {} });
  const running = worker.run();
  worker.stop();
  finish();
  await running;
});

test('a piece of work has a number', () => assert.rejects(work('one'), TypeError));

test('the report names its moment', () => assert.match(report(new Date(0)), /1970-01-01T00:00:00/));

test('SIGTERM ends the process with 0', async () => {
  const child = spawn(process.execPath, ['src/main.js'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('the cron job runs to its end', async () => {
  const child = spawn(process.execPath, ['src/report.js'], { stdio: 'ignore' });
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
