import { setTimeout as sleep } from 'node:timers/promises';

/** No measurement, only an end: what has not come by then does not come. */
const LONGEST_MS = 20_000;

/**
 * Asks again and again until the answer is yes. What throws is asked again too.
 *
 * @throws Error where it never is, with what was thrown last
 */
export async function until(what: string, ask: () => unknown): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  let cause: unknown;
  while (performance.now() < end) {
    try {
      if (await ask()) return;
    } catch (error) {
      cause = error;
    }
    await sleep(5);
  }
  throw new Error(`never came to pass: ${what}`, { cause });
}
