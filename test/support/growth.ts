/** How the work for an input grows with its size: for what hostile input could make quadratic. */

/** Samples of each size. The best of them is the one that nothing else on the machine held up. */
const SAMPLES = 9;
const ROUNDS = 3;
const CLEARLY_LINEAR = 5;
/** Microseconds of CPU a sample takes at least: well above what the counter rounds to. */
const SAMPLE_US = 1500;

/** Above this, work at four times the size is not linear: half way, as factors go, from 4 to the 16 of what is quadratic. */
export const LINEAR_AT_MOST = 8;

/**
 * The CPU time of `run` at four times the size over that at `size`: 4 where the work is linear, 16 where it is quadratic, so
 * that neither a busy machine nor a step in how the engine runs it decides. Time of this process's CPU, not of the clock, and
 * the best of several.
 *
 * @param run - does the work of an input of this size; it makes the input beforehand, in `prepare`
 */
export function growth<T>(prepare: (size: number) => T, run: (input: T) => void, size: number): number {
  const small = prepare(size);
  const large = prepare(4 * size);
  let best = Number.POSITIVE_INFINITY;
  // What is quadratic is so in every round.
  for (let round = 0; round < ROUNDS && best > CLEARLY_LINEAR; round += 1)
    best = Math.min(best, ratio(small, large, run));
  return best;
}

function ratio<T>(small: T, large: T, run: (input: T) => void): number {
  let times = 1;
  while (spent(run, small, times) < SAMPLE_US) times *= 2;
  let bestSmall = Number.POSITIVE_INFINITY;
  let bestLarge = Number.POSITIVE_INFINITY;
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    bestSmall = Math.min(bestSmall, spent(run, small, times));
    bestLarge = Math.min(bestLarge, spent(run, large, times));
  }
  return bestLarge / bestSmall;
}

/** A text of this size, made of one piece again and again. */
export function repeated(unit: string, size: number): string {
  return unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
}

function spent<T>(run: (input: T) => void, input: T, times: number): number {
  const before = process.cpuUsage();
  for (let time = 0; time < times; time += 1) run(input);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
