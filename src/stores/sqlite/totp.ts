import type { DatabaseSync } from 'node:sqlite';
import type { PendingTotp, TotpRecord, TotpStore } from '../ports/factors.ts';
import { PENDING, PENDING_TOTP, TOTP } from '../sql/factors.ts';
import { allRows, change, firstRow, type Row } from './open.ts';
import { inSqlite } from './rows.ts';

const ACTIVE = inSqlite(TOTP);
const WAITING = inSqlite(PENDING_TOTP, PENDING);

/** Authenticator apps in SQLite. Each change is one statement: of two processes that want the same, one gets it. */
export class SqliteTotp implements TotpStore {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
  }

  find(account: string): TotpRecord | undefined {
    const row = firstRow(this.#sql.find, account);
    return row === undefined ? undefined : toRecord(row);
  }

  putPending(account: string, pending: PendingTotp): void {
    change(this.#sql.putPending, account, ...WAITING.values(pending));
  }

  confirm(account: string, id: string, step: number, now: number): boolean {
    return change(this.#sql.confirm, step, now, now, account, id, now) === 1;
  }

  use(account: string, id: string, step: number, now: number): boolean {
    return change(this.#sql.use, step, now, account, id, step) === 1;
  }

  reseal(account: string, id: string, sealed: string, resealed: string): boolean {
    return change(this.#sql.reseal, resealed, account, id, sealed) === 1;
  }

  remove(account: string): boolean {
    return firstRow(this.#sql.remove, account)?.counted === 1;
  }

  after(account: string | undefined, limit: number): readonly TotpRecord[] {
    const rows =
      account === undefined ? allRows(this.#sql.first, limit) : allRows(this.#sql.after, account, limit);
    return rows.map(toRecord);
  }

  /** Deletes what waits for a first code that can no longer come. */
  sweep(now: number, most: number): number {
    const dropped = change(this.#sql.sweepNew, now, most);
    return dropped + change(this.#sql.sweepPending, now, most - dropped);
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  return {
    find: db.prepare('SELECT * FROM totp WHERE account = ?'),
    putPending: db.prepare(
      `INSERT INTO totp (account, ${WAITING.columns}) VALUES (?, ${WAITING.places})
       ON CONFLICT (account) DO UPDATE SET pending_id = excluded.pending_id,
         pending_sealed = excluded.pending_sealed, pending_expires_at = excluded.pending_expires_at`,
    ),
    confirm: db.prepare(
      `UPDATE totp SET id = pending_id, sealed = pending_sealed, last_step = ?, confirmed_at = ?, used_at = ?,
         pending_id = NULL, pending_sealed = NULL, pending_expires_at = NULL
       WHERE account = ? AND pending_id = ? AND pending_expires_at > ?`,
    ),
    use: db.prepare(
      'UPDATE totp SET last_step = ?, used_at = ? WHERE account = ? AND id = ? AND last_step < ?',
    ),
    reseal: db.prepare('UPDATE totp SET sealed = ? WHERE account = ? AND id = ? AND sealed = ?'),
    remove: db.prepare('DELETE FROM totp WHERE account = ? RETURNING id IS NOT NULL AS counted'),
    first: db.prepare('SELECT * FROM totp WHERE id IS NOT NULL ORDER BY account LIMIT ?'),
    after: db.prepare('SELECT * FROM totp WHERE id IS NOT NULL AND account > ? ORDER BY account LIMIT ?'),
    sweepNew: db.prepare(
      `DELETE FROM totp WHERE account IN
         (SELECT account FROM totp WHERE pending_expires_at <= ? AND id IS NULL LIMIT ?)`,
    ),
    sweepPending: db.prepare(
      `UPDATE totp SET pending_id = NULL, pending_sealed = NULL, pending_expires_at = NULL WHERE account IN
         (SELECT account FROM totp WHERE pending_expires_at <= ? AND id IS NOT NULL LIMIT ?)`,
    ),
  };
}

// Columns of one form are set together: without an id there is none.
function toRecord(row: Row): TotpRecord {
  return {
    account: row.account as string,
    active: row.id === null ? undefined : ACTIVE.record(row),
    pending: row.pending_id === null ? undefined : WAITING.record(row),
  };
}
