/** Sessions, as a store keeps them. Times are milliseconds since 1970. */
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { keep, look, NONE, pass, type Rules } from '../rules.ts';
import { MAX_DATA_BYTES, MAX_DEVICE_BYTES } from '../storable.ts';

/** A session as it is stored. Times are milliseconds since 1970. */
export interface SessionRecord {
  /** SHA-256 of the session id, base64url. The id itself is never stored: a dump of the store opens no session. */
  readonly idHash: string;
  /** Undefined until someone signs in. */
  readonly account: string | undefined;
  readonly roles: readonly string[];
  readonly createdAt: number;
  readonly signedInAt: number | undefined;
  readonly mfaAt: number | undefined;
  /** Last use, kept to the minute: a plain read writes nothing. */
  readonly seenAt: number;
  /** The end that no use can move. */
  readonly expiresAt: number;
  /** The end if it is not used again. */
  readonly idleMs: number;
  /** Counts changes, for compare-and-set. */
  readonly version: number;
  /** The application's own values, JSON. */
  readonly data: string;
  /** What the person sees in the list of devices. */
  readonly address: string;
  readonly userAgent: string;
  /** The public key of the device that it is bound to, and since when, as the room device-bound writes it. */
  readonly device: string | undefined;
}

/** The id went on under another moments ago: it opens nothing, and whoever has it may have the newer one by now. */
export type Replaced = 'replaced';

/** What may change in a stored session without a new id. */
export interface SessionChange {
  readonly data: string;
  /** The device that it is bound to from now on. Left out: what is there stays. None is ever taken away. */
  readonly device?: string;
}

/** How many sessions one account may have at once, and what becomes of one more. */
export interface SessionCap {
  /** Whole, and at least 1. */
  readonly most: number;
  /** Whether those that began first end, so that there is room. If not, one more does not begin. */
  readonly endsOldest: boolean;
  /** The session that ends in the same step, as by `replace`. It takes no room. */
  readonly replaces?: string;
}

/**
 * What came of one that was to begin within a cap. A list: it began, and those of it ended for it. `full`: there is no room.
 * `over`: the one that it was to replace is not there any more.
 */
export type Admission = readonly string[] | 'full' | 'over';

/**
 * Sessions. A session that was revoked or has expired is not found by any method, and no method brings it back:
 * every write names the session it changes and says whether it was still there.
 */
export interface SessionStore {
  /** The session, unless it is unknown, revoked or past one of its ends at `now`. */
  find(idHash: string, now: number): MaybePromise<SessionRecord | undefined>;
  /** Keeps a new session. Its id is random, so that there is none of it yet. */
  create(record: SessionRecord): MaybePromise<void>;
  /**
   * As {@link find}, and notes the use where the last one noted is `noteEvery` milliseconds or more before `now`:
   * both in one step, so that a store across a network is asked once. `seenAt` never moves back. `'replaced'` for a
   * minute after {@link replace} (`REPLACED_FOR_MS` in storable.ts): the answer to such a request must not take from the
   * browser the id that another answer brought it.
   */
  use(idHash: string, now: number, noteEvery: number): MaybePromise<SessionRecord | Replaced | undefined>;
  /** Compare-and-set: writes only over the version that was read, and counts it up by one. */
  update(idHash: string, version: number, change: SessionChange, now: number): MaybePromise<boolean>;
  /**
   * Ends one session and starts another in one step, and keeps in mind for a minute that the old id was replaced. False,
   * and nothing started: the old one was over already.
   */
  replace(idHash: string, record: SessionRecord, now: number): MaybePromise<boolean>;
  /**
   * Begins a session of an account, if there are fewer than `cap.most` live ones of it; or ends those that began first
   * (`createdAt`, then `idHash`), as many as it takes. All in one step: however many begin at once, in however many
   * processes, there are never more, and nobody is turned away while there is room.
   */
  createWithin(record: SessionRecord, cap: SessionCap, now: number): MaybePromise<Admission>;
  /** Ends a session. False: it was not there any more. */
  revoke(idHash: string): MaybePromise<boolean>;
  /** Ends every session of an account, but the one excepted. Returns how many, expired and unswept ones included. */
  revokeAccount(account: string, exceptIdHash?: string): MaybePromise<number>;
  /** The live sessions of an account, last used first. */
  list(account: string, now: number): MaybePromise<readonly SessionRecord[]>;
  /**
   * Keeps a one-time token (its hash) of a session, and at most the newest 64 of one session. It ends with the
   * session. False: the session is over, and nothing was kept.
   */
  putOnceToken(idHash: string, tokenHash: string, expiresAt: number, now: number): MaybePromise<boolean>;
  /** Uses up a one-time token. Of two simultaneous calls exactly one gets true. */
  takeToken(idHash: string, tokenHash: string, now: number): MaybePromise<boolean>;
  /** Deletes what is past its end, at most a thousand rows at a time. Returns how many: fewer than a hundred where none is left. */
  sweep(now: number): MaybePromise<number>;
  /** How many sessions are stored, expired and unswept ones included. For tests and metrics. */
  count(): MaybePromise<number>;
}

const SESSION = { most: { data: MAX_DATA_BYTES, device: MAX_DEVICE_BYTES } };

/** Ids of sessions and tokens are digests. */
export const sessionRules: Rules<SessionStore> = {
  find: pass,
  create: keep('session', SESSION),
  use: pass,
  update: keep('session', { ...SESSION, names: 1, none: false }),
  replace: keep('session', { ...SESSION, names: 1, none: false }),
  createWithin: keep('session', SESSION),
  revoke: pass,
  revokeAccount: look(0),
  list: look(NONE),
  putOnceToken: pass,
  takeToken: pass,
  sweep: pass,
  count: pass,
};
