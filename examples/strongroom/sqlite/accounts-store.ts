/** Accounts in SQLite. */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Account, AccountsStore, AccountWithPassword, Role } from '../accounts-store.ts';
import type { EmailAddress } from '../validation.ts';

interface Row {
  id: string;
  email: string;
  password: string;
  roles: string;
  created_at: number;
}

/** The accounts of one SQLite file. */
export class SqliteAccounts implements AccountsStore {
  readonly #insert: StatementSync;
  readonly #byEmail: StatementSync;
  readonly #byId: StatementSync;
  readonly #setPassword: StatementSync;

  constructor(database: DatabaseSync) {
    // One statement rather than a look-up and an insert: two registrations at once make one account.
    this.#insert = database.prepare(
      `INSERT INTO accounts (id, email, email_key, password, roles, created_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (email_key) DO NOTHING`,
    );
    this.#byEmail = database.prepare('SELECT * FROM accounts WHERE email_key = ?');
    this.#byId = database.prepare('SELECT * FROM accounts WHERE id = ?');
    // Only over the hash that was verified: a slow rehash must not undo a change of password made meanwhile.
    this.#setPassword = database.prepare('UPDATE accounts SET password = ? WHERE id = ? AND password = ?');
  }

  create(email: EmailAddress, passwordHash: string, role: Role, now: number): Account | undefined {
    const id = randomUUID();
    const { changes } = this.#insert.run(
      id,
      email.shown,
      email.key,
      passwordHash,
      JSON.stringify([role]),
      now,
    );
    return changes === 1 ? { id, email: email.shown, roles: [role], createdAt: now } : undefined;
  }

  findByEmail(email: EmailAddress): AccountWithPassword | undefined {
    const row = this.#byEmail.get(email.key) as Row | undefined;
    return row === undefined ? undefined : { ...toAccount(row), passwordHash: row.password };
  }

  find(id: string): Account | undefined {
    const row = this.#byId.get(id) as Row | undefined;
    return row === undefined ? undefined : toAccount(row);
  }

  replacePasswordHash(id: string, verified: string, stronger: string): boolean {
    return this.#setPassword.run(stronger, id, verified).changes === 1;
  }
}

function toAccount(row: Row): Account {
  return {
    id: row.id,
    email: row.email,
    roles: JSON.parse(row.roles) as Role[],
    createdAt: row.created_at,
  };
}
