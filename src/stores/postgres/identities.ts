import type { IdentityRecord, IdentityStore } from '../ports/accounts.ts';
import type { PostgresDatabase } from './open.ts';
import type { PostgresResult } from './pool.ts';
import type { Prepare, Prepared } from './prepared.ts';
import { fromStored, toStored } from './text.ts';

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
    return recordsOf(await this.#database.query(statement))[0];
  }

  async add(record: IdentityRecord): Promise<boolean> {
    const texts = [record.issuer, record.subject, record.account, record.label];
    const statement = this.#sql.add(...texts.map(toStored), record.linkedAt, record.usedAt ?? null);
    return (await this.#database.query(statement)).rowCount === 1;
  }

  async use(issuer: string, subject: string, now: number): Promise<boolean> {
    const statement = this.#sql.use(toStored(issuer), toStored(subject), now);
    return (await this.#database.query(statement)).rowCount === 1;
  }

  async list(account: string): Promise<readonly IdentityRecord[]> {
    return recordsOf(await this.#database.query(this.#sql.list(toStored(account))));
  }

  async remove(account: string, issuer: string, subject: string): Promise<boolean> {
    const texts = [account, issuer, subject];
    return (await this.#database.query(this.#sql.remove(...texts.map(toStored)))).rowCount === 1;
  }
}

const COLUMNS = 'issuer, subject, account, label, linked_at, used_at';

function statements(prepare: Prepare): Readonly<Record<keyof IdentityStore, Prepared>> {
  return {
    find: prepare(`SELECT ${COLUMNS} FROM @.identities WHERE issuer = $1 AND subject = $2`),
    // The row of the account is held until the end: one that is removed meanwhile gets none, or takes it along.
    add: prepare(
      `INSERT INTO @.identities (${COLUMNS})
       SELECT $1, $2, id, $4, $5::bigint, $6::bigint FROM @.accounts WHERE id = $3 FOR KEY SHARE
       ON CONFLICT DO NOTHING`,
    ),
    use: prepare('UPDATE @.identities SET used_at = $3 WHERE issuer = $1 AND subject = $2'),
    list: prepare(`SELECT ${COLUMNS} FROM @.identities AS i WHERE account = $1 ORDER BY i.linked_at, i.seq`),
    remove: prepare('DELETE FROM @.identities WHERE account = $1 AND issuer = $2 AND subject = $3'),
  };
}

/** A row as PostgreSQL writes it. */
interface Row {
  readonly issuer: string;
  readonly subject: string;
  readonly account: string;
  readonly label: string;
  readonly linked_at: string;
  readonly used_at: string | null;
}

function recordsOf({ rows }: PostgresResult): readonly IdentityRecord[] {
  return (rows as readonly Row[]).map((row) => ({
    issuer: fromStored(row.issuer),
    subject: fromStored(row.subject),
    account: fromStored(row.account),
    label: fromStored(row.label),
    linkedAt: Number(row.linked_at),
    usedAt: row.used_at === null ? undefined : Number(row.used_at),
  }));
}
