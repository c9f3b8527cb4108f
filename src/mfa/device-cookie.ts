/** The cookie of a remembered device: what is sent, and the one strict way in which it is read. */
import { hash } from 'node:crypto';
import { randomId } from '../core/random.ts';

/** The name. The prefix makes browsers refuse it from a subdomain or over plain http (RFC 6265bis 4.1.3.2). */
export const DEVICE_COOKIE = '__Host-device';

const ID_BYTES = 16;
const TOKEN_BYTES = 24;
// The id stays and names the device; the token changes at each use.
const VALUE = /^([\w-]{22})\.([\w-]{32})$/;

/** What the cookie of a device holds. */
export interface DeviceTicket {
  readonly id: string;
  readonly token: string;
}

/** A fresh id: 128 random bits. */
export function newDeviceId(): string {
  return randomId(ID_BYTES);
}

/** A fresh token: 192 random bits. The only copy goes to the browser. */
export function newDeviceToken(): string {
  return randomId(TOKEN_BYTES);
}

/** What the store knows a token by. A hash needs no salt here: nobody guesses 192 bits. */
export function hashDeviceToken(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** The Set-Cookie value. `Strict`: only pages of this site sign in, so no other site needs to have it sent. */
export function deviceCookie({ id, token }: DeviceTicket, lifeMs: number): string {
  const seconds = Math.max(0, Math.floor(lifeMs / 1000));
  return `${DEVICE_COOKIE}=${id}.${token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${seconds}`;
}

/** What makes a browser forget the device cookie. */
export const EXPIRED_DEVICE_COOKIE: string = `${DEVICE_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`;

/** The ticket in a Cookie header, if there is exactly one and it is well formed. Of two, someone planted one. */
export function readDeviceCookie(cookieHeader: string | undefined): DeviceTicket | undefined {
  const values = (cookieHeader ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${DEVICE_COOKIE}=`))
    .map((pair) => pair.slice(DEVICE_COOKIE.length + 1));
  const match = values.length === 1 ? VALUE.exec(values[0] ?? '') : null;
  const [, id, token] = match ?? [];
  return id === undefined || token === undefined ? undefined : { id, token };
}
