import type { DatabaseSync } from 'node:sqlite';
import type { IdentityRecord, IdentityStore } from '../ports/accounts.ts';
import { allRows, change, firstRow, type Row } from './open.ts';

/** Accounts at other services, in SQLite. */
export class SqliteIdentities implements IdentityStore {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
  }

  find(issuer: string, subject: string): IdentityRecord | undefined {
    const row = firstRow(this.#sql.find, issuer, subject);
    return row === undefined ? undefined : toRecord(row);
  }

  add({ issuer, subject, account, label, linkedAt, usedAt }: IdentityRecord): boolean {
    return change(this.#sql.add, issuer, subject, label, linkedAt, usedAt ?? null, account) === 1;
  }

  use(issuer: string, subject: string, now: number): boolean {
    return change(this.#sql.use, now, issuer, subject) === 1;
  }

  list(account: string): readonly IdentityRecord[] {
    return allRows(this.#sql.list, account).map(toRecord);
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
      `INSERT INTO identities (issuer, subject, label, linked_at, used_at, account)
       SELECT ?, ?, ?, ?, ?, id FROM accounts WHERE id = ? ON CONFLICT DO NOTHING`,
    ),
    use: db.prepare('UPDATE identities SET used_at = ? WHERE issuer = ? AND subject = ?'),
    list: db.prepare('SELECT * FROM identities WHERE account = ? ORDER BY linked_at, rowid'),
    remove: db.prepare('DELETE FROM identities WHERE issuer = ? AND subject = ? AND account = ?'),
  };
}

// The types of the columns are promised by STRICT.
function toRecord(row: Row): IdentityRecord {
  return {
    issuer: row.issuer as string,
    subject: row.subject as string,
    account: row.account as string,
    label: row.label as string,
    linkedAt: row.linked_at as number,
    usedAt: (row.used_at as number | null) ?? undefined,
  };
}
