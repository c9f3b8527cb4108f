/** The cookie of a remembered browser: what is sent, and the one strict way in which it is read. */
import { hash } from 'node:crypto';
import { randomId } from '../../core/random.ts';

/** The name. The prefix makes browsers refuse it from a subdomain or over plain http (RFC 6265bis 4.1.3.2). */
export const BROWSER_COOKIE = '__Host-device';

/**
 * A cookie for each person of a browser, and no more of them than fit in any header. Not one for all: its tokens change at
 * each use, and of two people at once one would get back the old one, which looks like a theft.
 */
export const DEVICE_COOKIES: readonly string[] = [
  BROWSER_COOKIE,
  ...[2, 3, 4, 5].map((number) => `${BROWSER_COOKIE}${number}`),
];

/** The cookie of browsers that an account was signed in to from before, whose prefix promises the same. */
export const KNOWN_DEVICE_COOKIE = '__Host-known';

/** The cookie of a browser that stays signed in, whose prefix promises the same. */
export const STAY_COOKIE = '__Host-stay';

/** All by which accounts know browsers. Who holds one is spared something: no upstream needs to see them. */
export const BROWSER_COOKIES: readonly string[] = [...DEVICE_COOKIES, KNOWN_DEVICE_COOKIE, STAY_COOKIE];

const ID_BYTES = 16;
const TOKEN_BYTES = 24;
// The id stays and names the device; the token changes at each use.
const VALUE = /^([\w-]{22})\.([\w-]{32})$/;

/** What the cookie of a device holds. */
export interface RememberedBrowserTicket {
  /** Which of {@link DEVICE_COOKIES} holds it. */
  readonly name: string;
  readonly id: string;
  readonly token: string;
}

/** A fresh id: 128 random bits. */
export function newBrowserId(): string {
  return randomId(ID_BYTES);
}

/** A fresh token: 192 random bits. The only copy goes to the browser. */
export function newBrowserToken(): string {
  return randomId(TOKEN_BYTES);
}

/** What the store knows a token by. A hash needs no salt here: nobody guesses 192 bits. */
export function hashBrowserToken(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** The Set-Cookie value. `Strict`: only pages of this site sign in, so no other site needs to have it sent. */
export function browserCookie({ name, id, token }: RememberedBrowserTicket, lifeMs: number): string {
  const seconds = Math.max(0, Math.floor(lifeMs / 1000));
  return `${name}=${id}.${token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${seconds}`;
}

/** What makes a browser forget a device cookie. */
export function expiredBrowserCookie(name: string): string {
  return `${name}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`;
}

/** The tickets in a Cookie header: of each name, if it is there exactly once and well formed. Of two, someone planted one. */
export function readBrowserCookies(cookieHeader: string | undefined): readonly RememberedBrowserTicket[] {
  const pairs = (cookieHeader ?? '').split(';').map((pair) => pair.trim());
  return DEVICE_COOKIES.flatMap((name) => {
    const values = pairs.filter((pair) => pair.startsWith(`${name}=`));
    const match = values.length === 1 ? VALUE.exec(values[0]?.slice(name.length + 1) ?? '') : null;
    const [, id, token] = match ?? [];
    return id === undefined || token === undefined ? [] : [{ name, id, token }];
  });
}
