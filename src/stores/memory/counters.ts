import { gcraDebit, gcraStep } from '../../core/gcra.ts';
import type { Rate } from '../../core/rate.ts';
import type { CounterAnswer, CounterStore } from '../ports/counters.ts';
import { SWEEP_BATCH } from '../storable.ts';

const FIRST_CLEAN_UP = 10_000;

/** Counters in the memory of this process. */
export class MemoryCounters implements CounterStore {
  /** By key: the theoretical arrival time of core/gcra.ts. */
  readonly #arrivals = new Map<string, number>();
  #cleanUpAt = FIRST_CLEAN_UP;

  take(key: string, rate: Rate, now: number): CounterAnswer {
    const was = this.#arrivals.get(key) ?? 0;
    const { tat, ...answer } = gcraStep(rate, was, now);
    if (tat !== was) {
      this.#arrivals.set(key, tat);
      this.#cleanUp(now);
    }
    return answer;
  }

  debit(key: string, rate: Rate, count: number, now: number): number {
    const tat = gcraDebit(rate, this.#arrivals.get(key) ?? 0, count, now);
    this.#arrivals.set(key, tat);
    this.#cleanUp(now);
    return tat - now;
  }

  debt(key: string, now: number): number {
    return Math.max(0, (this.#arrivals.get(key) ?? 0) - now);
  }

  sweep(now: number): number {
    return this.#deletePaid(now, SWEEP_BATCH);
  }

  count(): number {
    return this.#arrivals.size;
  }

  // Between sweeps a flood of made-up keys can at most double what is in debt anyway.
  #cleanUp(now: number): void {
    if (this.#arrivals.size < this.#cleanUpAt) return;
    this.#deletePaid(now, Infinity);
    this.#cleanUpAt = Math.max(FIRST_CLEAN_UP, 2 * this.#arrivals.size);
  }

  #deletePaid(now: number, most: number): number {
    let count = 0;
    for (const [key, tat] of this.#arrivals) {
      if (count === most) break;
      if (tat <= now && this.#arrivals.delete(key)) count += 1;
    }
    return count;
  }
}
