/** Cookies of the application, raised to the policy before they leave. */
import type { Exchange } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import type { HeaderKey } from '../../core/header-line.ts';
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
): Guard {
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
      for (const line of Array.isArray(own) ? (own as readonly string[]) : [String(own)]) {
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
