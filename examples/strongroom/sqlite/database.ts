/** Strongroom's own records, in one SQLite file beside Bulwark's. */
import { join } from 'node:path';
import { openDatabase } from 'bulwark/sqlite';
import type { Records } from '../records.ts';
import { SqliteAccounts } from './accounts-store.ts';
import { SqliteNotes } from './notes-store.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS accounts (
    id         TEXT PRIMARY KEY,
    email      TEXT NOT NULL,
    email_key  TEXT NOT NULL UNIQUE,
    password   TEXT NOT NULL,
    roles      TEXT NOT NULL CHECK (json_valid(roles)),
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS notes (
    id         TEXT PRIMARY KEY,
    account    TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    text       TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE INDEX IF NOT EXISTS notes_by_account ON notes (account, created_at);
`;

/**
 * Opens `strongroom.db` in the data directory, and makes both where they are missing, readable by this user alone.
 *
 * @throws BulwarkError ERR_BULWARK_STORE where the file cannot be opened
 */
export function openRecords(directory: string): Records {
  const database = openDatabase(join(directory, 'strongroom.db'), [SCHEMA]);
  return {
    accounts: new SqliteAccounts(database),
    notes: new SqliteNotes(database),
    close: () => database.close(),
  };
}
