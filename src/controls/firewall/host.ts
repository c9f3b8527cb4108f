/** Which hosts are answered for. A forged Host ends up in links, redirects and caches (CWE-644). */
import { type Exchange, header } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { cutForLog } from '../../core/log-text.ts';
import { isLoopbackName, type OriginParts } from '../../core/origin.ts';
import type { Environment } from '../../core/problems.ts';
import type { Refusal } from '../../core/verdict.ts';
import type { FirewallSettings } from './firewall.options.ts';
import { parseHost, showHost, withoutDefaultPort } from './host-name.ts';
import { eventOf } from '../../core/events.ts';
import { FIREWALL_EVENTS, FIREWALL_PROBLEMS } from './firewall.events.ts';

/**
 * The guard. Answers for the public origin's host, with its port and without, for `firewall.hosts`, and for loopback
 * names where no public origin is declared, where that is a loopback one itself, or in development: a page elsewhere
 * cannot make a browser send such a name here but by asking this very machine. X-Forwarded-Host is never looked at.
 */
export function hostGuard(
  settings: FirewallSettings,
  publicOrigin: OriginParts | undefined,
  environment: Environment,
): Guard {
  const { allowed, loopback } = answeredHosts(settings, publicOrigin, environment);
  return {
    name: 'host',
    mode: settings.mode,
    derives: true,
    onRequest(exchange) {
      const host = readHost(exchange, allowed, loopback);
      exchange.host = host ?? '';
      return host === undefined ? refusal(exchange) : undefined;
    },
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

interface AnsweredHosts {
  readonly allowed: ReadonlySet<string>;
  readonly loopback: boolean;
}

function answeredHosts(
  settings: FirewallSettings,
  publicOrigin: OriginParts | undefined,
  environment: Environment,
): AnsweredHosts {
  return {
    allowed: new Set([...settings.hosts, ...hostsOf(publicOrigin)]),
    loopback: publicOrigin === undefined || publicOrigin.loopback || environment === 'development',
  };
}

function hostsOf(origin: OriginParts | undefined): readonly string[] {
  if (origin === undefined) return [];
  return origin.host === origin.hostname
    ? [origin.hostname, `${origin.hostname}:${origin.scheme === 'https' ? 443 : 80}`]
    : [origin.hostname, origin.host];
}

/** The host of a request as browsers write it in an origin, or undefined where it is none of ours. */
function readHost(exchange: Exchange, allowed: ReadonlySet<string>, loopback: boolean): string | undefined {
  const parsed = parseHost(header(exchange.request, 'host') ?? '');
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
