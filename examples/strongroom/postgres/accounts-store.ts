/** Accounts in PostgreSQL. */
import { randomUUID } from 'node:crypto';
import type { PostgresDatabase } from 'bulwark/postgres';
import type { Account, AccountsStore, AccountWithPassword, Role } from '../accounts-store.ts';
import type { EmailAddress } from '../validation.ts';

interface Row {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly roles: Role[];
  /** `pg` reads a bigint as text. */
  readonly created_at: string;
}

// One statement rather than a look-up and an insert: two registrations at once make one account.
const CREATE = {
  name: 'strongroom-create-account',
  text: `INSERT INTO strongroom.accounts (id, email, email_key, password, roles, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (email_key) DO NOTHING`,
};
const BY_EMAIL = {
  name: 'strongroom-account-by-email',
  text: 'SELECT id, email, password, roles, created_at FROM strongroom.accounts WHERE email_key = $1',
};
const BY_ID = {
  name: 'strongroom-account-by-id',
  text: 'SELECT id, email, password, roles, created_at FROM strongroom.accounts WHERE id = $1',
};
// Only over the hash that was verified: a slow rehash must not undo a change of password made meanwhile.
const SET_PASSWORD = {
  name: 'strongroom-set-password',
  text: 'UPDATE strongroom.accounts SET password = $1 WHERE id = $2 AND password = $3',
};

/** The accounts of one PostgreSQL database. */
export class PostgresAccounts implements AccountsStore {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async create(
    email: EmailAddress,
    passwordHash: string,
    role: Role,
    now: number,
  ): Promise<Account | undefined> {
    const id = randomUUID();
    const values = [id, email.shown, email.key, passwordHash, [role], now];
    const { rowCount } = await this.#database.query({ ...CREATE, values });
    return rowCount === 1 ? { id, email: email.shown, roles: [role], createdAt: now } : undefined;
  }

  async findByEmail(email: EmailAddress): Promise<AccountWithPassword | undefined> {
    const { rows } = await this.#database.query({ ...BY_EMAIL, values: [email.key] });
    const [row] = rows as readonly Row[];
    return row === undefined ? undefined : { ...toAccount(row), passwordHash: row.password };
  }

  async find(id: string): Promise<Account | undefined> {
    const { rows } = await this.#database.query({ ...BY_ID, values: [id] });
    const [row] = rows as readonly Row[];
    return row === undefined ? undefined : toAccount(row);
  }

  async replacePasswordHash(id: string, verified: string, stronger: string): Promise<boolean> {
    const { rowCount } = await this.#database.query({ ...SET_PASSWORD, values: [stronger, id, verified] });
    return rowCount === 1;
  }
}

function toAccount({ id, email, roles, created_at }: Row): Account {
  return { id, email, roles, createdAt: Number(created_at) };
}
