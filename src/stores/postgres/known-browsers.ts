import type { KnownBrowserRecord, KnownBrowserStore } from '../ports/accounts.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { toStored } from './text.ts';
import { KNOWN_BROWSER } from '../sql/accounts.ts';
import { inPostgres } from './rows.ts';

const ROW = inPostgres(KNOWN_BROWSER);

/** Browsers that accounts are known to use, in PostgreSQL. */
export class PostgresKnownBrowsers implements KnownBrowserStore {
  readonly #database: PostgresDatabase;
  readonly #sql: Readonly<Record<keyof KnownBrowserStore, Prepared>>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async find(account: string, idHash: string): Promise<KnownBrowserRecord | undefined> {
    const statement = this.#sql.find(toStored(account), toStored(idHash));
    return ROW.records(await this.#database.query(statement))[0];
  }

  async put(record: KnownBrowserRecord, most: number): Promise<void> {
    const statement = this.#sql.put(...ROW.values(record), most);
    await this.#database.query(statement);
  }

  async list(account: string): Promise<readonly KnownBrowserRecord[]> {
    return ROW.records(await this.#database.query(this.#sql.list(toStored(account))));
  }

  async rename(account: string, idHash: string, name: string): Promise<boolean> {
    const values = [account, idHash, name].map(toStored);
    return (await this.#database.query(this.#sql.rename(...values))).rowCount === 1;
  }

  async removeAll(account: string, exceptIdHash?: string): Promise<number> {
    const except = exceptIdHash === undefined ? null : toStored(exceptIdHash);
    return (await this.#database.query(this.#sql.removeAll(toStored(account), except))).rowCount ?? 0;
  }
}

function statements(prepare: Prepare): Readonly<Record<keyof KnownBrowserStore, Prepared>> {
  return {
    find: prepare(`SELECT ${ROW.columns} FROM @.known_devices WHERE account = $1 AND id_hash = $2`),
    put: prepare('SELECT @.put_known_device($1, $2, $3, $4, $5, $6, $7, $8)'),
    list: prepare(
      `SELECT ${ROW.columns} FROM @.known_devices AS d WHERE account = $1 ORDER BY d.seen_at DESC, d.created_at DESC`,
    ),
    rename: prepare('UPDATE @.known_devices SET name = $3 WHERE account = $1 AND id_hash = $2'),
    removeAll: prepare('DELETE FROM @.known_devices WHERE account = $1 AND id_hash IS DISTINCT FROM $2'),
  };
}
