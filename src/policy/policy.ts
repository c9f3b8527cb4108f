/** The policy: everything an application declares, one section a control, each with secure defaults. */
import { type AccessOptions, accessOptions, type AccessSettings } from '../controls/access/access.options.ts';
import {
  type ApiTokensOptions,
  apiTokensOptions,
  type ApiTokensSettings,
  checkApiTokens,
} from '../controls/api-tokens/api-tokens.options.ts';
import {
  type AccountPagesOptions,
  accountPagesOptions,
  type AccountPagesSettings,
} from '../accounts/pages/account-pages.options.ts';
import {
  type AccountsOptions,
  accountsOptions,
  type AccountsSettings,
} from '../accounts/accounts.options.ts';
import { type AuditOptions, auditOptions, type AuditSettings } from '../audit/audit.options.ts';
import {
  type CookiesOptions,
  cookiesOptions,
  type CookiesSettings,
} from '../controls/cookies/cookies.options.ts';
import type { FrameworkName } from '../controls/access/frameworks.ts';
import type { EventKind } from '../core/events.ts';
import type { KeyRing } from '../core/key-ring.ts';
import type { OptionTable } from '../core/options.ts';
import type { OriginParts } from '../core/origin.ts';
import type { Environment, Problems } from '../core/problems.ts';
import { checkCsp, type CspOptions, cspOptions, type CspSettings } from '../controls/csp/csp.options.ts';
import { type CsrfOptions, csrfOptions, type CsrfSettings } from '../controls/csrf/csrf.options.ts';
import { type ErrorsOptions, errorsOptions, type ErrorsSettings } from '../controls/errors/errors.options.ts';
import { type BodyOptions, bodyOptions, type BodySettings } from '../controls/firewall/body.options.ts';
import {
  type FirewallOptions,
  firewallOptions,
  type FirewallSettings,
} from '../controls/firewall/firewall.options.ts';
import { type ProxyOptions, proxyOptions, type ProxySettings } from '../controls/firewall/proxy.options.ts';
import {
  checkTimeouts,
  type TimeoutOptions,
  timeoutOptions,
  type TimeoutSettings,
} from '../controls/firewall/timeouts.options.ts';
import {
  type HeadersOptions,
  headersOptions,
  type HeadersSettings,
} from '../controls/headers/headers.options.ts';
import { type HttpsOptions, httpsOptions, type HttpsSettings } from '../controls/https/https.options.ts';
import {
  type RateLimitOptions,
  rateLimitOptions,
  type RateLimitSettings,
} from '../controls/rate-limit/rate-limit.options.ts';
import { type MfaOptions, mfaOptions, type MfaSettings } from '../identity/mfa/mfa.options.ts';
import type { ProvidersOptions, ProvidersSettings } from '../identity/oidc/oidc.options.ts';
import {
  type PasswordsOptions,
  passwordsOptions,
  type PasswordsSettings,
} from '../identity/passwords/passwords.options.ts';
import {
  type ChallengeOptions,
  challengeOptions,
  type ChallengeSettings,
} from '../identity/proof-of-work/proof-of-work.options.ts';
import type { SecretProvider } from '../secrets/provider.ts';
import {
  checkSession,
  type SessionOptions,
  sessionOptions,
  type SessionSettings,
} from '../controls/sessions/session.options.ts';
import type { StatePlaces } from '../stores/joined.ts';
import type { State } from '../stores/ports/state.ts';
import type { RouteOptions } from './route.options.ts';
import type { RouteTable } from './route-table.ts';
import type { KnownEvents } from './own-events.ts';
import type { GuardPlacement, PlacedGuard } from './own-guards.ts';

/** What an application declares. Everything may be left out: the defaults are in docs/manual/defaults.md. */
export interface PolicyOptions {
  /**
   * The public origin, such as `https://files.example.com`. Default: the environment's `BULWARK_ORIGIN`, else none,
   * and then only loopback hosts are answered.
   */
  origin?: string;
  /** Default: `development` where NODE_ENV is `development` or `test`, else `production`. */
  environment?: Environment;
  /** Where secrets come from. Default: `env()`. */
  secrets?: SecretProvider;
  /**
   * Where sessions, counters, second factors and accounts live. Default: `sqlite('data/')`. In two places:
   * `{ shared, records }`, the first for sessions and counters, which every request asks for, the second for second
   * factors and accounts, which must outlive everything: `{ shared: await redis(client), records: await postgres(pool) }`.
   */
  state?: State | StatePlaces;
  proxy?: ProxyOptions;
  firewall?: FirewallOptions;
  body?: BodyOptions;
  timeouts?: TimeoutOptions;
  https?: HttpsOptions;
  rateLimit?: RateLimitOptions;
  session?: SessionOptions;
  apiTokens?: ApiTokensOptions;
  csrf?: CsrfOptions;
  access?: AccessOptions;
  errors?: ErrorsOptions;
  cookies?: CookiesOptions;
  csp?: CspOptions;
  headers?: HeadersOptions;
  audit?: AuditOptions;
  /** Controls of the application's own, each with its place among ours: `[{ after: 'session', guard: openingHours }]`. */
  guards?: readonly GuardPlacement[];
  /** Events of the application's own, which `bulwark.of(request).audit` takes beside those of docs/events.md. */
  events?: readonly EventKind[];
  /** Who may make an account, and how. Left out: there are none. Their code is loaded by `bulwark/accounts` or their pages. */
  accounts?: AccountsOptions;
  /** The pages of accounts. `false`: the application has its own, and no rules of these are added to its routes. */
  accountPages?: AccountPagesOptions | false;
  passwords?: PasswordsOptions;
  mfa?: MfaOptions;
  /** Sign-in with others, by the name that stands in addresses: `google` for `/login/with/google/callback`. */
  providers?: ProvidersOptions;
  challenge?: ChallengeOptions;
  /** What single routes ask for, by pattern: `'POST /login'`, `'/admin/**'`. */
  routes?: Record<string, RouteOptions>;
}

/** The sections of a policy, read. */
export interface PolicySections {
  readonly proxy: ProxySettings;
  readonly firewall: FirewallSettings;
  readonly body: BodySettings;
  readonly timeouts: TimeoutSettings;
  readonly https: HttpsSettings;
  readonly rateLimit: RateLimitSettings;
  readonly session: SessionSettings;
  readonly apiTokens: ApiTokensSettings;
  readonly csrf: CsrfSettings;
  readonly access: AccessSettings;
  readonly errors: ErrorsSettings;
  readonly cookies: CookiesSettings;
  readonly csp: CspSettings;
  readonly headers: HeadersSettings;
  readonly audit: AuditSettings;
  readonly accounts: AccountsSettings;
  readonly accountPages: AccountPagesSettings;
  readonly passwords: PasswordsSettings;
  readonly mfa: MfaSettings;
  readonly challenge: ChallengeSettings;
}

/**
 * What tells a policy that was read from one that is only declared. A name that all copies of this package share: one
 * may be bundled with the application, and another not.
 */
export const READ: unique symbol = Symbol.for('bulwark.policy');

/** A policy that was read whole and refused nowhere: what the layer is made from. */
export interface Policy extends Omit<PolicySections, 'accounts' | 'accountPages'> {
  readonly [READ]: true;
  /** Undefined: none are declared. */
  readonly accounts: AccountsSettings | undefined;
  /** Undefined: there are no accounts, or the application has pages of its own. */
  readonly accountPages: AccountPagesSettings | undefined;
  readonly providers: ProvidersSettings;
  readonly environment: Environment;
  readonly origin: OriginParts | undefined;
  readonly keys: KeyRing;
  readonly state: State;
  readonly routes: RouteTable;
  readonly guards: readonly PlacedGuard[];
  /** Every event that may be written, by its name: those of Bulwark and those that the application declares. */
  readonly events: KnownEvents;
  /** The full-stack frameworks that the application's package.json names. */
  readonly frameworks: readonly FrameworkName[];
  /** What was let pass and should be known, in words for the log. */
  readonly warnings: Problems['warnings'];
}

/** Every section's table, in the order of the documentation. To add a control, add its line here. */
export const SECTIONS: { readonly [Name in keyof PolicySections]: OptionTable<PolicySections[Name]> } = {
  proxy: proxyOptions,
  firewall: firewallOptions,
  body: bodyOptions,
  timeouts: timeoutOptions,
  https: httpsOptions,
  rateLimit: rateLimitOptions,
  session: sessionOptions,
  apiTokens: apiTokensOptions,
  csrf: csrfOptions,
  access: accessOptions,
  errors: errorsOptions,
  cookies: cookiesOptions,
  csp: cspOptions,
  headers: headersOptions,
  audit: auditOptions,
  accounts: accountsOptions,
  accountPages: accountPagesOptions,
  passwords: passwordsOptions,
  mfa: mfaOptions,
  challenge: challengeOptions,
};

/** What sections ask of themselves as a whole. */
export function checkSections(sections: PolicySections, problems: Problems): void {
  checkTimeouts(sections.timeouts, problems);
  checkSession(sections.session, problems);
  checkApiTokens(sections.apiTokens, problems);
  checkCsp(sections.csp, problems);
}

/**
 * Declares a policy, with completion and type checks in an editor. It is read and checked when a layer is made of it.
 *
 * @example
 * ```ts
 * export default definePolicy({
 *   origin: 'https://files.example.com',
 *   routes: { 'POST /login': { limit: '5/minute', by: ['client', 'account'] } },
 * });
 * ```
 */
export function definePolicy(options: PolicyOptions): PolicyOptions {
  return options;
}
