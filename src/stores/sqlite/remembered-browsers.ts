import type { DatabaseSync } from 'node:sqlite';
import type { RememberedBrowserRecord, RememberedBrowserStore } from '../ports/factors.ts';
import { allRows, change, firstRow, Transactions } from './open.ts';
import { REMEMBERED_BROWSER } from '../sql/factors.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(REMEMBERED_BROWSER);

/** Remembered browsers in SQLite. */
export class SqliteRememberedBrowsers implements RememberedBrowserStore {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #transactions: Transactions;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
    this.#transactions = new Transactions(db);
  }

  put(record: RememberedBrowserRecord, most: number): void {
    const { account } = record;
    this.#transactions.run(() => {
      change(this.#sql.put, ...ROW.values(record));
      change(this.#sql.dropOld, account, account, most);
    });
  }

  find(id: string, now: number): RememberedBrowserRecord | undefined {
    const row = firstRow(this.#sql.find, id, now);
    return row === undefined ? undefined : ROW.record(row);
  }

  rotate(id: string, tokenHash: string, next: string, now: number): boolean {
    return change(this.#sql.rotate, next, now, id, tokenHash, now) === 1;
  }

  list(account: string, now: number): readonly RememberedBrowserRecord[] {
    return allRows(this.#sql.list, account, now).map(ROW.record);
  }

  remove(account: string, id: string): boolean {
    return change(this.#sql.remove, id, account) === 1;
  }

  removeAll(account: string): number {
    return change(this.#sql.removeAll, account);
  }

  /** Deletes what is past its end. */
  sweep(now: number, most: number): number {
    return change(this.#sql.sweep, now, most);
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  return {
    put: db.prepare(`INSERT INTO devices (${ROW.columns}) VALUES (${ROW.places})`),
    dropOld: db.prepare(
      `DELETE FROM devices WHERE account = ? AND id NOT IN
         (SELECT id FROM devices WHERE account = ? ORDER BY created_at DESC, rowid DESC LIMIT ?)`,
    ),
    find: db.prepare('SELECT * FROM devices WHERE id = ? AND expires_at > ?'),
    rotate: db.prepare(
      'UPDATE devices SET token_hash = ?, used_at = ? WHERE id = ? AND token_hash = ? AND expires_at > ?',
    ),
    list: db.prepare(
      'SELECT * FROM devices WHERE account = ? AND expires_at > ? ORDER BY used_at DESC, created_at DESC',
    ),
    remove: db.prepare('DELETE FROM devices WHERE id = ? AND account = ?'),
    removeAll: db.prepare('DELETE FROM devices WHERE account = ?'),
    sweep: db.prepare(
      'DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE expires_at <= ? LIMIT ?)',
    ),
  };
}
