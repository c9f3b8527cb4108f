/** How the work for an input grows with its size: for what hostile input could make quadratic. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Samples of each size in a round. The best of them is the one that nothing else on the machine held up. */
const SAMPLES = 7;
/** Rounds for what is below the limit, and not clearly so, which a step in how the engine runs it can do. */
const ROUNDS = 3;
/** Rounds for what is above it: a machine that is busy is so for a while, what is quadratic is so in each of them. */
const MOST_ROUNDS = 10;
/** Microseconds of CPU a sample takes at least: well above what the counter rounds to. */
const SAMPLE_US = 1500;
/** Before each further round, this much longer than before the last: what keeps the machine busy may be over by then. */
const PAUSE_MS = 10;

/** So far below the limit, one round is enough. */
const CLEARLY_BELOW = 0.65;

/** Above this, work at four times the size is not linear: half way, as factors go, from 4 to the 16 of what is quadratic. */
export const LINEAR_AT_MOST = 8;

/**
 * The CPU time of `run` at four times the size over that at `size`: 4 where the work is linear, 16 where it is quadratic, so
 * that neither a busy machine nor a step in how the engine runs it decides. Time of this process's CPU, not of the clock; the
 * best of several, and again where it does not look linear.
 *
 * @param run - does the work of an input of this size; it makes the input beforehand, in `prepare`
 * @param atMost - what the caller holds the ratio to
 */
export function growth<T>(
  prepare: (size: number) => T,
  run: (input: T) => void,
  size: number,
  atMost: number = LINEAR_AT_MOST,
): number {
  const inputs = { small: prepare(size), large: prepare(4 * size) };
  const judging = judgeGrowth(atMost);
  let step = judging.next();
  while (step.done !== true) {
    const { pauseMs, input, times } = step.value;
    if (pauseMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    const before = process.cpuUsage();
    for (let time = 0; time < times; time += 1) run(inputs[input]);
    const { user, system } = process.cpuUsage(before);
    step = judging.next(user + system);
  }
  return step.value;
}

/** The same of work that is awaited: the CPU time of other threads of this process, as of what unpacks, is in it too. */
export async function growthOf<T>(
  prepare: (size: number) => T,
  run: (input: T) => Promise<unknown>,
  size: number,
): Promise<number> {
  const inputs = { small: prepare(size), large: prepare(4 * size) };
  const judging = judgeGrowth();
  let step = judging.next();
  while (step.done !== true) {
    const { pauseMs, input, times } = step.value;
    if (pauseMs > 0) await sleep(pauseMs);
    const before = process.cpuUsage();
    for (let time = 0; time < times; time += 1) await run(inputs[input]);
    const { user, system } = process.cpuUsage(before);
    step = judging.next(user + system);
  }
  return step.value;
}

/** A run to be timed: of which input, how often in a row, and how long to wait before it. */
export interface Sample {
  readonly input: 'small' | 'large';
  readonly times: number;
  readonly pauseMs: number;
}

/** What both of them do, without a clock of its own: asks for samples, is told the microseconds of each, ends with the ratio. */
export function* judgeGrowth(atMost: number = LINEAR_AT_MOST): Generator<Sample, number, number> {
  // Neither size is measured cold.
  for (const input of ['large', 'small'] as const) yield { input, times: 2, pauseMs: 0 };
  let best = Number.POSITIVE_INFINITY;
  for (
    let round = 0;
    round < (best < atMost ? ROUNDS : MOST_ROUNDS) && best > CLEARLY_BELOW * atMost;
    round += 1
  )
    best = Math.min(best, yield* ratio(round * PAUSE_MS));
  return best;
}

/** One round: both sizes in turn, each for about as long as the other, so that what holds one up holds up both. */
function* ratio(pauseMs: number): Generator<Sample, number, number> {
  let times = 1;
  while ((yield { input: 'small', times, pauseMs: times === 1 ? pauseMs : 0 }) < SAMPLE_US) times *= 2;
  const best = { small: Number.POSITIVE_INFINITY, large: Number.POSITIVE_INFINITY };
  const often = { small: times, large: Math.max(1, times / 4) };
  for (let sample = 0; sample < SAMPLES; sample += 1)
    for (const input of ['small', 'large'] as const)
      best[input] = Math.min(best[input], (yield { input, times: often[input], pauseMs: 0 }) / often[input]);
  return best.large / best.small;
}

/** A text of this size, made of one piece again and again. */
export function repeated(unit: string, size: number): string {
  return unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
}
