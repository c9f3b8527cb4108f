/** bcrypt, which Node.js does not have: by `@node-rs/bcrypt`, in Node's thread pool, where that is installed. */
import { createHmac, hash as digest, timingSafeEqual } from 'node:crypto';
import { loadOptional, type OptionalLibrary } from '../optional.ts';
import { decodeBcrypt64 } from './encodings.ts';
import { type BarredHash, type HashFormat, type Preparation, tooDear } from './format.ts';

/** What computes bcrypt. */
export const BCRYPT_LIBRARY: OptionalLibrary = '@node-rs/bcrypt';

/**
 * What is done to a password before bcrypt, which reads 72 bytes and stops: nothing, or a digest, in hex (Django) or
 * base64 (passlib; since its version 2 keyed with the salt).
 */
export type Prehash = 'none' | 'sha256-hex' | 'sha256-base64' | 'hmac-sha256-base64';

/** A hash by bcrypt. */
export interface BcryptHash extends Preparation {
  readonly kind: 'bcrypt';
  readonly format: HashFormat;
  readonly prehash: Prehash;
  /** The logarithm of the rounds. */
  readonly cost: number;
  /** As it is written, which is what passlib keys its digest with. */
  readonly saltText: string;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

interface BcryptLibrary {
  readonly hash: (password: Uint8Array, cost: number, salt: Uint8Array) => Promise<string>;
}

/** What bcrypt reads of a password: whatever follows makes no difference. */
const MOST_BYTES = 72;
/** Two seconds. Each further step doubles it. */
const MAX_COST = 15;
const MIN_COST = 4;
const NUL = 0;

/** The hash, or why it is not taken; undefined where salt or tag are written in another way than bcrypt's own. */
export function bcryptHash(
  format: HashFormat,
  prehash: Prehash,
  cost: number,
  saltText: string,
  tagText: string,
): BcryptHash | BarredHash | undefined {
  const bytes = { salt: decodeBcrypt64(saltText), tag: decodeBcrypt64(tagText) };
  return bcryptHashOf({ format, prehash, cost, saltText, ...bytes });
}

/** As {@link bcryptHash}, of salt and tag that were read. */
export function bcryptHashOf({
  format,
  prehash,
  cost,
  saltText,
  salt,
  tag,
}: Pick<BcryptHash, 'format' | 'prehash' | 'cost' | 'saltText'> & {
  readonly salt: Buffer | undefined;
  readonly tag: Buffer | undefined;
}): BcryptHash | BarredHash | undefined {
  if (salt?.byteLength !== 16 || tag?.byteLength !== 23 || cost < MIN_COST) return undefined;
  if (cost > MAX_COST) return tooDear(format, `bcrypt at cost ${cost}`, `cost ${MAX_COST}`);
  return { kind: 'bcrypt', format, prehash, cost, saltText, salt, tag };
}

/** Whether bcrypt read all of a password that it was given as it is. */
export function readsWhole({ prehash, keyed }: BcryptHash, password: string): boolean {
  return prehash !== 'none' || keyed === true || Buffer.byteLength(password) <= MOST_BYTES;
}

/** Whether a password has this hash; `no-library` where nothing here computes bcrypt. */
export async function matchesBcrypt(hash: BcryptHash, password: Buffer): Promise<boolean | 'no-library'> {
  const library = loadOptional(BCRYPT_LIBRARY) as BcryptLibrary | undefined;
  if (library === undefined) return 'no-library';
  const message = prepare(hash, password);
  // bcrypt ends at a NUL. The libraries in question take no such password, so none has such a hash.
  if (message.includes(NUL)) return false;
  const { salt, cost } = hash;
  const text = await library.hash(message, cost, salt);
  const tag = decodeBcrypt64(text.slice(-31));
  return tag?.byteLength === hash.tag.byteLength && timingSafeEqual(tag, hash.tag);
}

function prepare({ prehash, saltText }: BcryptHash, password: Buffer): Buffer {
  switch (prehash) {
    case 'none':
      return password;
    case 'sha256-hex':
      return Buffer.from(digest('sha256', password, 'hex'));
    case 'sha256-base64':
      return Buffer.from(digest('sha256', password, 'base64'));
    case 'hmac-sha256-base64':
      return Buffer.from(createHmac('sha256', saltText).update(password).digest('base64'));
  }
}
