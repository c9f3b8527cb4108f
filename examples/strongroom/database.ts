/** Strongroom's own records, in one SQLite file beside Bulwark's. */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

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
 * `':memory:'` instead of a directory is a database that ends with the process.
 */
export function openDatabase(directory: string): DatabaseSync {
  if (directory === ':memory:') return prepare(new DatabaseSync(directory));
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'strongroom.db');
  const database = prepare(new DatabaseSync(path));
  // The umask of most systems would let every local user read the clients' notes.
  chmodSync(path, 0o600);
  return database;
}

function prepare(database: DatabaseSync): DatabaseSync {
  // The command line writes beside a running server: WAL lets both in, the timeout lets the second wait its turn.
  database.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON');
  database.exec(SCHEMA);
  return database;
}
