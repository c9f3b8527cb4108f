/** `bulwark/oidc`: sign-in with others by OpenID Connect, without pages. */
import { OIDC_CALLS } from './oidc.calls.ts';
import { PolicyError, type PolicyProblem } from '../../core/errors.ts';
import type { OriginParts } from '../../core/origin.ts';
import { tendMethods } from '../../core/tended.ts';
import { type Attempt, beginAttempt, type OidcPurpose, type OidcVisit, takeAttempt } from './attempts.ts';
import { Fault, type OidcRefusal } from './fault.ts';
import type { ProviderSettings, ProvidersSettings } from './oidc.options.ts';
import { ownPath } from './own-path.ts';
import { loadOpenIdClient } from './optional-types.ts';
import { Provider } from './provider.ts';
import { OIDC_EVENTS } from './oidc.events.ts';

export type { OidcPurpose, OidcVisit } from './attempts.ts';
export type { OidcRefusal } from './fault.ts';
export type { ProviderOptions, ProvidersOptions } from './oidc.options.ts';

/** What sign-in with others needs of a policy: what `loadPolicy` gives back has it. */
export interface OidcPolicy {
  readonly origin: OriginParts | undefined;
  readonly providers: ProvidersSettings;
}

/** One line of a list of buttons. */
export interface ProviderSummary {
  /** As it stands in addresses. */
  readonly provider: string;
  /** What people see. */
  readonly name: string;
  /** With a subject, what an account at the provider is known by. */
  readonly issuer: string;
  /** What the provider must be told of this site, to the letter. */
  readonly redirectUri: string;
}

/** What someone is sent to a provider for. */
export interface OidcBeginning {
  /** `link`: to the account that is signed in. `again`: whoever is signed in signs in at the provider anew. */
  readonly purpose: OidcPurpose;
  /** Where to go afterwards: a path of this site, or it is forgotten. May come from the visitor. */
  readonly next?: unknown;
  /** Whether they want to stay signed in; `finish` says so again. */
  readonly stay?: boolean | undefined;
}

/** Where to send the browser, or why not. A redirect of a form is held to `form-action`: see the guide. */
export type OidcBegun =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly reason: OidcRefusal };

/** Who came back from a provider. */
export interface OidcSuccess {
  readonly ok: true;
  readonly provider: string;
  /** With `subject`, what an account at the provider is known by. Nothing else is. */
  readonly issuer: string;
  readonly subject: string;
  /** What the provider believes: to fill in a form, never to find an account by. */
  readonly email: string | undefined;
  readonly emailVerified: boolean;
  readonly name: string | undefined;
  /**
   * When they last proved at the provider who they are: milliseconds since 1970 by its clock, or undefined where it does
   * not say. For `again`, since it was begun.
   */
  readonly provedAt: number | undefined;
  readonly purpose: OidcPurpose;
  /** Where the purpose is `link` or `again`: the account that began it, and that is still signed in. */
  readonly account: string | undefined;
  /** A path of this site. */
  readonly next: string | undefined;
  /** Whether they wanted to stay signed in as it began. */
  readonly stay: boolean;
}

/** What became of a sign-in at a provider. */
export type OidcVerdict = OidcSuccess | { readonly ok: false; readonly reason: OidcRefusal };

const FACTOR = 'oidc';
/** Codes of some providers have a kilobyte or two. */
const MAX_QUERY = 8192;

/** The providers that an application lets people sign in with. */
export class SignInProviders {
  readonly #providers: ReadonlyMap<string, Provider>;
  readonly #origin: string;
  readonly #clock: () => number;

  private constructor(providers: ReadonlyMap<string, Provider>, origin: string, clock: () => number) {
    this.#providers = providers;
    this.#origin = origin;
    this.#clock = clock;
  }

  /**
   * The providers of a policy that was loaded. None is asked before someone signs in with it.
   *
   * @example
   * ```ts
   * const policy = await loadPolicy({
   *   origin: 'https://files.example.com',
   *   providers: { google: { name: 'Google', issuer: 'https://accounts.google.com', clientId: '1234' } },
   * });
   * const others = SignInProviders.of(policy);
   * ```
   * @param clock - milliseconds since 1970
   * @throws PolicyError where the policy names no provider
   */
  static of(policy: OidcPolicy, clock: () => number = Date.now): SignInProviders {
    OIDC_CALLS.of(policy, clock);
    const entries = Object.entries(policy.providers);
    const origin = policy.origin?.origin;
    if (entries.length === 0 || origin === undefined) throw new PolicyError([NONE]);
    const providers = entries.map(([name, one]): [string, Provider] => {
      const redirectUri = origin + (one.path ?? `/login/with/${name}/callback`);
      return [name, new Provider(describe(one, redirectUri), clock)];
    });
    return new SignInProviders(new Map(providers), origin, clock);
  }

  /**
   * Loads what providers are asked with, before the first person waits for it: call it at start-up. Asks nobody.
   *
   * @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING where `openid-client` is not installed
   */
  async load(): Promise<void> {
    await loadOpenIdClient();
  }

  /** The providers, in the order of the policy. */
  list(): readonly ProviderSummary[] {
    return [...this.#providers].map(([provider, { description }]) => {
      const { label: name, issuer, redirectUri } = description;
      return { provider, name, issuer, redirectUri };
    });
  }

  /**
   * Where to send someone who signs in with a provider. Begins a session for a visitor. Let it be a POST, so that a page
   * elsewhere cannot have browsers ask for it.
   *
   * @param provider - a name of the policy; may come from the visitor
   */
  async begin(visit: OidcVisit, provider: string, what: OidcBeginning): Promise<OidcBegun> {
    OIDC_CALLS.begin(visit, provider, what);
    const { purpose, next, stay } = what;
    const account = purpose === 'sign-in' ? undefined : visit.session.principal?.account;
    try {
      const found = this.#find(provider);
      if (purpose !== 'sign-in' && account === undefined) throw new Fault('not-signed-in');
      const goal = {
        provider,
        purpose,
        account,
        next: ownPath(next, this.#origin),
        ...(stay === true && { stay: 1 as const }),
      };
      const url = await found.authorizationUrl(() =>
        beginAttempt(visit, goal, this.#clock(), found.description.attemptFor),
      );
      return { ok: true, url };
    } catch (error) {
      return this.#refuse(visit, provider, error, { purpose, account });
    }
  }

  /**
   * Who came back. The answer is used up, whatever is wrong with it.
   *
   * @param provider - as in the path that was asked for
   * @param callback - the address that was asked for, `request.url`: its query is what is read
   */
  async finish(visit: OidcVisit, provider: string, callback: string | URL): Promise<OidcVerdict> {
    OIDC_CALLS.finish(visit, provider, callback);
    let attempt: Attempt | undefined;
    try {
      const found = this.#find(provider);
      const query = readQuery(callback);
      const state = query?.get('state') ?? undefined;
      if (query === undefined || state === undefined) throw new Fault('malformed');
      attempt = await takeAttempt(visit, state, this.#clock());
      if (attempt === undefined) throw new Fault('expired');
      checkBinding(visit, provider, found, attempt, query);
      const { identity, noGreeting } = await found.redeem(query, state, attempt);
      const { purpose, account, next, stay } = attempt;
      visit.audit(OIDC_EVENTS.proved, {
        factor: FACTOR,
        provider,
        purpose,
        ...(account !== undefined && { account }),
        ...(noGreeting !== undefined && { userInfo: noGreeting }),
      });
      return {
        ok: true,
        provider,
        issuer: found.description.issuer,
        ...identity,
        purpose,
        account,
        next,
        stay: stay === 1,
      };
    } catch (error) {
      return this.#refuse(visit, provider, error, attempt);
    }
  }

  #find(provider: string): Provider {
    const found = this.#providers.get(provider);
    if (found === undefined) throw new Fault('unknown-provider');
    return found;
  }

  /** Puts a fault into the log. What is none is an error of the session's store, or ours. */
  #refuse(
    { audit }: OidcVisit,
    provider: string,
    error: unknown,
    goal: { readonly purpose: OidcPurpose; readonly account: string | undefined } | undefined,
  ): { readonly ok: false; readonly reason: OidcRefusal } {
    if (!(error instanceof Fault)) throw error;
    const { reason, detail, source } = error;
    // A name that a visitor made up is nothing to fill a log with.
    const named = this.#providers.has(provider) ? { provider } : {};
    const louder = source === 'hearsay' ? undefined : LOUDER[reason];
    if (louder !== undefined) {
      audit(louder, { service: 'sign-in provider', ...named, message: detail ?? reason });
    }
    const whose = goal === undefined ? {} : { purpose: goal.purpose, account: goal.account };
    audit(OIDC_EVENTS.failed, { factor: FACTOR, ...named, ...whose, reason, detail });
    return { ok: false, reason };
  }

  static {
    tendMethods(SignInProviders);
  }
}

/** What is wrong with a provider and not with a visitor. */
const LOUDER: Readonly<
  Partial<Record<OidcRefusal, typeof OIDC_EVENTS.unavailable | typeof OIDC_EVENTS.misconfigured>>
> = {
  unavailable: OIDC_EVENTS.unavailable,
  misconfigured: OIDC_EVENTS.misconfigured,
};

/** What an answer must be bound to besides its state, before its code is sent anywhere. */
function checkBinding(
  { session }: OidcVisit,
  provider: string,
  { description }: Provider,
  attempt: Attempt,
  query: URLSearchParams,
): void {
  if (attempt.provider !== provider) throw new Fault('mix-up', 'the attempt was begun with another provider');
  const from = query.get('iss');
  if (from !== null && from !== description.issuer) {
    throw new Fault('mix-up', 'the answer is from another issuer');
  }
  // Whoever signed in meanwhile must not find someone else's account linked to theirs.
  if (attempt.purpose !== 'sign-in' && session.principal?.account !== attempt.account) {
    throw new Fault(session.principal === undefined ? 'not-signed-in' : 'other-account');
  }
}

/** The query of an address, where each name in it is there once: two readers could take two different ones. */
function readQuery(callback: string | URL): URLSearchParams | undefined {
  const text = String(callback);
  const start = text.indexOf('?');
  if (start === -1 || text.length - start > MAX_QUERY) return undefined;
  const query = new URLSearchParams(text.slice(start + 1).replace(/#.*$/s, ''));
  return new Set(query.keys()).size === query.size ? query : undefined;
}

function describe(
  { name, issuer, clientId, clientSecret = '', path: _path, ...rest }: ProviderSettings,
  redirectUri: string,
): Provider['description'] {
  // What is missing was refused: then nobody sees this.
  return {
    ...rest,
    label: name ?? '',
    issuer: issuer ?? '',
    clientId: clientId ?? '',
    clientSecret,
    redirectUri,
  };
}

const NONE: PolicyProblem = {
  code: 'ERR_BULWARK_INVALID_OPTION',
  option: 'providers',
  reason: 'there must be one at least, in a policy with an origin.',
  fix: "providers: { google: { name: 'Google', issuer: 'https://accounts.google.com', clientId: '...' } }",
};
