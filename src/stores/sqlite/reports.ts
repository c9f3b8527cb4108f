import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ReportRecord, type ReportStore, shareOf } from '../ports/reports.ts';
import { keptFirst, REPORT } from '../sql/reports.ts';
import { allRows, change, firstRow, Transactions } from './open.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(REPORT);

/** Groups of reports in SQLite. */
export class SqliteReports implements ReportStore {
  readonly #transactions: Transactions;
  readonly #isThere: StatementSync;
  readonly #add: StatementSync;
  readonly #cut: StatementSync;
  readonly #list: StatementSync;
  readonly #forget: StatementSync;

  constructor(db: DatabaseSync) {
    this.#transactions = new Transactions(db);
    this.#isThere = db.prepare('SELECT 1 FROM reports WHERE key = ?');
    this.#add = db.prepare(
      `INSERT INTO reports (${ROW.columns}) VALUES (${ROW.places})
       ON CONFLICT DO UPDATE SET count = count + excluded.count, clients = clients | excluded.clients,
         first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)`,
    );
    this.#cut = db.prepare(
      `DELETE FROM reports WHERE key IN (${keptFirst('reports', '?')} LIMIT -1 OFFSET ?)`,
    );
    this.#list = db.prepare('SELECT * FROM reports ORDER BY last_at DESC, key');
    this.#forget = db.prepare('DELETE FROM reports WHERE last_at < ?');
  }

  add(groups: readonly ReportRecord[], most: number): readonly string[] {
    return this.#transactions.run(() => {
      const fresh = groups.flatMap(({ key }) => (firstRow(this.#isThere, key) === undefined ? [key] : []));
      for (const group of groups) change(this.#add, ...ROW.values(group));
      if (fresh.length > 0) change(this.#cut, shareOf(most), most);
      return fresh;
    });
  }

  list(): readonly ReportRecord[] {
    return allRows(this.#list).map(ROW.record);
  }

  forget(before: number): number {
    return change(this.#forget, before);
  }
}
