import type { IdentityRecord, IdentityStore } from '../ports/accounts.ts';
import type { PostgresDatabase } from './open.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { toStored } from './text.ts';
import { IDENTITY } from '../sql/accounts.ts';
import { inPostgres } from './rows.ts';

const ROW = inPostgres(IDENTITY);

/** Accounts at other services, in PostgreSQL. */
export class PostgresIdentities implements IdentityStore {
  readonly #database: PostgresDatabase;
  readonly #sql: Readonly<Record<keyof IdentityStore, Prepared>>;

  constructor(database: PostgresDatabase, prepare: Prepare) {
    this.#database = database;
    this.#sql = statements(prepare);
  }

  async find(issuer: string, subject: string): Promise<IdentityRecord | undefined> {
    const statement = this.#sql.find(toStored(issuer), toStored(subject));
    return ROW.records(await this.#database.query(statement))[0];
  }

  async add(record: IdentityRecord): Promise<boolean> {
    const statement = this.#sql.add(...ROW.values(record));
    return (await this.#database.query(statement)).rowCount === 1;
  }

  async use(issuer: string, subject: string, now: number): Promise<boolean> {
    const statement = this.#sql.use(toStored(issuer), toStored(subject), now);
    return (await this.#database.query(statement)).rowCount === 1;
  }

  async list(account: string): Promise<readonly IdentityRecord[]> {
    return ROW.records(await this.#database.query(this.#sql.list(toStored(account))));
  }

  async remove(account: string, issuer: string, subject: string): Promise<boolean> {
    const texts = [account, issuer, subject];
    return (await this.#database.query(this.#sql.remove(...texts.map(toStored)))).rowCount === 1;
  }
}

function statements(prepare: Prepare): Readonly<Record<keyof IdentityStore, Prepared>> {
  return {
    find: prepare(`SELECT ${ROW.columns} FROM @.identities WHERE issuer = $1 AND subject = $2`),
    // The row of the account is held until the end: one that is removed meanwhile gets none, or takes it along.
    add: prepare(
      `INSERT INTO @.identities (${ROW.columns})
       SELECT $1, $2, id, $4, $5::bigint, $6::bigint FROM @.accounts WHERE id = $3 FOR KEY SHARE
       ON CONFLICT DO NOTHING`,
    ),
    use: prepare('UPDATE @.identities SET used_at = $3 WHERE issuer = $1 AND subject = $2'),
    list: prepare(
      `SELECT ${ROW.columns} FROM @.identities AS i WHERE account = $1 ORDER BY i.linked_at, i.seq`,
    ),
    remove: prepare('DELETE FROM @.identities WHERE account = $1 AND issuer = $2 AND subject = $3'),
  };
}
