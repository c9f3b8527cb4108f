import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ActivityRecord, ActivityStore } from '../ports/accounts.ts';
import { allRows, change, Transactions } from './open.ts';
import { ACTIVITY } from '../sql/accounts.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(ACTIVITY);

/** What accounts did, in SQLite. */
export class SqliteActivity implements ActivityStore {
  readonly #add: StatementSync;
  readonly #dropOld: StatementSync;
  readonly #list: StatementSync;
  readonly #transactions: Transactions;

  constructor(db: DatabaseSync) {
    this.#add = db.prepare(
      `WITH fresh (${ROW.columns}) AS (VALUES (${ROW.places}))
       INSERT INTO activity (${ROW.columns}) SELECT * FROM fresh WHERE account IN (SELECT id FROM accounts)`,
    );
    this.#dropOld = db.prepare(
      `DELETE FROM activity WHERE seq IN
         (SELECT seq FROM activity WHERE account = ? ORDER BY at DESC, seq DESC LIMIT -1 OFFSET ?)`,
    );
    this.#list = db.prepare('SELECT * FROM activity WHERE account = ? ORDER BY at DESC, seq DESC LIMIT ?');
    this.#transactions = new Transactions(db);
  }

  add(record: ActivityRecord, most: number): void {
    this.#transactions.run(() => {
      change(this.#add, ...ROW.values(record));
      change(this.#dropOld, record.account, most);
    });
  }

  list(account: string, limit: number): readonly ActivityRecord[] {
    return allRows(this.#list, account, limit).map(ROW.record);
  }
}
