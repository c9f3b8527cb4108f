/** `bench stacks`: requests of equal-feature stacks, side by side. */
import { inspectStack } from '../checks/inspect.ts';
import { startRedis } from '../checks/redis-server.ts';
import { LOAD_CORE } from '../load/cores.ts';
import { measure, SCENARIOS } from '../load/measure.ts';
import type { Variant } from '../load/server-process.ts';
import { Progress } from '../report/progress.ts';
import { stacksTable } from '../report/stacks-table.ts';
import { type Inspections, type Row, summarize, variantName, wideRows } from '../report/summary.ts';
import { plainTable, show } from '../report/table.ts';
import { STACKS } from '../stacks/all.ts';

/** Which stacks, and how long. */
export interface StacksOptions {
  /** Names of stacks; empty for all. */
  readonly only: readonly string[];
  readonly quick: boolean;
  readonly rounds: number | undefined;
}

const ROUNDS = 6;
/** Where the rounds are far apart, as on a busy machine. */
const MOST_ROUNDS = 18;
const QUICK_ROUNDS = 2;
/** What the budgets are about. */
const FIRST = SCENARIOS[0]?.name;

/** Looks at every stack, then measures all of them. */
export async function runStacks({ only, quick, rounds }: StacksOptions): Promise<readonly Row[]> {
  const variants = chooseVariants(only);
  const redis = await startRedis(LOAD_CORE);
  try {
    const inspections = await inspectAll(variants, redis.port);
    const progress = new Progress('slices of a second');
    const series = await measure(variants, quick ? SCENARIOS.slice(0, 1) : SCENARIOS, {
      rounds: rounds ?? (quick ? QUICK_ROUNDS : ROUNDS),
      suffices: (all) => wideRows(summarize(all, inspections)).every(({ scenario }) => scenario !== FIRST),
      mostRounds: rounds ?? (quick ? QUICK_ROUNDS : MOST_ROUNDS),
      seconds: 1,
      redisUrl: redis.url,
      progress: (done, of) => progress.report(done, of),
    });
    return summarize(series, inspections);
  } finally {
    await redis.stop();
  }
}

/** The rows as a person reads them. */
export function showStacks(rows: readonly Row[]): string {
  const scenarios = [...new Set(rows.map(({ scenario }) => scenario))];
  const tables = scenarios.map((scenario) => `${scenario}\n\n${plainTable(stacksTable(rows, scenario))}`);
  return [...tables, ...widths(rows), ...failures(rows), HOW_TO_READ].join('\n\n');
}

const HOW_TO_READ = `CPU: the server process's own time per request, best round. Added: less the bare application's.
Range: round by round. Kept: the bare application's CPU over this. Requests/s: load and server share a core. Trips: at one
request at a time.`;

/** Where the rounds stayed far apart, a line for all; nothing where they did not. */
export function widths(rows: readonly Row[]): readonly string[] {
  const wide = wideRows(rows).map(({ stack, store, scenario, added, middleHalf }) => {
    const half = `${show(middleHalf?.lowest)} to ${show(middleHalf?.highest)} us`;
    return `${stack} (${store}), ${scenario}: ${show(added?.best)} us at best, the middle half of the rounds ${half}`;
  });
  return wide.length === 0 ? [] : [`Not narrow, so that a figure says less: ${wide.join('; ')}.`];
}

/** What failed, a line a stack and scenario; nothing where nothing did. */
export function failures(rows: readonly Row[]): readonly string[] {
  return rows
    .filter(({ failed }) => failed > 0)
    .map(
      ({ stack, store, scenario, failed }) =>
        `${stack} (${store}), ${scenario}: ${failed} requests failed, in slices that were repeated.`,
    );
}

function chooseVariants(only: readonly string[]): readonly Variant[] {
  const chosen =
    only.length === 0
      ? STACKS
      : STACKS.filter(({ name, framework, kind }) =>
          only.some((word) => word === name || word === kind || word === framework.toLowerCase()),
        );
  // What a stack adds is only known beside the bare one.
  const frameworks = new Set(chosen.map(({ framework }) => framework));
  const needed = STACKS.filter(
    (stack) => chosen.includes(stack) || (stack.kind === 'bare' && frameworks.has(stack.framework)),
  );
  return needed.flatMap((stack) => stack.stores.map((store) => ({ stack, store })));
}

async function inspectAll(variants: readonly Variant[], redisPort: number): Promise<Inspections> {
  const inspections = new Map();
  const progress = new Progress('features');
  for (const [index, { stack, store }] of variants.entries()) {
    progress.report(index, variants.length);
    inspections.set(variantName(stack, store), await inspectStack(stack, store, redisPort));
  }
  progress.report(variants.length, variants.length);
  return inspections;
}
