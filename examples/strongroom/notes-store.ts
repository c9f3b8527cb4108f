/**
 * Notes: a first thing worth protecting. Each belongs to one account, and every statement says whose. In SQLite
 * (sqlite/notes-store.ts) or in PostgreSQL (postgres/notes-store.ts).
 */
import type { Awaitable } from './awaitable.ts';

/** One account's note. */
export interface Note {
  readonly id: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** How many notes an account may keep: without an end, one account could fill the disk of all. */
export const MAX_NOTES = 200;

/** The notes of one database. */
export interface NotesStore {
  /** Keeps a note. Undefined: the account has {@link MAX_NOTES} already. */
  create(account: string, text: string, now: number): Awaitable<Note | undefined>;
  /** The notes of one account, newest first. */
  list(account: string): Awaitable<readonly Note[]>;
  /** Deletes a note of this account. False: it has none of this id, whoever else may. */
  delete(account: string, id: string): Awaitable<boolean>;
}
