import type { Response } from 'express';

/** Fires when the client goes away before it has its answer: what it waited for in a queue, others can have. */
export function whenGone(res: Response): AbortSignal {
  const controller = new AbortController();
  res.once('close', () => controller.abort());
  return controller.signal;
}
