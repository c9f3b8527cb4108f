import type { GuessRecord, GuessStore } from '../ports/accounts.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { inPostgres } from './rows.ts';
import { toStored } from './text.ts';
import { GUESS } from '../sql/accounts.ts';

const ROW = inPostgres(GUESS);

/** Counts of wrong passwords in PostgreSQL. */
export class PostgresGuesses implements GuessStore {
  readonly #database: PostgresDatabase;
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async find(key: string, now: number): Promise<GuessRecord | undefined> {
    return ROW.records(await this.#database.query(this.#sql.find(toStored(key), now)))[0];
  }

  async advance(
    key: string,
    seen: GuessRecord | undefined,
    next: GuessRecord,
    expiresAt: number,
    now: number,
  ): Promise<boolean> {
    const values = [...ROW.values(next), toStored(key), expiresAt];
    const statement =
      seen === undefined
        ? this.#sql.begin(...values, now)
        : this.#sql.advance(...values, ...ROW.values(seen));
    return (await this.#database.query(statement)).rowCount === 1;
  }

  async clear(key: string): Promise<void> {
    await this.#database.query(this.#sql.clear(toStored(key)));
  }
}

function statements(prepare: Prepare): Readonly<Record<'find' | 'begin' | 'advance' | 'clear', Prepared>> {
  return {
    find: prepare(`SELECT ${ROW.columns} FROM @.guesses WHERE key = $1 AND expires_at > $2`),
    begin: prepare(
      `INSERT INTO @.guesses AS g (${ROW.columns}, key, expires_at) VALUES (${ROW.places}, $4, $5)
       ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, streak = excluded.streak,
         last_at = excluded.last_at, expires_at = excluded.expires_at
       WHERE g.expires_at <= $6`,
    ),
    advance: prepare(
      `UPDATE @.guesses SET (${ROW.columns}) = (${ROW.places}), expires_at = $5
       WHERE key = $4 AND (${ROW.columns}) = ($6, $7, $8)`,
    ),
    clear: prepare('DELETE FROM @.guesses WHERE key = $1'),
  };
}
