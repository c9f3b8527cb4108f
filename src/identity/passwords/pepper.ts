/**
 * The pepper: a secret that goes into every hash and is not stored beside it. Whoever steals the table alone cannot
 * even begin to guess. Each hash names its pepper, so that a new secret in the key ring is a new pepper for new hashes,
 * and the old ones verify and are upgraded for as long as their secret stays in the ring.
 */
import type { KeyRing } from '../../core/key-ring.ts';
import { PASSWORDS_KEYS } from './passwords.keys.ts';

/** One pepper, and what a hash calls it. */
export interface PepperKey {
  /** 8 bytes in base64: tells peppers apart, and nothing about them. */
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Buffer;
}

const ID_BYTES = 8;

/** The peppers of a key ring. */
export class Pepper {
  readonly #current: PepperKey;
  readonly #keys: ReadonlyMap<string, PepperKey>;

  constructor(ring: KeyRing) {
    const ids = ring.signWithEach(PASSWORDS_KEYS.pepper, 'id');
    const keys = ring.signWithEach(PASSWORDS_KEYS.pepper, 'secret').map((secret, index) => ({
      id: (ids[index]?.subarray(0, ID_BYTES) ?? Buffer.alloc(0)).toString('base64').replace(/=+$/, ''),
      secret,
    }));
    const [current] = keys;
    if (current === undefined) throw new RangeError('a key ring needs at least one secret');
    this.#current = current;
    this.#keys = new Map(keys.map((key) => [key.id, key]));
  }

  /** What goes into new hashes. */
  get current(): PepperKey {
    return this.#current;
  }

  /** The pepper that a hash names; undefined where it has left the ring. */
  find(id: string): PepperKey | undefined {
    return this.#keys.get(id);
  }

  /** Never shows a secret, wherever it is printed. */
  toJSON(): string {
    return '[pepper]';
  }
}
