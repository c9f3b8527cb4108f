/** From slices to figures: best and range of each stack, what it adds to the bare application, and the ratios. */
import type { Inspection } from '../checks/inspect.ts';
import type { Series } from '../load/measure.ts';
import type { Stack, StoreName } from '../stacks/stack.ts';

/** The best of several rounds, and all that was seen. */
export interface Figure {
  readonly best: number;
  readonly lowest: number;
  readonly highest: number;
}

/** From the lowest to the highest. */
export interface Range {
  readonly lowest: number;
  readonly highest: number;
}

/** One stack in one scenario. */
export interface Row {
  readonly stack: string;
  readonly framework: Stack['framework'];
  readonly kind: Stack['kind'];
  readonly store: StoreName;
  readonly scenario: string;
  /** Of a core that server and load share. */
  readonly requestsPerSecond: Figure;
  /** What a core can still answer: CPU time of the bare application of the same framework, over that of the stack. */
  readonly kept: number | undefined;
  /** Milliseconds, the median of the rounds. */
  readonly p50: number;
  readonly p99: number;
  /** CPU time of the server process per request, in microseconds. */
  readonly cpu: Figure;
  /** The same, less that of the bare application. */
  readonly added: Figure | undefined;
  /** Of Bulwark only: what it adds, over what the usual peers on the same framework and store add. */
  readonly ofPeers: number | undefined;
  /** Of Bulwark only: the same, over the cheapest of all peers. */
  readonly ofCheapest: number | undefined;
  /** The middle half of what the rounds say that it adds. */
  readonly middleHalf: Range | undefined;
  readonly tripsPerRequest: number | undefined;
  readonly pageHeadBytes: number | undefined;
  readonly cookieBytes: number | undefined;
  /** Requests that failed, in slices that were repeated for that. */
  readonly failed: number;
}

/** What was seen of a stack without load, by stack and store. */
export type Inspections = ReadonlyMap<string, Inspection>;

/** The key of a stack on a store in {@link Inspections}. */
export function variantName(stack: Pick<Stack, 'name'>, store: StoreName): string {
  return `${stack.name} (${store})`;
}

/** One row for each series, in their order. */
export function summarize(all: readonly Series[], inspections: Inspections): readonly Row[] {
  const rows = all.map((series) => toRow(series, bareOf(series, all), inspections));
  return rows.map((row) => (row.kind === 'bulwark' ? Object.assign(row, ratios(row, rows)) : row));
}

function toRow(series: Series, bare: Series | undefined, inspections: Inspections): Row {
  const { stack, store, scenario, slices } = series;
  const rates = slices.map(({ requestsPerSecond }) => requestsPerSecond);
  const inspection = inspections.get(variantName(stack, store));
  return {
    stack: stack.name,
    framework: stack.framework,
    kind: stack.kind,
    store,
    scenario: scenario.name,
    requestsPerSecond: figure(rates, Math.max(...rates)),
    kept: bare && Math.min(...cpuOf(bare)) / Math.min(...cpuOf(series)),
    p50: median(slices.map(({ p50 }) => p50)),
    p99: median(slices.map(({ p99 }) => p99)),
    cpu: figure(cpuOf(series), Math.min(...cpuOf(series))),
    added: bare && addedTo(bare, series),
    ofPeers: undefined,
    ofCheapest: undefined,
    middleHalf: bare && middleHalf(addedByRound(bare, series)),
    tripsPerRequest: scenario.signedIn ? inspection?.trips?.session : inspection?.trips?.visitor,
    pageHeadBytes: inspection?.pageHeadBytes,
    cookieBytes: inspection?.cookieBytes,
    failed: series.failed,
  };
}

function bareOf({ stack, scenario }: Series, all: readonly Series[]): Series | undefined {
  if (stack.kind === 'bare') return undefined;
  return all.find(
    (one) =>
      one.stack.kind === 'bare' && one.stack.framework === stack.framework && one.scenario === scenario,
  );
}

/** Noise only ever adds: the best round of each is the nearest to what it costs. The range is round by round. */
function addedTo(bare: Series, series: Series): Figure {
  return figure(addedByRound(bare, series), Math.min(...cpuOf(series)) - Math.min(...cpuOf(bare)));
}

function addedByRound(bare: Series, series: Series): readonly number[] {
  const plain = cpuOf(bare);
  return cpuOf(series).map((cpu, round) => cpu - (plain[round] ?? Number.NaN));
}

function middleHalf(values: readonly number[]): Range {
  const sorted = [...values].sort((a, b) => a - b);
  const quarter = Math.floor(sorted.length / 4);
  return { lowest: sorted[quarter] ?? Number.NaN, highest: sorted.at(-1 - quarter) ?? Number.NaN };
}

/** The middle half of the rounds is no wider than this share of its middle. */
const NARROW = 0.15;

/** Those of Bulwark whose rounds are too far apart to say what a request costs: on a busy machine they stay so. */
export function wideRows(rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ kind, middleHalf: half }) => {
    if (kind !== 'bulwark' || half === undefined) return false;
    return half.highest - half.lowest > (NARROW * (half.highest + half.lowest)) / 2;
  });
}

function ratios(row: Row, rows: readonly Row[]): Pick<Row, 'ofPeers' | 'ofCheapest'> {
  const rivals = rows.filter(
    (one) =>
      (one.kind === 'peers' || one.kind === 'lean') &&
      one.framework === row.framework &&
      one.store === (row.store === 'redis, far' ? 'redis' : row.store) &&
      one.scenario === row.scenario,
  );
  const own = row.added?.best;
  const usual = rivals.find(({ kind }) => kind === 'peers')?.added?.best;
  if (own === undefined || usual === undefined) return { ofPeers: undefined, ofCheapest: undefined };
  const cheapest = Math.min(...rivals.map(({ added }) => added?.best ?? Number.POSITIVE_INFINITY));
  return { ofPeers: own / usual, ofCheapest: own / cheapest };
}

function cpuOf({ slices }: Series): number[] {
  return slices.map(({ cpu }) => cpu);
}

function figure(values: readonly number[], best: number): Figure {
  return { best, lowest: Math.min(...values), highest: Math.max(...values) };
}

/** The middle one; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}
