/** Signing in: a password or another service, then a second factor where the account has one; or a passkey alone. */
import { SIGN_IN_CALLS } from '../accounts.calls.ts';
import type { AccountRecord } from '../../stores/ports/accounts.ts';
import { type AccountsContext, type AccountVisit, accountOf, isStill, veil } from '../context.ts';
import { nameOf } from '../email-address.ts';
import type { Attempt, Guessing } from '../defence/guessing.ts';
import type { KnownBrowsers } from '../defence/known-browsers.ts';
import { guessed, newDevice } from '../mail/texts.ts';
import type { NoticeAhead, Notices } from '../mail/notices.ts';
import { beginSession } from './begin-session.ts';
import { readPendingSignIn, rememberPendingSignIn } from './pending-sign-in.ts';
import {
  type Credentials,
  type FactorChoice,
  type FirstProof,
  isOther,
  type Occasion,
  type Proof,
  type ProviderProof,
  refuseOther,
  type SignInMeans,
  type SignInVerdict,
  type Way,
  whyNot,
} from './sign-in-parts.ts';
import type { Stays, StayWish } from './stays.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';
import { PROVED_BY_STAY } from '../../core/stay-proof.ts';
import { tendMethods } from '../../core/tended.ts';

export type {
  Credentials,
  FactorChoice,
  Occasion,
  Proof,
  ProviderProof,
  SignInMeans,
  SignInVerdict,
} from './sign-in-parts.ts';

/** Signs people in. */
export class SignIn {
  readonly #context: AccountsContext;
  readonly #guessing: Guessing;
  readonly #devices: KnownBrowsers;
  readonly #notices: Notices;
  readonly #stays: Stays | undefined;

  /** @param stays - none: nobody stays signed in */
  constructor(
    context: AccountsContext,
    guessing: Guessing,
    devices: KnownBrowsers,
    notices: Notices,
    stays: Stays | undefined,
  ) {
    this.#stays = stays;
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
    const stay = this.#wish(typed.stay === true && occasion === 'sign-in');
    return await this.#afterFirst(visit, record, { means: 'password', stay }, occasion);
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
    const stay = this.#wish(proof.stay === true && occasion === 'sign-in');
    return await this.#afterFirst(visit, record, { means: `provider ${provider}`, provedAt, stay }, occasion);
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
  async withPasskey(visit: AccountVisit, response: unknown, stay?: boolean): Promise<SignInVerdict> {
    SIGN_IN_CALLS.withPasskey(visit, response, stay);
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
    return await this.complete(visit, record, 'passkey', { mfa: true, stay: this.#wish(stay === true) });
  }

  /**
   * Signs in whoever stays signed in in this browser; a second factor is asked for as after a password. It is no fresh proof,
   * whatever is asked for next. Undefined: nobody does, or what the browser has is a copy of what was used before.
   */
  async resume(visit: AccountVisit): Promise<SignInVerdict | undefined> {
    SIGN_IN_CALLS.resume(visit);
    const held = await this.#stays?.held(visit);
    if (held === undefined) return undefined;
    const record = await this.#context.store.find(held.record.account);
    if (record === undefined || record.disabledAt !== undefined) {
      await this.#stays?.endHere(visit);
      return undefined;
    }
    const proof: FirstProof = { means: 'stay', provedAt: PROVED_BY_STAY, stay: 'go on' };
    return await this.#afterFirst(visit, record, proof, 'sign-in');
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
    const { first = false, mfa, provedAt } = proof;
    const more = { ...(mfa !== undefined && { mfa }), ...(provedAt !== undefined && { provedAt }) };
    const { activity } = this.#context;
    const { id } = record;
    const known = await this.#devices.find(visit, id);
    const fresh = known === undefined;
    const browser = this.#devices.idFor(known);
    const stay = await this.#stays?.ready(visit, id, proof.stay);
    if (stay === 'over') return { ok: false, reason: 'expired' };
    const signIn = async (notMade: () => void): Promise<SignInVerdict> => {
      const parts = { proof: more, browser, stay, stays: this.#stays };
      const now = await beginSession(this.#context, visit, record, parts, notMade);
      if (now === undefined) return { ok: false, reason: 'expired' };
      // They are signed in, whatever fails from here on.
      visit.audit(ACCOUNTS_EVENTS.signedIn, { account: id, means, device: fresh ? 'new' : 'known' });
      stay?.send();
      await this.#devices.note(visit, id, browser);
      await activity.add(visit, id, fresh ? 'signed-in-new-device' : 'signed-in', means);
      return { ok: true, done: true, account: accountOf(now) };
    };
    return fresh && !first
      ? await this.#notices.tellOf(visit, record, newDevice, signIn)
      : await signIn(() => undefined);
  }

  async #afterFirst(
    visit: AccountVisit,
    record: AccountRecord,
    { means, provedAt, stay }: FirstProof,
    occasion: Occasion,
  ): Promise<SignInVerdict> {
    if (isOther(visit, record, occasion)) return refuseOther(visit, record);
    const { factors } = this.#context;
    const { secondFactor } = await factors.overview(record.id);
    if (!secondFactor) return await this.complete(visit, record, means, { provedAt, stay });
    if (occasion === 'sign-in') {
      const device = await factors.rememberedBrowsers.recognise(visit, record.id, visit.cookie);
      if (device.setCookie !== undefined) visit.setCookie(device.setCookie);
      if (device.ok) {
        const moments = [provedAt, device.provedAt].filter((at) => at !== undefined);
        const proof = { mfa: true, provedAt: Math.min(...moments), stay };
        return await this.complete(visit, record, means, proof);
      }
    }
    const way = { means, again: occasion === 'again', stay };
    await rememberPendingSignIn(visit, record, way, this.#context.clock());
    return { ok: true, done: false, choice: await this.#choiceOf(record.id) };
  }

  async #proved(visit: AccountVisit, way: Way, remember: boolean): Promise<SignInVerdict> {
    const { record, means, stay } = way;
    // A code beside a cookie is no proof of all that a sign-in proves.
    const provedAt = means === 'stay' ? PROVED_BY_STAY : undefined;
    const proof = { mfa: true, provedAt, stay };
    const signedIn = await this.complete(visit, record, `${means} and second factor`, proof);
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

  /** The account that is on the way, as it was when its first factor was proved. */
  async #findPendingSignIn(visit: AccountVisit): Promise<Way | undefined> {
    const way = readPendingSignIn(visit, this.#context.clock());
    if (way === undefined) return undefined;
    const record = await this.#context.store.find(way.account);
    if (record?.version !== way.version || record.disabledAt !== undefined) return undefined;
    if (way.again && isOther(visit, record, 'again')) return undefined;
    return { record, means: way.means, stay: way.stay };
  }

  #wish(wanted: boolean): StayWish | undefined {
    return wanted && this.#stays !== undefined ? 'begin' : undefined;
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
