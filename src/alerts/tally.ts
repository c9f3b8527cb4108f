/**
 * How alerts count. All of it is counters of the store, so that processes that share it count together, and one of them alone
 * raises the alert. Where the store is gone, which is worth an alert too, the process counts for itself.
 */
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { Rate } from '../core/rate.ts';
import { MemoryCounters } from '../stores/memory/counters.ts';
import type { CounterStore } from '../stores/ports/counters.ts';

/** What of a counter store is used. */
export type AlertCounters = Pick<CounterStore, 'take' | 'debit' | 'debt'>;

/** Where the end of a silence, and what was seen and told, are kept. */
const OWN = 'alerts:';

/** Counts at one moment, that of the event which is looked at: a log that is read again comes to the same. */
export class Tally {
  readonly #store: AlertCounters;
  readonly #own: AlertCounters = new MemoryCounters();
  #faults = 0;

  constructor(store: AlertCounters) {
    this.#store = store;
  }

  /** How often the store did not answer. */
  get faults(): number {
    return this.#faults;
  }

  /** Whether it is the first of its kind within so long. Of several processes that ask at once, one gets a yes. */
  async first(key: string, windowMs: number, now: number): Promise<boolean> {
    const { allowed } = await this.#ask((counters) => counters.take(OWN + key, { count: 1, windowMs }, now));
    return allowed;
  }

  /** Counts one more. Whether there are now more than the rate allows. */
  async over(key: string, rate: Rate, now: number): Promise<boolean> {
    const { allowed } = await this.#ask((counters) => counters.take(OWN + key, rate, now));
    return !allowed;
  }

  /** Counts several, past the rate too. Whether there are more than it allows. */
  async overBy(key: string, rate: Rate, count: number, now: number): Promise<boolean> {
    return (await this.#ask((counters) => counters.debit(OWN + key, rate, count, now))) > rate.windowMs;
  }

  /** Whether something was seen by {@link first}, or is silent, and its time is not over. */
  async holds(key: string, now: number): Promise<boolean> {
    return (await this.leftMs(key, now)) > 0;
  }

  /** How long it holds yet, in milliseconds. */
  async leftMs(key: string, now: number): Promise<number> {
    return await this.#ask((counters) => counters.debt(OWN + key, now));
  }

  /**
   * Keeps something silent for so long from now on. One that lasts longer stays.
   *
   * @returns its end, in milliseconds since 1970
   * @throws what the store fails with: a silence of this process alone would be none
   */
  async silence(key: string, ms: number, now: number): Promise<number> {
    const left = await this.#store.debt(OWN + key, now);
    if (left >= ms) return now + left;
    // What is missing of it, as a part of one: a debt is never longer than two windows.
    const missing = (ms - left) / ms;
    return now + (await this.#store.debit(OWN + key, { count: 1, windowMs: ms }, missing, now));
  }

  async #ask<T>(work: (counters: AlertCounters) => MaybePromise<T>): Promise<T> {
    try {
      return await work(this.#store);
    } catch {
      this.#faults += 1;
      return await work(this.#own);
    }
  }
}
