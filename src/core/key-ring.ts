import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import { hmacSigner, type Signer } from './hmac.ts';
import { randomBytes } from './random.ts';

/**
 * What a sub-key signs. Keys of two purposes are independent (HKDF, RFC 5869), so that a tag made for one can never be
 * replayed as another. Each room declares its own, and no two are of one name (`policy/controls.ts`).
 */
export interface SigningPurpose {
  readonly signs: string;
}

/** What a sub-key encrypts: secrets that must be had again in clear, and so cannot be stored as a hash. */
export interface SealingPurpose {
  readonly seals: string;
}

/** A sealed value, opened. */
export interface Opened {
  readonly plaintext: Buffer;
  /** Whether the current key sealed it. If not, seal it anew, so that the old secret can be taken away one day. */
  readonly current: boolean;
}

/**
 * The secrets of an application: the first one signs and seals, all of them verify and open. Rotation is putting a new
 * secret in front and taking the old one away once nothing signed or sealed with it is in use.
 */
export class KeyRing {
  #secrets: readonly Uint8Array[];
  readonly #signers = new Map<string, readonly Signer[]>();
  readonly #ciphers = new Map<string, readonly KeyObject[]>();
  /** By purpose: messages, and what they were signed with by the current key. */
  readonly #remembered = new Map<string, Map<string, Buffer>>();

  /** @param secrets - at least one, current first; their strength is checked by the secrets room. */
  constructor(secrets: readonly Uint8Array[]) {
    if (secrets.length === 0) throw new RangeError('a key ring needs at least one secret');
    this.#secrets = secrets;
  }

  /**
   * Takes other secrets in place of those that are here, from the next signature on: what only they verified is void.
   *
   * @returns whether they are others, or in another order
   */
  replace(secrets: readonly Uint8Array[]): boolean {
    if (secrets.length === 0) throw new RangeError('a key ring needs at least one secret');
    const same =
      secrets.length === this.#secrets.length &&
      secrets.every((secret, index) => sameBytes(secret, this.#secrets[index]));
    if (same) return false;
    this.#secrets = secrets;
    this.#signers.clear();
    this.#ciphers.clear();
    this.#remembered.clear();
    return true;
  }

  /** HMAC-SHA-256 with the current key of a purpose: 32 bytes. */
  sign(purpose: SigningPurpose, message: string): Buffer {
    return current(this.#signersFor(purpose)).sign(message);
  }

  /**
   * As {@link KeyRing.sign}, for what is signed again and again, as a session is with each page: the last 1,024 tags of a purpose
   * are remembered until the keys change. Not for secrets. Nobody writes into the tag.
   */
  signOften(purpose: SigningPurpose, message: string): Buffer {
    let tags = this.#remembered.get(purpose.signs);
    if (tags === undefined) this.#remembered.set(purpose.signs, (tags = new Map()));
    const known = tags.get(message);
    if (known !== undefined) return known;
    const tag = this.sign(purpose, message);
    if (tags.size >= MOST_REMEMBERED) {
      const [oldest = ''] = tags.keys();
      tags.delete(oldest);
    }
    tags.set(message, tag);
    return tag;
  }

  /** What {@link KeyRing.sign} gives with each key of the ring, current first: for what must be found again by its key. */
  signWithEach(purpose: SigningPurpose, message: string): readonly Buffer[] {
    return this.#signersFor(purpose).map((signer) => signer.sign(message));
  }

  /** Whether a tag, possibly truncated, was made by any key of the ring. Takes the same time for every wrong tag. */
  verify(purpose: SigningPurpose, message: string, tag: Uint8Array): boolean {
    let found = false;
    for (const signer of this.#signersFor(purpose)) {
      const expected = signer.sign(message).subarray(0, tag.byteLength);
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

  /**
   * Encrypts and authenticates with the current key of a purpose: AES-256-GCM under a random nonce of 96 bits, which
   * is good for 2^32 values a key (NIST SP 800-38D 8.3). Base64url, 29 bytes longer than the value.
   *
   * @param context - what the value belongs to, such as an account: it opens only under the same one, so that a sealed
   * value cannot be moved to another row
   */
  seal(purpose: SealingPurpose, plaintext: Uint8Array, context: string): string {
    return sealUnder(current(this.#ciphersFor(purpose)), plaintext, context);
  }

  /** Opens what any key of the ring sealed. Undefined: tampered with, of another context, or of no key that is here. */
  open(purpose: SealingPurpose, sealed: string, context: string): Opened | undefined {
    const bytes = sealedBytes(sealed);
    if (bytes === undefined) return undefined;
    const keys = this.#ciphersFor(purpose);
    for (const key of keys) {
      const plaintext = decrypt(key, bytes, context);
      if (plaintext !== undefined) return { plaintext, current: key === keys[0] };
    }
    return undefined;
  }

  /** Never shows a secret, wherever it is printed. */
  toJSON(): string {
    return '[key ring]';
  }

  #signersFor({ signs }: SigningPurpose): readonly Signer[] {
    let signers = this.#signers.get(signs);
    if (signers === undefined) {
      signers = this.#secrets.map((secret) => hmacSigner(subKey(secret, signs)));
      this.#signers.set(signs, signers);
    }
    return signers;
  }

  #ciphersFor({ seals }: SealingPurpose): readonly KeyObject[] {
    let keys = this.#ciphers.get(seals);
    if (keys === undefined) {
      keys = this.#secrets.map((secret) => createSecretKey(subKey(secret, seals)));
      this.#ciphers.set(seals, keys);
    }
    return keys;
  }
}

/** As {@link KeyRing.seal}, under a key that is no one's purpose: such as that of a person, which is destroyed one day. */
export function sealUnder(key: KeyObject, plaintext: Uint8Array, context: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([SEAL_FORMAT, nonce, body, cipher.getAuthTag()]).toString('base64url');
}

/** What {@link sealUnder} sealed. Undefined: tampered with, of another context, or of another key. */
export function openUnder(key: KeyObject, sealed: string, context: string): Buffer | undefined {
  const bytes = sealedBytes(sealed);
  return bytes && decrypt(key, bytes, context);
}

function sealedBytes(sealed: string): Buffer | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  // Characters that base64url does not have are passed over when it is read: a second spelling of the same value.
  if (bytes.toString('base64url') !== sealed || bytes.byteLength < SEAL_BYTES) return undefined;
  return bytes[0] === SEAL_FORMAT[0] ? bytes : undefined;
}

function sameBytes(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other?.byteLength === one.byteLength && timingSafeEqual(one, other);
}

const MOST_REMEMBERED = 1024;

/** 128 bits: below that a tag can be guessed. */
const MIN_TAG_BYTES = 16;

const CIPHER = 'aes-256-gcm';
/** The first byte of what is sealed: another cipher, one day, is another number. */
const SEAL_FORMAT: Buffer = Buffer.of(1);
const NONCE_BYTES = 12;
const GCM_TAG_BYTES = 16;
const SEAL_BYTES = SEAL_FORMAT.byteLength + NONCE_BYTES + GCM_TAG_BYTES;

function subKey(secret: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `bulwark/${purpose}/v1`, 32));
}

function current<Key>(keys: readonly Key[]): Key {
  const [key] = keys;
  if (key === undefined) throw new RangeError('a key ring needs at least one secret');
  return key;
}

function decrypt(key: KeyObject, bytes: Buffer, context: string): Buffer | undefined {
  const start = SEAL_FORMAT.byteLength;
  const end = bytes.byteLength - GCM_TAG_BYTES;
  const nonce = bytes.subarray(start, start + NONCE_BYTES);
  // Without the length Node.js takes shorter tags too: four bytes can be guessed.
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: GCM_TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(bytes.subarray(end));
  const body = decipher.update(bytes.subarray(start + NONCE_BYTES, end));
  try {
    return Buffer.concat([body, decipher.final()]);
  } catch {
    return undefined;
  }
}
