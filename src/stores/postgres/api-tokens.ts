import { FIRST_USE } from '../../core/bound-to.ts';
import type { ApiTokenRecord, ApiTokenStore } from '../ports/accounts.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { toStored } from './text.ts';
import { API_TOKEN } from '../sql/accounts.ts';
import { inPostgres } from './rows.ts';

const ROW = inPostgres(API_TOKEN);

/** Tokens of programs in PostgreSQL. */
export class PostgresApiTokens implements ApiTokenStore {
  readonly #database: PostgresDatabase;
  readonly #sql: Readonly<Record<keyof ApiTokenStore, Prepared>>;
  readonly #boundTo: Prepared;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
    this.#boundTo = prepare('SELECT jkt FROM @.api_tokens WHERE id = $1 AND jkt IS NOT NULL');
  }

  async add(record: ApiTokenRecord, most: number, now: number): Promise<boolean> {
    const { rows } = await this.#database.query(this.#sql.add(...ROW.values(record), most, now));
    const [row] = rows as readonly { added: string }[];
    return row?.added === 't';
  }

  async find(hash: string, now: number): Promise<ApiTokenRecord | undefined> {
    return ROW.records(await this.#database.query(this.#sql.find(toStored(hash), now)))[0];
  }

  async noteUse(id: string, address: string, now: number, noteEvery: number): Promise<void> {
    await this.#database.query(this.#sql.noteUse(toStored(id), toStored(address), now, noteEvery));
  }

  async bind(id: string, jkt: string): Promise<string | undefined> {
    await this.#database.query(this.#sql.bind(toStored(id), toStored(jkt), FIRST_USE));
    const { rows } = await this.#database.query(this.#boundTo(toStored(id)));
    const [row] = rows as readonly { jkt: string }[];
    return row?.jkt;
  }

  async list(account: string): Promise<readonly ApiTokenRecord[]> {
    return ROW.records(await this.#database.bulk(this.#sql.list(toStored(account))));
  }

  async remove(account: string, id: string): Promise<boolean> {
    return (await this.#database.query(this.#sql.remove(toStored(account), toStored(id)))).rowCount === 1;
  }

  async removeAll(account: string): Promise<number> {
    return (await this.#database.bulk(this.#sql.removeAll(toStored(account)))).rowCount ?? 0;
  }
}

function statements(prepare: Prepare): Readonly<Record<keyof ApiTokenStore, Prepared>> {
  return {
    add: prepare('SELECT @.add_api_token($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS added'),
    find: prepare(`SELECT ${ROW.columns} FROM @.api_tokens WHERE hash = $1 AND expires_at > $2`),
    // A use that is not due, which is nearly every one, takes no lock and writes nothing.
    noteUse: prepare(
      `UPDATE @.api_tokens SET used_at = $3::bigint, used_from = $2
       WHERE id = $1 AND (used_at IS NULL OR (used_at < $3::bigint AND used_at <= $3::bigint - $4::bigint))`,
    ),
    bind: prepare('UPDATE @.api_tokens SET jkt = $2 WHERE id = $1 AND (jkt IS NULL OR jkt = $3)'),
    list: prepare(
      `SELECT ${ROW.columns} FROM @.api_tokens AS t WHERE account = $1 ORDER BY t.created_at DESC, t.seq DESC`,
    ),
    remove: prepare('DELETE FROM @.api_tokens WHERE account = $1 AND id = $2'),
    removeAll: prepare('DELETE FROM @.api_tokens WHERE account = $1'),
  };
}
