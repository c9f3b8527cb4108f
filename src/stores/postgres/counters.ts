import { BulwarkError } from '../../core/errors.ts';
import { gcraDebt, gcraPassed, gcraStep, type GcraStep } from '../../core/gcra.ts';
import type { Rate } from '../../core/rate.ts';
import type { CounterAnswer, CounterStore } from '../ports/counters.ts';
import { SWEEP_BATCH } from '../storable.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { toStored } from './text.ts';

/** Who lost a race asks again; what it lost to is there to be read by then. */
const ATTEMPTS = 3;

/** Counters in PostgreSQL: every process that reaches it counts together. */
export class PostgresCounters implements CounterStore {
  readonly #database: PostgresDatabase;
  readonly #sql: Readonly<Record<keyof CounterStore | 'cut', Prepared>>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async take(key: string, rate: Rate, now: number): Promise<CounterAnswer> {
    const interval = rate.windowMs / rate.count;
    const statement = this.#sql.take(toStored(key), now, interval, rate.windowMs - interval);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const { rows } = await this.#database.query(statement);
      const [row] = rows as readonly { tat: string; taken: string }[];
      if (row === undefined) continue;
      const tat = Number(row.tat);
      if (row.taken === 't') return toAnswer(gcraPassed(rate, tat, now));
      const refused = gcraStep(rate, tat, now);
      if (refused.tat !== tat) await this.#database.query(this.#sql.cut(toStored(key), refused.tat, tat));
      return toAnswer(refused);
    }
    throw new BulwarkError('ERR_BULWARK_STORE', 'The postgres store did not settle a counter.');
  }

  async debit(key: string, rate: Rate, count: number, now: number): Promise<number> {
    const { owed, latest } = gcraDebt(rate, count, now);
    const { rows } = await this.#database.query(this.#sql.debit(toStored(key), now, owed, latest));
    const [row] = rows as readonly { tat: string }[];
    return Number(row?.tat) - now;
  }

  async debt(key: string, now: number): Promise<number> {
    const { rows } = await this.#database.query(this.#sql.debt(toStored(key)));
    const [row] = rows as readonly { tat: string }[];
    return row === undefined ? 0 : Math.max(0, Number(row.tat) - now);
  }

  async sweep(now: number): Promise<number> {
    return (await this.#database.bulk(this.#sql.sweep(now, SWEEP_BATCH))).rowCount ?? 0;
  }

  async count(): Promise<number> {
    const { rows } = await this.#database.bulk(this.#sql.count());
    const [row] = rows as readonly { count: string }[];
    return Number(row?.count);
  }
}

/** What core/gcra.ts calls early: how far the next one is before its time. `double precision` reckons as JavaScript does. */
function early(tat: string): string {
  return `greatest(${tat}, $2) - $2 - $4`;
}

function statements(prepare: Prepare): Readonly<Record<keyof CounterStore | 'cut', Prepared>> {
  const slack = `double precision '1e-6'`;
  return {
    // A number that refuses now can only have grown by the time its row is locked: who is refused by a glance locks
    // and writes nothing, and a flood of them keeps nobody waiting. Who is let through by the glance and finds the
    // limit used up at the lock has written nothing either, and gets no row: it asks again.
    take: prepare(
      `WITH glance AS
         (SELECT tat, ${early('tat')} > ${slack} AS refused FROM @.counters WHERE key = $1),
       taken AS
         (INSERT INTO @.counters AS c (key, tat)
          SELECT $1, $2::double precision + $3::double precision
          WHERE NOT EXISTS (SELECT 1 FROM glance WHERE refused)
          ON CONFLICT (key) DO UPDATE SET tat = greatest(c.tat, $2) + $3
          WHERE ${early('c.tat')} <= ${slack}
          RETURNING tat)
       SELECT tat, true AS taken FROM taken UNION ALL SELECT tat, false FROM glance WHERE refused`,
    ),
    // Whoever cut it meanwhile has not been waiting for us.
    cut: prepare('UPDATE @.counters SET tat = $2 WHERE key = $1 AND tat = $3'),
    debit: prepare(
      `INSERT INTO @.counters AS c (key, tat)
       VALUES ($1, least($2::double precision + $3::double precision, $4::double precision))
       ON CONFLICT (key) DO UPDATE SET tat = least(greatest(c.tat, $2) + $3, $4)
       RETURNING tat`,
    ),
    debt: prepare('SELECT tat FROM @.counters WHERE key = $1'),
    sweep: prepare(
      `DELETE FROM @.counters WHERE key IN
         (SELECT key FROM @.counters WHERE tat <= $1 LIMIT $2::bigint FOR UPDATE SKIP LOCKED)`,
    ),
    count: prepare('SELECT count(*) AS count FROM @.counters'),
  };
}

function toAnswer({ allowed, remaining, retryAfterMs, resetAfterMs }: GcraStep): CounterAnswer {
  return { allowed, remaining, retryAfterMs, resetAfterMs };
}
