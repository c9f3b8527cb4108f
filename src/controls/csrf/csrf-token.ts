/** Tokens for forms: an HMAC bound to the session, under a fresh mask each time so that compression leaks none of it. */
import type { KeyRing } from '../../core/key-ring.ts';
import { fillRandom } from '../../core/random.ts';
import { CSRF_KEYS } from './csrf.keys.ts';

const TAG_BYTES = 16;
const TOKEN_PATTERN = /^[\w-]{43}$/;

/** A token for one session: 43 characters, different at each call, valid as long as the session (BREACH, CVE-2013-3587). */
export function makeCsrfToken(keys: KeyRing, sessionIdHash: string): string {
  const tag = keys.signOften(CSRF_KEYS.token, sessionIdHash);
  fillRandom(made, TAG_BYTES);
  for (let index = 0; index < TAG_BYTES; index += 1)
    made[TAG_BYTES + index] = (tag[index] ?? 0) ^ (made[index] ?? 0);
  return made.toString('base64url');
}

/** Written over by each token: what stands here is in a page by now. */
const made = Buffer.allocUnsafeSlow(2 * TAG_BYTES);

/** Whether a text has the shape of a token of ours. */
export function isCsrfToken(text: string): boolean {
  return TOKEN_PATTERN.test(text);
}

/** Whether a token was made for this session by any key of the ring. */
export function verifyCsrfToken(keys: KeyRing, sessionIdHash: string, token: string): boolean {
  if (!TOKEN_PATTERN.test(token)) return false;
  const bytes = Buffer.from(token, 'base64url');
  const tag = bytes.subarray(TAG_BYTES);
  for (let index = 0; index < TAG_BYTES; index += 1) tag[index] = (tag[index] ?? 0) ^ (bytes[index] ?? 0);
  return keys.verify(CSRF_KEYS.token, sessionIdHash, tag);
}
