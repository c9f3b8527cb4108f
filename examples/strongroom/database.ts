/** Strongroom's own records, in one SQLite file beside Bulwark's. */
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from 'bulwark/sqlite';

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
export function openRecords(directory: string): DatabaseSync {
  return openDatabase(join(directory, 'strongroom.db'), [SCHEMA]);
}
