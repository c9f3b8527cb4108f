/**
 * The line to a store across a network: nothing waits on it for longer than a deadline, and once it is cut nothing
 * waits at all until a probe gets through. Drivers queue commands for seconds, or for ever, while they reconnect; a
 * request that hangs on a dead store is a connection, memory and a person who presses reload.
 */
import { BulwarkError, errorName, StoreDownError } from '../core/errors.ts';
import type { StoreHealth } from './ports/state.ts';

/** What a breaker must know of its store. */
export interface BreakerOptions {
  /** What the log calls the store, such as `redis`. */
  readonly store: string;
  /** Milliseconds that a command may take. Default 75: with what a request costs anyway, an answer within 100. */
  readonly deadlineMs?: number;
  /** Milliseconds between two probes while the store is gone. Default 200; four times that where outages come in a row. */
  readonly probeEveryMs?: number;
  /**
   * Whether answers that are late say that the store is gone. False for one of several servers, where a late one says
   * nothing of the others. Default true.
   */
  readonly lateIsGone?: boolean;
  /** Asks the store for what commands ask of it, a write among that: rejects where it cannot serve. */
  readonly probe: () => Promise<unknown>;
  /** Whether an error is that of a connection, and says nothing of what was asked. */
  readonly isOutage: (error: unknown) => boolean;
}

const DEADLINE_MS = 75;
const PROBE_EVERY_MS = 200;
/** A single late answer may be a pause of the server; so many rounds of them without one in time are not. */
const LATE_IN_A_ROW = 3;
/** An outage so soon after the last one is the same one: it is probed less often, and told less often. */
const SOON_MS = 5000;
const SLOWER = 4;
/** A probe that hangs for longer is given up: whatever it hangs on may never say so. */
const LONGEST_PROBE_MS = 2000;
/** A timer that is so late says that this process was held up, and the answers may be here, unread. */
const HELD_UP_MS = 10;
/** Rounds of the event loop in which such answers are waited for. */
const MOST_GRACE_ROUNDS = 3;

/** A command that is under way. */
interface Waiting {
  readonly dueAt: number;
  readonly fail: (error: BulwarkError) => void;
  done: boolean;
}

/** Runs commands on a store, each within the deadline, none while it is gone. */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #deadlineMs: number;
  readonly #listeners: ((health: StoreHealth) => void)[] = [];
  /** One deadline for all, so that the first in is the first due, and one timer serves them. */
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerDueAt = 0;
  #graceRounds = 0;
  #probing: NodeJS.Timeout | undefined;
  #goneAt: number | undefined;
  #backAt = -Infinity;
  #lateInARow = 0;
  #lateAt = -Infinity;
  #closed = false;

  constructor(options: BreakerOptions) {
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
   * @throws StoreDownError where the store is gone or too late. A command that was too late may have been carried out
   * all the same.
   * @throws BulwarkError ERR_BULWARK_STORE where the store refused what was asked
   */
  run<T>(command: () => Promise<T>): Promise<T> {
    if (this.#closed || !this.up) return Promise.reject(this.#down('is not reachable'));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const waiting: Waiting = { dueAt: performance.now() + this.#deadlineMs, fail: reject, done: false };
    this.#waiting.push(waiting);
    if (this.#timer === undefined) this.#arm(this.#deadlineMs);
    Promise.try(command).then(
      (value) => {
        // One that was given up says that the store is slow, not that it is well.
        if (!waiting.done) this.#lateInARow = 0;
        waiting.done = true;
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

  /** Ends the timers. Commands are refused from now on, those under way too. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#probing);
    for (const waiting of this.#waiting) waiting.fail(this.#down('was closed'));
    this.#waiting = [];
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

  #arm(afterMs: number): void {
    this.#timerDueAt = performance.now() + afterMs;
    this.#timer = setTimeout(this.#onTimer, afterMs);
  }

  /**
   * After a pause of this process every answer looks late: those that have arrived are unread, and drivers have not even
   * sent what was asked just before it. So the loop goes round a few more times first.
   */
  readonly #onTimer = (): void => {
    const heldUp = performance.now() - this.#timerDueAt > HELD_UP_MS;
    if (heldUp && this.#graceRounds < MOST_GRACE_ROUNDS) {
      this.#graceRounds += 1;
      this.#arm(HELD_UP_MS);
      return;
    }
    this.#graceRounds = 0;
    setImmediate(this.#expire);
  };

  readonly #expire = (): void => {
    this.#timer = undefined;
    if (this.#closed) return;
    const now = performance.now();
    const firstInTime = this.#waiting.findIndex(({ done, dueAt }) => !done && dueAt > now);
    const over = this.#waiting.splice(0, firstInTime === -1 ? this.#waiting.length : firstInTime);
    const late = over.filter(({ done }) => !done);
    for (const waiting of late) {
      waiting.done = true;
      waiting.fail(this.#down(`did not answer within ${this.#deadlineMs} ms`));
    }
    // One for all that were asked at about one time: a single pause of the server makes all of those late.
    if (late.length > 0 && now - this.#lateAt >= this.#deadlineMs / 2) {
      this.#lateAt = now;
      this.#lateInARow += 1;
    }
    if (this.#lateInARow >= LATE_IN_A_ROW && this.#options.lateIsGone !== false) this.#gone('too late');
    const [next] = this.#waiting;
    if (next !== undefined) this.#arm(Math.max(1, next.dueAt - now));
  };

  #gone(error: string): void {
    if (this.#goneAt !== undefined) return;
    const now = performance.now();
    this.#goneAt = now;
    this.#tell({ store: this.#options.store, up: false, error });
    const every = this.#options.probeEveryMs ?? PROBE_EVERY_MS;
    this.#probeAfter(now - this.#backAt < SOON_MS ? every * SLOWER : every);
  }

  #probeAfter(ms: number): void {
    this.#probing = setTimeout(() => void this.#probe(ms), ms).unref();
  }

  /** One at a time: on a connection that is dead and does not know it they would pile up. */
  async #probe(every: number): Promise<void> {
    const asked = performance.now();
    const overdue = Promise.withResolvers<never>();
    const timer = setTimeout(() => overdue.reject(this.#down('is not reachable')), LONGEST_PROBE_MS).unref();
    try {
      await Promise.race([this.#options.probe(), overdue.promise]);
      // As late as a command may not be: who comes back by it would be gone again at once.
      if (performance.now() - asked <= this.#deadlineMs + HELD_UP_MS) return this.#back();
    } catch (error) {
      void error;
    } finally {
      clearTimeout(timer);
    }
    if (!this.#closed) this.#probeAfter(every);
    return undefined;
  }

  #back(): void {
    if (this.#goneAt === undefined || this.#closed) return;
    this.#backAt = performance.now();
    const goneMs = Math.round(this.#backAt - this.#goneAt);
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
