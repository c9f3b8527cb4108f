/** Sign-in with others for unit tests: sessions as they are, in memory, and browsers that keep their cookie. */
import { parseOrigin } from '../../src/core/origin.ts';
import { Problems } from '../../src/core/problems.ts';
import { readProviders } from '../../src/identity/oidc/oidc.options.ts';
import {
  type OidcBeginning,
  type OidcBegun,
  type OidcVerdict,
  type OidcVisit,
  type ProviderOptions,
  type ProvidersOptions,
  SignInProviders,
} from '../../src/identity/oidc/oidc.ts';
import type { SessionHandle } from '../../src/controls/sessions/session-handle.ts';
import { CLIENT_ID, CLIENT_SECRET } from './openid-provider.ts';
import { FakeBrowser, FakeSite, look, type SeenEvent } from './sessions.ts';

export const ORIGIN = 'http://localhost:3000';

/** A provider of the policy that is found at an address. */
export function providerAt(issuer: string): ProviderOptions {
  return { name: 'Home', issuer, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET };
}

/** One process of an application. */
export class FakeOthers {
  readonly site: FakeSite = new FakeSite();
  readonly events: SeenEvent[] = [];
  readonly others: SignInProviders;

  /** @param options - of each of them */
  constructor(providers: ProvidersOptions, options: Partial<ProviderOptions> = {}) {
    const problems = new Problems('development');
    const each = Object.entries(providers).map(([name, one]) => [name, { ...one, ...options }] as const);
    const read = readProviders(Object.fromEntries(each), problems);
    problems.throwIfAny();
    const policy = { origin: parseOrigin(ORIGIN), providers: read };
    this.others = SignInProviders.of(policy, () => this.site.now);
  }

  browser(): FakeBrowser {
    return new FakeBrowser(this.site);
  }

  begin(
    browser: FakeBrowser,
    provider = 'home',
    what: OidcBeginning = { purpose: 'sign-in' },
  ): Promise<OidcBegun> {
    return look(browser, (session) => this.others.begin(this.#visit(session), provider, what));
  }

  /** The address that a browser is sent to, by an attempt that is begun. */
  async url(browser: FakeBrowser, provider?: string, what?: OidcBeginning): Promise<string> {
    const begun = await this.begin(browser, provider, what);
    if (!begun.ok) throw new Error(`not begun: ${begun.reason} ${this.lastEvent}`);
    return begun.url;
  }

  finish(browser: FakeBrowser, callback: string, provider = 'home'): Promise<OidcVerdict> {
    return look(browser, (session) => this.others.finish(this.#visit(session), provider, callback));
  }

  /** The last event, as one text. */
  get lastEvent(): string {
    const { event, details } = this.events.at(-1) ?? { event: 'none', details: {} };
    return `${event} ${JSON.stringify(details)}`;
  }

  get eventNames(): readonly string[] {
    return this.events.map(({ event }) => event);
  }

  #visit(session: SessionHandle): OidcVisit {
    return { session, audit: ({ name }, details) => void this.events.push({ event: name, details }) };
  }
}

/** A verdict in a word. */
export function outcome(verdict: OidcVerdict): string {
  return verdict.ok ? `ok ${verdict.subject}` : verdict.reason;
}
