/** Public keys that a client brings as a JWK (RFC 7517): only what is needed, in one spelling, and nothing private. */
import { createPublicKey, hash, type JsonWebKey, type KeyObject } from 'node:crypto';

/** What a client may sign by. */
export type JwsAlgorithm = 'ES256' | 'RS256' | 'PS256' | 'EdDSA';

/** A public key, as it is kept. */
export interface PublicKey {
  readonly algorithm: JwsAlgorithm;
  /** Of ES256 the point, x and y; of RSA the modulus; of EdDSA the point. Base64url. */
  readonly numbers: readonly string[];
}

/** 256 bits. */
const COORDINATE = /^[\w-]{43}$/;
/** 2048 to 4096 bits: fewer are weak, and more only cost us time. */
const MODULUS = /^[\w-]{342,683}$/;
const EXPONENT = 'AQAB';
/** Of RSA and of curves (RFC 7518 6.2.2 and 6.3.2), and of shared keys. */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * The public key of a JWK, if it is one that this algorithm signs by. One with a private part is refused: whoever sends that
 * has not kept it.
 */
export function readJwk(algorithm: JwsAlgorithm, jwk: unknown): PublicKey | undefined {
  if (typeof jwk !== 'object' || jwk === null || PRIVATE.some((name) => Object.hasOwn(jwk, name)))
    return undefined;
  const { kty, crv, x, y, n, e } = jwk as Readonly<Record<string, unknown>>;
  switch (algorithm) {
    case 'ES256':
      return kty === 'EC' && crv === 'P-256' ? keyWith(algorithm, COORDINATE, [x, y]) : undefined;
    case 'EdDSA':
      return kty === 'OKP' && crv === 'Ed25519' ? keyWith(algorithm, COORDINATE, [x]) : undefined;
    case 'RS256':
    case 'PS256':
      return kty === 'RSA' && e === EXPONENT ? keyWith(algorithm, MODULUS, [n]) : undefined;
  }
}

function keyWith(algorithm: JwsAlgorithm, shape: RegExp, numbers: readonly unknown[]): PublicKey | undefined {
  return numbers.every((one) => typeof one === 'string' && shape.test(one) && isCanonical(one))
    ? { algorithm, numbers: numbers as readonly string[] }
    : undefined;
}

/** The key, to verify by. @throws where the numbers are no key: a point that is not on the curve */
export function keyOf(key: PublicKey): KeyObject {
  return createPublicKey({ key: jwkOf(key), format: 'jwk' });
}

/** By what a key is known: SHA-256 of its members, in the order of their names (RFC 7638 3). */
export function thumbprint(key: PublicKey): string {
  return hash('sha256', JSON.stringify(jwkOf(key)), 'base64url');
}

/** In the order of RFC 7638: by the names. */
function jwkOf({ algorithm, numbers: [first = '', second = ''] }: PublicKey): JsonWebKey {
  if (algorithm === 'ES256') return { crv: 'P-256', kty: 'EC', x: first, y: second };
  return algorithm === 'EdDSA'
    ? { crv: 'Ed25519', kty: 'OKP', x: first }
    : { e: EXPONENT, kty: 'RSA', n: first };
}

/** The keys of so many clients are kept: to make one of its numbers takes as long as to verify by it. */
export const MOST_KEYS = 2000;

/** Bits that do not count may differ: one key must not have several names. */
function isCanonical(text: string): boolean {
  return Buffer.from(text, 'base64url').toString('base64url') === text;
}
