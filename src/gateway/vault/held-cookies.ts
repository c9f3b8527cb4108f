/** The cookies of one visitor, as a browser would keep them (RFC 6265 5.3 and 5.4), without a browser. */
import type { SetCookie } from '../../controls/cookies/set-cookie.ts';
import { readFlaskSession } from './flask-user.ts';

/** One cookie. Two of one name on two paths are two. Times are milliseconds since 1970. */
export interface HeldCookie {
  readonly name: string;
  readonly path: string;
  readonly value: string;
  /** Where the application said so. */
  readonly expiresAt?: number;
  /** When the request came whose answer set it: a slower answer to an older request does not undo it. */
  readonly since: number;
}

/** What one line of an answer does to them. Without a value it takes a cookie away. */
export interface CookieChange {
  readonly name: string;
  readonly path: string;
  readonly value: string | undefined;
  readonly expiresAt?: number;
}

/** More than an application sets: an answer of many lines must not make an entry that a store refuses. */
const MOST_COOKIES = 16;
/** Up to here a value that says nothing is an id, which changes where a session does. A sealed session is longer. */
const LONGEST_ID = 128;

/** What a Set-Cookie line does. `Max-Age` counts before `Expires`, a date that nobody can read is none. */
export function changeOf(cookie: SetCookie, now: number): CookieChange {
  const { name, value, path = '/' } = cookie;
  const expiresAt = endOf(cookie, now);
  if (expiresAt === undefined) return { name, path, value };
  return expiresAt <= now ? { name, path, value: undefined } : { name, path, value, expiresAt };
}

function endOf({ maxAge, expires }: SetCookie, now: number): number | undefined {
  if (maxAge !== undefined) return now + Number(maxAge) * 1000;
  const date = Date.parse(expires ?? '');
  return Number.isNaN(date) ? undefined : date;
}

/** Those that have not expired. */
export function live(held: readonly HeldCookie[], now: number): readonly HeldCookie[] {
  return held.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
}

/**
 * What is left after an answer, in the order in which cookies were first set.
 *
 * @param since - when the request came that is answered
 */
export function changed(
  held: readonly HeldCookie[],
  changes: readonly CookieChange[],
  since: number,
): readonly HeldCookie[] {
  let left = held;
  for (const { name, path, value, expiresAt } of changes) {
    const at = left.findIndex((one) => one.name === name && one.path === path);
    // Deletion wins, however old the request: who signs out is signed out.
    if (value === undefined) left = left.filter((_, index) => index !== at);
    else {
      const next = { name, path, value, since, ...(expiresAt !== undefined && { expiresAt }) };
      const before = left[at];
      if (before === undefined) left = left.length < MOST_COOKIES ? [...left, next] : left;
      else if (before.since <= since) left = left.with(at, next);
    }
  }
  return left;
}

/** The cookies that go along to a path, the longest path first; empty where none does. */
export function cookiesFor(held: readonly HeldCookie[], path: string): string {
  const fitting = held.filter(({ path: of }) => isWithin(path, of));
  // Sorting is stable: of equal paths the older cookie comes first.
  const sorted = fitting.length > 1 ? fitting.toSorted((a, b) => b.path.length - a.path.length) : fitting;
  return sorted.map(({ name, value }) => `${name}=${value}`).join('; ');
}

function isWithin(path: string, of: string): boolean {
  return path === of || (path.startsWith(of) && (of.endsWith('/') || path[of.length] === '/'));
}

/** Who the cookies say is signed in, where they can be read. */
export function userOf(held: readonly { readonly value: string | undefined }[]): string | undefined {
  for (const { value } of held) {
    const user = value === undefined ? undefined : readFlaskSession(value)?.user;
    if (user !== undefined) return user;
  }
  return undefined;
}

/**
 * Whether somebody else may be there now: another user is named, a cookie came that was not there or one is gone, or an id
 * is another one. A sealed session that nobody can read changes with each answer, and says nothing.
 */
export function isSomebodyElse(before: readonly HeldCookie[], after: readonly HeldCookie[]): boolean {
  if (before.length !== after.length || userOf(before) !== userOf(after)) return true;
  return after.some((cookie) => {
    const old = before.find(({ name, path }) => name === cookie.name && path === cookie.path);
    if (old === undefined) return true;
    return old.value !== cookie.value && isId(old.value) && isId(cookie.value);
  });
}

function isId(value: string): boolean {
  return value.length <= LONGEST_ID && readFlaskSession(value) === undefined;
}
