/**
 * Hashes and random bytes for the browser, where `crypto.subtle` answers with promises and guards do not wait. Ciphers and
 * signatures are missing: nobody on this page has a passkey, a file or a provider.
 */
import { Buffer } from './buffer.ts';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';

export const constants: Readonly<Record<string, number>> = {};

const HASHES = { sha1, sha256, sha384, sha512 };
type HashName = keyof typeof HASHES;
type Bytes = Uint8Array | string;
type Encoding = 'hex' | 'base64' | 'base64url' | 'binary' | 'latin1' | 'buffer';

/** A key that stands for its bytes. */
class SecretKey {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = Uint8Array.from(bytes);
  }
}

export type KeyObject = SecretKey;

class Running {
  readonly #finish: (data: Uint8Array) => Uint8Array;
  #parts: Uint8Array[] = [];

  constructor(finish: (data: Uint8Array) => Uint8Array) {
    this.#finish = finish;
  }

  update(data: Bytes): this {
    this.#parts.push(Uint8Array.from(bytesOf(data)));
    return this;
  }

  digest(): Buffer;
  digest(encoding: Encoding): string;
  digest(encoding?: Encoding): Buffer | string {
    const digest = Buffer.from(this.#finish(Buffer.concat(this.#parts)));
    return encoding === undefined ? digest : encode(digest, encoding);
  }
}

export const hash = (name: HashName, data: Bytes, encoding: Encoding = 'hex'): string | Buffer =>
  encode(Buffer.from(HASHES[name](bytesOf(data))), encoding);

export const createHash = (name: HashName): Running => new Running((data) => HASHES[name](data));

export const createHmac = (name: HashName, key: Bytes | SecretKey): Running => {
  const bytes = key instanceof SecretKey ? key.bytes : bytesOf(key);
  return new Running((data) => hmac(HASHES[name], bytes, data));
};

export const createSecretKey = (bytes: Uint8Array): SecretKey => new SecretKey(bytes);

export const hkdfSync = (name: HashName, key: Bytes, salt: Bytes, info: Bytes, length: number): ArrayBuffer =>
  Uint8Array.from(hkdf(HASHES[name], bytesOf(key), bytesOf(salt), bytesOf(info), length)).buffer;

export const randomFillSync = <Target extends Uint8Array>(target: Target): Target => {
  crypto.getRandomValues(target as Uint8Array<ArrayBuffer>);
  return target;
};

export const randomBytes = (length: number): Buffer => randomFillSync(Buffer.alloc(length));

export const randomUUID = (): string => crypto.randomUUID();

/** No secret of anybody is here whose time could tell something. */
export const timingSafeEqual = (one: Uint8Array, other: Uint8Array): boolean =>
  one.every((byte, index) => byte === other[index]);

function bytesOf(data: Bytes): Uint8Array {
  return typeof data === 'string' ? new TextEncoder().encode(data) : data;
}

function encode(digest: Buffer, encoding: Encoding): string | Buffer {
  if (encoding === 'buffer') return digest;
  return digest.toString(encoding);
}
