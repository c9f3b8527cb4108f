import type { DatabaseSync } from 'node:sqlite';
import type { GuessRecord, GuessStore } from '../ports/accounts.ts';
import { GUESS } from '../sql/accounts.ts';
import { change, firstRow } from './open.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(GUESS);

/** Counts of wrong passwords in SQLite. Each change is one statement: of two attempts at once one is told to look again. */
export class SqliteGuesses implements GuessStore {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
  }

  find(key: string, now: number): GuessRecord | undefined {
    const row = firstRow(this.#sql.find, key, now);
    return row === undefined ? undefined : ROW.record(row);
  }

  advance(
    key: string,
    seen: GuessRecord | undefined,
    next: GuessRecord,
    expiresAt: number,
    now: number,
  ): boolean {
    const values = ROW.values(next);
    const changed =
      seen === undefined
        ? change(this.#sql.begin, ...values, key, expiresAt, now)
        : change(this.#sql.advance, ...values, expiresAt, key, ...ROW.values(seen));
    return changed === 1;
  }

  clear(key: string): void {
    change(this.#sql.clear, key);
  }

  /** Deletes what is past its end. */
  sweep(now: number, most: number): number {
    return change(this.#sql.sweep, now, most);
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  return {
    find: db.prepare(`SELECT ${ROW.columns} FROM guesses WHERE key = ? AND expires_at > ?`),
    begin: db.prepare(
      `INSERT INTO guesses (${ROW.columns}, key, expires_at) VALUES (${ROW.places}, ?, ?)
       ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, streak = excluded.streak,
         last_at = excluded.last_at, expires_at = excluded.expires_at
       WHERE guesses.expires_at <= ?`,
    ),
    advance: db.prepare(
      `UPDATE guesses SET (${ROW.columns}) = (${ROW.places}), expires_at = ?
       WHERE key = ? AND (${ROW.columns}) = (${ROW.places})`,
    ),
    clear: db.prepare('DELETE FROM guesses WHERE key = ?'),
    sweep: db.prepare(
      'DELETE FROM guesses WHERE key IN (SELECT key FROM guesses WHERE expires_at <= ? LIMIT ?)',
    ),
  };
}
