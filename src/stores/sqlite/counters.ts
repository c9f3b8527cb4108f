import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { gcraDebit, gcraStep, type GcraStep } from '../../core/gcra.ts';
import type { Rate } from '../../core/rate.ts';
import type { CounterAnswer, CounterStore } from '../ports/counters.ts';
import { SHORT_SWEEP_BATCH } from '../storable.ts';
import { change, firstRow, Transactions } from './open.ts';

/** Counters in SQLite: every process that opens the file counts together. */
export class SqliteCounters implements CounterStore {
  readonly #transactions: Transactions;
  readonly #read: StatementSync;
  readonly #write: StatementSync;
  readonly #sweep: StatementSync;
  readonly #count: StatementSync;

  constructor(db: DatabaseSync) {
    this.#transactions = new Transactions(db);
    this.#read = db.prepare('SELECT tat FROM counters WHERE key = ?');
    this.#write = db.prepare(
      'INSERT INTO counters (key, tat) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET tat = excluded.tat',
    );
    this.#sweep = db.prepare(
      'DELETE FROM counters WHERE key IN (SELECT key FROM counters WHERE tat <= ? LIMIT ?)',
    );
    this.#count = db.prepare('SELECT count(*) AS count FROM counters');
  }

  take(key: string, rate: Rate, now: number): CounterAnswer {
    // A number that refuses now can only have grown by the time we hold the lock: a flood of refused requests
    // takes none, and does not keep other processes waiting.
    const seen = this.#arrival(key);
    const glance = gcraStep(rate, seen, now);
    if (glance.tat === seen) return toAnswer(glance);
    const step = this.#transactions.run(() => {
      const was = this.#arrival(key);
      const exact = gcraStep(rate, was, now);
      if (exact.tat !== was) change(this.#write, key, exact.tat);
      return exact;
    });
    return toAnswer(step);
  }

  debit(key: string, rate: Rate, count: number, now: number): number {
    return this.#transactions.run(() => {
      const tat = gcraDebit(rate, this.#arrival(key), count, now);
      change(this.#write, key, tat);
      return tat - now;
    });
  }

  debt(key: string, now: number): number {
    return Math.max(0, this.#arrival(key) - now);
  }

  sweep(now: number): number {
    return change(this.#sweep, now, SHORT_SWEEP_BATCH);
  }

  count(): number {
    return Number(firstRow(this.#count)?.count);
  }

  #arrival(key: string): number {
    const row = firstRow(this.#read, key);
    return row === undefined ? 0 : Number(row.tat);
  }
}

function toAnswer(step: GcraStep): CounterAnswer {
  const { allowed, remaining, retryAfterMs, resetAfterMs } = step;
  return { allowed, remaining, retryAfterMs, resetAfterMs };
}
