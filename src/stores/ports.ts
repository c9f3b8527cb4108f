/**
 * What Bulwark needs of a place where state lives. Memory and SQLite answer at once, stores across a network with a
 * promise; every caller takes both. `testing/conformance.ts` is the suite that every implementation passes.
 */
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { Rate } from '../core/rate.ts';
import type { AccountStore } from './account-ports.ts';

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
}

/** The id went on under another moments ago: it opens nothing, and whoever has it may have the newer one by now. */
export type Replaced = 'replaced';

/** What may change in a stored session without a new id. */
export interface SessionChange {
  readonly data: string;
}

/**
 * Sessions. A session that was revoked or has expired is not found by any method, and no method brings it back:
 * every write names the session it changes and says whether it was still there.
 */
export interface SessionStore {
  /** The session, unless it is unknown, revoked or past one of its ends at `now`. */
  find(idHash: string, now: number): MaybePromise<SessionRecord | undefined>;
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
  /** Deletes what is past its end, at most a thousand rows at a time. Returns how many. */
  sweep(now: number): MaybePromise<number>;
  /** How many sessions are stored, expired and unswept ones included. For tests and metrics. */
  count(): MaybePromise<number>;
}

/** What a counter says to one more request. */
export interface CounterAnswer {
  readonly allowed: boolean;
  /** How many more would be let through right now. */
  readonly remaining: number;
  /** Milliseconds until one more is let through; 0 where `allowed`. */
  readonly retryAfterMs: number;
  /** Milliseconds until the full count is there again. */
  readonly resetAfterMs: number;
}

/** Exact counters, shared by every process that shares the store. */
export interface CounterStore {
  /**
   * Counts one request against a sliding limit (GCRA), atomically. A refused one costs nothing. A debt longer than two
   * windows is of a clock that was set back since, and becomes one of a window.
   */
  take(key: string, rate: Rate, now: number): MaybePromise<CounterAnswer>;
  /**
   * Counts `count` requests that a process let through by its own table already, past the limit too. A debt is never
   * longer than two windows. Returns the debt of the key: milliseconds until all that was counted is paid off.
   */
  debit(key: string, rate: Rate, count: number, now: number): MaybePromise<number>;
  /** The debt of a key, as {@link debit} returns it; 0 where there is none. Counts nothing and stores nothing. */
  debt(key: string, now: number): MaybePromise<number>;
  /** Deletes counters that are back at their start, at most a thousand at a time. Returns how many. */
  sweep(now: number): MaybePromise<number>;
  count(): MaybePromise<number>;
}

/** What became of a store across a network: told when it goes and when it is back, not at each request. */
export interface StoreHealth {
  /** Such as `redis`. */
  readonly store: string;
  readonly up: boolean;
  /** What it failed with, by code or class: a driver's message may hold a connection string. */
  readonly error?: string;
  /** How long it was gone, in milliseconds, where it is back. */
  readonly goneMs?: number;
}

/** Everything Bulwark stores, in one place or several. */
export interface State {
  /** Who sees the same state: this process, every process of this machine, or of the network. */
  readonly reach: 'process' | 'machine' | 'network';
  readonly sessions: SessionStore;
  readonly counters: CounterStore;
  /** Second factors, where accounts are kept here too: a store of sessions and counters alone has none. */
  readonly factors?: FactorStore;
  /** Accounts, where they are kept here too. */
  readonly accounts?: AccountStore;
  /** Calls the listener at each change of health. A store that cannot go away on its own has none. */
  onHealth?(listener: (health: StoreHealth) => void): void;
  /** Ends what the state opened itself. A client that was handed in stays open: whoever made it closes it. */
  close(): MaybePromise<void>;
}

/** An authenticator app that was confirmed by a first code. */
export interface TotpFactor {
  /** Random: the secret is sealed for this account and this id. */
  readonly id: string;
  /** The secret, sealed by the key ring: a dump of the store makes no code. */
  readonly sealed: string;
  /** The last time step of which a code was used. None at or before it works again. */
  readonly lastStep: number;
  readonly confirmedAt: number;
  readonly usedAt: number;
}

/** An authenticator app that waits for its first code. */
export interface PendingTotp {
  readonly id: string;
  readonly sealed: string;
  readonly expiresAt: number;
}

/** What an account has of authenticator apps: at most one that counts, and one that is to take its place. */
export interface TotpRecord {
  readonly account: string;
  readonly active: TotpFactor | undefined;
  readonly pending: PendingTotp | undefined;
}

/** Authenticator apps. */
export interface TotpStore {
  /** What there is, a pending one that has expired included. */
  find(account: string): MaybePromise<TotpRecord | undefined>;
  /** Keeps a pending one in place of an earlier pending one. What counts is not touched. */
  putPending(account: string, pending: PendingTotp): MaybePromise<void>;
  /** Makes the pending one of this id the one that counts, in place of any before. False: it is gone or has expired. */
  confirm(account: string, id: string, step: number, now: number): MaybePromise<boolean>;
  /** Compare-and-set: notes the step of a code. False: one of it or of a later step was used, or the app is gone. */
  use(account: string, id: string, step: number, now: number): MaybePromise<boolean>;
  /** Compare-and-set: puts another sealed form in place of the one that was read. */
  reseal(account: string, id: string, sealed: string, resealed: string): MaybePromise<boolean>;
  /** Removes what counts and what is pending. False: nothing counted. */
  remove(account: string): MaybePromise<boolean>;
  /** Those that count, in the store's own order of accounts, after one of them or from the first one on. */
  after(account: string | undefined, limit: number): MaybePromise<readonly TotpRecord[]>;
}

/** Recovery codes: a set an account, each code by its SHA-256 in base64url, and never by anything else. */
export interface RecoveryCodeStore {
  /** Puts a new set in place of the old one in one step. Of two at once one set remains whole. */
  replace(account: string, hashes: readonly string[], now: number): MaybePromise<void>;
  /** Uses a code up. Returns how many are left; undefined: it is not there. Of two simultaneous calls one gets a number. */
  take(account: string, hash: string): MaybePromise<number | undefined>;
  /** How many are left. */
  count(account: string): MaybePromise<number>;
}

/** A passkey. */
export interface PasskeyRecord {
  /** Base64url, as the browser names it. One id is one passkey, whoever's it is. */
  readonly credentialId: string;
  readonly account: string;
  /** Random, one an account: what authenticators know the account by. Base64url. */
  readonly userHandle: string;
  /** COSE, base64url. It verifies and signs nothing. */
  readonly publicKey: string;
  /** The authenticator's own count of uses; 0 where it keeps none. */
  readonly counter: number;
  /** Whether it may be copied to other devices of its owner, and whether it is. */
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
  /** How it can be reached, such as `internal` or `usb`. */
  readonly transports: readonly string[];
  /** The make of the authenticator. All zeros where it does not say. */
  readonly aaguid: string;
  readonly name: string;
  readonly createdAt: number;
  readonly usedAt: number | undefined;
}

/** What a use changes of a passkey. */
export interface PasskeyUse {
  readonly counter: number;
  readonly backedUp: boolean;
  readonly now: number;
}

/** Passkeys. */
export interface PasskeyStore {
  /** The account's user handle: the one that is stored, or else this fresh one, which is stored then. */
  userHandle(account: string, fresh: string): MaybePromise<string>;
  /** False: the id is taken, by whomever, or the account has `most` already, or another user handle. */
  add(record: PasskeyRecord, most: number): MaybePromise<boolean>;
  find(credentialId: string): MaybePromise<PasskeyRecord | undefined>;
  /** Those of an account, oldest first. */
  list(account: string): MaybePromise<readonly PasskeyRecord[]>;
  /**
   * Notes a use, if the authenticator's count went up since the last one noted, or is 0 both times. False: it did not,
   * or the passkey is gone.
   */
  use(account: string, credentialId: string, use: PasskeyUse): MaybePromise<boolean>;
  rename(account: string, credentialId: string, name: string): MaybePromise<boolean>;
  remove(account: string, credentialId: string): MaybePromise<boolean>;
}

/** A browser that need not prove a second factor again for a while. */
export interface RememberedBrowserRecord {
  /** Random; the half of the cookie that stays. */
  readonly id: string;
  readonly account: string;
  /** SHA-256 of the half that changes at each use, base64url. */
  readonly tokenHash: string;
  readonly createdAt: number;
  readonly usedAt: number;
  /** No use moves it. */
  readonly expiresAt: number;
  readonly address: string;
  readonly userAgent: string;
}

/** Remembered browsers. One past its end is not found by any method. */
export interface RememberedBrowserStore {
  /** Keeps a device, and of one account the newest `most`. */
  put(record: RememberedBrowserRecord, most: number): MaybePromise<void>;
  find(id: string, now: number): MaybePromise<RememberedBrowserRecord | undefined>;
  /** Compare-and-set: puts a new token in place of the old one. Of two simultaneous calls exactly one gets true. */
  rotate(id: string, tokenHash: string, next: string, now: number): MaybePromise<boolean>;
  /** Those of an account, last used first. */
  list(account: string, now: number): MaybePromise<readonly RememberedBrowserRecord[]>;
  /** False: there was none of this account. */
  remove(account: string, id: string): MaybePromise<boolean>;
  /** Returns how many, expired and unswept ones included. */
  removeAll(account: string): MaybePromise<number>;
}

/**
 * Second factors. Each method is one step: of two calls at once that want the same thing, one gets it. What a method
 * is given of codes and tokens are hashes, and of secrets sealed ones: nothing stored here opens anything.
 */
export interface FactorStore {
  readonly totp: TotpStore;
  readonly recoveryCodes: RecoveryCodeStore;
  readonly passkeys: PasskeyStore;
  readonly rememberedBrowsers: RememberedBrowserStore;
  /** Removes everything of an account, its user handle too. */
  removeAccount(account: string): MaybePromise<void>;
  /** Deletes what has expired, at most a thousand rows at a time. Returns how many. */
  sweep(now: number): MaybePromise<number>;
}
