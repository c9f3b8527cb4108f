/**
 * What Bulwark needs of a place where state lives. Memory and SQLite answer at once, stores across a network with a
 * promise; every caller takes both. `stores/conformance.ts` is the suite that every implementation passes.
 */
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { Rate } from '../core/rate.ts';

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
   * both in one step, so that a store across a network is asked once. `seenAt` never moves back.
   */
  use(idHash: string, now: number, noteEvery: number): MaybePromise<SessionRecord | undefined>;
  /** Compare-and-set: writes only over the version that was read, and counts it up by one. */
  update(idHash: string, version: number, change: SessionChange, now: number): MaybePromise<boolean>;
  /** Ends one session and starts another in one step. False, and nothing started: the old one was over already. */
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
  putToken(idHash: string, tokenHash: string, expiresAt: number, now: number): MaybePromise<boolean>;
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
  /** Counts one request against a sliding limit (GCRA), atomically. A refused one costs nothing. */
  take(key: string, rate: Rate, now: number): MaybePromise<CounterAnswer>;
  /**
   * Counts `count` requests that a process let through by its own table already, past the limit too. A debt is never
   * longer than two windows. Returns the debt of the key: milliseconds until all that was counted is paid off.
   */
  debit(key: string, rate: Rate, count: number, now: number): MaybePromise<number>;
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
  /** Calls the listener at each change of health. A store that cannot go away on its own has none. */
  onHealth?(listener: (health: StoreHealth) => void): void;
  /** Ends what the state opened itself. A client that was handed in stays open: whoever made it closes it. */
  close(): MaybePromise<void>;
}
