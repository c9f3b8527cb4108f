import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import { TAKES_SHORTCUTS } from './shortcuts.ts';

/** Makes tags under one key. */
export interface Signer {
  /** The tag of a text's UTF-8 bytes: 32 bytes. */
  sign(message: string): Buffer;
}

/** HMAC-SHA-256 (RFC 2104) under a key of at most 64 bytes, which is copied. */
export function hmacSigner(key: Uint8Array): Signer {
  return TAKES_SHORTCUTS ? new HashedHmac(key) : new NodesHmac(key);
}

const BLOCK_BYTES = 64;
const TAG_BYTES = 32;
/** A message this long is hashed where the key already stands: ids, hashes of ids and most names are shorter. */
const ROOM_BYTES = 192;

/** By what Node.js documents. */
export class NodesHmac implements Signer {
  readonly #key: KeyObject;

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  sign(message: string): Buffer {
    return createHmac('sha256', this.#key).update(message, 'utf8').digest();
  }
}

/**
 * The same as two one-shot hashes over buffers that hold the padded key ready. `createHmac` makes an object for each tag, which
 * the garbage collector has to take away again: 2.4 us against 1.0, for every page with a token in it. Tests hold the two equal.
 */
export class HashedHmac implements Signer {
  readonly #inner: Buffer;
  readonly #outer: Buffer;

  /** @param key - at most 64 bytes; it is copied */
  constructor(key: Uint8Array) {
    if (key.byteLength > BLOCK_BYTES) throw new RangeError('the key of an HMAC has at most 64 bytes');
    // Of its own, not of the pool that other buffers are cut from.
    this.#inner = Buffer.allocUnsafeSlow(BLOCK_BYTES + ROOM_BYTES).fill(0);
    this.#outer = Buffer.allocUnsafeSlow(BLOCK_BYTES + TAG_BYTES).fill(0);
    for (let index = 0; index < BLOCK_BYTES; index += 1) {
      const byte = key[index] ?? 0;
      this.#inner[index] = byte ^ 0x36;
      this.#outer[index] = byte ^ 0x5c;
    }
  }

  sign(message: string): Buffer {
    // Digests as texts of one character a byte: a digest as a buffer costs twice the hash.
    this.#outer.write(this.#innerDigest(message), BLOCK_BYTES, 'binary');
    return Buffer.from(hash('sha256', this.#outer, 'binary'), 'binary');
  }

  #innerDigest(message: string): string {
    const room = this.#inner;
    // A UTF-16 unit is at most three bytes of UTF-8.
    if (message.length * 3 > ROOM_BYTES) {
      const keyed = Buffer.concat([room.subarray(0, BLOCK_BYTES), Buffer.from(message, 'utf8')]);
      return hash('sha256', keyed, 'binary');
    }
    const end = BLOCK_BYTES + room.write(message, BLOCK_BYTES, 'utf8');
    const digest = hash('sha256', room.subarray(0, end), 'binary');
    // It may have been a password.
    room.fill(0, BLOCK_BYTES, end);
    return digest;
  }
}
