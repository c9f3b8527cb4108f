/** One worker, as the process over it sees it. */
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figures } from './figures.ts';
import type { FromWorker, Started, ToWorker } from './messages.ts';
import { FIRST_WORKER } from './worker.ts';

/** How a worker came to serve, or with which exit code it did not. */
export type Begun = Started | { readonly kind: 'failed'; readonly code: number };

const BEGIN_MS = 60_000;
const FIGURES_MS = 1_000;

/** A worker. */
export class Child {
  readonly begun: Promise<Begun>;
  /** Resolves when it has ended. */
  readonly gone: Promise<void>;
  readonly #worker: Worker;
  readonly #asked = new Map<number, (figures: Figures) => void>();
  readonly #startedAt = performance.now();
  #questions = 0;
  #last: Figures | undefined;

  constructor(isFirst: boolean) {
    this.#worker = cluster.fork(isFirst ? { [FIRST_WORKER]: '1' } : {});
    const started = Promise.withResolvers<Begun>();
    this.#worker.on('message', (message: FromWorker) => {
      if (message.kind === 'started') started.resolve(message);
      else {
        this.#last = message.figures;
        if (message.kind === 'figures') this.#asked.get(message.question)?.(message.figures);
      }
    });
    const ended = once(this.#worker, 'exit') as Promise<[code: number | null]>;
    this.gone = ended.then(() => undefined);
    const failed = ended.then(([code]): Begun => ({ kind: 'failed', code: code ?? 1 }));
    const late = sleep(BEGIN_MS, undefined, { ref: false }).then((): Begun => ({ kind: 'failed', code: 1 }));
    this.begun = Promise.race([started.promise, failed, late]);
  }

  /** How long ago it was started, in milliseconds. */
  get age(): number {
    return performance.now() - this.#startedAt;
  }

  /** What it said last of what it has done. */
  get last(): Figures | undefined {
    return this.#last;
  }

  tell(message: ToWorker): void {
    // One that is ending by itself hears nothing any more.
    if (this.#worker.isConnected()) this.#worker.send(message, () => undefined);
  }

  /** Undefined where it does not answer. */
  async figures(): Promise<Figures | undefined> {
    const question = (this.#questions += 1);
    const { promise, resolve } = Promise.withResolvers<Figures>();
    this.#asked.set(question, resolve);
    this.tell({ kind: 'figures', question });
    const late = sleep(FIGURES_MS, undefined, { ref: false });
    const figures = await Promise.race([promise, late]);
    this.#asked.delete(question);
    return figures;
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }
}
