import type { DatabaseSync } from 'node:sqlite';
import type { IdentityRecord, IdentityStore } from '../ports/accounts.ts';
import { allRows, change, firstRow } from './open.ts';
import { IDENTITY } from '../sql/accounts.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(IDENTITY);

/** Accounts at other services, in SQLite. */
export class SqliteIdentities implements IdentityStore {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
  }

  find(issuer: string, subject: string): IdentityRecord | undefined {
    const row = firstRow(this.#sql.find, issuer, subject);
    return row === undefined ? undefined : ROW.record(row);
  }

  add(record: IdentityRecord): boolean {
    return change(this.#sql.add, ...ROW.values(record)) === 1;
  }

  use(issuer: string, subject: string, now: number): boolean {
    return change(this.#sql.use, now, issuer, subject) === 1;
  }

  list(account: string): readonly IdentityRecord[] {
    return allRows(this.#sql.list, account).map(ROW.record);
  }

  remove(account: string, issuer: string, subject: string): boolean {
    return change(this.#sql.remove, issuer, subject, account) === 1;
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  return {
    find: db.prepare('SELECT * FROM identities WHERE issuer = ? AND subject = ?'),
    add: db.prepare(
      `WITH fresh (${ROW.columns}) AS (VALUES (${ROW.places}))
       INSERT INTO identities (${ROW.columns}) SELECT * FROM fresh WHERE account IN (SELECT id FROM accounts)
       ON CONFLICT DO NOTHING`,
    ),
    use: db.prepare('UPDATE identities SET used_at = ? WHERE issuer = ? AND subject = ?'),
    list: db.prepare('SELECT * FROM identities WHERE account = ? ORDER BY linked_at, rowid'),
    remove: db.prepare('DELETE FROM identities WHERE issuer = ? AND subject = ? AND account = ?'),
  };
}
