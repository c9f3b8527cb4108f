import type { DatabaseSync } from 'node:sqlite';
import type { ActRequestRecord, ActRequestStore } from '../ports/act-requests.ts';
import { ACT_REQUEST } from '../sql/act-requests.ts';
import { allRows, change, firstRow } from './open.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(ACT_REQUEST);

/** Acts that wait for a second operator, in SQLite. */
export class SqliteActRequests implements ActRequestStore {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
  }

  ask(record: ActRequestRecord, now: number): boolean {
    return change(this.#sql.ask, ...ROW.values(record), now) === 1;
  }

  find(id: string, now: number): ActRequestRecord | undefined {
    const row = firstRow(this.#sql.find, id, now);
    return row === undefined ? undefined : ROW.record(row);
  }

  take(id: string, by: string, now: number): ActRequestRecord | undefined {
    const row = firstRow(this.#sql.take, id, by, now);
    return row === undefined ? undefined : ROW.record(row);
  }

  remove(id: string): boolean {
    return change(this.#sql.remove, id) === 1;
  }

  list(after: string | undefined, limit: number, now: number): readonly ActRequestRecord[] {
    return allRows(this.#sql.list, after ?? null, now, limit).map(ROW.record);
  }

  /** Deletes what is past its end. Returns how many. */
  sweep(now: number, limit: number): number {
    return change(this.#sql.sweep, now, limit);
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  const set = ROW.columns.split(', ').map((column) => `${column} = excluded.${column}`);
  return {
    ask: db.prepare(
      `WITH fresh (${ROW.columns}) AS (VALUES (${ROW.places}))
       INSERT INTO act_requests (${ROW.columns}) SELECT * FROM fresh WHERE account IN (SELECT id FROM accounts)
       ON CONFLICT (account, act) DO UPDATE SET ${set.join(', ')} WHERE act_requests.expires_at <= ?`,
    ),
    find: db.prepare('SELECT * FROM act_requests WHERE id = ? AND expires_at > ?'),
    take: db.prepare(
      'DELETE FROM act_requests WHERE id = ? AND asked_by <> ? AND expires_at > ? RETURNING *',
    ),
    remove: db.prepare('DELETE FROM act_requests WHERE id = ?'),
    list: db.prepare(
      `SELECT * FROM act_requests WHERE id > coalesce(?, '') AND expires_at > ? ORDER BY id LIMIT ?`,
    ),
    sweep: db.prepare(
      'DELETE FROM act_requests WHERE rowid IN (SELECT rowid FROM act_requests WHERE expires_at <= ? LIMIT ?)',
    ),
  };
}
