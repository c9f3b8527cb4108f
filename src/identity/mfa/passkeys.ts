/** Passkeys (WebAuthn): made, used in place of a password or as a second factor, listed, renamed, removed. */
import { PASSKEY_CALLS } from './mfa.calls.ts';
import { cleanName } from '../../core/clean-name.ts';
import { randomId } from '../../core/random.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { tendMethods } from '../../core/tended.ts';
import type { PasskeyRecord } from '../../stores/ports/factors.ts';
import { forgetRememberedBrowsers, type MfaContext, type SessionVisit, type Visit } from './context.ts';
import { SignInChallenges } from './sign-in-challenge.ts';
import { ALGORITHMS, verifyAssertion, verifyRegistration, warmUp } from './webauthn.ts';
import {
  type AssertionResponse,
  type ClientData,
  readAssertion,
  readRegistration,
} from './webauthn-response.ts';
import { MFA_EVENTS } from './mfa.events.ts';

/** Options for the browser, as JSON: what `PublicKeyCredential.parseCreationOptionsFromJSON()` and its like take. */
export type BrowserOptions = Readonly<Record<string, unknown>>;

/** Whose passkey is made, and what the browser shows of them. */
export interface PasskeyOwner {
  /** Not shown, and not sent: authenticators know an account by a random handle. */
  readonly account: string;
  /** Such as the email address. */
  readonly name: string;
  readonly displayName?: string;
}

/** One line of a list of passkeys. Times are milliseconds since 1970. */
export interface PasskeySummary {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly usedAt: number | undefined;
  /** Whether it is on other devices of its owner too. */
  readonly backedUp: boolean;
  /** The make of the authenticator, for a name of it. All zeros where it does not say. */
  readonly aaguid: string;
}

/**
 * Why a passkey was not taken. `malformed`: no answer of a browser. `expired`: the challenge was used, is too old, or
 * of another purpose, or of another session where it is no sign-in. `origin`: another site's page. `unknown`: no passkey of this account. `invalid`: the
 * signature, or what was signed, does not hold. `counter`: a copy may be in use. `taken`, `too-many`: not added.
 */
export type PasskeyRefusal =
  | 'malformed'
  | 'expired'
  | 'origin'
  | 'unknown'
  | 'invalid'
  | 'counter'
  | 'taken'
  | 'too-many';

/** What became of a passkey. */
export type PasskeyVerdict =
  | { readonly ok: true; readonly account: string; readonly passkey: PasskeySummary }
  | { readonly ok: false; readonly reason: PasskeyRefusal };

/** Passkeys of one account: more are no help to a person, and a list to page through. */
const MOST_PASSKEYS = 20;
const HANDLE_BYTES = 32;
const FACTOR = 'passkey';
const UNNAMED = 'Passkey';

/** The passkeys of an application's accounts. */
export class Passkeys {
  readonly #context: MfaContext;
  readonly #challenges: SignInChallenges;

  constructor(context: MfaContext) {
    this.#context = context;
    this.#challenges = new SignInChallenges(context);
  }

  /**
   * Loads what verifies passkeys, before the first person waits for it: call it at start-up.
   *
   * @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING where `@simplewebauthn/server` is not installed
   */
  async load(): Promise<void> {
    await warmUp();
  }

  /**
   * Options to make a passkey by, for this session and account. Have the person prove who they are first
   * (`require: { fresh: '15m' }`).
   */
  async registrationOptions(visit: SessionVisit, owner: PasskeyOwner): Promise<BrowserOptions> {
    PASSKEY_CALLS.registrationOptions(visit, owner);
    const { store, relyingParty, name, settings } = this.#context;
    const { account } = owner;
    const rp = { id: relyingParty.id, name };
    const id = await store.passkeys.userHandle(account, randomId(HANDLE_BYTES));
    const known = await store.passkeys.list(account);
    const challenge = await visit.session.issueToken(registering(account), settings.challengeFor);
    return {
      challenge,
      rp,
      user: { id, name: owner.name, displayName: owner.displayName ?? owner.name },
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      timeout: settings.challengeFor,
      attestation: 'none',
      // One on each authenticator: a second one on the same would take the first one's place, or confuse its owner.
      excludeCredentials: known.map(describe),
      authenticatorSelection: {
        residentKey: 'required',
        requireResidentKey: true,
        userVerification: 'required',
      },
      extensions: { credProps: true },
    };
  }

  /**
   * Adds the passkey that a browser made by {@link registrationOptions}.
   *
   * @param response - what `credential.toJSON()` gave, as it came
   * @param name - what its owner calls it; cleaned of what would not be seen
   */
  async register(
    visit: SessionVisit,
    account: string,
    response: unknown,
    name: string,
  ): Promise<PasskeyVerdict> {
    PASSKEY_CALLS.register(visit, account, response, name);
    const { store, relyingParty, clock } = this.#context;
    const read = readRegistration(response);
    if (read === undefined) return refused('malformed');
    const isGood = await visit.session.useToken(registering(account), read.client.challenge);
    const fault = this.#faultOf(isGood, read.client, 'webauthn.create');
    if (fault !== undefined) return refused(fault);
    const made = await verifyRegistration(read, relyingParty);
    if (made === undefined) return refused('invalid');
    const userHandle = await store.passkeys.userHandle(account, randomId(HANDLE_BYTES));
    const { transports } = read;
    const details = { transports, name: cleanName(name, UNNAMED), createdAt: clock(), usedAt: undefined };
    const record: PasskeyRecord = { ...made, ...details, account, userHandle };
    if (!(await store.passkeys.add(record, MOST_PASSKEYS))) {
      const taken = (await store.passkeys.find(record.credentialId)) !== undefined;
      return refused(taken ? 'taken' : 'too-many');
    }
    visit.audit(MFA_EVENTS.created, { factor: FACTOR, account, passkey: shortId(record) });
    return { ok: true, account, passkey: summary(record) };
  }

  /**
   * Options to sign in by, whoever it is: for the autofill of a sign-in form, and for a button. A page asks for them by
   * itself: answer a GET, under no limit of sign-ins. They store nothing and begin no session.
   */
  signInOptions(): BrowserOptions {
    return this.#requestOptions(this.#challenges.issue(), []);
  }

  /**
   * Signs in with a passkey alone: it was unlocked by a fingerprint, a face or a PIN, and so is two factors in one. Begin
   * the session with `session.signIn({ account, mfa: true })`. It takes anybody's: to ask whoever is signed in whether it
   * is still them, use {@link verify} with their account.
   *
   * @param response - what `credential.toJSON()` gave, as it came
   */
  async signIn(visit: Visit, response: unknown): Promise<PasskeyVerdict> {
    PASSKEY_CALLS.signIn(visit, response);
    return await this.#assert(visit, response, undefined, {
      isGood: (challenge) => this.#challenges.isLive(challenge),
      // Last, once all else holds: what a stranger sends leaves no row.
      claim: (challenge) => this.#challenges.spend(challenge),
    });
  }

  /**
   * Whose passkey a browser's answer names, before it is verified: for looking at the account as it was before the
   * proof. It proves nothing.
   */
  async ownerOf(response: unknown): Promise<string | undefined> {
    const read = readAssertion(response);
    return read === undefined ? undefined : (await this.#context.store.passkeys.find(read.id))?.account;
  }

  /** Options to prove a second factor by, after the password. Undefined: the account has no passkey. */
  async secondFactorOptions(visit: SessionVisit, account: string): Promise<BrowserOptions | undefined> {
    PASSKEY_CALLS.secondFactorOptions(visit, account);
    const known = await this.#context.store.passkeys.list(account);
    if (known.length === 0) return undefined;
    const challenge = await visit.session.issueToken(proving(account), this.#context.settings.challengeFor);
    return this.#requestOptions(challenge, known);
  }

  /** Whether a passkey of this account proves the second factor. */
  async verify(visit: SessionVisit, account: string, response: unknown): Promise<PasskeyVerdict> {
    PASSKEY_CALLS.verify(visit, account, response);
    return await this.#assert(visit, response, account, {
      isGood: (challenge) => visit.session.useToken(proving(account), challenge),
      claim: () => true,
    });
  }

  /** The passkeys of an account, oldest first. */
  async list(account: string): Promise<readonly PasskeySummary[]> {
    PASSKEY_CALLS.list(account);
    return (await this.#context.store.passkeys.list(account)).map(summary);
  }

  /** Renames a passkey of an account. False: it has none of this id. */
  async rename(visit: Visit, account: string, id: string, name: string): Promise<boolean> {
    PASSKEY_CALLS.rename(visit, account, id, name);
    const renamed = await this.#context.store.passkeys.rename(account, id, cleanName(name, UNNAMED));
    if (renamed) visit.audit(MFA_EVENTS.renamed, { account, changed: 'name of a passkey' });
    else await this.#noteForeign(visit, account, id);
    return renamed;
  }

  /** Removes a passkey of an account. False: it has none of this id. Forgets devices that were remembered with it. */
  async remove(visit: Visit, account: string, id: string): Promise<boolean> {
    PASSKEY_CALLS.remove(visit, account, id);
    const removed = await this.#context.store.passkeys.remove(account, id);
    if (!removed) {
      await this.#noteForeign(visit, account, id);
      return false;
    }
    visit.audit(MFA_EVENTS.revoked, { factor: FACTOR, account, passkey: shortId({ credentialId: id }) });
    await forgetRememberedBrowsers(this.#context, visit, account);
    return true;
  }

  /** Someone who names the passkey of another account is told no more than that there is none. */
  async #noteForeign(visit: Visit, account: string, id: string): Promise<void> {
    const found = await this.#context.store.passkeys.find(id);
    if (found === undefined || found.account === account) return;
    const reason = 'a passkey of another account';
    visit.audit(MFA_EVENTS.foreign, { account, passkey: shortId(found), reason });
  }

  #requestOptions(challenge: string, allowed: readonly PasskeyRecord[]): BrowserOptions {
    const { relyingParty, settings } = this.#context;
    return {
      challenge,
      rpId: relyingParty.id,
      timeout: settings.challengeFor,
      userVerification: 'required',
      allowCredentials: allowed.map(describe),
    };
  }

  async #assert(
    visit: Visit,
    response: unknown,
    account: string | undefined,
    challenges: Challenges,
  ): Promise<PasskeyVerdict> {
    const read = readAssertion(response);
    const verdict =
      read === undefined ? refused('malformed') : await this.#judge(visit, read, account, challenges);
    if (verdict.ok) {
      const { passkey } = verdict;
      const used = shortId({ credentialId: passkey.id });
      visit.audit(MFA_EVENTS.proved, { factor: FACTOR, account: verdict.account, passkey: used });
    } else if (verdict.reason !== 'counter') {
      visit.audit(MFA_EVENTS.failed, { factor: FACTOR, account, reason: verdict.reason });
    }
    return verdict;
  }

  async #judge(
    visit: Visit,
    response: AssertionResponse,
    account: string | undefined,
    { isGood, claim }: Challenges,
  ): Promise<PasskeyVerdict> {
    const { store, relyingParty, clock } = this.#context;
    const fault = this.#faultOf(await isGood(response.client.challenge), response.client, 'webauthn.get');
    if (fault !== undefined) return refused(fault);
    const passkey = await store.passkeys.find(response.id);
    if (passkey === undefined || !isOf(passkey, account, response.userHandle)) return refused('unknown');
    const use = await verifyAssertion(response, passkey, relyingParty);
    if (use === undefined) return refused('invalid');
    if (!(await claim(response.client.challenge))) return refused('expired');
    const now = clock();
    if (!(await store.passkeys.use(passkey.account, passkey.credentialId, { ...use, now }))) {
      return await this.#notUsed(visit, passkey, use.counter);
    }
    const used = { ...passkey, backedUp: use.backedUp, usedAt: now };
    return { ok: true, account: passkey.account, passkey: summary(used) };
  }

  /** A good signature that the store did not count: the passkey is gone, or its count went back. */
  async #notUsed(visit: Visit, passkey: PasskeyRecord, counter: number): Promise<PasskeyVerdict> {
    const stored = await this.#context.store.passkeys.find(passkey.credentialId);
    if (stored === undefined) return refused('unknown');
    visit.audit(MFA_EVENTS.copied, {
      factor: FACTOR,
      account: passkey.account,
      passkey: shortId(passkey),
      reason: 'the count of uses went back: the authenticator may have been copied',
      counter,
      before: stored.counter,
    });
    return refused('counter');
  }

  /** What is wrong with the ceremony, before any signature. */
  #faultOf(isGood: boolean, client: ClientData, type: string): PasskeyRefusal | undefined {
    if (!isGood) return 'expired';
    if (client.type !== type) return 'malformed';
    // In a frame of another site's page, the person cannot see whom they sign in to.
    if (client.crossOrigin || !this.#context.relyingParty.accepts(client.origin)) return 'origin';
    return undefined;
  }

  static {
    tendMethods(Passkeys);
  }
}

/** Whether a challenge is one to answer, asked before any signature, and whether it is this answer's, asked after it. */
interface Challenges {
  readonly isGood: (challenge: string) => MaybePromise<boolean>;
  readonly claim: (challenge: string) => MaybePromise<boolean>;
}

function registering(account: string): string {
  return `passkey/register/${account}`;
}

function proving(account: string): string {
  return `passkey/second-factor/${account}`;
}

/**
 * Whether a passkey may speak for the account. At a sign-in nobody has named one: then the authenticator itself must
 * say whose the passkey is (WebAuthn 7.2, step 6).
 */
function isOf(passkey: PasskeyRecord, account: string | undefined, userHandle: string | undefined): boolean {
  if (userHandle !== undefined && userHandle !== passkey.userHandle) return false;
  return account === undefined ? userHandle !== undefined : passkey.account === account;
}

function describe({ credentialId, transports }: PasskeyRecord): BrowserOptions {
  return { type: 'public-key', id: credentialId, ...(transports.length > 0 ? { transports } : undefined) };
}

function summary(record: PasskeyRecord): PasskeySummary {
  const { credentialId, name, createdAt, usedAt, backedUp, aaguid } = record;
  return { id: credentialId, name, createdAt, usedAt, backedUp, aaguid };
}

/** What the log calls a passkey. */
function shortId({ credentialId }: Pick<PasskeyRecord, 'credentialId'>): string {
  return credentialId.slice(0, 12);
}

function refused(reason: PasskeyRefusal): PasskeyVerdict {
  return { ok: false, reason };
}
