/** Opens what the application and the command line both work with. */
import type { DatabaseSync } from 'node:sqlite';
import type { Passwords } from 'bulwark/passwords';
import { AccountsStore } from './accounts-store.ts';
import { openRecords } from './database.ts';
import { NotesStore } from './notes-store.ts';
import { makePasswords } from './password-rules.ts';

/** Stores on one open database, and what hashes passwords. */
export interface Services {
  readonly database: DatabaseSync;
  readonly accounts: AccountsStore;
  readonly notes: NotesStore;
  readonly passwords: Passwords;
}

/** Opens the database of a data directory, making it where it is missing. */
export function openServices(directory: string): Services {
  const database = openRecords(directory);
  return {
    database,
    accounts: new AccountsStore(database),
    notes: new NotesStore(database),
    passwords: makePasswords(),
  };
}
