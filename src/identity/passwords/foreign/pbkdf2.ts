/** PBKDF2 (RFC 8018 5.2), in Node's thread pool. */
import { pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { type BarredHash, type HashFormat, type Preparation, tooDear } from './format.ts';

/** The digests that libraries offer, with their bytes. */
const DIGEST_BYTES = { sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 } as const;

/** A digest that PBKDF2 runs on. */
export type Pbkdf2Digest = keyof typeof DIGEST_BYTES;

/** A hash by PBKDF2. */
export interface Pbkdf2Hash extends Preparation {
  readonly kind: 'pbkdf2';
  readonly format: HashFormat;
  readonly digest: Pbkdf2Digest;
  readonly iterations: number;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

/** Five times what any library has as its default today; a second or two. */
const MAX_ROUNDS = 5_000_000;
const SHORTEST_TAG = 16;
const LONGEST_TAG = 64;

const derive = promisify(pbkdf2);

/** Whether a text names a digest, as hashes write it. */
export function isDigest(name: string): name is Pbkdf2Digest {
  return Object.hasOwn(DIGEST_BYTES, name);
}

/** Bytes of a digest. */
export function digestBytes(digest: Pbkdf2Digest): number {
  return DIGEST_BYTES[digest];
}

/** The hash, or why it is not taken; undefined where salt or tag cannot be from a library. */
export function pbkdf2Hash(hash: Omit<Pbkdf2Hash, 'kind'>): Pbkdf2Hash | BarredHash | undefined {
  const { format, digest, iterations, salt, tag } = hash;
  // A tag of no bytes would match every password.
  if (salt.byteLength === 0 || tag.byteLength < SHORTEST_TAG || tag.byteLength > LONGEST_TAG)
    return undefined;
  // Each block of the digest's size costs all iterations again.
  const rounds = iterations * Math.ceil(tag.byteLength / DIGEST_BYTES[digest]);
  if (rounds > MAX_ROUNDS) return tooDear(format, `${rounds} rounds of PBKDF2`, String(MAX_ROUNDS));
  return { kind: 'pbkdf2', ...hash };
}

/** Whether a password has this hash. */
export async function matchesPbkdf2(
  { digest, iterations, salt, tag }: Pbkdf2Hash,
  password: Buffer,
): Promise<boolean> {
  return timingSafeEqual(await derive(password, salt, iterations, tag.byteLength, digest), tag);
}
