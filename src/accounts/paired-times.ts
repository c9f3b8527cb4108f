/** Whether two kinds of requests take a different time: by pairs, since what a machine does besides changes from one moment to the next. */

/** What pairs show. */
export interface PairedTimes {
  /** The middle of the differences, in milliseconds: the first less the second. */
  readonly difference: number;
  /** The middle of the first. */
  readonly known: number;
  /** How likely such an imbalance of signs is where there is no difference (sign test, both sides). */
  readonly probability: number;
}

/** Compares them. The sign test asks for no distribution of times, which have none that is known. */
export function pairedTimes(pairs: readonly (readonly [number, number])[]): PairedTimes {
  const differences = pairs.map(([one, other]) => one - other).filter((difference) => difference !== 0);
  const count = differences.length;
  const above = differences.filter((difference) => difference > 0).length;
  const extreme = Math.max(above, count - above);
  let tail = 0;
  for (let index = extreme; index <= count; index += 1) tail += choose(count, index);
  return {
    difference: middle(pairs.map(([one, other]) => one - other)),
    known: middle(pairs.map(([one]) => one)),
    probability: count === 0 ? 1 : Math.min(1, (2 * tail) / 2 ** count),
  };
}

function choose(of: number, some: number): number {
  let result = 1;
  for (let index = 1; index <= some; index += 1) result = (result * (of - some + index)) / index;
  return result;
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [below = 0, above = 0] = [sorted[half - 1], sorted[half]];
  return sorted.length % 2 === 1 ? above : (below + above) / 2;
}
