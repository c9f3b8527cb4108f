import type { KnownBrowserRecord, KnownBrowserStore } from '../ports/accounts.ts';
import type { PostgresDatabase } from './open.ts';
import type { PostgresResult } from './pool.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { fromStored, toStored } from './text.ts';

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
    return recordsOf(await this.#database.query(statement))[0];
  }

  async put(record: KnownBrowserRecord, most: number): Promise<void> {
    const texts = [record.account, record.idHash, record.address, record.userAgent];
    const statement = this.#sql.put(...texts.map(toStored), record.createdAt, record.seenAt, most);
    await this.#database.query(statement);
  }

  async list(account: string): Promise<readonly KnownBrowserRecord[]> {
    return recordsOf(await this.#database.query(this.#sql.list(toStored(account))));
  }

  async removeAll(account: string, exceptIdHash?: string): Promise<number> {
    const except = exceptIdHash === undefined ? null : toStored(exceptIdHash);
    return (await this.#database.query(this.#sql.removeAll(toStored(account), except))).rowCount ?? 0;
  }
}

const COLUMNS = 'account, id_hash, address, user_agent, created_at, seen_at';

function statements(prepare: Prepare): Readonly<Record<keyof KnownBrowserStore, Prepared>> {
  return {
    find: prepare(`SELECT ${COLUMNS} FROM @.known_devices WHERE account = $1 AND id_hash = $2`),
    put: prepare('SELECT @.put_known_device($1, $2, $3, $4, $5, $6, $7)'),
    list: prepare(
      `SELECT ${COLUMNS} FROM @.known_devices AS d WHERE account = $1 ORDER BY d.seen_at DESC, d.created_at DESC`,
    ),
    removeAll: prepare('DELETE FROM @.known_devices WHERE account = $1 AND id_hash IS DISTINCT FROM $2'),
  };
}

/** A row as PostgreSQL writes it. */
interface Row {
  readonly account: string;
  readonly id_hash: string;
  readonly address: string;
  readonly user_agent: string;
  readonly created_at: string;
  readonly seen_at: string;
}

function recordsOf({ rows }: PostgresResult): readonly KnownBrowserRecord[] {
  return (rows as readonly Row[]).map((row) => ({
    idHash: fromStored(row.id_hash),
    account: fromStored(row.account),
    createdAt: Number(row.created_at),
    seenAt: Number(row.seen_at),
    address: fromStored(row.address),
    userAgent: fromStored(row.user_agent),
  }));
}
