import type { DatabaseSync } from 'node:sqlite';
import type { GuessRecord, GuessStore } from '../ports/accounts.ts';
import { change, firstRow } from './open.ts';

/** Counts of wrong passwords in SQLite. Each change is one statement: of two attempts at once one is told to look again. */
export class SqliteGuesses implements GuessStore {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
  }

  find(key: string, now: number): GuessRecord | undefined {
    const row = firstRow(this.#sql.find, key, now);
    if (row === undefined) return undefined;
    // The types of the columns are promised by STRICT.
    return {
      failures: row.failures as number,
      streak: row.streak as number,
      lastAt: row.last_at as number,
    };
  }

  advance(
    key: string,
    seen: GuessRecord | undefined,
    next: GuessRecord,
    expiresAt: number,
    now: number,
  ): boolean {
    const { failures, streak, lastAt } = next;
    const changed =
      seen === undefined
        ? change(this.#sql.begin, key, failures, streak, lastAt, expiresAt, now)
        : change(
            this.#sql.advance,
            failures,
            streak,
            lastAt,
            expiresAt,
            key,
            seen.failures,
            seen.streak,
            seen.lastAt,
          );
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
    find: db.prepare('SELECT failures, streak, last_at FROM guesses WHERE key = ? AND expires_at > ?'),
    begin: db.prepare(
      `INSERT INTO guesses (key, failures, streak, last_at, expires_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, streak = excluded.streak,
         last_at = excluded.last_at, expires_at = excluded.expires_at
       WHERE guesses.expires_at <= ?`,
    ),
    advance: db.prepare(
      `UPDATE guesses SET failures = ?, streak = ?, last_at = ?, expires_at = ?
       WHERE key = ? AND failures = ? AND streak = ? AND last_at = ?`,
    ),
    clear: db.prepare('DELETE FROM guesses WHERE key = ?'),
    sweep: db.prepare(
      'DELETE FROM guesses WHERE key IN (SELECT key FROM guesses WHERE expires_at <= ? LIMIT ?)',
    ),
  };
}
