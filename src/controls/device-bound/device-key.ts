/** The public key of a device: read from what a browser sends, kept as a short text. */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

/** What a device may sign by: what Chromium offers, and both that W3C's draft names. */
export type DeviceAlgorithm = 'ES256' | 'RS256';

/** Every {@link DeviceAlgorithm}, the one we would rather have first. */
export const ALGORITHMS: readonly DeviceAlgorithm[] = ['ES256', 'RS256'];

/** A device, as it was bound. */
export interface Device {
  readonly boundAt: number;
  readonly algorithm: DeviceAlgorithm;
  /** Of ES256 the point, x and y; of RS256 the modulus. Base64url. */
  readonly numbers: readonly string[];
}

/** 256 bits. */
const COORDINATE = /^[\w-]{43}$/;
/** 2048 to 4096 bits: fewer are weak, and more only cost us time. */
const MODULUS = /^[\w-]{342,683}$/;
const EXPONENT = 'AQAB';

/**
 * The public key of a JWK (RFC 7517), if it is one of ours. A private key is refused too: whoever sends one has not kept it
 * in a device.
 */
export function readJwk(algorithm: DeviceAlgorithm, jwk: unknown, now: number): Device | undefined {
  if (typeof jwk !== 'object' || jwk === null || Object.hasOwn(jwk, 'd')) return undefined;
  const { kty, crv, x, y, n, e } = jwk as Readonly<Record<string, unknown>>;
  const numbers = algorithm === 'ES256' ? [x, y] : [n];
  const fits = algorithm === 'ES256' ? kty === 'EC' && crv === 'P-256' : kty === 'RSA' && e === EXPONENT;
  const shape = algorithm === 'ES256' ? COORDINATE : MODULUS;
  if (!fits || !numbers.every((one) => typeof one === 'string' && shape.test(one) && isCanonical(one)))
    return undefined;
  return { boundAt: now, algorithm, numbers: numbers as readonly string[] };
}

/** As it is stored with the session. */
export function deviceText({ boundAt, algorithm, numbers }: Device): string {
  return [boundAt.toString(36), algorithm, ...numbers].join('.');
}

/** What {@link deviceText} wrote. Undefined: a store gave back what was never stored. */
export function readDevice(text: string): Device | undefined {
  const [boundAt = '', algorithm, ...numbers] = text.split('.');
  if (algorithm !== 'ES256' && algorithm !== 'RS256') return undefined;
  return { boundAt: Number.parseInt(boundAt, 36), algorithm, numbers };
}

/** When a device was bound, without reading the rest of it. */
export function boundAtOf(text: string): number {
  return Number.parseInt(text, 36);
}

/** The key, to verify by. @throws where the numbers are no key: a point that is not on the curve */
export function keyOf({ algorithm, numbers: [first = '', second = ''] }: Device): KeyObject {
  const key: JsonWebKey =
    algorithm === 'ES256'
      ? { kty: 'EC', crv: 'P-256', x: first, y: second }
      : { kty: 'RSA', n: first, e: EXPONENT };
  return createPublicKey({ key, format: 'jwk' });
}

/** Keys of sessions that are refreshed: to make one of its numbers takes as long as to verify by it. */
const MOST_KEYS = 2000;

/** The keys that one process verified by last. */
export class RecentKeys {
  readonly #keys = new Map<string, KeyObject>();

  /**
   * The key of a device.
   *
   * @param text - as it is stored
   */
  of(text: string, device: Device): KeyObject {
    const known = this.#keys.get(text);
    if (known !== undefined) {
      this.#keys.delete(text);
      this.#keys.set(text, known);
      return known;
    }
    const key = keyOf(device);
    this.#keys.set(text, key);
    if (this.#keys.size > MOST_KEYS) {
      const [oldest] = this.#keys.keys();
      if (oldest !== undefined) this.#keys.delete(oldest);
    }
    return key;
  }
}

/** Bits that do not count may differ: one key must not have several names. */
function isCanonical(text: string): boolean {
  return Buffer.from(text, 'base64url').toString('base64url') === text;
}
