/** Exact counters. */
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Rate } from '../../core/rate.ts';
import { pass, type Rules } from '../rules.ts';

/** What a counter says to one more request. */
export interface CounterAnswer {
  readonly allowed: boolean;
  /** How many more would be let through right now. */
  readonly remaining: number;
  /** Milliseconds until one more is let through; 0 where `allowed`. */
  readonly retryAfterMs: number;
  /** Milliseconds until the full count is there again. */
  readonly resetAfterMs: number;
}

/** Exact counters, shared by every process that shares the store. */
export interface CounterStore {
  /**
   * Counts one request against a sliding limit (GCRA), atomically. A refused one costs nothing. A debt longer than two
   * windows is of a clock that was set back since, and becomes one of a window.
   */
  take(key: string, rate: Rate, now: number): MaybePromise<CounterAnswer>;
  /**
   * Counts `count` requests that a process let through by its own table already, past the limit too. A debt is never
   * longer than two windows. Returns the debt of the key: milliseconds until all that was counted is paid off.
   */
  debit(key: string, rate: Rate, count: number, now: number): MaybePromise<number>;
  /** The debt of a key, as {@link debit} returns it; 0 where there is none. Counts nothing and stores nothing. */
  debt(key: string, now: number): MaybePromise<number>;
  /** Deletes counters that are back at their start, at most a thousand at a time. Returns how many: fewer than a hundred where none is left. */
  sweep(now: number): MaybePromise<number>;
  /** How many counters are stored, those at their start included. For tests and metrics. */
  count(): MaybePromise<number>;
}

/** A broken key is one with another broken one, which lets nobody through. */
export const counterRules: Rules<CounterStore> = {
  take: pass,
  debit: pass,
  debt: pass,
  sweep: pass,
  count: pass,
};
