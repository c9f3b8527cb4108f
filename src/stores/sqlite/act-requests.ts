import type { DatabaseSync } from 'node:sqlite';
import type { ActRequestRecord, ActRequestStore } from '../ports/act-requests.ts';
import { ACT_REQUEST } from '../sql/act-requests.ts';
import { allRows, change, firstRow } from './open.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(ACT_REQUEST);

/** Acts that wait, in SQLite. */
export class SqliteActRequests implements ActRequestStore {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
  }

  ask(record: ActRequestRecord, now: number): boolean {
    return change(this.#sql.ask, ...ROW.values(record), now) === 1;
  }

  find(act: string, id: string, now: number): ActRequestRecord | undefined {
    const row = firstRow(this.#sql.find, act, id, now);
    return row === undefined ? undefined : ROW.record(row);
  }

  about(act: string, account: string, now: number): ActRequestRecord | undefined {
    const row = firstRow(this.#sql.about, account, act, now);
    return row === undefined ? undefined : ROW.record(row);
  }

  take(act: string, id: string, by: string, now: number): ActRequestRecord | undefined {
    const row = firstRow(this.#sql.take, act, id, by, now);
    return row === undefined ? undefined : ROW.record(row);
  }

  replace(id: string, askedAt: number, record: ActRequestRecord, now: number): boolean {
    const { act, account } = record;
    return change(this.#sql.replace, ...ROW.values(record), id, act, account, askedAt, now) === 1;
  }

  remove(act: string, id: string): boolean {
    return change(this.#sql.remove, act, id) === 1;
  }

  list(act: string, after: string | undefined, limit: number, now: number): readonly ActRequestRecord[] {
    return allRows(this.#sql.list, act, after ?? null, now, limit).map(ROW.record);
  }

  /** Deletes what is past its end. Returns how many. */
  sweep(now: number, limit: number): number {
    return change(this.#sql.sweep, now, limit);
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  const names = ROW.columns.split(', ');
  const set = names.map((column) => `${column} = excluded.${column}`);
  return {
    ask: db.prepare(
      `WITH fresh (${ROW.columns}) AS (VALUES (${ROW.places}))
       INSERT INTO act_requests (${ROW.columns}) SELECT * FROM fresh WHERE account IN (SELECT id FROM accounts)
       ON CONFLICT (account, act) DO UPDATE SET ${set.join(', ')} WHERE act_requests.expires_at <= ?`,
    ),
    find: db.prepare('SELECT * FROM act_requests WHERE act = ? AND id = ? AND expires_at > ?'),
    about: db.prepare('SELECT * FROM act_requests WHERE account = ? AND act = ? AND expires_at > ?'),
    take: db.prepare(
      'DELETE FROM act_requests WHERE act = ? AND id = ? AND asked_by <> ? AND expires_at > ? RETURNING *',
    ),
    replace: db.prepare(
      `UPDATE act_requests SET ${names.map((column) => `${column} = ?`).join(', ')}
       WHERE id = ? AND act = ? AND account = ? AND asked_at = ? AND expires_at > ?`,
    ),
    remove: db.prepare('DELETE FROM act_requests WHERE act = ? AND id = ?'),
    list: db.prepare(
      `SELECT * FROM act_requests WHERE act = ? AND id > coalesce(?, '') AND expires_at > ? ORDER BY id LIMIT ?`,
    ),
    sweep: db.prepare(
      'DELETE FROM act_requests WHERE rowid IN (SELECT rowid FROM act_requests WHERE expires_at <= ? LIMIT ?)',
    ),
  };
}
