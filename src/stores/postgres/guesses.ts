import type { GuessRecord, GuessStore } from '../ports/accounts.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { toStored } from './text.ts';

/** Counts of wrong passwords in PostgreSQL. */
export class PostgresGuesses implements GuessStore {
  readonly #database: PostgresDatabase;
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async find(key: string, now: number): Promise<GuessRecord | undefined> {
    const { rows } = await this.#database.query(this.#sql.find(toStored(key), now));
    const [row] = rows as readonly { failures: string; streak: string; last_at: string }[];
    if (row === undefined) return undefined;
    return { failures: Number(row.failures), streak: Number(row.streak), lastAt: Number(row.last_at) };
  }

  async advance(
    key: string,
    seen: GuessRecord | undefined,
    next: GuessRecord,
    expiresAt: number,
    now: number,
  ): Promise<boolean> {
    const values = [toStored(key), next.failures, next.streak, next.lastAt, expiresAt];
    const statement =
      seen === undefined
        ? this.#sql.begin(...values, now)
        : this.#sql.advance(...values, seen.failures, seen.streak, seen.lastAt);
    return (await this.#database.query(statement)).rowCount === 1;
  }

  async clear(key: string): Promise<void> {
    await this.#database.query(this.#sql.clear(toStored(key)));
  }
}

function statements(prepare: Prepare): Readonly<Record<'find' | 'begin' | 'advance' | 'clear', Prepared>> {
  return {
    find: prepare('SELECT failures, streak, last_at FROM @.guesses WHERE key = $1 AND expires_at > $2'),
    begin: prepare(
      `INSERT INTO @.guesses AS g (key, failures, streak, last_at, expires_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, streak = excluded.streak,
         last_at = excluded.last_at, expires_at = excluded.expires_at
       WHERE g.expires_at <= $6`,
    ),
    advance: prepare(
      `UPDATE @.guesses SET failures = $2, streak = $3, last_at = $4, expires_at = $5
       WHERE key = $1 AND failures = $6 AND streak = $7 AND last_at = $8`,
    ),
    clear: prepare('DELETE FROM @.guesses WHERE key = $1'),
  };
}
