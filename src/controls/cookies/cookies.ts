/** Cookies of the application, raised to the policy before they leave. */
import { eventOf, type SecurityEvent } from '../../core/events.ts';
import { type Exchange, FORWARDED } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import type { HeaderKey } from '../../core/header-line.ts';
import { ToldOnce } from '../../core/told-once.ts';
import { COOKIES_EVENTS } from './cookies.events.ts';
import type { CookieExceptionSettings, CookiesSettings } from './cookies.options.ts';
import {
  parseSetCookie,
  type SameSite,
  type SetCookie,
  type SetCookieFault,
  writeSetCookie,
} from './set-cookie.ts';

/** Why a Set-Cookie line did not leave. */
export type CookieDrop = SetCookieFault | 'protected' | 'in early hints' | 'in trailers';

/** Told of each line that was dropped; never of its value. */
export type OnCookieDrop = (exchange: Exchange, drop: CookieDrop) => void;

/**
 * The guard. Bulwark's own cookies are added after it and do not pass here.
 *
 * @param protectedNames - cookies that only Bulwark sets: a line of the application for one of them is dropped
 * @param onDrop - told of dropped lines, so that someone who misses a cookie finds out why
 */
export function cookiesGuard(
  settings: CookiesSettings,
  protectedNames: readonly string[],
  onDrop?: OnCookieDrop,
  tell?: (exchange: Exchange, event: SecurityEvent) => void,
): Guard {
  const told = new ToldOnce();
  const note = (exchange: Exchange, lines: readonly string[]): void => {
    if (tell === undefined || exchange.get(FORWARDED) === true) return;
    const second = lines.map((line) => SECOND_SESSION.exec(line)?.[0]).find((name) => name !== undefined);
    const middleware = MIDDLEWARE.get(second ?? '');
    if (middleware === undefined || !told.isNew(exchange.rules, 'session')) return;
    const fix = `take ${middleware} out: sessions are bulwark.of(request).session (docs/guides/leaving/express-session.md)`;
    tell(exchange, eventOf(COOKIES_EVENTS.second, { header: 'Set-Cookie', fix }));
  };
  const rules: CookieRules = {
    floor: settings.sameSite,
    exceptions: new Map(Object.entries(settings.exceptions)),
    // Any case: browsers compare prefixes without it, and servers names.
    protectedNames: new Set(protectedNames.map((name) => name.toLowerCase())),
  };
  return {
    name: 'cookies',
    mode: settings.mode,
    onResponse(exchange, head) {
      if (head.part === 'hints' || head.part === 'trailers') {
        if (!head.names().some((name) => COOKIE_HEADERS.has(name))) return undefined;
        head.removeAll(COOKIE_HEADERS);
        onDrop?.(exchange, head.part === 'hints' ? 'in early hints' : 'in trailers');
        return undefined;
      }
      const own = head.getHeader('set-cookie');
      if (own === undefined) return undefined;
      const lines: string[] = [];
      const written = Array.isArray(own) ? (own as readonly string[]) : [String(own)];
      note(exchange, written);
      for (const line of written) {
        const raised = raiseCookie(line, rules);
        if (typeof raised === 'string') lines.push(raised);
        else onDrop?.(exchange, raised.dropped);
      }
      if (lines.length === 0) head.removeHeader('set-cookie');
      else head.setHeader('Set-Cookie', lines);
      return undefined;
    },
  };
}

/** By the names that session middleware gives its cookie where nobody says another. */
const MIDDLEWARE: ReadonlyMap<string, string> = new Map([
  ['connect.sid', 'express-session'],
  ['express:sess', 'cookie-session'],
  ['session.sig', 'cookie-session'],
  ['sessionId', '@fastify/session'],
  ['koa.sess', 'koa-session'],
]);
const SECOND_SESSION = /^(?:connect\.sid|express:sess|session\.sig|sessionId|koa\.sess)(?==)/;

/** No browser takes one from beside the head of an answer; what reads on behalf of a browser may. */
const COOKIE_HEADERS: ReadonlySet<HeaderKey> = new Set(['set-cookie', 'set-cookie2']);

/** The policy of cookies, made once. */
export interface CookieRules {
  readonly floor: SameSite;
  readonly exceptions: ReadonlyMap<string, CookieExceptionSettings>;
  /** Lower case. */
  readonly protectedNames: ReadonlySet<string>;
}

/** A line as it may leave, or why it may not. */
export function raiseCookie(line: string, rules: CookieRules): string | { readonly dropped: CookieDrop } {
  const cookie = parseSetCookie(line);
  if (typeof cookie === 'string') return { dropped: cookie };
  if (rules.protectedNames.has(cookie.name.toLowerCase())) return { dropped: 'protected' };
  return writeSetCookie(raised(cookie, rules.exceptions.get(cookie.name), rules.floor));
}

function raised(
  cookie: SetCookie,
  exception: CookieExceptionSettings | undefined,
  floor: SameSite,
): SetCookie {
  const wholeHost = cookie.name.toLowerCase().startsWith('__host-');
  return {
    ...cookie,
    secure: true,
    httpOnly: cookie.httpOnly || exception?.httpOnly !== false,
    sameSite: stricter(cookie.sameSite, exception?.sameSite ?? floor, floor),
    // Without Domain a cookie goes to this host alone; with it, to every subdomain, whoever runs that.
    domain: exception?.domain === true && !wholeHost ? cookie.domain : undefined,
    // The prefix promises the whole host, and browsers drop what breaks the promise.
    path: wholeHost ? '/' : (cookie.path ?? '/'),
  };
}

const RANK: Readonly<Record<SameSite, number>> = { none: 0, lax: 1, strict: 2 };

/** The application's value where it is strict enough. Without one the floor, even where an exception permits less. */
function stricter(written: SameSite | undefined, least: SameSite, floor: SameSite): SameSite {
  if (written === undefined) return floor;
  return RANK[written] >= RANK[least] ? written : least;
}
