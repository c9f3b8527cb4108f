/** Links that were mailed. What is stored of one is a hash, which opens nothing. */
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { keep, look, type Rules } from '../rules.ts';

/** A link that was mailed. Whoever has it proves that mail to an address reaches them. */
export interface MailTokenRecord {
  /** SHA-256 of the token, base64url. */
  readonly hash: string;
  /** Such as `register` or `reset`: a token of one purpose is unknown to every other. */
  readonly purpose: string;
  /** Whose: the id of an account, or the key of an address that has none. */
  readonly subject: string;
  /** JSON. */
  readonly data: string;
  readonly expiresAt: number;
}

/** Links that were mailed. One past its end is not found by any method. */
export interface MailTokenStore {
  /** Keeps a token, and of one subject and purpose the newest `most`. */
  put(token: MailTokenRecord, most: number): MaybePromise<void>;
  /** Looks at a token without using it up. */
  find(hash: string, purpose: string, now: number): MaybePromise<MailTokenRecord | undefined>;
  /** Uses a token up. Of two simultaneous calls exactly one gets it. */
  take(hash: string, purpose: string, now: number): MaybePromise<MailTokenRecord | undefined>;
  /** Removes every token of a subject, whatever for. Returns how many. */
  removeAll(subject: string): MaybePromise<number>;
}

export const mailTokenRules: Rules<MailTokenStore> = {
  put: keep('mail token'),
  find: look(undefined),
  take: look(undefined),
  removeAll: look(0),
};
