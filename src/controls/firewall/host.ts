/** Which hosts are answered for. A forged Host ends up in links, redirects and caches (CWE-644). */
import { unique } from '../../core/by-name.ts';
import { type Exchange, header, joined } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { cutForLog } from '../../core/log-text.ts';
import { hostsOf, isLoopbackName, type OriginParts } from '../../core/origin.ts';
import type { Environment } from '../../core/problems.ts';
import type { Refusal } from '../../core/verdict.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import { isFollowed } from '../../core/followed.ts';
import type { OriginsSettings } from './origins.options.ts';
import type { FirewallSettings } from './firewall.options.ts';
import { parseHost, showHost, withoutDefaultPort } from './host-name.ts';
import { eventOf } from '../../core/events.ts';
import { FIREWALL_EVENTS, FIREWALL_PROBLEMS } from './firewall.events.ts';

/**
 * The guard. Answers for the public origin's host, with its port and without, for `origins`, for `firewall.hosts`, and for loopback
 * names where no public origin is declared, where that is a loopback one itself, or in development: a page elsewhere
 * cannot make a browser send such a name here but by asking this very machine. X-Forwarded-Host is never looked at.
 */
export function hostGuard(
  settings: FirewallSettings,
  publicOrigin: OriginParts | undefined,
  environment: Environment,
  origins: OriginsSettings = NO_ORIGINS,
): Guard {
  const { allowed, loopback } = answeredHosts(settings, publicOrigin, environment, origins);
  const moved = movedHosts(publicOrigin, origins);
  return {
    name: 'host',
    mode: settings.mode,
    derives: true,
    onRequest(exchange) {
      const host = readHost(exchange, allowed, loopback);
      exchange.host = host ?? '';
      if (host === undefined) return isProbe(exchange) ? undefined : refusal(exchange);
      const home = moved?.get(host);
      return home === undefined ? undefined : leadHome(exchange, home);
    },
  };
}

/** A probe knows the process by an address that no visitor sees, another one at each start. It only looks. */
function isProbe({ rules, request: { method } }: Exchange): boolean {
  return rules.anyHost === true && (method === 'GET' || method === 'HEAD');
}

/** Where the visitors of a name go: over https to the public origin, and before that to https under the name itself. */
interface Home {
  readonly own: string;
  readonly main: string;
}

function movedHosts(
  publicOrigin: OriginParts | undefined,
  { moved }: OriginsSettings,
): ReadonlyMap<string, Home> | undefined {
  if (moved.length === 0 || publicOrigin === undefined) return undefined;
  return new Map(moved.map(({ host, origin }) => [host, { own: origin, main: publicOrigin.origin }]));
}

/**
 * Over plain http to the same name by https first: browsers then keep HSTS for that name too, and whoever answers for it
 * in a cafe is asked by https the next time (hstspreload.org asks for this order).
 */
function leadHome(exchange: Exchange, { own, main }: Home): Refusal {
  const { request } = exchange;
  if (!isFollowed(request)) return refusal(exchange);
  const to = exchange.secure || !own.startsWith('https:') ? main : own;
  return {
    ...PROBLEMS.redirect,
    status: 308,
    detail: 'This site has another address.',
    headers: [['Location', to + request.target]],
  };
}

/** Whether a policy answers for the value of a Host line, whichever scheme it came by. */
export function hostTest(...policy: Parameters<typeof hostGuard>): (value: string | undefined) => boolean {
  const { allowed, loopback } = answeredHosts(...policy);
  return (value) => {
    const parsed = parseHost(value ?? '');
    if (parsed === undefined) return false;
    const isAllowed = (secure: boolean): boolean => allowed.has(showHost(withoutDefaultPort(parsed, secure)));
    return isAllowed(true) || isAllowed(false) || (loopback && isLoopbackName(parsed.name));
  };
}

const NO_ORIGINS: OriginsSettings = { also: [], moved: [] };

interface AnsweredHosts {
  readonly allowed: ReadonlySet<string>;
  readonly loopback: boolean;
}

function answeredHosts(
  settings: FirewallSettings,
  publicOrigin: OriginParts | undefined,
  environment: Environment,
  { also, moved }: OriginsSettings = NO_ORIGINS,
): AnsweredHosts {
  return {
    allowed: new Set(
      [
        ...settings.hosts,
        ...[publicOrigin, ...also, ...moved].flatMap((origin) =>
          origin === undefined ? [] : hostsOf(origin),
        ),
      ].map(unique),
    ),
    loopback: publicOrigin === undefined || publicOrigin.loopback || environment === 'development',
  };
}

/** The host of a request as browsers write it in an origin, or undefined where it is none of ours. */
function readHost(exchange: Exchange, allowed: ReadonlySet<string>, loopback: boolean): string | undefined {
  const parsed = parseHost(joined(exchange.request.headers['host']) ?? '');
  if (parsed === undefined) return undefined;
  const host = showHost(withoutDefaultPort(parsed, exchange.secure));
  if (allowed.has(host)) return host;
  return loopback && isLoopbackName(parsed.name) ? host : undefined;
}

function refusal(exchange: Exchange): Refusal {
  return {
    ...FIREWALL_PROBLEMS.hostNotAllowed,
    detail: 'This server does not answer for the host that was asked for.',
    event: eventOf(FIREWALL_EVENTS.foreignHost, { host: cutForLog(header(exchange.request, 'host')) }),
  };
}
