/** The short-lived cookie that says: this browser proved its device moments ago. Nothing of it is stored. */
import type { KeyRing } from '../../core/key-ring.ts';
import { DEVICE_KEYS } from './device-bound.keys.ts';

/** The name. The prefix makes browsers refuse it from anyone but this host (RFC 6265bis 4.1.3.2). */
export const PROOF_COOKIE = '__Host-bound';

/** How much longer than browsers keep it a proof counts, in milliseconds: a request may leave in its last moment, on a slow line. */
const SLACK_MS = 60_000;
const TAG_BYTES = 16;
const PREFIX = `${PROOF_COOKIE}=`;
/** The second at which it ends, and a tag of 128 bits, of which there is one spelling. */
const VALUE = /^([0-9a-z]{6,9})\.([\w-]{21}[AQgw])$/;

/**
 * The value for a browser that has just proved its device. It is of that device alone: beside the cookie of any other
 * session it says nothing.
 *
 * @param device - as it is stored
 */
export function makeProof(keys: KeyRing, device: string, now: number, lifeMs: number): string {
  const until = Math.ceil((now + lifeMs + SLACK_MS) / 1000).toString(36);
  return `${until}.${keys.sign(DEVICE_KEYS.cookie, messageOf(until, device)).toString('base64url', 0, TAG_BYTES)}`;
}

/** Whether a Cookie header has a live proof of a device. Of two, someone planted one, and neither counts. */
export function hasProof(
  keys: KeyRing,
  device: string,
  cookies: string | readonly string[] | undefined,
  now: number,
): boolean {
  const value = findProof(typeof cookies === 'string' ? cookies : (cookies ?? []).join('; '));
  const [, until = '', tag = ''] = VALUE.exec(value) ?? [];
  if (until === '' || Number.parseInt(until, 36) * 1000 <= now) return false;
  return keys.verify(DEVICE_KEYS.cookie, messageOf(until, device), Buffer.from(tag, 'base64url'));
}

/** What a browser is told of the cookie beside its name: the same words in Set-Cookie and in what it registers. */
export function attributesOf(sameSite: 'lax' | 'strict'): string {
  return `Path=/; Secure; HttpOnly; SameSite=${sameSite === 'lax' ? 'Lax' : 'Strict'}`;
}

/** The Set-Cookie value. */
export function proofCookie(proof: string, sameSite: 'lax' | 'strict', lifeMs: number): string {
  return `${PREFIX}${proof}; ${attributesOf(sameSite)}; Max-Age=${Math.floor(lifeMs / 1000)}`;
}

function messageOf(until: string, device: string): string {
  return `${until}.${device}`;
}

/** As browsers write it, at the start of a pair; empty where it is not there once. */
function findProof(cookies: string): string {
  const at = cookies.startsWith(PREFIX) ? 0 : cookies.indexOf(`; ${PREFIX}`) + 2;
  if (at === 1) return '';
  const start = at + PREFIX.length;
  if (cookies.includes(`; ${PREFIX}`, start)) return '';
  const end = cookies.indexOf(';', start);
  return cookies.slice(start, end === -1 ? undefined : end);
}
