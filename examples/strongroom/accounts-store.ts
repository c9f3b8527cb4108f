/** Accounts: who may sign in. In SQLite (sqlite/accounts-store.ts) or in PostgreSQL (postgres/accounts-store.ts). */
import type { Awaitable } from './awaitable.ts';
import type { EmailAddress } from './validation.ts';

/** What an account may do. Operators see the console, once there is one. */
export type Role = 'client' | 'operator';

/** Someone who can sign in. */
export interface Account {
  readonly id: string;
  /** As its owner wrote it. */
  readonly email: string;
  readonly roles: readonly Role[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** An account with the hash of its password, for the one place that verifies it. */
export interface AccountWithPassword extends Account {
  readonly passwordHash: string;
}

/** The accounts of one database. */
export interface AccountsStore {
  /** Makes an account. Undefined, and nothing changed: the address has one already. */
  create(email: EmailAddress, passwordHash: string, role: Role, now: number): Awaitable<Account | undefined>;
  /** The account of an address, in whatever letters it is written. */
  findByEmail(email: EmailAddress): Awaitable<AccountWithPassword | undefined>;
  /** The account of an id. */
  find(id: string): Awaitable<Account | undefined>;
  /** Puts a stronger hash in the place of the one just verified. False: it was no longer there. */
  replacePasswordHash(id: string, verified: string, stronger: string): Awaitable<boolean>;
}
