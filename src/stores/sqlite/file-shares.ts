import type { DatabaseSync } from 'node:sqlite';
import type { FilePlace, FileShareRecord, FileShareStore, SharedFile } from '../ports/files.ts';
import { FILE, FILE_SHARE, SEEN } from '../sql/files.ts';
import { allRows, change, firstRow, type Row, Transactions } from './open.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(FILE_SHARE);
const FILE_ROW = inSqlite(FILE);

/** Who else may have files, in SQLite. */
export class SqliteFileShares implements FileShareStore {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #transactions: Transactions;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
    this.#transactions = new Transactions(db);
  }

  add(share: FileShareRecord, most: number, now: number): boolean {
    const { file, account } = share;
    return this.#transactions.run(() => {
      if (firstRow(this.#sql.isThere, file) === undefined) return false;
      change(this.#sql.dead, file, now);
      const { others } = firstRow(this.#sql.others, file, account, now) ?? {};
      if (Number(others) >= most) return false;
      change(this.#sql.replaced, file, account);
      change(this.#sql.add, ...ROW.values(share));
      return true;
    });
  }

  find(id: string, now: number): SharedFile | undefined {
    const row = firstRow(this.#sql.find, id, now);
    return row === undefined ? undefined : sharedOf(row);
  }

  use(id: string, now: number): boolean {
    return change(this.#sql.use, now, id, now) === 1;
  }

  list(file: string, now: number): readonly FileShareRecord[] {
    return allRows(this.#sql.list, file, now).map(ROW.record);
  }

  listWith(
    account: string,
    behind: FilePlace | undefined,
    limit: number,
    now: number,
  ): readonly SharedFile[] {
    const rows =
      behind === undefined
        ? allRows(this.#sql.first, account, now, limit)
        : allRows(this.#sql.next, account, now, behind.createdAt, behind.id, limit);
    return rows.map(sharedOf);
  }

  remove(file: string, id: string): boolean {
    return change(this.#sql.remove, id, file) === 1;
  }

  /** Removes every share of a file. */
  removeAll(file: string): void {
    change(this.#sql.removeAll, file);
  }
}

const LIVE = '(s.expires_at IS NULL OR s.expires_at > ?) AND NOT (s.once AND s.used_at IS NOT NULL)';
/** A share and its file share names of columns. */
const BOTH = `f.*, ${ROW.columns
  .split(', ')
  .map((column) => `s.${column} AS share_${column}`)
  .join(', ')} FROM file_shares AS s JOIN files AS f ON f.id = s.file AND f.${SEEN}`;
const SHARE_ROW = inSqlite(FILE_SHARE, 'share_');

function sharedOf(row: Row): SharedFile {
  return { file: FILE_ROW.record(row), share: SHARE_ROW.record(row) };
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  const newest = 'ORDER BY s.created_at DESC, s.id DESC';
  const given = `SELECT ${BOTH} WHERE s.account = ? AND s.account <> '' AND ${LIVE}`;
  return {
    isThere: db.prepare(`SELECT 1 FROM files WHERE id = ? AND ${SEEN}`),
    others: db.prepare(
      `SELECT count(*) AS others FROM file_shares AS s
       WHERE s.file = ? AND (s.account = '' OR s.account <> ?) AND ${LIVE}`,
    ),
    dead: db.prepare(`DELETE FROM file_shares AS s WHERE s.file = ? AND NOT (${LIVE})`),
    replaced: db.prepare("DELETE FROM file_shares WHERE file = ? AND account = ? AND account <> ''"),
    add: db.prepare(`INSERT INTO file_shares (${ROW.columns}) VALUES (${ROW.places})`),
    find: db.prepare(`SELECT ${BOTH} WHERE s.id = ? AND ${LIVE}`),
    use: db.prepare(`UPDATE file_shares AS s SET used_at = ? WHERE s.id = ? AND ${LIVE}`),
    list: db.prepare(`SELECT * FROM file_shares AS s WHERE s.file = ? AND ${LIVE} ${newest}`),
    first: db.prepare(`${given} ${newest} LIMIT ?`),
    next: db.prepare(`${given} AND (s.created_at, s.id) < (?, ?) ${newest} LIMIT ?`),
    remove: db.prepare('DELETE FROM file_shares WHERE id = ? AND file = ?'),
    removeAll: db.prepare('DELETE FROM file_shares WHERE file = ?'),
  };
}
