/**
 * What Bulwark needs of a place where accounts live. Every method is one step: of two calls at once that want the same
 * thing exactly one gets it, and what is stored of tokens are hashes, which open nothing. Times are milliseconds since 1970.
 */
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { type ActRequestStore, actRequestRules } from './act-requests.ts';
import {
  type MailTokenStore,
  mailTokenRules,
  type OutboxRecord,
  type OutboxStore,
  outboxRules,
} from './mail.ts';
import { type StayStore, stayRules } from './stays.ts';
import { from, keep, look, NONE, pass, type Rules } from '../rules.ts';

/** Someone who can sign in. */
export interface AccountRecord {
  /** Random, and never used again. */
  readonly id: string;
  /** As its owner wrote it. */
  readonly email: string;
  /** What it is found by: the address in one spelling. No two accounts have the same. */
  readonly emailKey: string;
  /** Undefined: signs in by a passkey or by another service, and by no password. */
  readonly passwordHash: string | undefined;
  readonly roles: readonly string[];
  readonly createdAt: number;
  /** Undefined while the account may sign in. */
  readonly disabledAt: number | undefined;
  /**
   * Counts changes of what opens the account: address, password, roles, whether it is disabled. A sign-in that began
   * under another version is not completed.
   */
  readonly version: number;
}

/** What changes of an account. What is absent stays; a password hash of `null` is taken away. */
export interface AccountChange {
  readonly email?: string;
  readonly emailKey?: string;
  readonly passwordHash?: string | null;
  readonly roles?: readonly string[];
  /** `null`: the account may sign in again. */
  readonly disabledAt?: number | null;
}

/** Wrong passwords for one name, since the last right one. */
export interface GuessRecord {
  /** All of them. */
  readonly failures: number;
  /** Those of the streak that delays go by: a pause starts it anew. */
  readonly streak: number;
  readonly lastAt: number;
}

/** Counts of wrong passwords. Keys are keyed hashes: the names that were tried are not stored. */
export interface GuessStore {
  /** What is counted, unless its end has come. */
  find(key: string, now: number): MaybePromise<GuessRecord | undefined>;
  /**
   * Compare-and-set: puts `next` in the place of `seen`, or of nothing where that is undefined or past its end. False:
   * another attempt was counted meanwhile.
   */
  advance(
    key: string,
    seen: GuessRecord | undefined,
    next: GuessRecord,
    expiresAt: number,
    now: number,
  ): MaybePromise<boolean>;
  /** Forgets what was counted. */
  clear(key: string): MaybePromise<void>;
}

/** A browser that an account has signed in from before. */
export interface KnownBrowserRecord {
  /** SHA-256 of what its cookie holds, base64url. One browser may be known to several accounts. */
  readonly idHash: string;
  readonly account: string;
  readonly createdAt: number;
  readonly seenAt: number;
  readonly address: string;
  readonly userAgent: string;
  /** What its owner calls it; empty where it has no name. */
  readonly name: string;
}

/** Browsers that accounts are known to use. */
export interface KnownBrowserStore {
  /** The browser of this hash, if this account has signed in from it. */
  find(account: string, idHash: string): MaybePromise<KnownBrowserRecord | undefined>;
  /** Keeps a device, or notes its use where it is there (`createdAt` and its name stay); of one account the last used `most`. */
  put(record: KnownBrowserRecord, most: number): MaybePromise<void>;
  /** Those of an account, last used first. */
  list(account: string): MaybePromise<readonly KnownBrowserRecord[]>;
  /** Gives it a name. False: the account does not know it. */
  rename(account: string, idHash: string, name: string): MaybePromise<boolean>;
  /** Removes all of an account, but the one excepted. Returns how many. */
  removeAll(account: string, exceptIdHash?: string): MaybePromise<number>;
}

/** One line of an account's own history. */
export interface ActivityRecord {
  readonly account: string;
  readonly at: number;
  /** Such as `signed-in` or `password-changed`. */
  readonly event: string;
  /** What more there is to say, such as the name of a passkey. */
  readonly detail: string;
  readonly address: string;
  readonly userAgent: string;
}

/** What accounts did, for their owners to look at. The audit log has more, and for longer. */
export interface ActivityStore {
  /** Keeps a line, and of one account the newest `most`. */
  add(record: ActivityRecord, most: number): MaybePromise<void>;
  /** Those of an account, newest first; of two at one time the one that was added later. */
  list(account: string, limit: number): MaybePromise<readonly ActivityRecord[]>;
}

/** An account at another service that signs in to one of ours (OpenID Connect Core 1.0, section 2). */
export interface IdentityRecord {
  /** The issuer and the subject it names: the only pair that never means someone else. */
  readonly issuer: string;
  readonly subject: string;
  readonly account: string;
  /** What its owner knows it by, such as an address. Nothing is decided by it. */
  readonly label: string;
  readonly linkedAt: number;
  readonly usedAt: number | undefined;
}

/** Accounts at other services. */
export interface IdentityStore {
  /** The link of this pair, to whichever account. */
  find(issuer: string, subject: string): MaybePromise<IdentityRecord | undefined>;
  /** False: the pair is linked already, to whomever. */
  add(record: IdentityRecord): MaybePromise<boolean>;
  /** Notes that somebody signed in by it at `now`. False: the pair is not linked any more. */
  use(issuer: string, subject: string, now: number): MaybePromise<boolean>;
  /** Those of an account, oldest first. */
  list(account: string): MaybePromise<readonly IdentityRecord[]>;
  /** False: it is not linked to this account. */
  remove(account: string, issuer: string, subject: string): MaybePromise<boolean>;
}

/** A token by which a program acts for an account. */
export interface ApiTokenRecord {
  /** Random; what its owner's list calls it. Opens nothing. */
  readonly id: string;
  /** SHA-256 of the token, base64url. */
  readonly hash: string;
  readonly account: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Its first characters, which tell it from others and open nothing. */
  readonly hint: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usedAt: number | undefined;
  readonly usedFrom: string;
  /** Of the key that it is bound to, the thumbprint; or that it will be bound to the first one. Undefined: to none. */
  readonly jkt: string | undefined;
}

/** Tokens of programs. */
export interface ApiTokenStore {
  /** False: the account has `most` that have not expired. */
  add(record: ApiTokenRecord, most: number, now: number): MaybePromise<boolean>;
  /** The token of a hash, unless it has expired. */
  find(hash: string, now: number): MaybePromise<ApiTokenRecord | undefined>;
  /** Notes a use, kept to `noteEvery` milliseconds. */
  noteUse(id: string, address: string, now: number, noteEvery: number): MaybePromise<void>;
  /** Binds a token to a key, unless it is bound to one: of two at once the first counts. Returns what it is bound to then. */
  bind(id: string, jkt: string): MaybePromise<string | undefined>;
  /** Those of an account, newest first, expired ones included. */
  list(account: string): MaybePromise<readonly ApiTokenRecord[]>;
  /** False: the account has none of this id. */
  remove(account: string, id: string): MaybePromise<boolean>;
  /** Returns how many. */
  removeAll(account: string): MaybePromise<number>;
}

/** Accounts, and what belongs to them. */
export interface AccountStore {
  /** False, and nothing changed: the id or the address is taken. */
  create(record: AccountRecord): MaybePromise<boolean>;
  /** The account of this id, disabled ones included. */
  find(id: string): MaybePromise<AccountRecord | undefined>;
  /** The account that has this address, in the one spelling that addresses are compared by (`emailKey`). */
  findByEmail(emailKey: string): MaybePromise<AccountRecord | undefined>;
  /**
   * Compare-and-set: changes the version that was read, and counts it up by one. `taken`: the address is.
   *
   * @param mail - what tells the owner: kept in the outbox by the same write, and only where it is `changed`
   */
  change(
    id: string,
    version: number,
    change: AccountChange,
    mail?: OutboxRecord,
  ): MaybePromise<'changed' | 'stale' | 'taken'>;
  /** Puts a stronger hash in the place of the one just verified; the version stays. False: it was no longer there. */
  replacePasswordHash(id: string, verified: string, stronger: string): MaybePromise<boolean>;
  /** Removes an account and everything of it that this store keeps. */
  remove(id: string): MaybePromise<boolean>;
  /** In the store's own order of ids, after one of them or from the first one on. */
  after(id: string | undefined, limit: number): MaybePromise<readonly AccountRecord[]>;
  /**
   * In the order of `emailKey`, by UTF-8, after one of them or from the first one on: a page costs the same wherever it
   * begins, and a name that is looked for by its beginning is found at once.
   */
  afterEmail(emailKey: string | undefined, limit: number): MaybePromise<readonly AccountRecord[]>;
  readonly mailTokens: MailTokenStore;
  readonly outbox: OutboxStore;
  readonly guesses: GuessStore;
  readonly knownBrowsers: KnownBrowserStore;
  readonly activity: ActivityStore;
  readonly identities: IdentityStore;
  readonly apiTokens: ApiTokenStore;
  readonly actRequests: ActRequestStore;
  readonly stays: StayStore;
  /** Deletes what has expired, at most a thousand rows at a time. Returns how many: fewer than a hundred where none is left. */
  sweep(now: number): MaybePromise<number>;
}

/** An account after a change of it. */
export function changedAccount(record: AccountRecord, change: AccountChange): AccountRecord {
  const { passwordHash, disabledAt } = change;
  return {
    ...record,
    email: change.email ?? record.email,
    emailKey: change.emailKey ?? record.emailKey,
    passwordHash: passwordHash === undefined ? record.passwordHash : (passwordHash ?? undefined),
    roles: change.roles === undefined ? record.roles : Object.freeze([...change.roles]),
    disabledAt: disabledAt === undefined ? record.disabledAt : (disabledAt ?? undefined),
    version: record.version + 1,
  };
}

export const accountRules: Rules<AccountStore> = {
  create: keep('account'),
  find: look(undefined),
  findByEmail: look(undefined),
  change: keep('account', { names: 1, none: 'stale' }),
  replacePasswordHash: keep('password hash of the account', { names: 2, none: false }),
  remove: look(false),
  after: from,
  afterEmail: from,
  mailTokens: mailTokenRules,
  outbox: outboxRules,
  guesses: {
    find: look(undefined),
    advance: keep('count of guesses'),
    clear: look(undefined),
  },
  knownBrowsers: {
    find: look(undefined),
    put: keep('known browser'),
    list: look(NONE),
    rename: keep('name of the browser', { names: 2, none: false }),
    removeAll: look(0),
  },
  activity: {
    add: keep('activity'),
    list: look(NONE),
  },
  identities: {
    find: look(undefined),
    add: keep('identity'),
    use: look(false),
    list: look(NONE),
    remove: look(false),
  },
  apiTokens: {
    add: keep('API token'),
    find: look(undefined),
    noteUse: keep('address of the API token', { names: 1 }),
    bind: keep('key of the API token', { names: 1 }),
    list: look(NONE),
    remove: look(false),
    removeAll: look(0),
  },
  actRequests: actRequestRules,
  stays: stayRules,
  sweep: pass,
};
