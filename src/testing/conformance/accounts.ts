import type {
  AccountRecord,
  AccountStore,
  ActivityRecord,
  ApiTokenRecord,
  IdentityRecord,
  KnownBrowserRecord,
} from '../../stores/ports/accounts.ts';
import type { ActRequestRecord } from '../../stores/ports/act-requests.ts';
import type { StayRecord } from '../../stores/ports/stays.ts';
import type { MailTokenRecord } from '../../stores/ports/mail.ts';
import { NOW, type OpenState, stateTest } from './support.ts';

/** How long things live in these tests. */
export const TTL = 600_000;
/** More than any test puts, where it is not about the most that are kept. */
export const MANY = 100_000;
/** Half a surrogate pair turns into U+FFFD on its way to UTF-8, and so into the text before it. */
export const HALVES: readonly string[] = ['x\ud800', 'x\udfff'];
export const WHOLE = 'x\ufffd';

/** An account that may sign in with a password, unless a test says otherwise. */
export function sketchAccount(id: string, changes: Partial<AccountRecord> = {}): AccountRecord {
  return {
    id,
    email: `${id}@Example.com`,
    emailKey: `${id}@example.com`,
    passwordHash: `hash of ${id}`,
    roles: [],
    createdAt: NOW,
    disabledAt: undefined,
    version: 1,
    ...changes,
  };
}

/** A link that was mailed to `ann`, unless a test says otherwise. */
export function sketchMailToken(hash: string, changes: Partial<MailTokenRecord> = {}): MailTokenRecord {
  return { hash, purpose: 'reset', subject: 'ann', data: '{}', expiresAt: NOW + TTL, ...changes };
}

/** A browser that `ann` used just now, unless a test says otherwise. */
export function sketchKnownBrowser(
  idHash: string,
  changes: Partial<KnownBrowserRecord> = {},
): KnownBrowserRecord {
  return {
    idHash,
    account: 'ann',
    createdAt: NOW,
    seenAt: NOW,
    address: '192.0.2.1',
    userAgent: 'a browser',
    name: '',
    ...changes,
  };
}

/** A line of the history of `ann`, unless a test says otherwise. */
export function sketchActivity(event: string, changes: Partial<ActivityRecord> = {}): ActivityRecord {
  return {
    account: 'ann',
    at: NOW,
    event,
    detail: 'a detail',
    address: '192.0.2.1',
    userAgent: 'a browser',
    ...changes,
  };
}

/** An account of another service that signs in as `ann`, unless a test says otherwise. */
export function sketchIdentity(subject: string, changes: Partial<IdentityRecord> = {}): IdentityRecord {
  return {
    issuer: 'https://issuer.example',
    subject,
    account: 'ann',
    label: 'ann@elsewhere.example',
    linkedAt: NOW,
    usedAt: undefined,
    ...changes,
  };
}

/** A token by which a program acts for `ann`, unless a test says otherwise. */
export function sketchApiToken(id: string, changes: Partial<ApiTokenRecord> = {}): ApiTokenRecord {
  return {
    id,
    hash: `hash of ${id}`,
    account: 'ann',
    name: 'backup',
    scopes: ['notes:read', 'notes:write'],
    hint: 'bw_abc',
    createdAt: NOW,
    expiresAt: NOW + TTL,
    usedAt: undefined,
    usedFrom: '',
    jkt: undefined,
    ...changes,
  };
}

/** The act of a request, unless a test says otherwise. */
export const ACT = 'reset-factors';

/** What an operator asked for about `ann`, unless a test says otherwise. */
export function sketchActRequest(id: string, changes: Partial<ActRequestRecord> = {}): ActRequestRecord {
  return {
    id,
    act: ACT,
    account: 'ann',
    askedBy: 'an operator',
    reason: 'a lost phone',
    askedAt: NOW,
    expiresAt: NOW + TTL,
    ...changes,
  };
}

/** A browser in which `ann` stays signed in, unless a test says otherwise. */
export function sketchStay(id: string, changes: Partial<StayRecord> = {}): StayRecord {
  return {
    id,
    account: 'ann',
    tokenHash: `hash of ${id}`,
    createdAt: NOW,
    usedAt: NOW,
    expiresAt: NOW + TTL,
    address: '192.0.2.1',
    userAgent: 'a browser',
    ...changes,
  };
}

/** A test on the accounts of a state of its own, in which there are `ann` and `bob`. */
export function accountTest(
  open: OpenState,
  fact: string,
  body: (accounts: AccountStore) => Promise<void>,
): void {
  stateTest(open, fact, async ({ accounts }) => {
    if (accounts === undefined) throw new TypeError('this state keeps no accounts');
    for (const id of ['ann', 'bob']) await accounts.create(sketchAccount(id));
    await body(accounts);
  });
}
