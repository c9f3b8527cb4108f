/** Signing in: a password or another service, then a second factor where the account has one; or a passkey alone. */
import { SIGN_IN_CALLS } from '../accounts.calls.ts';
import type { AccountRecord } from '../../stores/ports/accounts.ts';
import {
  type Account,
  type AccountsContext,
  type AccountVisit,
  accountOf,
  isStill,
  veil,
} from '../context.ts';
import { nameOf } from '../email-address.ts';
import type { Attempt, Guessing } from '../defence/guessing.ts';
import type { KnownBrowsers } from '../defence/known-browsers.ts';
import { guessed, newDevice } from '../mail/texts.ts';
import type { NoticeAhead, Notices } from '../mail/notices.ts';
import {
  type FirstMeans,
  forgetPendingSignIn,
  readPendingSignIn,
  rememberPendingSignIn,
} from './pending-sign-in.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';
import { tendMethods } from '../../core/tended.ts';

/** What is typed to sign in. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** What another service says of someone who signed in there. */
export interface ProviderProof {
  /** The provider's name in the policy. */
  readonly provider: string;
  /** When they proved there who they are: milliseconds since 1970. Unknown: too long ago for whatever asks for a fresh proof. */
  readonly provedAt: number | undefined;
}

/** The second factors of an account that is half signed in. */
export interface FactorChoice {
  readonly totp: boolean;
  readonly passkey: boolean;
  readonly recoveryCodes: boolean;
}

/**
 * What became of a sign-in. `credentials`: they do not go together, or the account may not sign in; nobody is told
 * which. `wait`: too many tries. `expired`: the password was proved too long ago, or something changed since.
 */
export type SignInVerdict =
  | { readonly ok: true; readonly done: true; readonly account: Account }
  | { readonly ok: true; readonly done: false; readonly choice: FactorChoice }
  | { readonly ok: false; readonly reason: 'credentials' | 'expired' | 'factor' }
  | { readonly ok: false; readonly reason: 'wait'; readonly retryAfterMs: number };

/** By what a sign-in was proved, for the log and the account's own history. */
export type SignInMeans = FirstMeans | `${FirstMeans} and second factor` | 'passkey';

/** What goes with the proof of a sign-in. */
export interface Proof {
  /** Whether a second factor was proved. */
  readonly mfa?: boolean;
  /** When, in milliseconds since 1970, if not just now: a remembered browser is no fresh proof. */
  readonly provedAt?: number | undefined;
  /** It is whoever has just made the account: a browser that it does not know is no news. */
  readonly first?: boolean;
}

/**
 * `again`: whoever is signed in proves that it is still them; a remembered browser is no proof of that, and neither is
 * anybody else's password, passkey, code or account elsewhere (WebAuthn 7.2, step 6).
 */
export type Occasion = 'sign-in' | 'again';

/** Signs people in. */
export class SignIn {
  readonly #context: AccountsContext;
  readonly #guessing: Guessing;
  readonly #devices: KnownBrowsers;
  readonly #notices: Notices;

  constructor(context: AccountsContext, guessing: Guessing, devices: KnownBrowsers, notices: Notices) {
    this.#context = context;
    this.#guessing = guessing;
    this.#devices = devices;
    this.#notices = notices;
  }

  /**
   * With a password. For a known and an unknown name the same is asked of the stores and the same hash is computed.
   *
   * @throws BulwarkError ERR_BULWARK_QUEUE_FULL: answer 503 with `Retry-After`
   */
  async withPassword(
    visit: AccountVisit,
    typed: Credentials,
    occasion: Occasion = 'sign-in',
  ): Promise<SignInVerdict> {
    SIGN_IN_CALLS.withPassword(visit, typed, occasion);
    const { email, password } = typed;
    const { store, passwords } = this.#context;
    const name = nameOf(email);
    const record = await store.findByEmail(name);
    const { idHash } = await this.#devices.recognise(visit, record?.id);
    const attempt: Attempt = { name, account: record, device: idHash };
    const warn = record === undefined ? undefined : () => this.#notices.writeAhead(visit, record, guessed);
    const counted = await this.#guessing.begin(visit, attempt, warn);
    if (!counted.ok) return { ok: false, reason: 'wait', retryAfterMs: counted.retryAfterMs };
    const { alarm } = counted;
    const verdict = await this.#guessing.uncountIfThrown(
      attempt,
      () => passwords.verify(record?.passwordHash, password, visit.signal),
      alarm,
    );
    if (record === undefined || !verdict.ok || counted.spent || record.disabledAt !== undefined) {
      visit.audit(ACCOUNTS_EVENTS.signInFailed, {
        account: record?.id,
        ...(record === undefined && { tried: veil(this.#context, 'name', name) }),
        reason: whyNot(record, verdict.ok, counted.spent),
        unreadable: verdict.reason,
      });
      if (alarm !== undefined && record !== undefined) await this.#tellOfGuessing(visit, record, alarm);
      await this.#guessing.failed(visit, attempt);
      return { ok: false, reason: 'credentials' };
    }
    await alarm?.drop();
    await this.#guessing.succeeded(attempt);
    if (verdict.rehash !== undefined && record.passwordHash !== undefined) {
      await store.replacePasswordHash(record.id, record.passwordHash, verdict.rehash);
    }
    return await this.#afterFirst(visit, record, { means: 'password' }, occasion);
  }

  /**
   * With an account at another service, once that service said who they are. A second factor is asked for as it is after
   * a password.
   *
   * @param record - read after the link was found, and before it was used: one that is cut meanwhile signs nobody in
   */
  async withProvider(
    visit: AccountVisit,
    record: AccountRecord,
    proof: ProviderProof,
    occasion: Occasion = 'sign-in',
  ): Promise<SignInVerdict> {
    SIGN_IN_CALLS.withProvider(visit, record, proof, occasion);
    const { provider, provedAt = 0 } = proof;
    return await this.#afterFirst(visit, record, { means: `provider ${provider}`, provedAt }, occasion);
  }

  /** Who has proved a password in this session, and has a second factor to prove. */
  async pendingSignIn(
    visit: AccountVisit,
  ): Promise<{ readonly choice: FactorChoice; readonly account: string } | undefined> {
    SIGN_IN_CALLS.pendingSignIn(visit);
    const way = await this.#findPendingSignIn(visit);
    if (way === undefined) return undefined;
    const { id } = way.record;
    return { choice: await this.#choiceOf(id), account: id };
  }

  /**
   * With the code of an authenticator app or a recovery code, after the password.
   *
   * @param remember - whether this browser need not prove it again for a while
   */
  async withCode(visit: AccountVisit, code: string, remember: boolean): Promise<SignInVerdict> {
    SIGN_IN_CALLS.withCode(visit, code, remember);
    const way = await this.#findPendingSignIn(visit);
    if (way === undefined) return { ok: false, reason: 'expired' };
    const { record } = way;
    const { factors, activity } = this.#context;
    const verdict = await factors.totp.verify(visit, record.id, code);
    if (!verdict.ok) {
      // Recovery codes are longer: one field takes both.
      if (!(await factors.recoveryCodes.use(visit, record.id, code)).ok) {
        return verdict.reason === 'limited'
          ? { ok: false, reason: 'wait', retryAfterMs: verdict.retryAfterMs ?? 0 }
          : { ok: false, reason: 'factor' };
      }
      await activity.add(visit, record.id, 'recovery-code-used');
    }
    return await this.#proved(visit, way, remember);
  }

  /** With a passkey as the second factor, after the password. */
  async withSecondPasskey(visit: AccountVisit, response: unknown, remember: boolean): Promise<SignInVerdict> {
    SIGN_IN_CALLS.withSecondPasskey(visit, response, remember);
    const way = await this.#findPendingSignIn(visit);
    if (way === undefined) return { ok: false, reason: 'expired' };
    const verdict = await this.#context.factors.passkeys.verify(visit, way.record.id, response);
    return verdict.ok ? await this.#proved(visit, way, remember) : { ok: false, reason: 'factor' };
  }

  /**
   * With a passkey of whoever is signed in, to prove that it is still them. Another person's is refused: their proof
   * would make the browser theirs, with all that waits in it.
   *
   * @param response - made by the options of `secondFactorOptions` for this account
   */
  async withOwnPasskey(
    visit: AccountVisit,
    record: AccountRecord,
    response: unknown,
  ): Promise<SignInVerdict> {
    SIGN_IN_CALLS.withOwnPasskey(visit, record, response);
    if (isOther(visit, record, 'again')) return refuseOther(visit, record);
    const verdict = await this.#context.factors.passkeys.verify(visit, record.id, response);
    if (!verdict.ok) return { ok: false, reason: 'factor' };
    return await this.complete(visit, record, 'passkey', { mfa: true });
  }

  /** With a passkey alone, whoever's: it was unlocked by its owner, and so is two factors in one. */
  async withPasskey(visit: AccountVisit, response: unknown): Promise<SignInVerdict> {
    SIGN_IN_CALLS.withPasskey(visit, response);
    const { factors, store } = this.#context;
    // Before the proof: a passkey that is taken away meanwhile signs nobody in.
    const owner = await factors.passkeys.ownerOf(response);
    const record = owner === undefined ? undefined : await store.find(owner);
    const verdict = await factors.passkeys.signIn(visit, response);
    if (!verdict.ok) return { ok: false, reason: 'factor' };
    if (record?.id !== verdict.account || record.disabledAt !== undefined) {
      visit.audit(ACCOUNTS_EVENTS.signInFailed, {
        account: verdict.account,
        reason: 'the account is disabled or gone',
      });
      return { ok: false, reason: 'credentials' };
    }
    return await this.complete(visit, record, 'passkey', { mfa: true });
  }

  /**
   * Begins the session of an account whose owner proved to be there.
   *
   * @param record - as it was read before the proof: if anything that opens it changed since, nobody is signed in
   * @param proof - what more was proved than by `means`
   */
  async complete(
    visit: AccountVisit,
    record: AccountRecord,
    means: SignInMeans,
    proof: Proof = {},
  ): Promise<SignInVerdict> {
    SIGN_IN_CALLS.complete(visit, record, means, proof);
    const { first = false, ...more } = proof;
    const { activity } = this.#context;
    const { id } = record;
    const known = await this.#devices.find(visit, id);
    const fresh = known === undefined;
    const signIn = async (notMade: () => void): Promise<SignInVerdict> => {
      const now = await this.#beginSession(visit, record, more, notMade);
      if (now === undefined) return { ok: false, reason: 'expired' };
      await this.#devices.note(visit, id, known);
      visit.audit(ACCOUNTS_EVENTS.signedIn, { account: id, means, device: fresh ? 'new' : 'known' });
      await activity.add(visit, id, fresh ? 'signed-in-new-device' : 'signed-in', means);
      return { ok: true, done: true, account: accountOf(now) };
    };
    return fresh && !first
      ? await this.#notices.tellOf(visit, record, newDevice, signIn)
      : await signIn(() => undefined);
  }

  /**
   * The session of an account, and the account as it is once that is there. Undefined: it changed meanwhile, and there
   * is no session.
   *
   * @param none - called where there is none, whatever is thrown then
   */
  async #beginSession(
    visit: AccountVisit,
    record: AccountRecord,
    proof: Omit<Proof, 'first'>,
    none: () => void,
  ): Promise<AccountRecord | undefined> {
    const { id, roles } = record;
    try {
      await forgetPendingSignIn(visit);
      await visit.session.signIn({ account: id, roles, ...proof });
    } catch (error) {
      none();
      throw error;
    }
    // Read again once the session is there: a reset meanwhile either ended it with all others, or is seen here.
    const now = await this.#findOrSignOut(visit, id, none);
    if (isStill(record, now)) return now;
    await visit.session.signOut();
    none();
    visit.audit(ACCOUNTS_EVENTS.signInFailed, {
      account: id,
      reason: 'the account changed during the sign-in',
    });
    return undefined;
  }

  async #afterFirst(
    visit: AccountVisit,
    record: AccountRecord,
    { means, provedAt }: FirstProof,
    occasion: Occasion,
  ): Promise<SignInVerdict> {
    if (isOther(visit, record, occasion)) return refuseOther(visit, record);
    const { factors } = this.#context;
    const { secondFactor } = await factors.overview(record.id);
    if (!secondFactor) return await this.complete(visit, record, means, { provedAt });
    if (occasion === 'sign-in') {
      const device = await factors.rememberedBrowsers.recognise(visit, record.id, visit.cookie);
      if (device.setCookie !== undefined) visit.setCookie(device.setCookie);
      if (device.ok) {
        const moments = [provedAt, device.provedAt].filter((at) => at !== undefined);
        return await this.complete(visit, record, means, { mfa: true, provedAt: Math.min(...moments) });
      }
    }
    await rememberPendingSignIn(visit, record, { means, again: occasion === 'again' }, this.#context.clock());
    return { ok: true, done: false, choice: await this.#choiceOf(record.id) };
  }

  async #proved(visit: AccountVisit, { record, means }: Way, remember: boolean): Promise<SignInVerdict> {
    const signedIn = await this.complete(visit, record, `${means} and second factor`, { mfa: true });
    if (signedIn.ok && remember) await this.#remember(visit, record);
    return signedIn;
  }

  async #remember(visit: AccountVisit, record: AccountRecord): Promise<void> {
    const { factors, store } = this.#context;
    const cookie = await factors.rememberedBrowsers.remember(visit, record.id, visit.userAgent, visit.cookie);
    // Read again once it is there: a reset meanwhile either forgot it with all others, or is seen here.
    if (isStill(record, await store.find(record.id))) visit.setCookie(cookie);
    else await factors.rememberedBrowsers.forgetAll(visit, record.id);
  }

  /** Whose account cannot be looked at is not signed in to. */
  async #findOrSignOut(
    visit: AccountVisit,
    id: string,
    none: () => void,
  ): Promise<AccountRecord | undefined> {
    try {
      return await this.#context.store.find(id);
    } catch (error) {
      await visit.session.signOut();
      none();
      throw error;
    }
  }

  /** The account that is on the way, as it was when its first factor was proved. */
  async #findPendingSignIn(visit: AccountVisit): Promise<Way | undefined> {
    const way = readPendingSignIn(visit, this.#context.clock());
    if (way === undefined) return undefined;
    const record = await this.#context.store.find(way.account);
    if (record?.version !== way.version || record.disabledAt !== undefined) return undefined;
    if (way.again && isOther(visit, record, 'again')) return undefined;
    return { record, means: way.means };
  }

  async #choiceOf(account: string): Promise<FactorChoice> {
    const { totp, passkeys, recoveryCodesLeft } = await this.#context.factors.overview(account);
    return { totp: totp !== undefined, passkey: passkeys.length > 0, recoveryCodes: recoveryCodesLeft > 0 };
  }

  async #tellOfGuessing(visit: AccountVisit, record: AccountRecord, alarm: NoticeAhead): Promise<void> {
    alarm.post();
    visit.audit(ACCOUNTS_EVENTS.locked, { account: record.id, reason: 'too many wrong passwords in a row' });
    await this.#context.activity.add(visit, record.id, 'sign-in-blocked');
  }

  static {
    tendMethods(SignIn, (its) => its.#context.audit);
  }
}

interface FirstProof {
  readonly means: FirstMeans;
  /** Milliseconds since 1970, if not just now. */
  readonly provedAt?: number;
}

interface Way {
  readonly record: AccountRecord;
  readonly means: FirstMeans;
}

/** Whether someone else is signed in here than the one who proves to be still there. */
function isOther({ session }: AccountVisit, { id }: AccountRecord, occasion: Occasion): boolean {
  return occasion === 'again' && session.principal?.account !== id;
}

function refuseOther({ audit, session }: AccountVisit, { id }: AccountRecord): SignInVerdict {
  const reason = 'a proof of another account than the one that is signed in';
  audit(ACCOUNTS_EVENTS.signInFailed, { account: session.principal?.account, reason, other: id });
  return { ok: false, reason: 'credentials' };
}

function whyNot(record: AccountRecord | undefined, matches: boolean, spent: boolean): string {
  if (record === undefined) return 'no such account';
  if (!matches) return 'wrong password';
  return spent ? 'its password must be reset first' : 'the account is disabled';
}
