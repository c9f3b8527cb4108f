import type { StayRecord, StayStore, StayUse } from '../ports/stays.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { toStored } from './text.ts';
import { STAY } from '../sql/stays.ts';
import { inPostgres } from './rows.ts';

const ROW = inPostgres(STAY);

/** Browsers that stay signed in, in PostgreSQL. */
export class PostgresStays implements StayStore {
  readonly #database: PostgresDatabase;
  readonly #sql: Readonly<Record<keyof StayStore, Prepared>>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async put(record: StayRecord, most: number): Promise<void> {
    await this.#database.query(this.#sql.put(...ROW.values(record), most));
  }

  async find(id: string, now: number): Promise<StayRecord | undefined> {
    return ROW.records(await this.#database.query(this.#sql.find(toStored(id), now)))[0];
  }

  async rotate(id: string, tokenHash: string, { next, address, now }: StayUse): Promise<boolean> {
    const values = [id, tokenHash, next, address].map(toStored);
    return (await this.#database.query(this.#sql.rotate(...values, now))).rowCount === 1;
  }

  async list(account: string, now: number): Promise<readonly StayRecord[]> {
    return ROW.records(await this.#database.query(this.#sql.list(toStored(account), now)));
  }

  async remove(account: string, id: string): Promise<boolean> {
    return (await this.#database.query(this.#sql.remove(toStored(account), toStored(id)))).rowCount === 1;
  }

  async removeAll(account: string, exceptId?: string): Promise<number> {
    const except = exceptId === undefined ? null : toStored(exceptId);
    return (await this.#database.query(this.#sql.removeAll(toStored(account), except))).rowCount ?? 0;
  }
}

function statements(prepare: Prepare): Readonly<Record<keyof StayStore, Prepared>> {
  return {
    put: prepare('SELECT @.put_stay($1, $2, $3, $4, $5, $6, $7, $8, $9)'),
    find: prepare(`SELECT ${ROW.columns} FROM @.stays WHERE id = $1 AND expires_at > $2`),
    rotate: prepare(
      `UPDATE @.stays SET token_hash = $3, address = $4, used_at = $5::bigint
       WHERE id = $1 AND token_hash = $2 AND expires_at > $5::bigint`,
    ),
    list: prepare(
      `SELECT ${ROW.columns} FROM @.stays WHERE account = $1 AND expires_at > $2
       ORDER BY used_at DESC, created_at DESC`,
    ),
    remove: prepare('DELETE FROM @.stays WHERE account = $1 AND id = $2'),
    removeAll: prepare('DELETE FROM @.stays WHERE account = $1 AND id IS DISTINCT FROM $2'),
  };
}
