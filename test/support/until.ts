import { setTimeout as sleep } from 'node:timers/promises';

/** No measurement, only an end: what has not come by then, and after so many looks, does not come. */
const LONGEST_MS = 20_000;
const FEWEST_LOOKS = 200;

/**
 * Asks again and again until the answer is yes. What throws is asked again too.
 *
 * @throws Error where it never is, with what was thrown last
 */
export async function until(what: string, ask: () => unknown): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  let cause: unknown;
  for (let look = 0; look < FEWEST_LOOKS || performance.now() < end; look += 1) {
    try {
      if (await ask()) return;
    } catch (error) {
      cause = error;
    }
    await sleep(5);
  }
  throw new Error(`never came to pass: ${what}`, { cause });
}
