import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import {
  isPlainObject,
  joinPath,
  type OptionTable,
  type Read,
  readOptions,
  Unfit,
} from '../../core/options.ts';
import type { Problems } from '../../core/problems.ts';
import { oneOf, optional } from '../../core/readers.ts';
import type { SameSite } from './set-cookie.ts';

/** The cookies that the application itself sets. Secure is no option: the site is https, loopback counts as such. */
export interface CookiesOptions {
  /** `enforce` (default), `observe` or `off`. */
  mode?: Mode;
  /** The least that every cookie gets: `lax` (default) or `strict`. */
  sameSite?: 'lax' | 'strict';
  /**
   * Cookies that need less, by their exact names, each for one thing: `{ theme: { httpOnly: false } }`. An exception
   * permits what the application writes; it sets nothing.
   */
  exceptions?: Record<string, CookieException>;
}

/** What one cookie may do that others may not. */
export interface CookieException {
  /** `false`: script of the pages may read it where the application leaves HttpOnly out. */
  httpOnly?: false;
  /** The least for this cookie: `none` goes along with requests of other sites, `lax` with links from them. */
  sameSite?: 'none' | 'lax';
  /** `true`: a Domain that the application writes stays, and every subdomain gets the cookie. */
  domain?: true;
}

/** {@link CookieException}, read. */
export interface CookieExceptionSettings {
  readonly httpOnly: false | undefined;
  readonly sameSite: Exclude<SameSite, 'strict'> | undefined;
  readonly domain: true | undefined;
}

/** {@link CookiesOptions}, read. */
export interface CookiesSettings {
  readonly mode: Mode;
  readonly sameSite: 'lax' | 'strict';
  readonly exceptions: Readonly<Record<string, CookieExceptionSettings>>;
}

const exceptionOptions: OptionTable<CookieExceptionSettings> = {
  httpOnly: {
    default: undefined,
    read: optional(only(false)),
    reason: 'Script that gets into a page cannot take the cookie away.',
    source: 'ASVS v5.0.0-3.3.4',
    example: 'httpOnly: false',
  },
  sameSite: {
    default: undefined,
    read: optional(oneOf('none', 'lax')),
    reason: 'Requests that other sites cause come without it.',
    source: 'ASVS v5.0.0-3.3.2',
    example: "sameSite: 'none'",
  },
  domain: {
    default: undefined,
    read: optional(only(true)),
    reason: 'A subdomain that is taken over gets no cookie of this host.',
    source: 'ASVS v5.0.0-3.3.3',
    example: 'domain: true',
  },
};

const readExceptions: Read<CookiesSettings['exceptions']> = (value, path, problems) => {
  if (!isPlainObject(value))
    throw new Unfit('an object of cookie names, such as { theme: { httpOnly: false } }');
  const read: Record<string, CookieExceptionSettings> = Object.create(null) as Record<
    string,
    CookieExceptionSettings
  >;
  for (const [name, exception] of Object.entries(value)) {
    const at = joinPath(path, name);
    read[name] = readOptions(at, exceptionOptions, exception, problems);
    refuseContradictions(name, read[name], at, problems);
  }
  return read;
};

/** The defaults and why. */
export const cookiesOptions: OptionTable<CookiesSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason: 'One forgotten attribute in one library gives a cookie away.',
    source: 'RFC 6265bis; ASVS v5.0.0-3.3.1 to 3.3.5',
    example: "cookies: { mode: 'observe' }",
  },
  sameSite: {
    default: 'lax',
    read: oneOf('lax', 'strict'),
    reason: 'Forged requests come without cookies, and a link in a mail still finds the visitor signed in.',
    source: 'RFC 6265bis 5.6.7 and 8.8; ASVS v5.0.0-3.3.2',
    example: "cookies: { sameSite: 'strict' }",
  },
  exceptions: {
    default: {},
    shown: 'none',
    read: readExceptions,
    reason: 'What one cookie needs opens nothing for the others.',
    source: 'ASVS v5.0.0-3.3.1 to 3.3.4',
    example: 'cookies: { exceptions: { theme: { httpOnly: false } } }',
  },
};

/** Exceptions that browsers would answer by dropping the cookie, or that permit nothing. */
function refuseContradictions(
  name: string,
  exception: CookieExceptionSettings,
  path: string,
  problems: Problems,
): void {
  const refuse = (reason: string, fix: string): void =>
    problems.refuse('ERR_BULWARK_INVALID_OPTION', path, reason, fix);
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
    refuse('this cannot be the name of a cookie.', 'the exact name, without =');
  const lower = name.toLowerCase();
  if (exception.domain === true && (lower.startsWith('__host-') || lower.startsWith('__host-http-'))) {
    refuse(
      'browsers drop a __Host- cookie with a Domain.',
      'remove domain, or name the cookie with __Secure-',
    );
  }
  if (exception.httpOnly === false && (lower.startsWith('__http-') || lower.startsWith('__host-http-'))) {
    refuse(
      'browsers drop a cookie of this prefix without HttpOnly.',
      'remove httpOnly, or name the cookie with __Host-',
    );
  }
  if (Object.values(exception).every((part) => part === undefined)) {
    refuse('it permits nothing.', `remove it, or write what it permits, such as httpOnly: false`);
  }
}

function only<const T extends boolean>(wanted: T): Read<T> {
  return (value) => {
    if (value !== wanted) throw new Unfit(`${wanted}, or left out`);
    return wanted;
  };
}
