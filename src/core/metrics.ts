/** Figures of a process: what they are made of, and how those of several processes are one. */

/** Labels of a sample: few values each, whatever strangers send. */
export type Labels = Readonly<Record<string, string>>;

/** How many were in each class, and what all came to. */
export interface TimeCounts {
  /** As many as there are bounds, and one for all that took longer. Each is in one class. */
  readonly counts: readonly number[];
  /** Seconds. */
  readonly sum: number;
}

/** What every family says of itself. */
interface Described {
  /** Lower-case words and underscores. Of a counter without `_total`. */
  readonly name: string;
  /** One sentence. */
  readonly help: string;
}

/** One figure, and what it is of. */
export interface NumberFamily extends Described {
  readonly type: 'counter' | 'gauge';
  /** What a gauge of several processes comes to, where that is not their sum: all may see one and the same thing. */
  readonly together?: 'most' | 'least';
  readonly samples: readonly (readonly [labels: Labels, value: number])[];
}

/** How long something took. */
export interface TimeFamily extends Described {
  readonly type: 'histogram';
  /** Upper bounds of the classes, in seconds. */
  readonly bounds: readonly number[];
  readonly samples: readonly (readonly [labels: Labels, value: TimeCounts])[];
}

/** One figure or histogram, by labels. */
export type MetricFamily = NumberFamily | TimeFamily;

/** Is asked for figures whenever somebody reads them. */
export type MetricSource = () => readonly MetricFamily[];

/** Counts how long things take, in a memory that does not grow. */
export class TimeCounter {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds - in seconds, each above the one before */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0).concat(0);
  }

  count(milliseconds: number): void {
    let at = 0;
    while (at < this.#bounds.length && milliseconds > (this.#bounds[at] ?? 0) * 1000) at += 1;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += milliseconds / 1000;
  }

  get figures(): TimeCounts {
    return { counts: [...this.#counts], sum: this.#sum };
  }
}

/**
 * The figures of several processes as those of one. What only grows adds up; a gauge adds up too, unless it says otherwise.
 *
 * @param ended - of processes that are no more: what only grows of theirs still counts, so that no counter goes back
 */
export function addFamilies(
  running: readonly (readonly MetricFamily[])[],
  ended: readonly (readonly MetricFamily[])[] = [],
): readonly MetricFamily[] {
  const families = new Map<string, MetricFamily>();
  const all = [...running, ...ended.map(onlyGrowing)];
  for (const family of all.flat()) {
    const before = families.get(family.name);
    families.set(family.name, before === undefined ? family : added(before, family));
  }
  return [...families.values()];
}

/** Of figures, what never goes back. */
export function onlyGrowing(families: readonly MetricFamily[]): readonly MetricFamily[] {
  return families.filter(({ type }) => type !== 'gauge');
}

function added(one: MetricFamily, other: MetricFamily): MetricFamily {
  if (one.type === 'histogram')
    return other.type === 'histogram' && isSame(one.bounds, other.bounds)
      ? { ...one, samples: joined(one.samples, other.samples, addTimes) }
      : one;
  if (other.type !== one.type) return one;
  const { together } = one;
  const add = (a: number, b: number): number => a + b;
  const join = together === undefined ? add : together === 'most' ? Math.max : Math.min;
  return { ...one, samples: joined(one.samples, other.samples, join) };
}

/** A process of a newer release may count by other classes: these do not add up, and the older one is replaced soon. */
function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((bound, at) => bound === other[at]);
}

function addTimes(one: TimeCounts, other: TimeCounts): TimeCounts {
  return {
    counts: one.counts.map((count, at) => count + (other.counts[at] ?? 0)),
    sum: one.sum + other.sum,
  };
}

type Samples<Value> = readonly (readonly [labels: Labels, value: Value])[];

function joined<Value>(
  one: Samples<Value>,
  other: Samples<Value>,
  join: (one: Value, other: Value) => Value,
): Samples<Value> {
  const byLabels = new Map<string, readonly [Labels, Value]>();
  for (const [labels, value] of [...one, ...other]) {
    const key = JSON.stringify(Object.entries(labels).toSorted());
    const before = byLabels.get(key);
    byLabels.set(key, [labels, before === undefined ? value : join(before[1], value)]);
  }
  return [...byLabels.values()];
}
