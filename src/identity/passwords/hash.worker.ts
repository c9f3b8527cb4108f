/** A thread that hashes passwords, one at a time, and gives way to the event loop. */
import { setPriority } from 'node:os';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { fastestEngine } from './argon2.ts';
import { answerJob, type HashJob, type HashReady } from './hash-job.ts';

const port = parentPort as MessagePort;
const engine = fastestEngine();

// On Linux this is the thread that asks, and no other.
setPriority((workerData as { readonly niceness: number }).niceness);

port.on('message', (job: HashJob) => {
  const done = answerJob(engine, job);
  port.postMessage(done, 'tag' in done ? [done.tag.buffer] : []);
});
port.postMessage({ engine: engine.name } satisfies HashReady);
