/** What every store holds its sessions to, so that one behaves as the other. */
import { BulwarkError } from '../core/errors.ts';
import type { SessionRecord } from './ports/sessions.ts';

/** Bytes of application data in one session: a session is no place for files. */
export const MAX_DATA_BYTES: number = 256 * 1024;

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

/** Whether a session is past one of its ends. The boundary itself is over. */
export function isOver(record: SessionRecord, now: number): boolean {
  return record.expiresAt <= now || record.seenAt + record.idleMs <= now;
}

/**
 * Refuses a session that a store could not give back as it is.
 *
 * @throws BulwarkError ERR_BULWARK_STORE
 */
export function assertStorable(record: SessionRecord): void {
  assertData(record.data);
  assertText('account', record.account ?? '');
  assertText('address', record.address);
  assertText('userAgent', record.userAgent);
  for (const role of record.roles) assertText('roles', role);
}

/** @throws BulwarkError ERR_BULWARK_STORE where the application's data is larger than a session may hold. */
export function assertData(data: string): void {
  // A string of that many UTF-16 units may still be three times as many bytes; shorter ones need no counting.
  if (data.length * 3 > MAX_DATA_BYTES && Buffer.byteLength(data) > MAX_DATA_BYTES) {
    throw new BulwarkError(
      'ERR_BULWARK_STORE',
      `The data of a session is larger than ${MAX_DATA_BYTES} bytes. Keep it in your own database and its key here.`,
    );
  }
  assertText('data', data);
}

/**
 * Refuses texts that a store could not give back as they are. A lone surrogate turns into U+FFFD on its way to UTF-8:
 * two accounts would become one, and see each other's sessions.
 *
 * @param what - of what the texts are, such as `account`
 * @throws BulwarkError ERR_BULWARK_STORE
 */
export function assertWellFormed(what: string, ...texts: readonly string[]): void {
  if (!texts.every((text) => text.isWellFormed())) {
    throw new BulwarkError(
      'ERR_BULWARK_STORE',
      `The ${what} holds half a surrogate pair. Pass it through toWellFormed() or refuse it.`,
    );
  }
}

/** The texts of an account, or those that a change of it brings. */
export interface AccountTexts {
  readonly id?: string;
  readonly email?: string;
  readonly emailKey?: string;
  readonly passwordHash?: string | null | undefined;
  readonly roles?: readonly string[];
}

/**
 * Refuses an account, or a change of one, that a store could not give back as it is.
 *
 * @throws BulwarkError ERR_BULWARK_STORE
 */
export function assertAccount(texts: AccountTexts): void {
  const { id = '', email = '', emailKey = '', passwordHash, roles = [] } = texts;
  assertWellFormed('account', id, email, emailKey, passwordHash ?? '', ...roles);
}

function assertText(field: string, text: string): void {
  assertWellFormed(`${field} of a session`, text);
}
