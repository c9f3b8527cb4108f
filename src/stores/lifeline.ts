/**
 * The line to a store across a network: nothing waits on it for longer than a deadline, and once it is cut nothing
 * waits at all until a probe gets through. Drivers queue commands for seconds, or for ever, while they reconnect; a
 * request that hangs on a dead store is a connection, memory and a person who presses reload.
 */
import { BulwarkError, errorName, StoreDownError } from '../core/errors.ts';
import type { StoreHealth } from './ports.ts';

/** What a lifeline must know of its store. */
export interface LifelineOptions {
  /** What the log calls the store, such as `redis`. */
  readonly store: string;
  /** Milliseconds that a command may take. Default 75: with what a request costs anyway, an answer within 100. */
  readonly deadlineMs?: number;
  /** Milliseconds between two probes while the store is gone. Default 200. */
  readonly probeEveryMs?: number;
  /** Asks the store for a sign of life: rejects where there is none. */
  readonly probe: () => Promise<unknown>;
  /** Whether an error is that of a connection, and says nothing of what was asked. */
  readonly isOutage: (error: unknown) => boolean;
}

const DEADLINE_MS = 75;
const PROBE_EVERY_MS = 200;
/** A single late answer may be a pause of this process; so many in a row are not. */
const LATE_IN_A_ROW = 3;

/** A command that is under way. */
interface Waiting {
  readonly dueAt: number;
  readonly fail: (error: BulwarkError) => void;
  done: boolean;
}

/** Runs commands on a store, each within the deadline, none while it is gone. */
export class Lifeline {
  readonly #options: LifelineOptions;
  readonly #deadlineMs: number;
  readonly #listeners: ((health: StoreHealth) => void)[] = [];
  /** One deadline for all, so that the first in is the first due, and one timer serves them. */
  readonly #waiting: Waiting[] = [];
  #head = 0;
  #timer: NodeJS.Timeout | undefined;
  #probing: NodeJS.Timeout | undefined;
  #goneAt: number | undefined;
  #lateInARow = 0;
  #closed = false;

  constructor(options: LifelineOptions) {
    this.#options = options;
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  }

  /** Whether commands are sent at all. */
  get up(): boolean {
    return this.#goneAt === undefined;
  }

  /** Calls the listener each time the store goes or comes back. */
  onHealth(listener: (health: StoreHealth) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Runs one command.
   *
   * @param command - is not called while the store is gone
   * @throws BulwarkError ERR_BULWARK_STORE_DOWN where the store is gone or too late. A command that was too late may
   * have been carried out all the same.
   * @throws BulwarkError ERR_BULWARK_STORE where the store refused what was asked
   */
  run<T>(command: () => Promise<T>): Promise<T> {
    if (this.#closed || !this.up) return Promise.reject(this.#down('is not reachable'));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const waiting: Waiting = { dueAt: performance.now() + this.#deadlineMs, fail: reject, done: false };
    this.#wait(waiting);
    Promise.try(command).then(
      (value) => {
        waiting.done = true;
        this.#lateInARow = 0;
        resolve(value);
      },
      (error: unknown) => {
        waiting.done = true;
        reject(this.#failed(error));
      },
    );
    return promise;
  }

  /** Notes that the connection was lost, where the driver says so before any command fails. */
  lost(error: unknown): void {
    if (!this.#closed) this.#gone(errorName(error));
  }

  /** Ends the timers. Commands are refused from now on. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#probing);
  }

  #failed(error: unknown): BulwarkError {
    if (error instanceof BulwarkError) return error;
    if (!this.#options.isOutage(error)) {
      const said = `The ${this.#options.store} store failed: ${errorName(error)}`;
      return new BulwarkError('ERR_BULWARK_STORE', said, { cause: error });
    }
    this.#gone(errorName(error));
    return this.#down('is not reachable', error);
  }

  #wait(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#timer ??= setTimeout(this.#onTimer, this.#deadlineMs);
  }

  // Answers that have arrived meanwhile are read first: after a pause of this process all of them look late.
  readonly #onTimer = (): void => void setImmediate(this.#expire);

  readonly #expire = (): void => {
    this.#timer = undefined;
    if (this.#closed) return;
    const now = performance.now();
    for (; this.#head < this.#waiting.length; this.#head += 1) {
      const first = this.#waiting[this.#head];
      if (first === undefined || first.done) continue;
      if (first.dueAt > now) {
        this.#timer = setTimeout(this.#onTimer, first.dueAt - now);
        break;
      }
      first.fail(this.#down(`did not answer within ${this.#deadlineMs} ms`));
      this.#lateInARow += 1;
      if (this.#lateInARow >= LATE_IN_A_ROW) this.#gone('too late');
    }
    // What is before the head is done with.
    this.#waiting.splice(0, this.#head);
    this.#head = 0;
  };

  #gone(error: string): void {
    if (this.#goneAt !== undefined) return;
    this.#goneAt = performance.now();
    this.#tell({ store: this.#options.store, up: false, error });
    this.#probeLater();
  }

  #probeLater(): void {
    const every = this.#options.probeEveryMs ?? PROBE_EVERY_MS;
    this.#probing = setTimeout(() => void this.#probe(every), every).unref();
  }

  async #probe(every: number): Promise<void> {
    const overdue = Promise.withResolvers<never>();
    const timer = setTimeout(() => overdue.reject(this.#down('is not reachable')), every);
    try {
      await Promise.race([this.#options.probe(), overdue.promise]);
      this.#back();
    } catch {
      if (!this.#closed) this.#probeLater();
    } finally {
      clearTimeout(timer);
    }
  }

  #back(): void {
    if (this.#goneAt === undefined || this.#closed) return;
    const goneMs = Math.round(performance.now() - this.#goneAt);
    this.#goneAt = undefined;
    this.#lateInARow = 0;
    this.#tell({ store: this.#options.store, up: true, goneMs });
  }

  #tell(health: StoreHealth): void {
    for (const listener of this.#listeners) listener(health);
  }

  #down(what: string, cause?: unknown): BulwarkError {
    const message = `The ${this.#options.store} store ${what}.`;
    return new StoreDownError(message, !this.up, cause === undefined ? undefined : { cause });
  }
}
