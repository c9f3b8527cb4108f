import type { DatabaseSync } from 'node:sqlite';
import {
  type AccountChange,
  type AccountRecord,
  type AccountStore,
  changedAccount,
} from '../ports/accounts.ts';
import type { OutboxRecord } from '../ports/mail.ts';
import { SHORT_SWEEP_BATCH } from '../storable.ts';
import { SqliteActRequests } from './act-requests.ts';
import { SqliteActivity } from './activity.ts';
import { SqliteApiTokens } from './api-tokens.ts';
import { SqliteGuesses } from './guesses.ts';
import { SqliteIdentities } from './identities.ts';
import { SqliteKnownBrowsers } from './known-browsers.ts';
import { SqliteMailTokens } from './mail-tokens.ts';
import { SqliteOutbox } from './outbox.ts';
import { SqliteStays } from './stays.ts';
import { allRows, change, firstRow, Transactions } from './open.ts';
import { ACCOUNT } from '../sql/accounts.ts';
import { inSqlite } from './rows.ts';

const ROW = inSqlite(ACCOUNT);

/** Accounts in SQLite, shared by every process that opens the file. */
export class SqliteAccounts implements AccountStore {
  readonly mailTokens: SqliteMailTokens;
  readonly outbox: SqliteOutbox;
  readonly guesses: SqliteGuesses;
  readonly knownBrowsers: SqliteKnownBrowsers;
  readonly activity: SqliteActivity;
  readonly identities: SqliteIdentities;
  readonly apiTokens: SqliteApiTokens;
  readonly actRequests: SqliteActRequests;
  readonly stays: SqliteStays;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #transactions: Transactions;

  constructor(db: DatabaseSync) {
    this.outbox = new SqliteOutbox(db);
    this.mailTokens = new SqliteMailTokens(db, this.outbox);
    this.guesses = new SqliteGuesses(db);
    this.knownBrowsers = new SqliteKnownBrowsers(db);
    this.activity = new SqliteActivity(db);
    this.identities = new SqliteIdentities(db);
    this.apiTokens = new SqliteApiTokens(db);
    this.actRequests = new SqliteActRequests(db);
    this.stays = new SqliteStays(db);
    this.#sql = prepare(db);
    this.#transactions = new Transactions(db);
  }

  create(record: AccountRecord): boolean {
    return change(this.#sql.create, ...ROW.values(record)) === 1;
  }

  find(id: string): AccountRecord | undefined {
    const row = firstRow(this.#sql.find, id);
    return row === undefined ? undefined : ROW.record(row);
  }

  findByEmail(emailKey: string): AccountRecord | undefined {
    const row = firstRow(this.#sql.findByEmail, emailKey);
    return row === undefined ? undefined : ROW.record(row);
  }

  change(
    id: string,
    version: number,
    what: AccountChange,
    mail?: OutboxRecord,
  ): 'changed' | 'stale' | 'taken' {
    return this.#transactions.run(() => {
      const record = this.find(id);
      if (record?.version !== version) return 'stale';
      const changed = changedAccount(record, what);
      if (firstRow(this.#sql.taken, changed.emailKey, id) !== undefined) return 'taken';
      change(this.#sql.change, ...ROW.values(changed), id);
      if (mail !== undefined) this.outbox.put(mail);
      return 'changed';
    });
  }

  replacePasswordHash(id: string, verified: string, stronger: string): boolean {
    return change(this.#sql.replacePasswordHash, stronger, id, verified) === 1;
  }

  remove(id: string): boolean {
    return this.#transactions.run(() => {
      this.mailTokens.removeAll(id);
      return change(this.#sql.remove, id) === 1;
    });
  }

  after(id: string | undefined, limit: number): readonly AccountRecord[] {
    const rows = id === undefined ? allRows(this.#sql.first, limit) : allRows(this.#sql.after, id, limit);
    return rows.map(ROW.record);
  }

  afterEmail(emailKey: string | undefined, limit: number): readonly AccountRecord[] {
    const { firstByEmail, afterEmail } = this.#sql;
    const rows = emailKey === undefined ? allRows(firstByEmail, limit) : allRows(afterEmail, emailKey, limit);
    return rows.map(ROW.record);
  }

  sweep(now: number): number {
    const links = this.mailTokens.sweep(now, SHORT_SWEEP_BATCH);
    const guesses = this.guesses.sweep(now, SHORT_SWEEP_BATCH - links);
    const tokens = this.apiTokens.sweep(now, SHORT_SWEEP_BATCH - links - guesses);
    let swept = links + guesses + tokens;
    swept += this.actRequests.sweep(now, SHORT_SWEEP_BATCH - swept);
    return swept + this.stays.sweep(now, SHORT_SWEEP_BATCH - swept);
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the keys below are the type
function prepare(db: DatabaseSync) {
  return {
    create: db.prepare(`INSERT INTO accounts (${ROW.columns}) VALUES (${ROW.places}) ON CONFLICT DO NOTHING`),
    find: db.prepare('SELECT * FROM accounts WHERE id = ?'),
    findByEmail: db.prepare('SELECT * FROM accounts WHERE email_key = ?'),
    taken: db.prepare('SELECT 1 FROM accounts WHERE email_key = ? AND id <> ?'),
    change: db.prepare(`UPDATE accounts SET (${ROW.columns}) = (${ROW.places}) WHERE id = ?`),
    replacePasswordHash: db.prepare(
      'UPDATE accounts SET password_hash = ? WHERE id = ? AND password_hash = ?',
    ),
    remove: db.prepare('DELETE FROM accounts WHERE id = ?'),
    first: db.prepare('SELECT * FROM accounts ORDER BY id LIMIT ?'),
    after: db.prepare('SELECT * FROM accounts WHERE id > ? ORDER BY id LIMIT ?'),
    firstByEmail: db.prepare('SELECT * FROM accounts ORDER BY email_key LIMIT ?'),
    afterEmail: db.prepare('SELECT * FROM accounts WHERE email_key > ? ORDER BY email_key LIMIT ?'),
  };
}
