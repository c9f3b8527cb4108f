import type { DatabaseSync } from 'node:sqlite';
import { StoreDownError } from '../../core/errors.ts';
import type {
  Admission,
  Replaced,
  SessionCap,
  SessionChange,
  SessionRecord,
  SessionStore,
} from '../ports/sessions.ts';
import { oldestFirst } from '../oldest-first.ts';
import { MAX_TOKENS, REPLACED_FOR_MS, SHORT_SWEEP_BATCH } from '../storable.ts';
import { SESSION } from '../sql/sessions.ts';
import { allRows, change, firstRow, Transactions } from './open.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(SESSION);

/** Sessions in SQLite, shared by every process that opens the file. */
export class SqliteSessions implements SessionStore {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #transactions: Transactions;

  constructor(db: DatabaseSync) {
    this.#sql = prepare(db);
    this.#transactions = new Transactions(db);
  }

  find(idHash: string, now: number): SessionRecord | undefined {
    const row = firstRow(this.#sql.find, idHash, now);
    return row === undefined ? undefined : ROW.record(row);
  }

  create(record: SessionRecord): void {
    change(this.#sql.create, ...ROW.values(record));
  }

  use(idHash: string, now: number, noteEvery: number): SessionRecord | Replaced | undefined {
    const record = this.find(idHash, now);
    if (record === undefined) return this.#replaced(idHash, now);
    if (now <= record.seenAt || now - record.seenAt < noteEvery) return record;
    const noted = this.#note(idHash, now);
    // Its idle end counts from the note before, which is the stricter one.
    if (noted === undefined) return record;
    // A session that another process ended in between stays ended.
    return noted ? { ...record, seenAt: now } : this.#replaced(idHash, now);
  }

  /** Undefined: somebody else holds the file. Whoever only looks must not be sent away for that. */
  #note(idHash: string, now: number): boolean | undefined {
    try {
      return change(this.#sql.use, now, idHash, now) > 0;
    } catch (error) {
      if (error instanceof StoreDownError) return undefined;
      throw error;
    }
  }

  update(idHash: string, version: number, { data, device }: SessionChange, now: number): boolean {
    return change(this.#sql.update, data, device ?? null, idHash, version, now) === 1;
  }

  replace(idHash: string, record: SessionRecord, now: number): boolean {
    return this.#transactions.run(() => this.#replace(idHash, record, now));
  }

  createWithin(record: SessionRecord, cap: SessionCap, now: number): Admission {
    const { most, endsOldest, replaces } = cap;
    return this.#transactions.run(() => {
      if (replaces !== undefined && this.find(replaces, now) === undefined) return 'over';
      const others = this.list(record.account ?? '', now).filter(({ idHash }) => idHash !== replaces);
      const tooMany = others.length - most + 1;
      if (tooMany > 0 && !endsOldest) return 'full';
      if (replaces === undefined) this.create(record);
      else this.#replace(replaces, record, now);
      const ended = oldestFirst(others).slice(0, Math.max(0, tooMany));
      for (const idHash of ended) this.revoke(idHash);
      return ended;
    });
  }

  revoke(idHash: string): boolean {
    return change(this.#sql.revoke, idHash) === 1;
  }

  revokeAccount(account: string, exceptIdHash?: string): number {
    return change(this.#sql.revokeAccount, account, exceptIdHash ?? null);
  }

  list(account: string, now: number): readonly SessionRecord[] {
    return allRows(this.#sql.list, account, now).map(ROW.record);
  }

  putOnceToken(idHash: string, tokenHash: string, expiresAt: number, now: number): boolean {
    return this.#transactions.run(() => {
      if (change(this.#sql.putOnceToken, tokenHash, expiresAt, idHash, now) === 0) return false;
      change(this.#sql.dropOldTokens, idHash, idHash, MAX_TOKENS);
      return true;
    });
  }

  takeToken(idHash: string, tokenHash: string, now: number): boolean {
    return change(this.#sql.takeToken, idHash, tokenHash, now, idHash, now) === 1;
  }

  sweep(now: number): number {
    let count = 0;
    for (const kind of [this.#sql.sweep, this.#sql.sweepTokens, this.#sql.sweepReplaced]) {
      count += change(kind, now, SHORT_SWEEP_BATCH - count);
    }
    return count;
  }

  count(): number {
    return Number(firstRow(this.#sql.count)?.count);
  }

  #replace(idHash: string, record: SessionRecord, now: number): boolean {
    if (change(this.#sql.end, idHash, now) === 0) return false;
    change(this.#sql.create, ...ROW.values(record));
    change(this.#sql.noteReplaced, idHash, now + REPLACED_FOR_MS);
    return true;
  }

  #replaced(idHash: string, now: number): Replaced | undefined {
    return firstRow(this.#sql.findReplaced, idHash, now) === undefined ? undefined : 'replaced';
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  return {
    find: db.prepare('SELECT * FROM sessions WHERE id_hash = ? AND ends_at > ?'),
    create: db.prepare(`INSERT INTO sessions (${ROW.columns}) VALUES (${ROW.places})`),
    use: db.prepare('UPDATE sessions SET seen_at = max(seen_at, ?) WHERE id_hash = ? AND ends_at > ?'),
    update: db.prepare(
      `UPDATE sessions SET data = ?, device = coalesce(?, device), version = version + 1
       WHERE id_hash = ? AND version = ? AND ends_at > ?`,
    ),
    end: db.prepare('DELETE FROM sessions WHERE id_hash = ? AND ends_at > ?'),
    revoke: db.prepare('DELETE FROM sessions WHERE id_hash = ?'),
    revokeAccount: db.prepare('DELETE FROM sessions WHERE account = ? AND id_hash IS NOT ?'),
    list: db.prepare(
      'SELECT * FROM sessions WHERE account = ? AND ends_at > ? ORDER BY seen_at DESC, created_at DESC',
    ),
    putOnceToken: db.prepare(
      `INSERT INTO tokens (token_hash, expires_at, id_hash)
       SELECT ?, ?, id_hash FROM sessions WHERE id_hash = ? AND ends_at > ?`,
    ),
    dropOldTokens: db.prepare(
      `DELETE FROM tokens WHERE id_hash = ? AND seq NOT IN
         (SELECT seq FROM tokens WHERE id_hash = ? ORDER BY seq DESC LIMIT ?)`,
    ),
    takeToken: db.prepare(
      `DELETE FROM tokens WHERE id_hash = ? AND token_hash = ? AND expires_at > ?
         AND EXISTS (SELECT 1 FROM sessions WHERE id_hash = ? AND ends_at > ?)`,
    ),
    sweep: db.prepare(
      'DELETE FROM sessions WHERE id_hash IN (SELECT id_hash FROM sessions WHERE ends_at <= ? LIMIT ?)',
    ),
    sweepTokens: db.prepare(
      'DELETE FROM tokens WHERE seq IN (SELECT seq FROM tokens WHERE expires_at <= ? LIMIT ?)',
    ),
    noteReplaced: db.prepare('INSERT OR REPLACE INTO replaced (id_hash, expires_at) VALUES (?, ?)'),
    findReplaced: db.prepare('SELECT 1 FROM replaced WHERE id_hash = ? AND expires_at > ?'),
    sweepReplaced: db.prepare(
      'DELETE FROM replaced WHERE id_hash IN (SELECT id_hash FROM replaced WHERE expires_at <= ? LIMIT ?)',
    ),
    count: db.prepare('SELECT count(*) AS count FROM sessions'),
  };
}
