import { gcraDebit, gcraDebt, gcraStep } from '../../core/gcra.ts';
import type { Rate } from '../../core/rate.ts';
import type { CounterAnswer, CounterStore } from '../ports/counters.ts';
import { type RedisLine, strangeReply } from './redis-line.ts';
import { DEBIT, TAKE } from './scripts.ts';

/** Counters in Redis: every process of the network counts together. */
export class RedisCounters implements CounterStore {
  readonly #redis: RedisLine;

  constructor(redis: RedisLine) {
    this.#redis = redis;
  }

  async take(key: string, rate: Rate, now: number): Promise<CounterAnswer> {
    const interval = rate.windowMs / rate.count;
    const was = await this.#redis.run(TAKE, [this.#key(key)], now, interval, rate.windowMs);
    const { allowed, remaining, retryAfterMs, resetAfterMs } = gcraStep(rate, arrival(was), now);
    return { allowed, remaining, retryAfterMs, resetAfterMs };
  }

  async debit(key: string, rate: Rate, count: number, now: number): Promise<number> {
    const { owed, latest } = gcraDebt(rate, count, now);
    const was = await this.#redis.run(DEBIT, [this.#key(key)], now, owed, latest);
    return gcraDebit(rate, arrival(was), count, now) - now;
  }

  async debt(key: string, now: number): Promise<number> {
    const was = await this.#redis.send('GET', this.#key(key));
    return was === null ? 0 : Math.max(0, arrival(was) - now);
  }

  /** Nothing to do: Redis forgets each counter when it is paid off. */
  sweep(): number {
    return 0;
  }

  count(): Promise<number> {
    return this.#redis.count('c');
  }

  // Half a surrogate pair becomes U+FFFD on its way: two such keys count as one, which lets nobody through.
  #key(key: string): string {
    return this.#redis.key('c', key);
  }
}

function arrival(reply: unknown): number {
  const tat = Number(reply);
  if (typeof reply !== 'string' || Number.isNaN(tat)) throw strangeReply();
  return tat;
}
