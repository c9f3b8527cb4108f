/** `bulwark/mfa`: second factors, without pages. Authenticator apps, recovery codes, passkeys, remembered browsers. */
import { MFA_EVENTS } from './mfa.events.ts';
import { MFA_CALLS } from './mfa.calls.ts';
import { fileURLToPath } from 'node:url';
import type { KeyRing } from '../../core/key-ring.ts';
import { PolicyError } from '../../core/errors.ts';
import type { OriginParts } from '../../core/origin.ts';
import { tendMethods } from '../../core/tended.ts';
import type { CounterStore } from '../../stores/ports/counters.ts';
import type { FactorStore } from '../../stores/ports/factors.ts';
import type { MfaContext, Visit } from './context.ts';
import type { MfaSettings } from './mfa.options.ts';
import { Passkeys, type PasskeySummary } from './passkeys.ts';
import { RecoveryCodes } from './recovery-codes.ts';
import { RelyingParty } from './relying-party.ts';
import { RememberedBrowsers } from './remembered-browsers.ts';
import { AuthenticatorApps, resealAll, type ResealReport } from './totp.ts';

export type { SessionVisit, Visit } from './context.ts';
export type { MfaOptions } from './mfa.options.ts';
export type {
  BrowserOptions,
  Passkeys,
  PasskeyOwner,
  PasskeyRefusal,
  PasskeySummary,
  PasskeyVerdict,
} from './passkeys.ts';
export type { RecoveryCodes, RecoveryVerdict } from './recovery-codes.ts';
export type {
  ClientVisit,
  RememberedBrowserSummary,
  RememberedBrowserVerdict,
  RememberedBrowsers,
} from './remembered-browsers.ts';
export type { AuthenticatorApps, ResealReport, TotpEnrolment, TotpRefusal, TotpVerdict } from './totp.ts';

/**
 * The script that pages with passkeys load: serve this file as it is, and put it in with
 * `<script type="module" nonce="..." src="...">`. Its own first lines say how a page asks for what.
 */
export const passkeyScriptFile: string = fileURLToPath(new URL('./passkeys.browser.js', import.meta.url));

/** What second factors need of a policy: what `loadPolicy` gives back has it. */
export interface MfaPolicy {
  readonly state: { readonly counters: CounterStore; readonly factors?: FactorStore | undefined };
  readonly keys: KeyRing;
  readonly origin: OriginParts | undefined;
  readonly mfa: MfaSettings;
  readonly accounts?: { readonly name: string | undefined } | undefined;
}

/** What an account has. */
export interface FactorOverview {
  /** Whether a sign-in with a password asks for more: an authenticator app or a passkey is there. */
  readonly secondFactor: boolean;
  /** The authenticator app, in milliseconds since 1970. */
  readonly totp: { readonly confirmedAt: number; readonly usedAt: number } | undefined;
  readonly passkeys: readonly PasskeySummary[];
  readonly recoveryCodesLeft: number;
}

/** The second factors of one application. */
export class SecondFactors {
  readonly totp: AuthenticatorApps;
  readonly recoveryCodes: RecoveryCodes;
  readonly passkeys: Passkeys;
  readonly rememberedBrowsers: RememberedBrowsers;
  readonly #context: MfaContext;

  private constructor(context: MfaContext) {
    this.#context = context;
    this.totp = new AuthenticatorApps(context);
    this.recoveryCodes = new RecoveryCodes(context);
    this.passkeys = new Passkeys(context);
    this.rememberedBrowsers = new RememberedBrowsers(context);
  }

  /**
   * Second factors by a policy that was loaded.
   *
   * @example
   * ```ts
   * const policy = await loadPolicy({ origin: 'https://files.example.com', mfa: { name: 'Strongroom' } });
   * const layer = bulwark(policy);
   * const factors = SecondFactors.of(policy);
   * ```
   * @param clock - milliseconds since 1970
   * @throws PolicyError where the policy's state keeps no second factors
   */
  static of(policy: MfaPolicy, clock: () => number = Date.now): SecondFactors {
    MFA_CALLS.of(policy, clock);
    const { mfa: settings, accounts, origin, state, keys } = policy;
    const { factors: store, counters } = state;
    if (store === undefined) {
      const reason = 'it keeps no second factors: they belong where accounts are kept.';
      const fix =
        "state: sqlite('data/'), or state: { shared: await redis(client), records: await postgres(pool) }";
      throw new PolicyError([{ code: 'ERR_BULWARK_INVALID_OPTION', option: 'state', reason, fix }]);
    }
    return new SecondFactors({
      store,
      counters,
      keys,
      settings,
      name: settings.name ?? accounts?.name ?? origin?.hostname ?? 'localhost',
      relyingParty: new RelyingParty(origin, settings.rpId, settings.relatedOrigins),
      clock,
    });
  }

  /** What an account has: for its own page, and to know whether a sign-in is done after the password. */
  async overview(account: string): Promise<FactorOverview> {
    MFA_CALLS.overview(account);
    const { store } = this.#context;
    const active = (await store.totp.find(account))?.active;
    const passkeys = await this.passkeys.list(account);
    return {
      secondFactor: active !== undefined || passkeys.length > 0,
      totp: active === undefined ? undefined : { confirmedAt: active.confirmedAt, usedAt: active.usedAt },
      passkeys,
      recoveryCodesLeft: await store.recoveryCodes.count(account),
    };
  }

  /**
   * Removes every factor, recovery code and remembered browser of an account: when it is removed, or when an operator
   * has made sure by other means whose it is.
   */
  async removeAccount(visit: Visit, account: string): Promise<void> {
    MFA_CALLS.removeAccount(visit, account);
    await this.#context.store.removeAccount(account);
    visit.audit(MFA_EVENTS.revoked, { factor: 'all', account });
  }

  /**
   * Seals anew, by the current secret, what older ones sealed. Run it after a rotation and before the old secret is
   * taken away: what only that one opens is lost with it.
   */
  async reseal(): Promise<ResealReport> {
    return await resealAll(this.#context);
  }

  static {
    tendMethods(SecondFactors);
  }
}
