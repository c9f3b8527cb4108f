/**
 * Nonces of proofs (RFC 9449 8): a proof that was signed ahead, by whoever had the key for an hour, has none. Made without a
 * write, and good in every process. One may come in many proofs: it is their `jti` that counts once.
 */
import type { KeyRing } from '../../core/key-ring.ts';
import { API_TOKEN_KEYS } from './api-tokens.keys.ts';

const LIFE_MS = 5 * 60_000;
const TAG_BYTES = 16;
/** The second at which it was made, and a tag of 128 bits, of which there is one spelling. */
const NONCE = /^([0-9a-z]{6,9})\.([\w-]{21}[AQgw])$/;

/** A new one. */
export function makeNonce(keys: KeyRing, now: number): string {
  const made = Math.floor(now / 1000).toString(36);
  return `${made}.${keys.sign(API_TOKEN_KEYS.nonce, made).toString('base64url', 0, TAG_BYTES)}`;
}

/** What becomes of a proof by its nonce: `soon`, it is good, and the next one is to be sent along. */
export function judgeNonce(keys: KeyRing, nonce: unknown, now: number): 'good' | 'soon' | 'none' {
  const [, made = '', tag = ''] = typeof nonce === 'string' ? (NONCE.exec(nonce) ?? []) : [];
  if (made === '') return 'none';
  // One of a process whose clock is ahead is good a little longer.
  const age = now - Number.parseInt(made, 36) * 1000;
  if (age >= LIFE_MS || age < -LIFE_MS) return 'none';
  if (!keys.verify(API_TOKEN_KEYS.nonce, made, Buffer.from(tag, 'base64url'))) return 'none';
  return age < LIFE_MS / 2 ? 'good' : 'soon';
}
