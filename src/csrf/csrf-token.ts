/** Tokens for forms: an HMAC bound to the session, under a fresh mask each time so that compression leaks none of it. */
import type { KeyRing } from '../core/key-ring.ts';
import { randomBytes } from '../core/random.ts';

const TAG_BYTES = 16;
const TOKEN_PATTERN = /^[\w-]{43}$/;

/** A token for one session: 43 characters, different at each call, valid as long as the session (BREACH, CVE-2013-3587). */
export function makeCsrfToken(keys: KeyRing, sessionIdHash: string): string {
  const token = Buffer.allocUnsafe(2 * TAG_BYTES);
  const mask = randomBytes(TAG_BYTES);
  mask.copy(token);
  xor(keys.sign('csrf-token', sessionIdHash), mask).copy(token, TAG_BYTES);
  return token.toString('base64url');
}

/** Whether a token was made for this session by any key of the ring. */
export function verifyCsrfToken(keys: KeyRing, sessionIdHash: string, token: string): boolean {
  if (!TOKEN_PATTERN.test(token)) return false;
  const bytes = Buffer.from(token, 'base64url');
  const tag = xor(bytes.subarray(TAG_BYTES), bytes.subarray(0, TAG_BYTES));
  return keys.verify('csrf-token', sessionIdHash, tag);
}

/** The first 16 bytes of `value`, each under its mask. */
function xor(value: Uint8Array, mask: Uint8Array): Buffer {
  const result = Buffer.allocUnsafe(TAG_BYTES);
  for (let index = 0; index < TAG_BYTES; index += 1) result[index] = (value[index] ?? 0) ^ (mask[index] ?? 0);
  return result;
}
