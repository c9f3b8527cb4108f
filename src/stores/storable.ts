/** What every store holds its sessions to, so that one behaves as the other. */
import type { SessionRecord } from './ports/sessions.ts';

/** Bytes of application data in one session: a session is no place for files. */
export const MAX_DATA_BYTES: number = 256 * 1024;

/** Bytes of the device of a session: an RSA key of 4096 bits has 700 of them. */
export const MAX_DEVICE_BYTES = 1024;

/** One-time tokens of one session: a page that issues one at each view must not fill the store. */
export const MAX_TOKENS = 64;

/**
 * How long an id is known as replaced, in milliseconds: a request that left under it arrives later than its successor's
 * answer by a slow line's delay, not by more. Not much longer either: where that answer was lost, the browser has
 * nothing but the old id, and is offered a new session only after it.
 */
export const REPLACED_FOR_MS = 60_000;

/** Rows that one sweep deletes: more would hold up everything else. */
export const SWEEP_BATCH = 1000;

/**
 * Rows that one sweep of SQLite deletes, while its process waits: of ten million sessions each lies on two pages of its own,
 * so that a thousand of them held up everything for some 120 ms. A sweep that deletes fewer has left nothing.
 */
export const SHORT_SWEEP_BATCH = 100;

/** Whether a session is past one of its ends. The boundary itself is over. */
export function isOver(record: SessionRecord, now: number): boolean {
  return record.expiresAt <= now || record.seenAt + record.idleMs <= now;
}
