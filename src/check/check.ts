/** Checks a running application from outside. */
import { parseOrigin } from '../core/origin.ts';
import type { Rule, SiteFacts } from '../core/rule.ts';
import { makeContext, type SignIn } from './context.ts';
import { Client, type ConnectTo, type Face, type Limits } from './outside/client.ts';
import { type CheckReport, reportOf, type RuleResult } from './report/report.ts';
import { accountWays, signingIn } from './outside/account-ways.ts';
import type { Profile } from './outside/profile.ts';
import { rehearsal } from './outside/rehearsal.ts';
import { runRules } from './run.ts';
import { shownText } from './shown-text.ts';

/** What to check, and what may be done there. */
export interface CheckOptions {
  /** The address of a page: `https://files.example.com/`. */
  readonly url: string;
  /** The same site over plain http: `http://files.example.com`. Default: none, but for a `url` that is http itself. */
  readonly plain?: string;
  /** The host is yours, and may be sent what looks like an attack, or changes something. Default: false. */
  readonly ownHost?: boolean;
  /** Signs a visitor in. Default: nobody is, or whoever the profile is of. */
  readonly signIn?: SignIn;
  /** Whom to sign in, and how (docs/guides/check.md). */
  readonly profile?: Profile;
  /** How many requests in a row may be sent to find a limit; 0 for none, which is the default. Asks for `ownHost`. */
  readonly burst?: number;
  /** Where to connect, whatever DNS says: before a name points here. */
  readonly connectTo?: ConnectTo;
  /** The same for `plain`. */
  readonly connectPlainTo?: ConnectTo;
  /** A certificate authority to trust, in PEM. */
  readonly ca?: string | Buffer;
  readonly limits?: Partial<Limits>;
  /** Default: every rule there is. */
  readonly rules?: readonly Rule[];
  /** Sends nothing: each request is told instead, and answered by a page of our own with a form. Default: false. */
  readonly dryRun?: (request: string) => void;
  /** Told what each rule ended with, as it ends. */
  readonly onResult?: (result: RuleResult) => void;
}

const LIMITS: Limits = {
  requests: 300,
  parallel: 4,
  timeoutMs: 10_000,
  bodyBytes: 512 * 1024,
  perSecond: 100,
  totalMs: 10 * 60_000,
};

/**
 * Runs rules over a site and returns what each ended with.
 *
 * @throws TypeError where an address is none
 */
export async function check(options: CheckOptions): Promise<CheckReport> {
  const url = readAddress(options.url, 'url');
  const plain = plainAddress(options, url);
  const ownHost = options.ownHost ?? false;
  const burst = ownHost ? (options.burst ?? 0) : 0;
  const { requests, ...limits } = { ...LIMITS, ...options.limits };
  const target = `${url.pathname}${url.search}`;
  const client = new Client(
    {
      main: { origin: url, connectTo: options.connectTo },
      plain,
    },
    target,
    { ...limits, requests: requests + 2 * burst },
    options.ca,
  );
  const site: SiteFacts = {
    origin: url.origin,
    host: url.host,
    hostname: url.hostname,
    target,
    secure: url.protocol === 'https:',
    loopback: parseOrigin(url.origin)?.loopback === true,
    plain: plain?.origin.origin,
    burst,
  };
  const account = options.profile === undefined ? undefined : accountWays(options.profile, url.origin);
  const signIn = options.signIn ?? (account === undefined ? undefined : signingIn(account));
  const means = options.dryRun === undefined ? client : rehearsal(site, options.dryRun);
  const context = makeContext((probe, cookie) => means.send(probe, cookie), site, signIn, {
    handshake: (offer) => means.handshake(offer),
    ...(account !== undefined && { account }),
  });
  for (const secret of options.profile?.secrets ?? []) context.hide(secret);
  const rules = options.rules ?? (await (await import('./load-rules.ts')).loadRules());
  const results = await runRules(rules, context, { ownHost }, options.onResult);
  return reportOf(results, {
    url: url.href,
    requests: client.sent,
    limited: client.limited,
    changed: context.changes.map((text) => shownText(text, context.secrets)),
  });
}

function plainAddress(options: CheckOptions, url: URL): Face | undefined {
  if (options.plain === undefined) {
    return url.protocol === 'http:' ? { origin: url, connectTo: options.connectTo } : undefined;
  }
  const plain = readAddress(options.plain, 'plain');
  if (plain.protocol !== 'http:' || plain.hostname !== url.hostname) {
    throw new TypeError('plain must be the http address of the same host');
  }
  return { origin: plain, connectTo: options.connectPlainTo };
}

function readAddress(text: string, name: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new TypeError(`${name} must be an http or https address without a password`);
  }
  return url;
}
