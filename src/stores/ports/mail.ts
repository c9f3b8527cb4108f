/** Links that were mailed, of which hashes are stored, and mails that wait to be sent, which are sealed. */
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { keep, look, pass, type Rules } from '../rules.ts';

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
  /**
   * Keeps a token, and of one subject and purpose the newest `most`.
   *
   * @param mail - what tells of it: kept in the outbox by the same write, so that there is neither without the other
   */
  put(token: MailTokenRecord, most: number, mail?: OutboxRecord): MaybePromise<void>;
  /** Looks at a token without using it up. */
  find(hash: string, purpose: string, now: number): MaybePromise<MailTokenRecord | undefined>;
  /** Uses a token up. Of two simultaneous calls exactly one gets it. */
  take(hash: string, purpose: string, now: number): MaybePromise<MailTokenRecord | undefined>;
  /** Removes every token of a subject, whatever for. Returns how many. */
  removeAll(subject: string): MaybePromise<number>;
}

/** A mail that waits to be sent, or is being sent. */
export interface OutboxRecord {
  /** Random. */
  readonly id: string;
  /** The mail, sealed by the key ring: whoever reads the store learns no address and follows no link. */
  readonly sealed: string;
  /** Until then whoever holds it sends it, and nobody else: after it, whoever claims it first. */
  readonly heldUntil: number;
  /** How many tries were begun. */
  readonly tries: number;
  /** Past this it is sent no more: its link is over, or the news is old. */
  readonly expiresAt: number;
}

/** Mails that wait to be sent, kept until the mail server has taken them: a crash loses none. */
export interface OutboxStore {
  /** Keeps a mail. Its id is random, so that there is none of it yet. */
  put(mail: OutboxRecord): MaybePromise<void>;
  /**
   * Holds mails that nobody holds at `now` until another time, the oldest first, and counts a try of each. Of several
   * processes at once each gets others.
   */
  claim(now: number, until: number, limit: number): MaybePromise<readonly OutboxRecord[]>;
  /** Compare-and-set: holds one until another time, if it is held until `seen` still. False: someone else has it, or it is gone. */
  hold(id: string, seen: number, until: number, tries: number): MaybePromise<boolean>;
  /** Forgets one that was sent or given up. False: it was gone. */
  remove(id: string): MaybePromise<boolean>;
  /** How many there are. */
  count(): MaybePromise<number>;
}

export const outboxRules: Rules<OutboxStore> = {
  put: keep('mail'),
  claim: pass,
  hold: look(false),
  remove: look(false),
  count: pass,
};

export const mailTokenRules: Rules<MailTokenStore> = {
  put: keep('mail token'),
  find: look(undefined),
  take: look(undefined),
  removeAll: look(0),
};
