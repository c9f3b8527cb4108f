/** Strongroom's own records, notes by the ids of accounts, in one SQLite file beside Bulwark's. */
import { join } from 'node:path';
import { openDatabase } from 'bulwark/sqlite';
import type { Records } from '../records.ts';
import { SqliteNotes } from './notes-store.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS notes (
    id         TEXT PRIMARY KEY,
    account    TEXT NOT NULL,
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
    notes: new SqliteNotes(database),
    close: () => database.close(),
  };
}
