/** Browsers that stay signed in. Nothing that is stored of them opens anything. Times are milliseconds since 1970. */
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { keep, look, NONE, type Rules } from '../rules.ts';

/** A browser in which its owner wants to stay signed in: a family of tokens, of which the newest works. */
export interface StayRecord {
  /** Random; the half of the cookie that stays. */
  readonly id: string;
  readonly account: string;
  /** SHA-256 of the half that changes at each use, base64url. */
  readonly tokenHash: string;
  readonly createdAt: number;
  readonly usedAt: number;
  /** No use moves it. */
  readonly expiresAt: number;
  /** Whence it was used last. */
  readonly address: string;
  readonly userAgent: string;
}

/** What is noted where a token gives way to the next one. */
export interface StayUse {
  readonly next: string;
  readonly address: string;
  readonly now: number;
}

/** Browsers that stay signed in. One past its end is not found by any method. */
export interface StayStore {
  /** Keeps one, and of one account the newest `most`. Nothing, where there is no such account any more. */
  put(record: StayRecord, most: number): MaybePromise<void>;
  /** The one of this id, unless its time is over. */
  find(id: string, now: number): MaybePromise<StayRecord | undefined>;
  /** Compare-and-set: puts a new token in place of the old one. Of two simultaneous calls exactly one gets true. */
  rotate(id: string, tokenHash: string, use: StayUse): MaybePromise<boolean>;
  /** Those of an account, last used first. */
  list(account: string, now: number): MaybePromise<readonly StayRecord[]>;
  /** False: there was none of this account. */
  remove(account: string, id: string): MaybePromise<boolean>;
  /** Removes all of an account, but the one excepted. Returns how many, expired and unswept ones included. */
  removeAll(account: string, exceptId?: string): MaybePromise<number>;
}

export const stayRules: Rules<StayStore> = {
  put: keep('browser that stays signed in'),
  find: look(undefined),
  rotate: keep('browser that stays signed in', { names: 2, none: false }),
  list: look(NONE),
  remove: look(false),
  removeAll: look(0),
};
