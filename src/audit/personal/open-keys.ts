/** The database of keys of persons: readable by its owner alone, and shared by the processes of a machine. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS person (
  ref TEXT PRIMARY KEY, owner TEXT NOT NULL, key TEXT NOT NULL, used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS person_owner ON person (owner);
CREATE INDEX IF NOT EXISTS person_used ON person (used);
CREATE TABLE IF NOT EXISTS forgotten (ref TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, settled INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO state VALUES (1, 0, 0);
`;
/** How long an event waits for another process that writes keys: a moment. */
const BUSY_MS = 50;
const START_BUSY_MS = 1_000;
const ATTEMPTS = 100;
const PAUSE_MS = 20;
const SQLITE_BUSY = 5;

/** Opens it, and makes it where it is not there. */
export function openKeys(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, 'a', 0o600));
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(path, { timeout: START_BUSY_MS });
  try {
    if (turnToWal(database) !== 'wal') throw new Error('this file system has no WAL of SQLite');
    // Deleted keys are overwritten, and not only forgotten by their page.
    database.exec('PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;');
    database.exec(SCHEMA);
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Of processes that turn a fresh file at once SQLite refuses all but one, without its time-out. */
function turnToWal(database: DatabaseSync): unknown {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
    } catch (error) {
      if (attempt === ATTEMPTS || !isBusy(error)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
