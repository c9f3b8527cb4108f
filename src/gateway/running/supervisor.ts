/**
 * The process over the workers. It holds the socket that they listen on, so that none is lost while one takes the place of
 * another, and it never runs the policy: a new one is read by a new worker, whole, and what is wrong with it ends that worker
 * alone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { metricText } from '../../core/metric-text.ts';
import type { MetricFamily } from '../../core/metrics.ts';
import { Child } from './child.ts';
import { addCounters, type Figures, NOTHING_DONE } from './figures.ts';
import { createManagement } from './management.ts';
import type { Started } from './messages.ts';
import { allFamilies } from './all-figures.ts';
import { ManagementListener } from './management-listener.ts';

/** Older policies that still serve connections of theirs, at most: one more ends the oldest. */
const MOST_GENERATIONS = 4;
const SLOWEST_RESTART_MS = 5_000;
const FIRST_RESTART_MS = 100;
const STABLE_MS = 10_000;
const KILL_AFTER_MS = 5_000;

/** Runs a gateway until it is told to end. */
export class Supervisor {
  readonly #tell: (line: string) => void;
  readonly #management: ManagementListener;
  readonly #retiring: Set<Child>[] = [];
  #workers: Set<Child> = new Set();
  #started: Started | undefined;
  #isEnding = false;
  #isReloading = false;
  #wantsReload = false;
  #reloads = 0;
  #refusedReloads = 0;
  #crashes = 0;
  #restartMs = FIRST_RESTART_MS;
  /** What workers have done that are no more. */
  #ended: Figures | undefined;

  /** @param tell - takes lines for a person */
  constructor(tell: (line: string) => void) {
    this.#tell = tell;
    this.#management = new ManagementListener(
      createManagement({
        isWell: () => this.#workers.size > 0,
        unready: async () => await this.#unready(),
        metrics: async (format) => metricText(await this.#metrics(), format),
      }),
    );
  }

  /** Resolves with an exit code once a signal has ended it. */
  async run(): Promise<number> {
    const told = Promise.withResolvers<void>();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => told.resolve());
    process.on('SIGHUP', () => {
      // A terminal that was closed says so by this signal; nobody is left to look.
      if (process.stdin.isTTY) told.resolve();
      else void this.#reload();
    });
    const first = await this.#begin(true);
    if (typeof first === 'number') return first;
    await this.#take(first);
    this.#tell(first.started.screen);
    await told.promise;
    await this.#end();
    return 0;
  }

  /** A generation of workers that serve, or the exit code of the first that does not. */
  async #begin(isFirst: boolean): Promise<{ workers: Set<Child>; started: Started } | number> {
    const first = new Child(isFirst);
    const begun = await first.begun;
    if (begun.kind === 'failed') {
      first.kill();
      return begun.code;
    }
    const others = Array.from({ length: begun.workers - 1 }, () => new Child(false));
    const all = new Set([first, ...others]);
    for (const other of others) {
      const fate = await other.begun;
      if (fate.kind === 'started') continue;
      for (const one of all) one.kill();
      return fate.code;
    }
    return { workers: all, started: begun };
  }

  async #take({ workers, started }: { workers: Set<Child>; started: Started }): Promise<void> {
    this.#workers = workers;
    this.#started = started;
    for (const worker of workers) this.#watch(worker, workers);
    const problem = await this.#management.moveTo(started.management);
    if (problem !== undefined) this.#tell(`gateway.management: ${problem}.\n`);
  }

  /** Starts another where one ended though nobody told it to. */
  #watch(worker: Child, generation: Set<Child>): void {
    void worker.gone.then(async () => {
      const { last } = worker;
      if (last !== undefined) this.#ended = addCounters(last, this.#ended ?? NOTHING_DONE);
      if (!generation.delete(worker) || generation !== this.#workers || this.#isEnding) return;
      this.#crashes += 1;
      if (worker.age > STABLE_MS) this.#restartMs = FIRST_RESTART_MS;
      this.#tell('A worker of the gateway ended; another takes its place.\n');
      await this.#restart(generation);
    });
  }

  async #restart(generation: Set<Child>): Promise<void> {
    while (generation === this.#workers && !this.#isEnding) {
      await sleep(this.#restartMs, undefined, { ref: false });
      this.#restartMs = Math.min(this.#restartMs * 2, SLOWEST_RESTART_MS);
      const next = new Child(false);
      const { kind } = await next.begun;
      if (kind === 'failed') {
        next.kill();
        continue;
      }
      generation.add(next);
      this.#watch(next, generation);
      if (generation !== this.#workers || this.#isEnding) next.tell({ kind: 'retire' });
      return;
    }
  }

  async #reload(): Promise<void> {
    if (this.#isEnding || this.#started === undefined) return;
    if (this.#isReloading) {
      this.#wantsReload = true;
      return;
    }
    if (this.#started.isAlone) {
      this.#refuse('its sessions are in memory, and a new worker would know none of them: restart it');
      return;
    }
    this.#isReloading = true;
    const next = await this.#begin(false);
    if (typeof next === 'number') this.#refuse('the new policy was refused, as said above');
    else await this.#replace(next);
    this.#isReloading = false;
    if (!this.#wantsReload) return;
    this.#wantsReload = false;
    await this.#reload();
  }

  async #replace(next: { workers: Set<Child>; started: Started }): Promise<void> {
    if (this.#isEnding) {
      for (const worker of next.workers) worker.kill();
      return;
    }
    const before = this.#workers;
    await this.#take(next);
    this.#reloads += 1;
    for (const worker of before) worker.tell({ kind: 'retire' });
    this.#retiring.push(before);
    if (this.#retiring.length > MOST_GENERATIONS)
      for (const worker of this.#retiring.shift() ?? []) worker.tell({ kind: 'end', limit: 0 });
    this.#tell('The policy was read anew.\n');
  }

  #refuse(reason: string): void {
    this.#refusedReloads += 1;
    this.#tell(`Not reloaded: ${reason}. The policy before stays.\n`);
    const [worker] = this.#workers;
    worker?.tell({ kind: 'refused', reason });
  }

  async #end(): Promise<void> {
    this.#isEnding = true;
    const { delay, limit } = this.#started?.drain ?? { delay: 0, limit: 0 };
    await sleep(delay);
    const all = [...this.#workers, ...this.#retiring.flatMap((generation) => [...generation])];
    for (const worker of all) worker.tell({ kind: 'end', limit });
    const killing = setTimeout(() => {
      for (const worker of all) worker.kill();
    }, limit + KILL_AFTER_MS);
    await Promise.all(all.map(async (worker) => await worker.gone));
    clearTimeout(killing);
    await this.#management.moveTo(undefined);
  }

  async #unready(): Promise<string | undefined> {
    if (this.#isEnding) return 'it is ending';
    if (this.#workers.size === 0) return 'no worker serves';
    const figures = await figuresOf([...this.#workers]);
    if (figures.length === 0) return 'no worker answers';
    return figures.some(({ held }) => held.upstreams.some(({ up }) => up))
      ? undefined
      : 'no upstream is there';
  }

  async #metrics(): Promise<readonly MetricFamily[]> {
    // Who ends while the others are asked is one of these, and not counted twice.
    const ended = this.#ended;
    const leaving = this.#retiring.flatMap((generation) => [...generation]);
    const [serving, retiring, unready] = await Promise.all([
      figuresOf([...this.#workers], true),
      figuresOf(leaving, true),
      this.#unready(),
    ]);
    return allFamilies(
      { serving, retiring, ended: ended === undefined ? [] : [ended] },
      {
        workers: this.#workers.size,
        ready: unready === undefined,
        reloads: this.#reloads,
        refusedReloads: this.#refusedReloads,
        crashes: this.#crashes,
      },
    );
  }
}

/** @param orLast - of one that does not answer what it said last, so that no counter goes back */
async function figuresOf(workers: readonly Child[], orLast = false): Promise<readonly Figures[]> {
  const all = await Promise.all(
    workers.map(async (worker) => (await worker.figures()) ?? (orLast ? worker.last : undefined)),
  );
  return all.filter((figures) => figures !== undefined);
}
