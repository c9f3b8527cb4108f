import type { DatabaseSync } from 'node:sqlite';
import type { KnownBrowserRecord, KnownBrowserStore } from '../ports/accounts.ts';
import { allRows, change, firstRow, Transactions } from './open.ts';
import { KNOWN_BROWSER } from '../sql/accounts.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(KNOWN_BROWSER);

/** Browsers that accounts are known to use, in SQLite. */
export class SqliteKnownBrowsers implements KnownBrowserStore {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #transactions: Transactions;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
    this.#transactions = new Transactions(db);
  }

  find(account: string, idHash: string): KnownBrowserRecord | undefined {
    const row = firstRow(this.#sql.find, account, idHash);
    return row === undefined ? undefined : ROW.record(row);
  }

  put(record: KnownBrowserRecord, most: number): void {
    const { idHash, account } = record;
    this.#transactions.run(() => {
      change(this.#sql.put, ...ROW.values(record));
      change(this.#sql.dropOld, account, account, idHash, most);
    });
  }

  list(account: string): readonly KnownBrowserRecord[] {
    return allRows(this.#sql.list, account).map(ROW.record);
  }

  rename(account: string, idHash: string, name: string): boolean {
    return change(this.#sql.rename, name, account, idHash) === 1;
  }

  removeAll(account: string, exceptIdHash?: string): number {
    return change(this.#sql.removeAll, account, exceptIdHash ?? null);
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  return {
    find: db.prepare('SELECT * FROM known_devices WHERE account = ? AND id_hash = ?'),
    put: db.prepare(
      `WITH fresh (${ROW.columns}) AS (VALUES (${ROW.places}))
       INSERT INTO known_devices (${ROW.columns}) SELECT * FROM fresh WHERE account IN (SELECT id FROM accounts)
       ON CONFLICT (account, id_hash) DO UPDATE
         SET seen_at = excluded.seen_at, address = excluded.address, user_agent = excluded.user_agent
         WHERE excluded.seen_at >= known_devices.seen_at`,
    ),
    // Of several that were last used at one moment, the one at hand is kept.
    dropOld: db.prepare(
      `DELETE FROM known_devices WHERE account = ? AND id_hash NOT IN
         (SELECT id_hash FROM known_devices WHERE account = ? ORDER BY seen_at DESC, id_hash = ? DESC LIMIT ?)`,
    ),
    list: db.prepare('SELECT * FROM known_devices WHERE account = ? ORDER BY seen_at DESC, created_at DESC'),
    rename: db.prepare('UPDATE known_devices SET name = ? WHERE account = ? AND id_hash = ?'),
    removeAll: db.prepare('DELETE FROM known_devices WHERE account = ? AND id_hash IS NOT ?'),
  };
}
