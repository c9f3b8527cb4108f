import type { DatabaseSync } from 'node:sqlite';
import { FIRST_USE } from '../../core/bound-to.ts';
import type { ApiTokenRecord, ApiTokenStore } from '../ports/accounts.ts';
import { allRows, change, firstRow } from './open.ts';
import { API_TOKEN } from '../sql/accounts.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(API_TOKEN);

/** Tokens of programs in SQLite. */
export class SqliteApiTokens implements ApiTokenStore {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
  }

  add(record: ApiTokenRecord, most: number, now: number): boolean {
    return change(this.#sql.add, ...ROW.values(record), now, most) === 1;
  }

  find(hash: string, now: number): ApiTokenRecord | undefined {
    const row = firstRow(this.#sql.find, hash, now);
    return row === undefined ? undefined : ROW.record(row);
  }

  noteUse(id: string, address: string, now: number, noteEvery: number): void {
    // A look first: a use that is not due, which is nearly every one, takes no lock.
    const due = [id, now, now - noteEvery];
    if (firstRow(this.#sql.isDue, ...due) !== undefined) change(this.#sql.noteUse, now, address, ...due);
  }

  bind(id: string, jkt: string): string | undefined {
    change(this.#sql.bind, jkt, id, FIRST_USE);
    const row = firstRow(this.#sql.boundTo, id);
    return row === undefined ? undefined : String(row['jkt']);
  }

  list(account: string): readonly ApiTokenRecord[] {
    return allRows(this.#sql.list, account).map(ROW.record);
  }

  remove(account: string, id: string): boolean {
    return change(this.#sql.remove, id, account) === 1;
  }

  removeAll(account: string): number {
    return change(this.#sql.removeAll, account);
  }

  /** Deletes what is past its end. */
  sweep(now: number, most: number): number {
    return change(this.#sql.sweep, now, most);
  }
}

const DUE = 'id = ? AND (used_at IS NULL OR (used_at < ? AND used_at <= ?))';

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  return {
    add: db.prepare(
      `WITH fresh (${ROW.columns}) AS (VALUES (${ROW.places}))
       INSERT INTO api_tokens (${ROW.columns}) SELECT * FROM fresh WHERE account IN (SELECT id FROM accounts)
         AND (SELECT count(*) FROM api_tokens AS t WHERE t.account = fresh.account AND t.expires_at > ?) < ?`,
    ),
    find: db.prepare('SELECT * FROM api_tokens WHERE hash = ? AND expires_at > ?'),
    isDue: db.prepare(`SELECT 1 FROM api_tokens WHERE ${DUE}`),
    noteUse: db.prepare(`UPDATE api_tokens SET used_at = ?, used_from = ? WHERE ${DUE}`),
    bind: db.prepare('UPDATE api_tokens SET jkt = ? WHERE id = ? AND (jkt IS NULL OR jkt = ?)'),
    boundTo: db.prepare('SELECT jkt FROM api_tokens WHERE id = ? AND jkt IS NOT NULL'),
    list: db.prepare('SELECT * FROM api_tokens WHERE account = ? ORDER BY created_at DESC, seq DESC'),
    remove: db.prepare('DELETE FROM api_tokens WHERE id = ? AND account = ?'),
    removeAll: db.prepare('DELETE FROM api_tokens WHERE account = ?'),
    sweep: db.prepare(
      'DELETE FROM api_tokens WHERE seq IN (SELECT seq FROM api_tokens WHERE expires_at <= ? LIMIT ?)',
    ),
  };
}
