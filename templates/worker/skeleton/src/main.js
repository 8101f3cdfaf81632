import { work } from './work.js';
import { Worker } from './worker.js';

const seconds = Number(process.env.INTERVAL_SECONDS ?? 10);
const worker = new Worker(work, { pauseMilliseconds: seconds * 1000 });

// The piece in hand is finished; then the process ends by itself with 0.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    console.log(`${signal}: finishing the work in hand`);
    worker.stop();
  });
}

console.log(`working every ${seconds}s`);
await worker.run();
