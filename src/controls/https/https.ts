/** Plain http: to https where nothing is lost by it, refused where it is; and HSTS, so that it happens once. */
import { type Exchange, header, type RequestFacts } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { HeaderLine } from '../../core/header-line.ts';
import { OwnOrigins } from '../../core/own-origins.ts';
import { isFollowed } from '../../core/followed.ts';
import { isLoopbackName, type OriginParts } from '../../core/origin.ts';
import type { Refusal, Verdict } from '../../core/verdict.ts';
import type { HstsSettings, HttpsSettings } from './https.options.ts';
import { eventOf } from '../../core/events.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import { HTTPS_EVENTS, HTTPS_PROBLEMS } from './https.events.ts';

/**
 * The guard. Idle where the public origin is not https, which only loopback is allowed to be: there is nowhere to
 * redirect to then, and nothing to remember.
 *
 * @param publicOrigin - where redirects go; the Host of the request never is
 * @param own - the other names of the same application, each of which leads to itself
 */
export function httpsGuard(
  settings: HttpsSettings,
  publicOrigin: OriginParts | undefined,
  own: OwnOrigins = new OwnOrigins(publicOrigin?.origin),
): Guard {
  if (publicOrigin?.scheme !== 'https') return { name: 'https', mode: settings.mode };
  const hsts = HeaderLine.of('Strict-Transport-Security', hstsValue(settings.hsts));
  return {
    name: 'https',
    mode: settings.mode,
    onRequest(exchange) {
      return exchange.secure || exchange.rules.insecureHttp === true
        ? undefined
        : judgePlainHttp(exchange.request, own.of(exchange));
    },
    onResponse(exchange, head) {
      if (head.part !== 'answer' || !exchange.secure || !mayRemember(exchange, publicOrigin))
        return undefined;
      if (head.getHeader(hsts.key) === undefined) head.addLine(hsts);
      else head.setHeader(hsts.name, hsts.value);
      return undefined;
    },
  };
}

/**
 * The answer to a request over plain http. A redirect is for people who follow an old link. A client that sent a body
 * or credentials has sent them in clear already: a redirect would make that work, and the fault would stay unseen.
 */
export function judgePlainHttp(request: RequestFacts, publicOrigin: string): Verdict {
  if (!isFollowed(request)) return refuse(request);
  return {
    ...PROBLEMS.redirect,
    status: 308,
    detail: 'This site is reached over https only.',
    headers: [['Location', publicOrigin + request.target]],
  };
}

/** The value of Strict-Transport-Security, its age in whole seconds. */
export function hstsValue(hsts: HstsSettings): string {
  return (
    `max-age=${Math.floor(hsts.maxAge / 1000)}` +
    (hsts.includeSubDomains ? '; includeSubDomains' : '') +
    (hsts.preload ? '; preload' : '')
  );
}

/**
 * Not for loopback names, even where the public origin is another: a browser that remembers https for `localhost`
 * shuts its owner out of every other server on that machine. RFC 6797 7.2 has it over TLS only.
 */
function mayRemember(exchange: Exchange, publicOrigin: OriginParts): boolean {
  if (exchange.host === publicOrigin.host) return !publicOrigin.loopback;
  const asked = header(exchange.request, 'host') ?? header(exchange.request, ':authority') ?? '';
  return !isLoopbackName(withoutPort(asked).toLowerCase());
}

function withoutPort(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon > host.lastIndexOf(']') ? host.slice(0, colon) : host;
}

function refuse(request: RequestFacts): Refusal {
  return {
    ...HTTPS_PROBLEMS.httpsRequired,
    detail: 'This request came over plain http, where everyone on the way can read it. Repeat it over https.',
    event: eventOf(HTTPS_EVENTS.inClear, {
      method: request.method,
      upgrade: request.headers.upgrade !== undefined,
    }),
  };
}
