/** Which cookies of an upstream stay in the vault. */
import { BulwarkError } from '../../core/errors.ts';

/** What frameworks call the cookie that says who is there: Flask and others, Django, Flask-Login, PHP, Express, Rails. */
export const KNOWN_SESSION_COOKIES: readonly string[] = [
  'session',
  'sessionid',
  'remember_token',
  'PHPSESSID',
  'connect.sid',
  '_*_session',
];

const MOST_NAMES = 32;
/** A token (RFC 9110 5.6.2); a `*` stands for anything. */
const PATTERN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;

/** Names of cookies, compared as the most lenient reader behind the gateway does. */
export class CookieNames {
  readonly #exact: ReadonlySet<string>;
  readonly #patterns: readonly (readonly [start: string, end: string])[];

  /**
   * @param names - each may have one `*`, for anything
   * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where one is no name of a cookie
   */
  constructor(names: readonly string[]) {
    if (names.length === 0 || names.length > MOST_NAMES) throw unfit(`takes 1 to ${MOST_NAMES} names`);
    for (const name of names) {
      if (typeof name !== 'string' || !PATTERN.test(name) || name.split('*').length > 2 || name === '*')
        throw unfit('takes names of cookies, each with one * at most, and something beside it');
      if (foldCookieName(name).startsWith('__host_vault'))
        throw unfit('cannot take the name of its own cookie');
    }
    const folded = names.map(foldCookieName);
    this.#exact = new Set(folded.filter((name) => !name.includes('*')));
    this.#patterns = folded
      .filter((name) => name.includes('*'))
      .map((name) => {
        const [start = '', end = ''] = name.split('*');
        return [start, end] as const;
      });
  }

  /** Whether a name, in whatever spelling, may be taken for one of these. */
  has(name: string): boolean {
    const folded = foldCookieName(name);
    if (this.#exact.has(folded)) return true;
    for (const [start, end] of this.#patterns) {
      const isLong = folded.length >= start.length + end.length;
      if (isLong && folded.startsWith(start) && folded.endsWith(end)) return true;
    }
    return false;
  }
}

/**
 * A name as the most lenient reader sees it: without case, escapes read, and what PHP turns into an underscore turned into
 * one. What a client sends under any of these spellings must not reach an application beside the vault.
 */
export function foldCookieName(name: string): string {
  const plain = name.trim();
  const read = plain.includes('%') ? plain.replace(/%([\da-f]{2})/gi, readEscape) : plain;
  return read
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9*]/g, '_');
}

function readEscape(_: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function unfit(what: string): BulwarkError {
  const said = `The vault ${what}: vault: ['session', 'remember_token'].`;
  return new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', said);
}
