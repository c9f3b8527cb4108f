import type { RememberedBrowserRecord, RememberedBrowserStore } from '../ports/factors.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { toStored } from './text.ts';
import { REMEMBERED_BROWSER } from '../sql/factors.ts';
import { inPostgres } from './rows.ts';

const ROW = inPostgres(REMEMBERED_BROWSER);

/** Remembered browsers in PostgreSQL. */
export class PostgresRememberedBrowsers implements RememberedBrowserStore {
  readonly #database: PostgresDatabase;
  readonly #sql: Readonly<Record<keyof RememberedBrowserStore, Prepared>>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async put(record: RememberedBrowserRecord, most: number): Promise<void> {
    await this.#database.query(this.#sql.put(...ROW.values(record), most));
  }

  async find(id: string, now: number): Promise<RememberedBrowserRecord | undefined> {
    return ROW.records(await this.#database.query(this.#sql.find(toStored(id), now)))[0];
  }

  async rotate(id: string, tokenHash: string, next: string, now: number): Promise<boolean> {
    const values = [id, tokenHash, next].map(toStored);
    return (await this.#database.query(this.#sql.rotate(...values, now))).rowCount === 1;
  }

  async list(account: string, now: number): Promise<readonly RememberedBrowserRecord[]> {
    return ROW.records(await this.#database.query(this.#sql.list(toStored(account), now)));
  }

  async remove(account: string, id: string): Promise<boolean> {
    return (await this.#database.query(this.#sql.remove(toStored(account), toStored(id)))).rowCount === 1;
  }

  async removeAll(account: string): Promise<number> {
    return (await this.#database.query(this.#sql.removeAll(toStored(account)))).rowCount ?? 0;
  }
}

function statements(prepare: Prepare): Readonly<Record<keyof RememberedBrowserStore, Prepared>> {
  return {
    put: prepare(
      `WITH dropped AS
         (DELETE FROM @.devices WHERE id IN
            (SELECT id FROM @.devices WHERE account = $2
             ORDER BY created_at DESC, seq DESC OFFSET greatest($9::bigint - 1, 0)))
       INSERT INTO @.devices (${ROW.columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    ),
    find: prepare(`SELECT ${ROW.columns} FROM @.devices WHERE id = $1 AND expires_at > $2`),
    rotate: prepare(
      `UPDATE @.devices SET token_hash = $3, used_at = $4::bigint
       WHERE id = $1 AND token_hash = $2 AND expires_at > $4::bigint`,
    ),
    list: prepare(
      `SELECT ${ROW.columns} FROM @.devices WHERE account = $1 AND expires_at > $2
       ORDER BY used_at DESC, created_at DESC`,
    ),
    remove: prepare('DELETE FROM @.devices WHERE account = $1 AND id = $2'),
    removeAll: prepare('DELETE FROM @.devices WHERE account = $1'),
  };
}
