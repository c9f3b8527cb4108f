/** Second factors. Nothing that is stored of them opens anything. Times are milliseconds since 1970. */
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { from, keep, look, NONE, pass, type Rules } from '../rules.ts';

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
  /** The passkey of this credential id, whosever it is. */
  find(credentialId: string): MaybePromise<PasskeyRecord | undefined>;
  /** Those of an account, oldest first. */
  list(account: string): MaybePromise<readonly PasskeyRecord[]>;
  /**
   * Notes a use, if the authenticator's count went up since the last one noted, or is 0 both times. False: it did not,
   * or the passkey is gone.
   */
  use(account: string, credentialId: string, use: PasskeyUse): MaybePromise<boolean>;
  /** Gives a passkey the name that its owner knows it by. False: the account has none of this id. */
  rename(account: string, credentialId: string, name: string): MaybePromise<boolean>;
  /** Removes a passkey. False: the account has none of this id. */
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
  /** The browser of this id, unless its time is over. */
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
  /** Deletes what has expired, at most a thousand rows at a time. Returns how many: fewer than a hundred where none is left. */
  sweep(now: number): MaybePromise<number>;
}

export const factorRules: Rules<FactorStore> = {
  totp: {
    find: look(undefined),
    putPending: keep('authenticator app'),
    confirm: look(false),
    use: look(false),
    reseal: keep('authenticator app', { names: 3, none: false }),
    remove: look(false),
    after: from,
  },
  recoveryCodes: {
    replace: keep('recovery codes'),
    take: look(undefined),
    count: look(0),
  },
  passkeys: {
    userHandle: keep('owner of a passkey'),
    add: keep('passkey'),
    find: look(undefined),
    list: look(NONE),
    use: look(false),
    rename: keep('name of the passkey', { names: 2, none: false }),
    remove: look(false),
  },
  rememberedBrowsers: {
    put: keep('remembered browser'),
    find: look(undefined),
    rotate: keep('remembered browser', { names: 2, none: false }),
    list: look(NONE),
    remove: look(false),
    removeAll: look(0),
  },
  removeAccount: look(undefined),
  sweep: pass,
};
