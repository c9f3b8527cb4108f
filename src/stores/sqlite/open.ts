/** Opening SQLite files with the care that secrets in them ask for, and running statements with errors of our own. */
import { call, name, texts } from '../../core/call.ts';
import { chmodSync, closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { BulwarkError, StoreDownError } from '../../core/errors.ts';
import { migrate } from './migrations.ts';
import { BUSY_MS, boundWaiting, noteWait } from './patience.ts';

/** The log of a file that a reader held up may have grown: beyond so many bytes it is cut, once it is written back. */
const MOST_LOG_BYTES = 16 * 1024 * 1024;
const WAL_ATTEMPTS = 100;
const WAL_PAUSE_MS = 20;

/** One row as SQLite gives it back. */
export type Row = Record<string, SQLOutputValue>;

const checkOpen = call("openDatabase('data/notes.db', ['CREATE TABLE notes (id TEXT)'])", {
  file: name,
  migrations: texts,
});

/**
 * Opens a database of its own for an application or a store: readable by its owner only, shared between processes
 * (WAL), and at the newest of its schema versions.
 *
 * @param file - the path; its directory is made where it is missing
 * @param migrations - SQL, one text for each schema version, counted by `user_version`
 * @throws BulwarkError ERR_BULWARK_STORE where the file cannot be opened, is no database or is of a newer version
 */
export function openDatabase(file: string, migrations: readonly string[]): DatabaseSync {
  checkOpen(file, migrations);
  return open(file, migrations);
}

/** As {@link openDatabase}, with no file: gone with the process. */
export function openInMemory(migrations: readonly string[]): DatabaseSync {
  return open(undefined, migrations);
}

function open(file: string | undefined, migrations: readonly string[]): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    if (file !== undefined) makePrivate(file);
    db = new (process.getBuiltinModule('node:sqlite').DatabaseSync)(file ?? ':memory:', {
      timeout: BUSY_MS,
      enableForeignKeyConstraints: true,
    });
    useWal(db);
    // NORMAL: with WAL a killed process loses nothing; a power cut may lose the last moments, and corrupts nothing.
    db.exec(
      `PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = ${MOST_LOG_BYTES}`,
    );
    migrate(db, migrations);
    boundWaiting(db);
    return db;
  } catch (error) {
    if (db?.isOpen === true) db.close();
    throw storeError(error);
  }
}

/** Runs a statement that changes rows. Returns how many. */
export function change(statement: StatementSync, ...values: SQLInputValue[]): number {
  try {
    const { changes } = statement.run(...values);
    noteWait(statement, false);
    return Number(changes);
  } catch (error) {
    throw failureOf(statement, error);
  }
}

/** The first row of a query, if there is one. */
export function firstRow(statement: StatementSync, ...values: SQLInputValue[]): Row | undefined {
  try {
    return statement.get(...values);
  } catch (error) {
    throw failureOf(statement, error);
  }
}

/** Every row of a query. */
export function allRows(statement: StatementSync, ...values: SQLInputValue[]): Row[] {
  try {
    return statement.all(...values);
  } catch (error) {
    throw failureOf(statement, error);
  }
}

/**
 * Transactions that take the write lock at their start: one that reads first and asks for it later is refused where
 * another process wrote in between.
 */
export class Transactions {
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;

  constructor(db: DatabaseSync) {
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#rollback = db.prepare('ROLLBACK');
  }

  /** Runs `work` whole or not at all. */
  run<T>(work: () => T): T {
    change(this.#begin);
    try {
      const result = work();
      change(this.#commit);
      return result;
    } catch (error) {
      this.#undo();
      throw error;
    }
  }

  #undo(): void {
    try {
      this.#rollback.run();
    } catch (error) {
      // SQLite has rolled back by itself where the disk failed; the first error is the one to tell.
      void error;
    }
  }
}

/** Where somebody else holds the file, it is there again in a moment: whoever asks is told to come back. */
function failureOf(statement: StatementSync, error: unknown): BulwarkError {
  if (!isBusy(error)) return storeError(error);
  noteWait(statement, true);
  return new StoreDownError('Another process holds the SQLite store.', false, { cause: error });
}

/** Whatever SQLite or the file system said, as an error with our code. */
export function storeError(error: unknown): BulwarkError {
  if (error instanceof BulwarkError) return error;
  const said = error instanceof Error ? error.message : 'an unknown error';
  return new BulwarkError('ERR_BULWARK_STORE', `The SQLite store failed: ${said}`, { cause: error });
}

// SQLite gives its -wal and -shm files the mode of the database, which therefore must exist before it is opened.
function makePrivate(file: string): void {
  const folder = dirname(file);
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Sessions and accounts in a repository would be read by whoever has it. What somebody made stays as it is.
  if (made !== undefined) writeFileSync(join(folder, '.gitignore'), '*\n', { mode: 0o600 });
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

// Two processes that turn a fresh file to WAL at once: SQLite refuses one of them at once, without its busy timeout.
function useWal(db: DatabaseSync): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      db.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (attempt === WAL_ATTEMPTS || !isBusy(error)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAL_PAUSE_MS);
    }
  }
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
