/**
 * Stacks side by side: each has a process of its own, and all take turns in slices of a second, in a new order each
 * round, so that whatever else goes on in the machine hits all of them.
 */
import { signIn } from '../checks/features.ts';
import { databaseUrl } from '../stacks/all.ts';
import type { Stack, StoreName } from '../stacks/stack.ts';
import { SERVER_CORE } from './cores.ts';
import { type LoadTarget, makeLoadBesideServer } from './load.ts';
import { type ServerOptions, type ServerProcess, startServer, type Variant } from './server-process.ts';

/** What is asked for, and by whom. */
export interface Scenario {
  readonly name: string;
  readonly path: '/' | '/data';
  readonly signedIn: boolean;
  /** Whether it has a slice in each round; the others have one in every second. */
  readonly everyRound: boolean;
}

/** The budgets are about the first. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'page, signed in', path: '/', signedIn: true, everyRound: true },
  { name: 'JSON, signed in', path: '/data', signedIn: true, everyRound: false },
  { name: 'page, visitor', path: '/', signedIn: false, everyRound: false },
  { name: 'JSON, visitor', path: '/data', signedIn: false, everyRound: false },
];

/** A stack on a store, in one scenario. */
export interface Cell {
  readonly stack: Stack;
  readonly store: StoreName;
  readonly scenario: Scenario;
}

/** One slice. */
export interface Slice {
  readonly failed: number;
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** CPU time of the server process per request, in microseconds. */
  readonly cpu: number;
}

/** All slices of a cell. */
export interface Series extends Cell {
  readonly slices: readonly Slice[];
  /** Requests that failed, in slices that were repeated for that. */
  readonly failed: number;
}

/** How long to measure. */
export interface MeasureOptions {
  readonly rounds: number;
  /** Whether so much says enough: if not, as many rounds again, up to {@link mostRounds}. */
  readonly suffices: (series: readonly Series[]) => boolean;
  readonly mostRounds: number;
  /** Seconds a slice. */
  readonly seconds: number;
  readonly redisUrl: string;
  readonly progress: (done: number, of: number) => void;
}

const WARM_UP_REQUESTS = 3000;
const MOST_WARM_UP_SLICES = 8;
const MOST_ATTEMPTS = 5;

/** Starts every variant, warms each up, and measures it in every scenario. */
export async function measure(
  variants: readonly Variant[],
  scenarios: readonly Scenario[],
  options: MeasureOptions,
): Promise<readonly Series[]> {
  const running: Running[] = [];
  try {
    for (const variant of variants) running.push(await startVariant(variant, { redisUrl: options.redisUrl }));
    const cells = running.flatMap((one) =>
      scenarios.map((scenario) => ({ ...one, scenario, slices: [] as Slice[], failed: 0 })),
    );
    const { rounds, mostRounds } = options;
    // What a visitor sees takes no code that someone who is signed in does not warm up, or hardly any.
    const warmUps = cells.filter(({ scenario }) => scenario.signedIn);
    for (const [index, cell] of warmUps.entries()) {
      options.progress(index, warmUps.length + cells.length * rounds);
      await warmUp(cell);
    }
    let done = 0;
    do {
      const turns = Array.from({ length: rounds }, (_, round) =>
        shuffled(cells.filter(({ scenario }) => scenario.everyRound || round % 2 === 0)),
      ).flat();
      for (const [index, cell] of turns.entries()) {
        options.progress(index, turns.length);
        const { slice, failed } = await repeatUntilWhole(cell, options.seconds);
        cell.slices.push(slice);
        cell.failed += failed;
      }
      options.progress(turns.length, turns.length);
      done += rounds;
    } while (done + rounds <= mostRounds && !options.suffices(cells));
    return cells.map(({ stack, store, scenario, slices, failed }) => ({
      stack,
      store,
      scenario,
      slices,
      failed,
    }));
  } finally {
    await Promise.all(running.map(({ server }) => server.stop()));
  }
}

/** A variant that runs. */
export interface Running extends Variant {
  readonly server: ServerProcess;
  /** Of someone who is signed in. */
  readonly cookie: string;
}

/** Starts a variant, and signs in. */
export async function startVariant(
  { stack, store }: Variant,
  { redisUrl = '', ...options }: ServerOptions = {},
): Promise<Running> {
  const url = store === 'memory' ? undefined : databaseUrl(redisUrl, stack);
  const server = await startServer({ stack, store }, SERVER_CORE, { ...options, redisUrl: url });
  // A bare application gets a cookie too, which it does not read: the same bytes for all.
  const cookie =
    stack.kind === 'bare' ? `__Host-sid=${'a'.repeat(43)}` : (await signIn(server.port)).browser.cookie;
  return { stack, store, server, cookie };
}

/** What is measured: a variant in a scenario. */
export interface Target extends Running {
  readonly scenario: Scenario;
}

/** Until the compiler has done its part: on a busy machine that takes more than one slice. */
export async function warmUp(target: Target): Promise<void> {
  let requests = 0;
  for (let slice = 0; slice < MOST_WARM_UP_SLICES && requests < WARM_UP_REQUESTS; slice += 1) {
    requests += (await makeLoadBesideServer(loadTarget(target), 1)).requests;
  }
}

/**
 * Measures until no request fails. A stack that refuses within a deadline fails one now and then where the machine is busy:
 * said, not timed.
 */
export async function repeatUntilWhole(
  target: Target,
  seconds: number,
): Promise<{ slice: Slice; failed: number }> {
  let failed = 0;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const slice = await runSlice(target, seconds);
    if (slice.failed === 0) return { slice, failed };
    failed += slice.failed;
  }
  const { stack, store, scenario } = target;
  throw new Error(`${stack.name} (${store}), ${scenario.name}: requests fail, ${failed} so far`);
}

/** Measures once. */
export async function runSlice(target: Target, seconds: number): Promise<Slice> {
  const before = await target.server.cpuTime();
  const load = await makeLoadBesideServer(loadTarget(target), seconds);
  const used = (await target.server.cpuTime()) - before;
  const { requests, failed, requestsPerSecond, p50, p99 } = load;
  return { failed, requestsPerSecond, p50, p99, cpu: used / requests };
}

function loadTarget({ server, scenario, cookie }: Target): LoadTarget {
  return { port: server.port, path: scenario.path, cookie: scenario.signedIn ? cookie : '' };
}

function shuffled<T>(all: readonly T[]): T[] {
  return all
    .map((one) => ({ one, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one);
}
