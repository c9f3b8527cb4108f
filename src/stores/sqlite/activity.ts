import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ActivityRecord, ActivityStore } from '../ports/accounts.ts';
import { allRows, change, type Row, Transactions } from './open.ts';

/** What accounts did, in SQLite. */
export class SqliteActivity implements ActivityStore {
  readonly #add: StatementSync;
  readonly #dropOld: StatementSync;
  readonly #list: StatementSync;
  readonly #transactions: Transactions;

  constructor(db: DatabaseSync) {
    this.#add = db.prepare(
      `INSERT INTO activity (at, event, detail, address, user_agent, account)
       SELECT ?, ?, ?, ?, ?, id FROM accounts WHERE id = ?`,
    );
    this.#dropOld = db.prepare(
      `DELETE FROM activity WHERE seq IN
         (SELECT seq FROM activity WHERE account = ? ORDER BY at DESC, seq DESC LIMIT -1 OFFSET ?)`,
    );
    this.#list = db.prepare('SELECT * FROM activity WHERE account = ? ORDER BY at DESC, seq DESC LIMIT ?');
    this.#transactions = new Transactions(db);
  }

  add({ account, at, event, detail, address, userAgent }: ActivityRecord, most: number): void {
    this.#transactions.run(() => {
      change(this.#add, at, event, detail, address, userAgent, account);
      change(this.#dropOld, account, most);
    });
  }

  list(account: string, limit: number): readonly ActivityRecord[] {
    return allRows(this.#list, account, limit).map(toRecord);
  }
}

// The types of the columns are promised by STRICT.
function toRecord(row: Row): ActivityRecord {
  return {
    account: row.account as string,
    at: row.at as number,
    event: row.event as string,
    detail: row.detail as string,
    address: row.address as string,
    userAgent: row.user_agent as string,
  };
}
