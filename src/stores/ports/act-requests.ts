/**
 * Acts that wait: for the word of a second operator, or for their day. Times are milliseconds since 1970. Whoever reads them
 * names the act: nobody confirms or withdraws what is of another kind.
 */
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { keep, look, NONE, type Rules } from '../rules.ts';

/** An act that somebody asked for, and another has to confirm or to do. */
export interface ActRequestRecord {
  /** Random. Opens nothing: it is used by whoever is signed in as another operator. */
  readonly id: string;
  /** What is to be done, such as `reset-factors`. */
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

/** What waits. One that is past its end, or of another act, is not found by any method. */
export interface ActRequestStore {
  /**
   * Keeps a request, in the place of one that is past its end. False: the same act waits for this account already, or
   * there is no such account.
   */
  ask(record: ActRequestRecord, now: number): MaybePromise<boolean>;
  /** The request of this id, unless it is past its end. */
  find(act: string, id: string, now: number): MaybePromise<ActRequestRecord | undefined>;
  /** The one of an act about an account, unless it is past its end: of two that give way to one another, whichever is there. */
  about(act: string, account: string, now: number): MaybePromise<ActRequestRecord | undefined>;
  /**
   * Uses a request up. Undefined: it is not there any more, or it is this very operator's own. Of two calls at once exactly
   * one gets it.
   *
   * @param by - the account of who confirms
   */
  take(act: string, id: string, by: string, now: number): MaybePromise<ActRequestRecord | undefined>;
  /**
   * Puts a record in the place of one of the same act and account, in one step: it is never gone meanwhile. False: it is
   * not there any more. Of two calls at once that both give it a new id exactly one does it.
   *
   * @param id - of the one that gives way
   * @param askedAt - of that one too: what was asked for anew under its id stays
   */
  replace(id: string, askedAt: number, record: ActRequestRecord, now: number): MaybePromise<boolean>;
  /** Takes a request back. False: it was not there any more. */
  remove(act: string, id: string): MaybePromise<boolean>;
  /** Those of one act that wait, in the store's own order of ids, after one of them or from the first one on. */
  list(
    act: string,
    after: string | undefined,
    limit: number,
    now: number,
  ): MaybePromise<readonly ActRequestRecord[]>;
}

export const actRequestRules: Rules<ActRequestStore> = {
  ask: keep('request of an operator'),
  find: look(undefined),
  about: look(undefined),
  take: look(undefined),
  replace: keep('request of an operator', { names: 2, none: false }),
  remove: look(false),
  list: look(NONE),
};
