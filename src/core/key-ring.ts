import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';

/**
 * What a sub-key is for. Keys of two purposes are independent (HKDF, RFC 5869), so that a tag made for one can
 * never be replayed as another.
 */
export type KeyPurpose = 'csrf-token' | 'rate-limit-key' | 'password-pepper';

/**
 * The secrets of an application: the first one signs, all of them verify. Rotation is putting a new secret in front
 * and taking the old one away once nothing signed with it is in use.
 */
export class KeyRing {
  readonly #secrets: readonly Uint8Array[];
  readonly #keys = new Map<KeyPurpose, readonly KeyObject[]>();

  /** @param secrets - at least one, current first; their strength is checked by the secrets room. */
  constructor(secrets: readonly Uint8Array[]) {
    if (secrets.length === 0) throw new RangeError('a key ring needs at least one secret');
    this.#secrets = secrets;
  }

  /** HMAC-SHA-256 with the current key of a purpose: 32 bytes. */
  sign(purpose: KeyPurpose, message: string): Buffer {
    return mac(this.#keysFor(purpose)[0], message);
  }

  /** What {@link KeyRing.sign} gives with each key of the ring, current first: for what must be found again by its key. */
  signWithEach(purpose: KeyPurpose, message: string): readonly Buffer[] {
    return this.#keysFor(purpose).map((key) => mac(key, message));
  }

  /** Whether a tag, possibly truncated, was made by any key of the ring. Takes the same time for every wrong tag. */
  verify(purpose: KeyPurpose, message: string, tag: Uint8Array): boolean {
    let found = false;
    for (const key of this.#keysFor(purpose)) {
      const expected = mac(key, message).subarray(0, tag.byteLength);
      if (
        tag.byteLength >= MIN_TAG_BYTES &&
        expected.byteLength === tag.byteLength &&
        timingSafeEqual(expected, tag)
      ) {
        found = true;
      }
    }
    return found;
  }

  /** Never shows a secret, wherever it is printed. */
  toJSON(): string {
    return '[key ring]';
  }

  #keysFor(purpose: KeyPurpose): readonly KeyObject[] {
    let keys = this.#keys.get(purpose);
    if (keys === undefined) {
      keys = this.#secrets.map((secret) => subKey(secret, purpose));
      this.#keys.set(purpose, keys);
    }
    return keys;
  }
}

/** 128 bits: below that a tag can be guessed. */
const MIN_TAG_BYTES = 16;

// A KeyObject rather than a Buffer: createHmac takes it seven times faster.
function subKey(secret: Uint8Array, purpose: KeyPurpose): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `bulwark/${purpose}/v1`, 32)));
}

function mac(key: KeyObject | undefined, message: string): Buffer {
  if (key === undefined) throw new RangeError('a key ring needs at least one secret');
  return createHmac('sha256', key).update(message).digest();
}
