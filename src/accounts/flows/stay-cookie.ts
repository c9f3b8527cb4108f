/** The cookie of a browser that stays signed in: what is sent, and the one strict way in which it is read. */
import { hash } from 'node:crypto';
import type { KeyRing } from '../../core/key-ring.ts';
import { randomId } from '../../core/random.ts';
import { STAY_COOKIE } from '../../identity/mfa/browser-cookie.ts';
import { ACCOUNTS_KEYS } from '../accounts.keys.ts';

const ID_BYTES = 16;
const TOKEN_BYTES = 24;
// The id stays and names the family; the token changes at each use.
const VALUE = /^([\w-]{22})\.([\w-]{32})$/;

/** What the cookie holds. */
export interface StayTicket {
  readonly id: string;
  readonly token: string;
}

/** A new family: 128 random bits to find it by, 192 to open it. */
export function newStayTicket(): StayTicket {
  return { id: randomId(ID_BYTES), token: randomId(TOKEN_BYTES) };
}

/** What the store knows a token by. A hash needs no salt here: nobody guesses 192 bits. */
export function hashStayToken(token: string): string {
  return hash('sha256', token, 'base64url');
}

/**
 * What may come after a token, by each key of the ring, that of the current one first. Made of the token, so that two tabs
 * that open at once, in two processes, get the same one with nothing stored in between; and of a key, so that who has an old
 * token knows none that came after it.
 */
export function successorsOf(keys: KeyRing, { id, token }: StayTicket): readonly string[] {
  const tags = keys.signWithEach(ACCOUNTS_KEYS.stay, `${id}.${token}`);
  return tags.map((tag) => tag.toString('base64url', 0, TOKEN_BYTES));
}

/**
 * The Set-Cookie value. `Lax`: a link in a mail must open the page that it leads to, as it does while the session lives. Pages
 * of other sites get nothing by it: it begins a session where the sign-in page is opened, and nowhere else.
 */
export function stayCookie({ id, token }: StayTicket, lifeMs: number): string {
  const seconds = Math.max(0, Math.floor(lifeMs / 1000));
  return `${STAY_COOKIE}=${id}.${token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${seconds}`;
}

/** What makes a browser forget it. */
export const EXPIRED_STAY_COOKIE: string = `${STAY_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`;

/** The ticket in a Cookie header, if it is there exactly once and well formed. Of two, someone planted one. */
export function readStayCookie(cookieHeader: string | undefined): StayTicket | undefined {
  if (cookieHeader?.includes(STAY_COOKIE) !== true) return undefined;
  const values = cookieHeader
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${STAY_COOKIE}=`));
  const match = values.length === 1 ? VALUE.exec(values[0]?.slice(STAY_COOKIE.length + 1) ?? '') : null;
  const [, id, token] = match ?? [];
  return id === undefined || token === undefined ? undefined : { id, token };
}
