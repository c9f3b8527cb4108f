/**
 * Whether a wrong password is part of something bigger. Many addresses on one name is a botnet, many names from one address
 * is a list of stolen passwords being tried, and many of both is a list that is tried from everywhere. Each is told once an
 * hour. Names and clients are keyed hashes by the time they come here.
 */
import type { CounterStore } from '../../stores/ports/counters.ts';

/** What a wrong password makes plain, where nobody was told of it in the last hour. */
export interface GuessesSeen {
  /** Wrong for this name from this client for the first time in a day. */
  readonly isFirst: boolean;
  /** Wrong for one name, from many clients. */
  readonly manyClients: boolean;
  /** Wrong from one client, for many names. */
  readonly manyNames: boolean;
}

const HOUR = { windowMs: 60 * 60_000 } as const;
const DAY = { windowMs: 24 * 60 * 60_000 } as const;
/** A household, an office or a train has a few. */
const MANY_ADDRESSES = 10;
const MANY_NAMES = 20;

/** Counts pairs of names and clients. */
export class GuessAlarm {
  readonly #counters: CounterStore;
  readonly #prefix: string;

  /** @param prefix - of its keys, where several count in one store */
  constructor(counters: CounterStore, prefix = '') {
    this.#counters = counters;
    this.#prefix = prefix;
  }

  /** Counts a wrong password. A pair is counted once a day. */
  async wrong(name: string, client: string, now: number): Promise<GuessesSeen> {
    const isFirst = await this.#take(`seen/${name}/${client}`, { count: 1, ...DAY }, now);
    if (!isFirst) return { isFirst, manyClients: false, manyNames: false };
    return {
      isFirst,
      manyClients: await this.exceeds(`addresses/${name}`, MANY_ADDRESSES, now),
      manyNames: await this.exceeds(`names/${client}`, MANY_NAMES, now),
    };
  }

  /** Whether one more in an hour is one too many, and nobody was told in the last hour. */
  async exceeds(key: string, most: number, now: number): Promise<boolean> {
    if (await this.#take(key, { count: most, ...HOUR }, now)) return false;
    return this.#take(`told/${key}`, { count: 1, ...HOUR }, now);
  }

  async #take(
    key: string,
    rate: { readonly count: number; readonly windowMs: number },
    now: number,
  ): Promise<boolean> {
    return (await this.#counters.take(this.#prefix + key, rate, now)).allowed;
  }
}
