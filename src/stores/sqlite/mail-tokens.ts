import type { DatabaseSync } from 'node:sqlite';
import type { MailTokenRecord, MailTokenStore, OutboxRecord } from '../ports/mail.ts';
import { change, firstRow, Transactions } from './open.ts';
import type { SqliteOutbox } from './outbox.ts';
import { MAIL_TOKEN } from '../sql/accounts.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(MAIL_TOKEN);

/** Links that were mailed, in SQLite. */
export class SqliteMailTokens implements MailTokenStore {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #transactions: Transactions;
  readonly #outbox: SqliteOutbox;

  /** @param outbox - in the same database, so that one transaction holds both */
  constructor(db: DatabaseSync, outbox: SqliteOutbox) {
    this.#outbox = outbox;
    this.#sql = prepare(db);
    this.#transactions = new Transactions(db);
  }

  put(token: MailTokenRecord, most: number, mail?: OutboxRecord): void {
    const { subject, purpose } = token;
    this.#transactions.run(() => {
      change(this.#sql.put, ...ROW.values(token));
      change(this.#sql.dropOld, subject, purpose, subject, purpose, most);
      if (mail !== undefined) this.#outbox.put(mail);
    });
  }

  find(hash: string, purpose: string, now: number): MailTokenRecord | undefined {
    const row = firstRow(this.#sql.find, hash, purpose, now);
    return row === undefined ? undefined : ROW.record(row);
  }

  take(hash: string, purpose: string, now: number): MailTokenRecord | undefined {
    const row = firstRow(this.#sql.take, hash, purpose, now);
    return row === undefined ? undefined : ROW.record(row);
  }

  removeAll(subject: string): number {
    return change(this.#sql.removeAll, subject);
  }

  /** Deletes what is past its end. */
  sweep(now: number, most: number): number {
    return change(this.#sql.sweep, now, most);
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  return {
    put: db.prepare(`INSERT INTO mail_tokens (${ROW.columns}) VALUES (${ROW.places})`),
    dropOld: db.prepare(
      `DELETE FROM mail_tokens WHERE subject = ? AND purpose = ? AND seq NOT IN
         (SELECT seq FROM mail_tokens WHERE subject = ? AND purpose = ? ORDER BY seq DESC LIMIT ?)`,
    ),
    find: db.prepare('SELECT * FROM mail_tokens WHERE hash = ? AND purpose = ? AND expires_at > ?'),
    take: db.prepare('DELETE FROM mail_tokens WHERE hash = ? AND purpose = ? AND expires_at > ? RETURNING *'),
    removeAll: db.prepare('DELETE FROM mail_tokens WHERE subject = ?'),
    sweep: db.prepare(
      'DELETE FROM mail_tokens WHERE seq IN (SELECT seq FROM mail_tokens WHERE expires_at <= ? LIMIT ?)',
    ),
  };
}
