/**
 * Whether something comes more often than it used to. What is usual differs from site to site by a thousand, so that no number
 * written in advance fits: each step of a ladder stands for twice as many, and a step is worth an alert where the one
 * below it was not reached within the day before.
 */
import type { Rate } from '../core/rate.ts';
import type { Tally } from './tally.ts';

const STEPS = 14;
const HOUR_MS = 3_600_000;
const PAST_HOURS = 24;
const LOOK_EVERY_MS = 60_000;

/**
 * Counts, and says which step was newly reached: how many in the window of the rate that stands for; undefined where it is usual.
 *
 * @param least - so few are never a surge
 * @param count - how many events it is
 */
export async function surgeOf(
  tally: Tally,
  key: string,
  least: Rate,
  count: number,
  now: number,
): Promise<number | undefined> {
  let step = -1;
  let reached = 0;
  while (step + 1 < STEPS) {
    const rate = { count: least.count * 2 ** (step + 1), windowMs: least.windowMs };
    // A step counts what has filled the one below it: most events cost one counter.
    if (!(await tally.overBy(`${key}:step:${step + 1}`, rate, count, now))) break;
    step += 1;
    reached += rate.count;
  }
  if (step < 0 || !(await tally.first(`${key}:looked:${step}`, LOOK_EVERY_MS, now))) return undefined;
  const hour = Math.floor(now / HOUR_MS);
  await markReached(tally, key, step, hour, now);
  return (await wasUsual(tally, key, Math.max(0, step - 1), hour, now)) ? undefined : reached;
}

async function markReached(
  tally: Tally,
  key: string,
  step: number,
  hour: number,
  now: number,
): Promise<void> {
  for (let below = step; below >= 0; below -= 1) {
    // What was marked this hour had all below it marked too.
    if (!(await tally.first(markOf(key, below, hour), (PAST_HOURS + 2) * HOUR_MS, now))) return;
  }
}

/** This hour and the one before are the surge itself, which would excuse itself. */
async function wasUsual(
  tally: Tally,
  key: string,
  step: number,
  hour: number,
  now: number,
): Promise<boolean> {
  for (let ago = 2; ago <= PAST_HOURS; ago += 1)
    if (await tally.holds(markOf(key, step, hour - ago), now)) return true;
  return false;
}

function markOf(key: string, step: number, hour: number): string {
  return `${key}:reached:${step}:${hour}`;
}
