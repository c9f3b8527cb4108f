import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { RecoveryCodeStore } from '../ports/factors.ts';
import { RECOVERY_CODES } from '../sql/factors.ts';
import { change, firstRow } from './open.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(RECOVERY_CODES);

/**
 * Recovery codes in SQLite: the whole set is one row. As a row for each code, two sets that are made at once would
 * both remain, and twenty codes would work.
 */
export class SqliteRecoveryCodes implements RecoveryCodeStore {
  readonly #replace: StatementSync;
  readonly #take: StatementSync;
  readonly #count: StatementSync;
  readonly #removeAll: StatementSync;

  constructor(db: DatabaseSync) {
    this.#replace = db.prepare(
      `INSERT INTO recovery_codes (${ROW.columns}) VALUES (${ROW.places})
       ON CONFLICT (account) DO UPDATE SET hashes = excluded.hashes, made_at = excluded.made_at`,
    );
    this.#take = db.prepare(
      `UPDATE recovery_codes
       SET hashes = (SELECT json_group_array(value) FROM json_each(recovery_codes.hashes) WHERE value <> ?)
       WHERE account = ? AND EXISTS (SELECT 1 FROM json_each(recovery_codes.hashes) WHERE value = ?)
       RETURNING json_array_length(hashes) AS left`,
    );
    this.#count = db.prepare(
      'SELECT json_array_length(hashes) AS count FROM recovery_codes WHERE account = ?',
    );
    this.#removeAll = db.prepare('DELETE FROM recovery_codes WHERE account = ?');
  }

  replace(account: string, hashes: readonly string[], now: number): void {
    change(this.#replace, ...ROW.values({ account, hashes: [...new Set(hashes)], madeAt: now }));
  }

  take(account: string, hash: string): number | undefined {
    const row = firstRow(this.#take, hash, account, hash);
    return row === undefined ? undefined : Number(row.left);
  }

  count(account: string): number {
    return Number(firstRow(this.#count, account)?.count ?? 0);
  }

  /** Removes the whole set. */
  removeAll(account: string): void {
    change(this.#removeAll, account);
  }
}
