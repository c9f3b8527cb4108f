import type { RememberedBrowserRecord, RememberedBrowserStore } from '../ports/factors.ts';
import type { PostgresDatabase } from './open.ts';
import type { PostgresResult } from './pool.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { fromStored, toStored } from './text.ts';

/** Remembered browsers in PostgreSQL. */
export class PostgresRememberedBrowsers implements RememberedBrowserStore {
  readonly #database: PostgresDatabase;
  readonly #sql: Readonly<Record<keyof RememberedBrowserStore, Prepared>>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async put(record: RememberedBrowserRecord, most: number): Promise<void> {
    const { id, account, tokenHash, createdAt, usedAt, expiresAt, address, userAgent } = record;
    const texts = [id, account, tokenHash, address, userAgent].map(toStored);
    await this.#database.query(this.#sql.put(...texts, createdAt, usedAt, expiresAt, most));
  }

  async find(id: string, now: number): Promise<RememberedBrowserRecord | undefined> {
    return recordsOf(await this.#database.query(this.#sql.find(toStored(id), now)))[0];
  }

  async rotate(id: string, tokenHash: string, next: string, now: number): Promise<boolean> {
    const values = [id, tokenHash, next].map(toStored);
    return (await this.#database.query(this.#sql.rotate(...values, now))).rowCount === 1;
  }

  async list(account: string, now: number): Promise<readonly RememberedBrowserRecord[]> {
    return recordsOf(await this.#database.query(this.#sql.list(toStored(account), now)));
  }

  async remove(account: string, id: string): Promise<boolean> {
    return (await this.#database.query(this.#sql.remove(toStored(account), toStored(id)))).rowCount === 1;
  }

  async removeAll(account: string): Promise<number> {
    return (await this.#database.query(this.#sql.removeAll(toStored(account)))).rowCount ?? 0;
  }
}

const COLUMNS = 'id, account, token_hash, address, user_agent, created_at, used_at, expires_at';

function statements(prepare: Prepare): Readonly<Record<keyof RememberedBrowserStore, Prepared>> {
  return {
    put: prepare(
      `WITH dropped AS
         (DELETE FROM @.devices WHERE id IN
            (SELECT id FROM @.devices WHERE account = $2
             ORDER BY created_at DESC, seq DESC OFFSET greatest($9::bigint - 1, 0)))
       INSERT INTO @.devices (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    ),
    find: prepare(`SELECT ${COLUMNS} FROM @.devices WHERE id = $1 AND expires_at > $2`),
    rotate: prepare(
      `UPDATE @.devices SET token_hash = $3, used_at = $4::bigint
       WHERE id = $1 AND token_hash = $2 AND expires_at > $4::bigint`,
    ),
    list: prepare(
      `SELECT ${COLUMNS} FROM @.devices WHERE account = $1 AND expires_at > $2
       ORDER BY used_at DESC, created_at DESC`,
    ),
    remove: prepare('DELETE FROM @.devices WHERE account = $1 AND id = $2'),
    removeAll: prepare('DELETE FROM @.devices WHERE account = $1'),
  };
}

/** A row as PostgreSQL writes it. */
interface Row {
  readonly id: string;
  readonly account: string;
  readonly token_hash: string;
  readonly created_at: string;
  readonly used_at: string;
  readonly expires_at: string;
  readonly address: string;
  readonly user_agent: string;
}

function recordsOf({ rows }: PostgresResult): readonly RememberedBrowserRecord[] {
  return (rows as readonly Row[]).map((row) => ({
    id: fromStored(row.id),
    account: fromStored(row.account),
    tokenHash: fromStored(row.token_hash),
    createdAt: Number(row.created_at),
    usedAt: Number(row.used_at),
    expiresAt: Number(row.expires_at),
    address: fromStored(row.address),
    userAgent: fromStored(row.user_agent),
  }));
}
