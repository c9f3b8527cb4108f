/**
 * better-auth's and Lucia's: `salt:key` in hex, by scrypt over the NFKC form of a password. The salt is used as it is
 * written. Lucia 1 has other salts and half the memory; its later versions put `s2:` in front.
 */
import { decodeHex } from './encodings.ts';
import type { BarredHash } from './format.ts';
import { type ScryptHash, scryptHash } from './scrypt.ts';

const KEY_BYTES = 64;
const N = 16_384;
const BETTER_AUTH = /^([0-9a-f]{32}):([0-9a-f]{128})$/;
const LUCIA = /^(s2:)?([0-9a-z]{16}|[0-9a-f]{32}):([0-9a-f]{128})$/;

/** Reads a hash of better-auth or Lucia. */
export function parseBetterAuth(text: string): ScryptHash | BarredHash | undefined {
  const [, salt, hex = ''] = BETTER_AUTH.exec(text) ?? [];
  if (salt !== undefined) return hashOf('better-auth', salt, hex, 16);
  const [, second, luciaSalt, luciaHex = ''] = LUCIA.exec(text) ?? [];
  if (luciaSalt === undefined) return undefined;
  return hashOf('lucia', luciaSalt, luciaHex, second === undefined ? 8 : 16);
}

function hashOf(
  format: 'better-auth' | 'lucia',
  salt: string,
  hex: string,
  r: number,
): ScryptHash | BarredHash | undefined {
  const tag = decodeHex(hex);
  if (tag?.byteLength !== KEY_BYTES) return undefined;
  return scryptHash({ format, n: N, r, p: 1, salt: Buffer.from(salt), tag, form: 'NFKC' });
}
