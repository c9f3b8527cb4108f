/**
 * Sliding limits in a table of fixed size. All of its memory is taken from the start, so that a flood of made-up addresses
 * makes nothing grow; no timer sweeps it, and a blocked client stays blocked.
 */
import { gcraStart, LONGEST_DEBT_WINDOWS } from '../../core/gcra.ts';
import { KeyedHash } from '../../core/keyed-hash.ts';
import type { Rate } from '../../core/rate.ts';
import type { CounterAnswer } from '../../stores/ports/counters.ts';

/** How many keys compete for the same places. */
const WAYS = 8;
/** Lower and upper half of the hash, the arrival time, and what was not reported yet. */
const BYTES_PER_KEY = 4 + 4 + 8 + 1;
/** Requests that one byte counts. */
const MOST_UNREPORTED = 255;
/** A process reports its passes to the others after so small a part of the limit. */
const REPORTS_PER_LIMIT = 10;
/** Places that are looked at to tell how full it is: the figure is true to two in a hundred. */
const FILL_PLACES = 4096;
/** As in core/gcra.ts: a nanosecond, since a window divided by its count and multiplied again is not the window. */
const SLACK_MS = 1e-6;

/** The answer that {@link RateTable.take} fills in again at each call. */
interface ReusedAnswer {
  allowed: boolean;
  remaining: number;
  retryAfterMs: number;
  resetAfterMs: number;
}

/**
 * One limit for up to `capacity` keys at a time: GCRA (core/gcra.ts) in typed arrays, set-associative with eight
 * places a set, 18 bytes a key.
 *
 * A new key takes the place with the least debt: a free place, else one that is paid off, else the one that has
 * used the least. A place that is blocked now is never given away. Where all eight are blocked, newcomers of that set
 * share one more place, so that a crowd big enough to block a whole set is limited as one client, and those few
 * strangers who hash into the same set with it. Sets are chosen by a keyed hash: nobody can aim at one.
 *
 * Where several processes share a limit, each counts here, and tells the others of its passes in batches: see
 * {@link due} and {@link owe}. A client that asks for less than a batch and then pauses for a window costs the store no key.
 */
export class RateTable {
  readonly rate: Rate;
  /** Keys it remembers at a time. */
  readonly capacity: number;
  /** Bytes it takes, now and ever. */
  readonly bytes: number;
  /** Passes of one key that make a report due: what a process may let through that no other knows of. */
  readonly batch: number;
  /** Passes to report of the key last taken, or 0. They count as reported from here on. */
  due = 0;

  readonly #interval: number;
  readonly #tolerance: number;
  readonly #lo: Uint32Array;
  readonly #hi: Uint32Array;
  /** Theoretical arrival times, in milliseconds since 1970. 0 is a free place. */
  readonly #tat: Float64Array;
  /** The arrival time that the newcomers of a set share while all its places are blocked. */
  readonly #shared: Float64Array;
  readonly #unreported: Uint8Array;
  readonly #lastSet: number;
  readonly #hash: KeyedHash;
  readonly #answer: ReusedAnswer = { allowed: true, remaining: 0, retryAfterMs: 0, resetAfterMs: 0 };

  /** @param capacity - keys, rounded up to a power of two; at least 8 */
  constructor(rate: Rate, capacity: number, hash: KeyedHash = new KeyedHash()) {
    this.rate = rate;
    this.#interval = rate.windowMs / rate.count;
    this.#tolerance = rate.windowMs - this.#interval;
    this.capacity = tableCapacity(capacity);
    this.#lo = new Uint32Array(this.capacity);
    this.#hi = new Uint32Array(this.capacity);
    this.#tat = new Float64Array(this.capacity);
    this.#shared = new Float64Array(this.capacity / WAYS);
    this.#unreported = new Uint8Array(this.capacity);
    this.batch = Math.min(Math.max(1, Math.floor(rate.count / REPORTS_PER_LIMIT)), MOST_UNREPORTED);
    this.#lastSet = this.capacity / WAYS - 1;
    this.bytes = tableBytes(this.capacity);
    this.#hash = hash;
  }

  /**
   * Counts one request of a key. A refused one costs nothing.
   *
   * @param now - milliseconds since 1970
   * @returns one object that the next call overwrites: read it at once, keep nothing of it
   */
  take(key: string, now: number): Readonly<CounterAnswer> {
    this.due = 0;
    this.#hash.of(key);
    const { lo, hi } = this.#hash;
    const first = (lo & this.#lastSet) * WAYS;
    let place = first;
    let least = Number.POSITIVE_INFINITY;
    for (let index = first; index < first + WAYS; index += 1) {
      const tat = this.#tat[index] ?? 0;
      if (tat !== 0 && this.#lo[index] === lo && this.#hi[index] === hi) return this.#pass(index, tat, now);
      // One limit, one clock: the earliest arrival time is the least debt, and a free place is earlier than any.
      if (tat < least) {
        least = tat;
        place = index;
      }
    }
    if (this.#isBlocked(least, now)) return this.#count(this.#shared, lo & this.#lastSet, now);
    this.#lo[place] = lo;
    this.#hi[place] = hi;
    this.#tat[place] = 0;
    return this.#pass(place, 0, now);
  }

  /**
   * Takes over what all processes together have counted of a key, where that is more than is known here. A key that has
   * lost its place meanwhile is not given one.
   *
   * @param debtMs - until all that was counted is paid off
   */
  owe(key: string, debtMs: number, now: number): void {
    const place = this.#find(key);
    if (place === -1) return;
    const longest = LONGEST_DEBT_WINDOWS * this.rate.windowMs;
    this.#tat[place] = Math.max(this.#owedFrom(this.#tat[place] ?? 0, now), now + Math.min(debtMs, longest));
  }

  /** What is left to pay off of a key, in milliseconds; 0 where it has no place. */
  debt(key: string, now: number): number {
    const place = this.#find(key);
    return place === -1 ? 0 : Math.max(0, (this.#tat[place] ?? 0) - now);
  }

  /**
   * Which parts of its places owe something now, and are blocked now. Keys lie where a keyed hash puts them, so that some of
   * the places tell of all: the whole of a large table would be a pause for every request.
   */
  fill(now: number): { readonly used: number; readonly blocked: number } {
    // Odd, so that it comes by each place of a set: the first ones of all sets are taken first.
    const step = Math.floor(this.capacity / FILL_PLACES) | 1;
    let used = 0;
    let blocked = 0;
    let seen = 0;
    for (let place = 0; place < this.capacity; place += step) {
      const tat = this.#tat[place] ?? 0;
      if (tat > now) used += 1;
      if (tat !== 0 && this.#isBlocked(tat, now)) blocked += 1;
      seen += 1;
    }
    return { used: used / seen, blocked: blocked / seen };
  }

  /** The place of a key, or -1. */
  #find(key: string): number {
    this.#hash.of(key);
    const { lo, hi } = this.#hash;
    const first = (lo & this.#lastSet) * WAYS;
    for (let index = first; index < first + WAYS; index += 1) {
      if (this.#tat[index] !== 0 && this.#lo[index] === lo && this.#hi[index] === hi) return index;
    }
    return -1;
  }

  /** Counts a request of a key that has a place, and what of it is to be reported. */
  #pass(place: number, tat: number, now: number): Readonly<CounterAnswer> {
    const answer = this.#count(this.#tat, place, now);
    if (!answer.allowed) return answer;
    // Not as soon as it is paid off: a client just below the limit of each of several processes never owes anything.
    const unreported = 1 + (tat + this.rate.windowMs <= now ? 0 : (this.#unreported[place] ?? 0));
    this.due = unreported >= this.batch ? unreported : 0;
    this.#unreported[place] = this.due === 0 ? unreported : 0;
    return answer;
  }

  #isBlocked(tat: number, now: number): boolean {
    return this.#owedFrom(tat, now) - now - this.#tolerance > SLACK_MS;
  }

  /** The moment from which this request counts. */
  #owedFrom(tat: number, now: number): number {
    return gcraStart(this.rate, tat, now, 0);
  }

  /** The arithmetic of gcraStep, in place and without a new object. A property test holds the two equal. */
  #count(times: Float64Array, index: number, now: number): Readonly<CounterAnswer> {
    const answer = this.#answer;
    const start = this.#owedFrom(times[index] ?? 0, now);
    const early = start - now - this.#tolerance;
    if (early > SLACK_MS) {
      times[index] = start;
      answer.allowed = false;
      answer.remaining = 0;
      answer.retryAfterMs = Math.ceil(early);
      answer.resetAfterMs = Math.ceil(start - now);
      return answer;
    }
    const next = start + this.#interval;
    times[index] = next;
    answer.allowed = true;
    answer.remaining = Math.floor((this.rate.windowMs - (next - now)) / this.#interval + 1e-9);
    answer.retryAfterMs = 0;
    answer.resetAfterMs = Math.ceil(next - now);
    return answer;
  }
}

/** The capacity that a table has when it is asked for one: the next power of two, at least one set. */
export function tableCapacity(capacity: number): number {
  return Math.max(WAYS, 2 ** Math.ceil(Math.log2(capacity)));
}

/** The bytes of a table of this capacity. */
export function tableBytes(capacity: number): number {
  return capacity * BYTES_PER_KEY + (capacity / WAYS) * 8;
}
