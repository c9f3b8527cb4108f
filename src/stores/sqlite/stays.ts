import type { DatabaseSync } from 'node:sqlite';
import type { StayRecord, StayStore, StayUse } from '../ports/stays.ts';
import { allRows, change, firstRow, Transactions } from './open.ts';
import { STAY } from '../sql/stays.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(STAY);

/** Browsers that stay signed in, in SQLite. */
export class SqliteStays implements StayStore {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #transactions: Transactions;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
    this.#transactions = new Transactions(db);
  }

  put(record: StayRecord, most: number): void {
    const { account } = record;
    this.#transactions.run(() => {
      change(this.#sql.put, ...ROW.values(record));
      change(this.#sql.dropOld, account, account, most);
    });
  }

  find(id: string, now: number): StayRecord | undefined {
    const row = firstRow(this.#sql.find, id, now);
    return row === undefined ? undefined : ROW.record(row);
  }

  rotate(id: string, tokenHash: string, { next, address, now }: StayUse): boolean {
    return change(this.#sql.rotate, next, address, now, id, tokenHash, now) === 1;
  }

  list(account: string, now: number): readonly StayRecord[] {
    return allRows(this.#sql.list, account, now).map(ROW.record);
  }

  remove(account: string, id: string): boolean {
    return change(this.#sql.remove, id, account) === 1;
  }

  removeAll(account: string, exceptId?: string): number {
    return change(this.#sql.removeAll, account, exceptId ?? null);
  }

  /** Deletes what is past its end. */
  sweep(now: number, most: number): number {
    return change(this.#sql.sweep, now, most);
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  return {
    put: db.prepare(
      `WITH fresh (${ROW.columns}) AS (VALUES (${ROW.places}))
       INSERT INTO stays (${ROW.columns}) SELECT * FROM fresh WHERE account IN (SELECT id FROM accounts)`,
    ),
    dropOld: db.prepare(
      `DELETE FROM stays WHERE account = ? AND id NOT IN
         (SELECT id FROM stays WHERE account = ? ORDER BY created_at DESC, seq DESC LIMIT ?)`,
    ),
    find: db.prepare(`SELECT ${ROW.columns} FROM stays WHERE id = ? AND expires_at > ?`),
    rotate: db.prepare(
      'UPDATE stays SET token_hash = ?, address = ?, used_at = ? WHERE id = ? AND token_hash = ? AND expires_at > ?',
    ),
    list: db.prepare(
      `SELECT ${ROW.columns} FROM stays WHERE account = ? AND expires_at > ? ORDER BY used_at DESC, created_at DESC`,
    ),
    remove: db.prepare('DELETE FROM stays WHERE id = ? AND account = ?'),
    removeAll: db.prepare('DELETE FROM stays WHERE account = ? AND id IS NOT ?'),
    sweep: db.prepare('DELETE FROM stays WHERE id IN (SELECT id FROM stays WHERE expires_at <= ? LIMIT ?)'),
  };
}
