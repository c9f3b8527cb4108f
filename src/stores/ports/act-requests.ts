/** Acts of operators that wait for the word of a second one. Times are milliseconds since 1970. */
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { keep, look, NONE, type Rules } from '../rules.ts';

/** An act that one operator asked for, and another has to confirm. */
export interface ActRequestRecord {
  /** Random. Opens nothing: it is used by whoever is signed in as another operator. */
  readonly id: string;
  /** What is to be done: `reset-factors`. */
  readonly act: string;
  /** To which account. */
  readonly account: string;
  /** The account of the operator who asked: nobody confirms what they asked for themselves. */
  readonly askedBy: string;
  /** Why, in the words of who asked, for whoever confirms. */
  readonly reason: string;
  readonly askedAt: number;
  readonly expiresAt: number;
}

/** Requests of operators. One that is past its end is not found by any method. */
export interface ActRequestStore {
  /**
   * Keeps a request, in the place of one that is past its end. False: the same act waits for this account already, or
   * there is no such account.
   */
  ask(record: ActRequestRecord, now: number): MaybePromise<boolean>;
  /** The request of this id, unless it is past its end. */
  find(id: string, now: number): MaybePromise<ActRequestRecord | undefined>;
  /**
   * Uses a request up. Undefined: it is not there any more, or it is this very operator's own. Of two calls at once exactly
   * one gets it.
   *
   * @param by - the account of who confirms
   */
  take(id: string, by: string, now: number): MaybePromise<ActRequestRecord | undefined>;
  /** Takes a request back. False: it was not there any more. */
  remove(id: string): MaybePromise<boolean>;
  /** Those that wait, in the store's own order of ids, after one of them or from the first one on. */
  list(after: string | undefined, limit: number, now: number): MaybePromise<readonly ActRequestRecord[]>;
}

export const actRequestRules: Rules<ActRequestStore> = {
  ask: keep('request of an operator'),
  find: look(undefined),
  take: look(undefined),
  remove: look(false),
  list: look(NONE),
};
