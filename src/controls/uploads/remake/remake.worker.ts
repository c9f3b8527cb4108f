/** A thread that makes files anew: pixels by sharp, markup by DOMPurify. What it is given is bytes, and never a path. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import type { Made, MakeJob } from './jobs.ts';
import { makeImage } from './make-image.ts';
import { makeMarkup } from './make-markup.ts';

parentPort?.on('message', (job: MakeJob) => void answer(parentPort as MessagePort, job));

async function answer(port: MessagePort, job: MakeJob): Promise<void> {
  const made = await make(job);
  // Handed over, and not copied.
  port.postMessage(made, made.ok ? [made.bytes.buffer as ArrayBuffer] : []);
}

async function make(job: MakeJob): Promise<Made> {
  try {
    return job.kind === 'image' ? await makeImage(job) : await makeMarkup(job);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    // It may have the content in its message: nobody is told that.
    return { ok: false, reason: code === 'ERR_MODULE_NOT_FOUND' ? 'missing' : 'broken' };
  }
}
