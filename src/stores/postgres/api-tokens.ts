import type { ApiTokenRecord, ApiTokenStore } from '../ports/accounts.ts';
import type { PostgresDatabase } from './open.ts';
import type { PostgresResult } from './pool.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { fromStored, toStored } from './text.ts';

/** Tokens of programs in PostgreSQL. */
export class PostgresApiTokens implements ApiTokenStore {
  readonly #database: PostgresDatabase;
  readonly #sql: Readonly<Record<keyof ApiTokenStore, Prepared>>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async add(record: ApiTokenRecord, most: number, now: number): Promise<boolean> {
    const { id, hash, account, name, scopes, hint, usedFrom } = record;
    const texts = [id, hash, account, name, JSON.stringify(scopes), hint, usedFrom].map(toStored);
    const times = [record.createdAt, record.expiresAt, record.usedAt ?? null];
    const { rows } = await this.#database.query(this.#sql.add(...texts, ...times, most, now));
    const [row] = rows as readonly { added: string }[];
    return row?.added === 't';
  }

  async find(hash: string, now: number): Promise<ApiTokenRecord | undefined> {
    return recordsOf(await this.#database.query(this.#sql.find(toStored(hash), now)))[0];
  }

  async noteUse(id: string, address: string, now: number, noteEvery: number): Promise<void> {
    await this.#database.query(this.#sql.noteUse(toStored(id), toStored(address), now, noteEvery));
  }

  async list(account: string): Promise<readonly ApiTokenRecord[]> {
    return recordsOf(await this.#database.bulk(this.#sql.list(toStored(account))));
  }

  async remove(account: string, id: string): Promise<boolean> {
    return (await this.#database.query(this.#sql.remove(toStored(account), toStored(id)))).rowCount === 1;
  }

  async removeAll(account: string): Promise<number> {
    return (await this.#database.bulk(this.#sql.removeAll(toStored(account)))).rowCount ?? 0;
  }
}

const COLUMNS = 'id, hash, account, name, scopes, hint, used_from, created_at, expires_at, used_at';

function statements(prepare: Prepare): Readonly<Record<keyof ApiTokenStore, Prepared>> {
  return {
    add: prepare('SELECT @.add_api_token($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) AS added'),
    find: prepare(`SELECT ${COLUMNS} FROM @.api_tokens WHERE hash = $1 AND expires_at > $2`),
    // A use that is not due, which is nearly every one, takes no lock and writes nothing.
    noteUse: prepare(
      `UPDATE @.api_tokens SET used_at = $3::bigint, used_from = $2
       WHERE id = $1 AND (used_at IS NULL OR (used_at < $3::bigint AND used_at <= $3::bigint - $4::bigint))`,
    ),
    list: prepare(
      `SELECT ${COLUMNS} FROM @.api_tokens AS t WHERE account = $1 ORDER BY t.created_at DESC, t.seq DESC`,
    ),
    remove: prepare('DELETE FROM @.api_tokens WHERE account = $1 AND id = $2'),
    removeAll: prepare('DELETE FROM @.api_tokens WHERE account = $1'),
  };
}

/** A row as PostgreSQL writes it. */
interface Row {
  readonly id: string;
  readonly hash: string;
  readonly account: string;
  readonly name: string;
  readonly scopes: string;
  readonly hint: string;
  readonly used_from: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly used_at: string | null;
}

function recordsOf({ rows }: PostgresResult): readonly ApiTokenRecord[] {
  return (rows as readonly Row[]).map((row) => ({
    id: fromStored(row.id),
    hash: fromStored(row.hash),
    account: fromStored(row.account),
    name: fromStored(row.name),
    scopes: JSON.parse(fromStored(row.scopes)) as string[],
    hint: fromStored(row.hint),
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    usedAt: row.used_at === null ? undefined : Number(row.used_at),
    usedFrom: fromStored(row.used_from),
  }));
}
