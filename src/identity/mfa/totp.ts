/** Authenticator apps: enrolled by a secret, confirmed by a first code, each code taken once. */
import { TOTP_CALLS } from './mfa.calls.ts';
import { randomBytes } from 'node:crypto';
import { sameSecret } from '../../core/constant-time.ts';
import { randomId } from '../../core/random.ts';
import { tendMethods } from '../../core/tended.ts';
import type { TotpFactor } from '../../stores/ports/factors.ts';
import { inGroups, toBase32 } from './base32.ts';
import { forgetRememberedBrowsers, type MfaContext, type Visit } from './context.ts';
import { otpauthUri } from './otpauth.ts';
import { qrCodeImage } from './qr-code.ts';
import { matchingStep, readCode, TOTP_SECRET_BYTES } from './totp-code.ts';
import { MFA_EVENTS } from './mfa.events.ts';
import { MFA_KEYS } from './mfa.keys.ts';

/** What a person needs to add the account to their app. Shown to them alone, over https, until it counts. */
export interface TotpEnrolment {
  /** For a link on the phone itself: `otpauth://totp/...`. */
  readonly uri: string;
  /** For `<img src>`: the same as a QR code, an SVG in a data: URI. */
  readonly qrCode: string;
  /** For those who cannot scan: the secret in groups of four. */
  readonly secret: string;
  /** Until when the first code must come, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** For a field of the form that takes the first code: {@link AuthenticatorApps.shownAgain} asks for it. */
  readonly id: string;
}

/** Why a code was not taken. `limited`: too many were tried, whatever this one was. */
export type TotpRefusal = 'not-enrolled' | 'limited' | 'wrong' | 'replayed' | 'unreadable';

/** What became of a code. */
export type TotpVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: TotpRefusal;
      /** Milliseconds until another code is looked at, where `limited`. */
      readonly retryAfterMs?: number;
    };

const SEAL = MFA_KEYS.totp;
const ID_BYTES = 16;
const OK: TotpVerdict = { ok: true };

/** The authenticator apps of an application's accounts: one an account, which may be on several phones. */
export class AuthenticatorApps {
  readonly #context: MfaContext;

  constructor(context: MfaContext) {
    this.#context = context;
  }

  /**
   * Begins the enrolment of an app. One that counts already goes on counting until {@link confirm} puts this one in its
   * place. Have the person prove who they are first (`require: { fresh: '15m' }`).
   *
   * @param label - what the app shows beside the service's name, such as the email address
   * @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING where the package `qr` is not installed
   */
  async enrol(account: string, label: string): Promise<TotpEnrolment> {
    TOTP_CALLS.enrol(account, label);
    const { store, keys, settings, name, clock } = this.#context;
    const secret = randomBytes(TOTP_SECRET_BYTES);
    const uri = otpauthUri(name, label, secret);
    const qrCode = await qrCodeImage(uri);
    const id = randomId(ID_BYTES);
    const expiresAt = clock() + settings.pendingFor;
    const sealed = keys.seal(SEAL, secret, rowOf(account, id));
    await store.totp.putPending(account, { id, sealed, expiresAt });
    return { uri, qrCode, secret: inGroups(toBase32(secret)), expiresAt, id };
  }

  /**
   * An enrolment once more, for the page that refuses its first code: who has deleted the entry in their app scans it
   * anew. Undefined: it is over, or was begun anew.
   *
   * @param id - from the form of the page that showed it. Nobody else is shown it, in another session of the account either
   */
  async shownAgain(account: string, label: string, id: string): Promise<TotpEnrolment | undefined> {
    TOTP_CALLS.shownAgain(account, label, id);
    const { store, keys, name, clock } = this.#context;
    const pending = (await store.totp.find(account))?.pending;
    if (pending === undefined || pending.expiresAt <= clock() || !sameSecret(pending.id, id))
      return undefined;
    const opened = keys.open(SEAL, pending.sealed, rowOf(account, pending.id));
    if (opened === undefined) return undefined;
    const uri = otpauthUri(name, label, opened.plaintext);
    const secret = inGroups(toBase32(opened.plaintext));
    return { uri, qrCode: await qrCodeImage(uri), secret, expiresAt: pending.expiresAt, id };
  }

  /** Ends an enrolment with the app's first code: from now on it counts. Forgets devices that were remembered before. */
  async confirm(visit: Visit, account: string, code: string): Promise<TotpVerdict> {
    TOTP_CALLS.confirm(visit, account, code);
    const { store, clock } = this.#context;
    const pending = (await store.totp.find(account))?.pending;
    if (pending === undefined) return refused('not-enrolled');
    const match = await this.#match(visit, account, pending, code);
    if (!match.ok) return match;
    // The store knows whether it is still pending: between our look and this, it may have ended or been replaced.
    if (!(await store.totp.confirm(account, pending.id, match.step, clock()))) return refused('not-enrolled');
    visit.audit(MFA_EVENTS.created, { factor: 'totp', account });
    await forgetRememberedBrowsers(this.#context, visit, account);
    return OK;
  }

  /** Whether a code proves the second factor. It is taken once, and none of an earlier time after it. */
  async verify(visit: Visit, account: string, code: string): Promise<TotpVerdict> {
    TOTP_CALLS.verify(visit, account, code);
    const verdict = await this.#verify(visit, account, code);
    if (verdict.ok) visit.audit(MFA_EVENTS.proved, { factor: 'totp', account });
    else if (verdict.reason !== 'limited') {
      visit.audit(MFA_EVENTS.failed, { factor: 'totp', account, reason: verdict.reason });
    }
    return verdict;
  }

  /** Removes the app of an account. False: there was none. Forgets devices that were remembered with it. */
  async remove(visit: Visit, account: string): Promise<boolean> {
    TOTP_CALLS.remove(visit, account);
    const removed = await this.#context.store.totp.remove(account);
    if (removed) visit.audit(MFA_EVENTS.revoked, { factor: 'totp', account });
    await forgetRememberedBrowsers(this.#context, visit, account);
    return removed;
  }

  async #verify(visit: Visit, account: string, code: string): Promise<TotpVerdict> {
    const { store, clock } = this.#context;
    const active = (await store.totp.find(account))?.active;
    if (active === undefined) return refused('not-enrolled');
    const match = await this.#match(visit, account, active, code);
    if (!match.ok) return match;
    if (!(await store.totp.use(account, active.id, match.step, clock()))) return refused('replayed');
    if (match.resealed !== undefined) {
      await store.totp.reseal(account, active.id, active.sealed, match.resealed);
    }
    return OK;
  }

  /** The step of a code. Counted before it is looked at: guesses that come all at once are counted too. */
  async #match(
    visit: Visit,
    account: string,
    factor: Pick<TotpFactor, 'id' | 'sealed'>,
    typed: string,
  ): Promise<Match | Exclude<TotpVerdict, { ok: true }>> {
    const { keys, settings, counters, clock } = this.#context;
    const code = readCode(typed);
    if (code === undefined) return refused('wrong');
    // Under a hash: the counters of a dump do not list who has a second factor.
    const key = `mfa/totp/${keys.sign(MFA_KEYS.attempts, account).toString('base64url', 0, 16)}`;
    const counted = await counters.take(key, settings.attempts, clock());
    if (!counted.allowed) {
      visit.audit(MFA_EVENTS.limited, { factor: 'totp', account });
      return { ...refused('limited'), retryAfterMs: counted.retryAfterMs };
    }
    const row = rowOf(account, factor.id);
    const opened = keys.open(SEAL, factor.sealed, row);
    if (opened === undefined) {
      visit.audit(MFA_EVENTS.unsealed, { factor: 'totp', account });
      return refused('unreadable');
    }
    const step = matchingStep(opened.plaintext, code, clock(), settings.drift);
    if (step === undefined) return refused('wrong');
    const resealed = opened.current ? undefined : keys.seal(SEAL, opened.plaintext, row);
    return { ok: true, step, resealed };
  }

  static {
    tendMethods(AuthenticatorApps);
  }
}

interface Match {
  readonly ok: true;
  readonly step: number;
  /** The secret under the current key, where an older one had sealed it. */
  readonly resealed: string | undefined;
}

/** What came of {@link resealAll}. */
export interface ResealReport {
  /** Now sealed by the current secret. */
  readonly resealed: number;
  /** Sealed by no secret that is here: their owners need another factor, and enrol again. */
  readonly unreadable: number;
}

const PAGE = 100;

/** Seals anew what an older secret of the ring sealed, a few at a time, with requests in between. */
export async function resealAll({ store, keys }: MfaContext): Promise<ResealReport> {
  let resealed = 0;
  let unreadable = 0;
  for (let last: string | undefined; ;) {
    const page = await store.totp.after(last, PAGE);
    for (const { account, active } of page) {
      last = account;
      if (active === undefined) continue;
      const row = rowOf(account, active.id);
      const opened = keys.open(SEAL, active.sealed, row);
      if (opened === undefined) unreadable += 1;
      else if (!opened.current) {
        const anew = keys.seal(SEAL, opened.plaintext, row);
        if (await store.totp.reseal(account, active.id, active.sealed, anew)) resealed += 1;
      }
    }
    if (page.length < PAGE) return { resealed, unreadable };
  }
}

function refused(reason: TotpRefusal): Exclude<TotpVerdict, { ok: true }> {
  return { ok: false, reason };
}

/** What a secret is sealed for. As JSON, no account can be written so that it reads as another with another id. */
function rowOf(account: string, id: string): string {
  return JSON.stringify([account, id]);
}
