/** What the parts of this room share. */
import type { Audit } from '../core/events.ts';
import type { KeyRing } from '../core/key-ring.ts';
import type { SecondFactors } from '../identity/mfa/mfa.ts';
import type { Passwords } from '../identity/passwords/passwords.ts';
import type { SessionCompanion, UnusedSessions } from '../controls/sessions/session-stay.ts';
import type { SessionSummary } from '../controls/sessions/sessions.ts';
import type { SessionHandle } from '../controls/sessions/session-handle.ts';
import type { AccountRecord, AccountStore } from '../stores/ports/accounts.ts';
import type { CounterStore } from '../stores/ports/counters.ts';
import type { AccountsSettings } from './accounts.options.ts';
import type { Activity } from './activity.ts';
import type { Wordings } from './words/wordings.ts';
import type { Background } from './background.ts';
import type { MailQueue } from './mail/mail-queue.ts';
import { ACCOUNTS_KEYS } from './accounts.keys.ts';

/** One request, as accounts see it. `visitOf` makes one. */
export interface AccountVisit {
  readonly audit: Audit;
  readonly session: SessionHandle;
  readonly client: {
    readonly address: string;
    /** What limits count a client by. */
    readonly key: string;
  };
  /** The Cookie header. */
  readonly cookie: string | undefined;
  readonly userAgent: string;
  /** The languages that the browser asks for, as its header has them. */
  readonly acceptLanguage?: string | undefined;
  /**
   * Where the server listens that has this request, for people on this machine: `http://localhost:4711`. By its socket,
   * never by what the client says. Mailed links lead there while the policy has no origin.
   */
  readonly server?: string;
  /** Adds a Set-Cookie line to the answer. */
  setCookie(line: string): void;
  /** Aborted when nobody waits for the answer any more: who queues for a hash leaves the queue. */
  readonly signal?: AbortSignal;
}

/** What notices and the history of an account have of a request. */
export type SeenFrom = Pick<AccountVisit, 'audit' | 'client' | 'userAgent' | 'server'>;

/** Lists and ends sessions outside of a request. `layer.sessions` is one. */
export interface AccountSessions {
  /** The live sessions of an account, last used first. */
  list(account: string): Promise<readonly SessionSummary[]>;
  /** Ends one session, by the hash that `list` gives. False: it was not there any more. */
  revoke(idHash: string): Promise<boolean>;
  /** Ends every session of an account, but the one excepted by the SHA-256 of its id. Resolves to how many. */
  revokeAccount(account: string, exceptIdHash?: string): Promise<number>;
  /** Has something end together with sessions. Returns what it may ask of those that nobody used. */
  accompany?(companion: SessionCompanion): UnusedSessions;
}

/** The parts that accounts are made of. */
export interface AccountsContext {
  readonly store: AccountStore;
  readonly counters: CounterStore;
  readonly sessions: AccountSessions;
  readonly keys: KeyRing;
  readonly passwords: Passwords;
  readonly factors: SecondFactors;
  readonly settings: AccountsSettings;
  /** The role of those who act on accounts of others. */
  readonly operatorRole: string;
  /** How long ago they may have proved a second factor, for what they do: milliseconds. */
  readonly operatorFreshMs: number;
  /** What people call the service. */
  readonly name: string;
  /** What pages and mails say. */
  readonly wordings: Wordings;
  /** For what belongs to no visit. */
  readonly audit: Audit;
  readonly mail: MailQueue;
  readonly background: Background;
  readonly activity: Activity;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** An account as its application sees it: nothing that opens it. */
export interface Account {
  readonly id: string;
  /** As its owner wrote it. */
  readonly email: string;
  readonly roles: readonly string[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly disabled: boolean;
  /** False: it is signed in to by a passkey or another service only. */
  readonly hasPassword: boolean;
}

/** What the application sees of a stored account. */
export function accountOf(record: AccountRecord): Account {
  const { id, email, roles, createdAt, disabledAt, passwordHash } = record;
  return {
    id,
    email,
    roles,
    createdAt,
    disabled: disabledAt !== undefined,
    hasPassword: passwordHash !== undefined,
  };
}

/** Whether an account is as it was read, as far as it opens by anything. */
export function isStill(before: AccountRecord, now: AccountRecord | undefined): now is AccountRecord {
  return now !== undefined && now.version === before.version && now.disabledAt === undefined;
}

/**
 * What the password of an account is known by, where nothing but a change of it may make a difference: nobody finds
 * anything of it here, and nobody without it makes another one.
 */
export function passwordMark(
  context: Pick<AccountsContext, 'keys'>,
  { id, passwordHash = '' }: Pick<AccountRecord, 'id' | 'passwordHash'>,
): string {
  return veil(context, 'password', `${id}/${passwordHash}`);
}

/** What counters and counts of guesses know a name or an address by: a dump of them does not list who was tried. */
export function veil({ keys }: Pick<AccountsContext, 'keys'>, kind: string, name: string): string {
  return `${kind}/${keys.sign(ACCOUNTS_KEYS.counted, `accounts/${kind}/${name}`).toString('base64url', 0, 16)}`;
}
