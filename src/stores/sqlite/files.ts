import type { DatabaseSync } from 'node:sqlite';
import type { FilePlace, FileQuota, FileRecord, FileState, FileStore } from '../ports/files.ts';
import { FILE, SEEN } from '../sql/files.ts';
import { SqliteFileShares } from './file-shares.ts';
import { allRows, change, firstRow, Transactions } from './open.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(FILE);

/** Rows of files in SQLite, shared by every process that opens the file. */
export class SqliteFiles implements FileStore {
  readonly shares: SqliteFileShares;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #transactions: Transactions;

  constructor(db: DatabaseSync) {
    this.shares = new SqliteFileShares(db);
    this.#sql = prepare(db);
    this.#transactions = new Transactions(db);
  }

  begin(record: FileRecord): void {
    change(this.#sql.begin, ...ROW.values(record));
  }

  reserve(record: FileRecord, quota: FileQuota): 'kept' | 'full' {
    return this.#transactions.run(() => {
      const { files, bytes } = this.usage(record.owner);
      if (files + 1 > quota.files || bytes + record.size > quota.bytes) return 'full';
      change(this.#sql.count, record.owner, 1, record.size);
      this.begin(record);
      return 'kept';
    });
  }

  partial(id: string): FileRecord | undefined {
    const row = firstRow(this.#sql.partial, id);
    return row === undefined ? undefined : ROW.record(row);
  }

  partials(owner: string, limit: number): readonly FileRecord[] {
    return allRows(this.#sql.partials, owner, limit).map(ROW.record);
  }

  advance(id: string, seen: string, note: string): boolean {
    return change(this.#sql.advance, note, id, seen) === 1;
  }

  renew(id: string, until: number): boolean {
    return change(this.#sql.renew, until, id) === 1;
  }

  complete(
    id: string,
    { size, sha256, state }: Pick<FileRecord, 'size' | 'sha256' | 'state'>,
    quota: FileQuota,
  ): 'kept' | 'full' | 'gone' {
    return this.#transactions.run(() => {
      if (change(this.#sql.whole, sha256, state, id, size) === 1) return 'kept';
      const row = firstRow(this.#sql.arriving, id);
      if (row === undefined) return 'gone';
      const { files, bytes } = this.usage(String(row['owner']));
      if (files + 1 > quota.files || bytes + size > quota.bytes) return 'full';
      change(this.#sql.count, String(row['owner']), 1, size);
      change(this.#sql.complete, size, sha256, state, id);
      return 'kept';
    });
  }

  find(id: string): FileRecord | undefined {
    const row = firstRow(this.#sql.find, id);
    return row === undefined ? undefined : ROW.record(row);
  }

  access(id: string, account: string, now: number): FileRecord | undefined {
    const row = firstRow(this.#sql.access, id, account, now);
    return row === undefined ? undefined : ROW.record(row);
  }

  list(owner: string, behind: FilePlace | undefined, limit: number): readonly FileRecord[] {
    const rows =
      behind === undefined
        ? allRows(this.#sql.first, owner, limit)
        : allRows(this.#sql.next, owner, behind.createdAt, behind.id, limit);
    return rows.map(ROW.record);
  }

  usage(owner: string): FileQuota {
    const { files, bytes } = firstRow(this.#sql.usage, owner) ?? {};
    return { files: Number(files ?? 0), bytes: Number(bytes ?? 0) };
  }

  settle(id: string, seen: FileState, state: FileState, note: string, expiresAt?: number): boolean {
    return this.#transactions.run(() => {
      if (change(this.#sql.settle, state, note, expiresAt ?? null, id, seen) === 0) return false;
      const row = state === 'refused' ? firstRow(this.#sql.find, id) : undefined;
      if (row !== undefined) change(this.#sql.count, String(row['owner']), -1, -Number(row['size']));
      return true;
    });
  }

  remove(owner: string, id: string, until: number): boolean {
    return this.#transactions.run(() => {
      const record = this.find(id);
      if (record?.owner !== owner) return false;
      change(this.#sql.remove, until, id);
      if (record.state !== 'refused') change(this.#sql.count, owner, -1, -record.size);
      this.shares.removeAll(id);
      return true;
    });
  }

  abandoned(now: number, limit: number): readonly FileRecord[] {
    return allRows(this.#sql.abandoned, now, now, limit).map(ROW.record);
  }

  giveUp(id: string, heldBefore: number, until: number): boolean {
    return this.#transactions.run(() => {
      const record = this.partial(id);
      if (change(this.#sql.giveUp, until, id, heldBefore) === 0) return false;
      if (record !== undefined) change(this.#sql.count, record.owner, -1, -record.size);
      return true;
    });
  }

  forget(id: string): boolean {
    return change(this.#sql.forget, id) === 1;
  }

  waiting(behind: string | undefined, limit: number): readonly FileRecord[] {
    return allRows(this.#sql.waiting, behind ?? '', limit).map(ROW.record);
  }

  after(id: string | undefined, limit: number): readonly FileRecord[] {
    return allRows(this.#sql.after, id ?? '', limit).map(ROW.record);
  }

  rekey(id: string, seen: string, sealedKey: string): boolean {
    return change(this.#sql.rekey, sealedKey, id, seen) === 1;
  }
}

const NEWEST = 'ORDER BY created_at DESC, id DESC LIMIT ?';

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  return {
    begin: db.prepare(`INSERT INTO files (${ROW.columns}) VALUES (${ROW.places})`),
    partial: db.prepare("SELECT * FROM files WHERE id = ? AND state = 'partial'"),
    partials: db.prepare(`SELECT * FROM files WHERE owner = ? AND state = 'partial' ${NEWEST}`),
    advance: db.prepare("UPDATE files SET note = ? WHERE id = ? AND note = ? AND state = 'partial'"),
    whole: db.prepare(
      `UPDATE files SET sha256 = ?, state = ?, note = '', held_until = NULL, expires_at = NULL
       WHERE id = ? AND size = ? AND state = 'partial'`,
    ),
    renew: db.prepare("UPDATE files SET held_until = ? WHERE id = ? AND state = 'arriving'"),
    arriving: db.prepare("SELECT owner FROM files WHERE id = ? AND state = 'arriving'"),
    count: db.prepare(
      `INSERT INTO file_usage (owner, files, bytes) VALUES (?, ?, ?)
       ON CONFLICT (owner) DO UPDATE SET files = files + excluded.files, bytes = bytes + excluded.bytes`,
    ),
    complete: db.prepare('UPDATE files SET size = ?, sha256 = ?, state = ?, held_until = NULL WHERE id = ?'),
    find: db.prepare(`SELECT * FROM files WHERE id = ? AND ${SEEN}`),
    access: db.prepare(
      // Shares are asked for first and in any case, so that an id that leads nowhere takes as long as one that does.
      `WITH shared AS MATERIALIZED (SELECT EXISTS
         (SELECT 1 FROM file_shares AS s WHERE s.file = ?1 AND s.account = ?2 AND ?2 <> ''
            AND (s.expires_at IS NULL OR s.expires_at > ?3) AND NOT (s.once AND s.used_at IS NOT NULL)) AS found)
       SELECT f.* FROM shared CROSS JOIN files AS f WHERE f.id = ?1 AND ${SEEN} AND (f.owner = ?2 OR found)`,
    ),
    first: db.prepare(`SELECT * FROM files WHERE owner = ? AND ${SEEN} ${NEWEST}`),
    next: db.prepare(
      `SELECT * FROM files WHERE owner = ? AND (created_at, id) < (?, ?) AND ${SEEN} ${NEWEST}`,
    ),
    usage: db.prepare('SELECT files, bytes FROM file_usage WHERE owner = ?'),
    settle: db.prepare(
      'UPDATE files SET state = ?, note = ?, expires_at = coalesce(?, expires_at) WHERE id = ? AND state = ?',
    ),
    remove: db.prepare("UPDATE files SET state = 'removed', held_until = ? WHERE id = ?"),
    abandoned: db.prepare('SELECT * FROM files WHERE held_until <= ? OR expires_at <= ? LIMIT ?'),
    giveUp: db.prepare(
      `UPDATE files SET state = 'removed', held_until = ?
       WHERE id = ? AND coalesce(held_until, 0) <= ? AND state IN ('arriving', 'partial')`,
    ),
    forget: db.prepare("DELETE FROM files WHERE id = ? AND state = 'removed'"),
    waiting: db.prepare("SELECT * FROM files WHERE state = 'quarantine' AND id > ? ORDER BY id LIMIT ?"),
    after: db.prepare('SELECT * FROM files WHERE id > ? ORDER BY id LIMIT ?'),
    rekey: db.prepare('UPDATE files SET sealed_key = ? WHERE id = ? AND sealed_key = ?'),
  };
}
