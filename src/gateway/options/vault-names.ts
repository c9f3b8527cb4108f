/** Which cookies of an application stay in the vault, as a policy names them. */
import { type Read, Unfit } from '../../core/options.ts';
import { foldCookieName } from './fold-cookie-name.ts';

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
const FIT = `true, for the names that frameworks use, or 1 to ${MOST_NAMES} names of cookies, each with one * at most and something beside it`;

/** `true` for the known ones, or names, each of which may have one `*`, for anything. */
export const cookieNames: Read<readonly string[]> = (value) => {
  if (value === true) return KNOWN_SESSION_COOKIES;
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_NAMES || !value.every(isName))
    throw new Unfit(FIT);
  if (value.some((name) => foldCookieName(name).startsWith('__host_vault')))
    throw new Unfit('names of cookies of the application: that of the vault itself is none');
  return value;
};

function isName(name: unknown): name is string {
  return typeof name === 'string' && PATTERN.test(name) && name.split('*').length <= 2 && name !== '*';
}
