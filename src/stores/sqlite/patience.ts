/**
 * How long statements wait for whoever holds the write lock of a file. They hold up the whole process meanwhile: where one waited in
 * vain, as beside a copy that takes minutes, those behind it would stand in line for two seconds each, and with them pages that
 * write nothing.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Milliseconds. */
export const BUSY_MS = 2000;
/** While the file is known to be held. */
const HELD_MS = 50;

/** That of one file. */
class Patience {
  readonly #db: DatabaseSync;
  #isHeld = false;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** A statement that changes something went through, or waited in vain. */
  note(isHeld: boolean): void {
    if (this.#isHeld === isHeld) return;
    this.#db.exec(`PRAGMA busy_timeout = ${isHeld ? HELD_MS : BUSY_MS}`);
    this.#isHeld = isHeld;
  }
}

/** Node.js does not say of which database a statement is. */
const patience = new WeakMap<StatementSync, Patience>();

/** Has the statements of a database wait briefly while somebody else holds it. */
export function boundWaiting(db: DatabaseSync): void {
  const own = new Patience(db);
  const prepare = db.prepare.bind(db);
  db.prepare = (...what) => {
    const statement = prepare(...what);
    patience.set(statement, own);
    return statement;
  };
}

/** Notes of a statement that changes something whether it went through, or waited in vain. */
export function noteWait(statement: StatementSync, isHeld: boolean): void {
  patience.get(statement)?.note(isHeld);
}
