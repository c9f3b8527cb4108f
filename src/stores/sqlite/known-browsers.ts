import type { DatabaseSync } from 'node:sqlite';
import type { KnownBrowserRecord, KnownBrowserStore } from '../ports/accounts.ts';
import { allRows, change, firstRow, type Row, Transactions } from './open.ts';

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
    return row === undefined ? undefined : toRecord(row);
  }

  put(record: KnownBrowserRecord, most: number): void {
    const { idHash, account, createdAt, seenAt, address, userAgent } = record;
    this.#transactions.run(() => {
      change(this.#sql.put, idHash, createdAt, seenAt, address, userAgent, account);
      change(this.#sql.dropOld, account, account, idHash, most);
    });
  }

  list(account: string): readonly KnownBrowserRecord[] {
    return allRows(this.#sql.list, account).map(toRecord);
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
      `INSERT INTO known_devices (id_hash, created_at, seen_at, address, user_agent, account)
       SELECT ?, ?, ?, ?, ?, id FROM accounts WHERE id = ?
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
    removeAll: db.prepare('DELETE FROM known_devices WHERE account = ? AND id_hash IS NOT ?'),
  };
}

// The types of the columns are promised by STRICT.
function toRecord(row: Row): KnownBrowserRecord {
  return {
    idHash: row.id_hash as string,
    account: row.account as string,
    createdAt: row.created_at as number,
    seenAt: row.seen_at as number,
    address: row.address as string,
    userAgent: row.user_agent as string,
  };
}
