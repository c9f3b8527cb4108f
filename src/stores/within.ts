/** A step of a start that nobody waits for without end: drivers try again for ever, and so does whoever waits for them. */
import type { BulwarkError } from '../core/errors.ts';

/**
 * What a step comes to, within a bound. One that is late may still go on: whoever calls ends what it holds.
 *
 * @param late - the error of a step that is late: asked for then, so that it can say what was met until then
 */
export async function within<T>(ms: number, step: Promise<T>, late: () => BulwarkError): Promise<T> {
  const overdue = Promise.withResolvers<never>();
  const timer = setTimeout(() => overdue.reject(late()), ms);
  // One that fails when nobody waits for it any more would end the process.
  step.catch(() => undefined);
  try {
    return await Promise.race([step, overdue.promise]);
  } finally {
    clearTimeout(timer);
  }
}
