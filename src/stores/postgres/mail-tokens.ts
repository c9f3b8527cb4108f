import type { MailTokenRecord, MailTokenStore, OutboxRecord } from '../ports/mail.ts';
import type { PostgresDatabase } from './open.ts';
import { OUTBOX_COLUMNS, outboxValues } from './outbox.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { toStored } from './text.ts';
import { MAIL_TOKEN } from '../sql/accounts.ts';
import { inPostgres } from './rows.ts';

const ROW = inPostgres(MAIL_TOKEN);

/** Links that were mailed, in PostgreSQL. */
export class PostgresMailTokens implements MailTokenStore {
  readonly #database: PostgresDatabase;
  readonly #sql: Readonly<Record<keyof MailTokenStore | 'putMailed', Prepared>>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async put(token: MailTokenRecord, most: number, mail?: OutboxRecord): Promise<void> {
    const values = [...ROW.values(token), most];
    const statement =
      mail === undefined ? this.#sql.put(...values) : this.#sql.putMailed(...values, ...outboxValues(mail));
    await this.#database.query(statement);
  }

  async find(hash: string, purpose: string, now: number): Promise<MailTokenRecord | undefined> {
    return this.#get(this.#sql.find, hash, purpose, now);
  }

  async take(hash: string, purpose: string, now: number): Promise<MailTokenRecord | undefined> {
    return this.#get(this.#sql.take, hash, purpose, now);
  }

  async removeAll(subject: string): Promise<number> {
    return (await this.#database.query(this.#sql.removeAll(toStored(subject)))).rowCount ?? 0;
  }

  async #get(
    statement: Prepared,
    hash: string,
    purpose: string,
    now: number,
  ): Promise<MailTokenRecord | undefined> {
    return ROW.records(await this.#database.query(statement(toStored(hash), toStored(purpose), now)))[0];
  }
}

function statements(prepare: Prepare): Readonly<Record<keyof MailTokenStore | 'putMailed', Prepared>> {
  return {
    put: prepare('SELECT @.put_mail_token($1, $2, $3, $4, $5, $6)'),
    putMailed: prepare(
      `WITH kept AS MATERIALIZED (SELECT @.put_mail_token($1, $2, $3, $4, $5, $6))
       INSERT INTO @.outbox (${OUTBOX_COLUMNS}) SELECT $7, $8, $9::bigint, $10::bigint, $11::bigint FROM kept`,
    ),
    find: prepare(
      `SELECT ${ROW.columns} FROM @.mail_tokens WHERE hash = $1 AND purpose = $2 AND expires_at > $3`,
    ),
    take: prepare(
      `DELETE FROM @.mail_tokens WHERE hash = $1 AND purpose = $2 AND expires_at > $3 RETURNING ${ROW.columns}`,
    ),
    removeAll: prepare('DELETE FROM @.mail_tokens WHERE subject = $1'),
  };
}
