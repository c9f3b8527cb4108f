/** Bulwark's own hashes: argon2id over the NFC form of a password, with a pepper where there is one. */
import { timingSafeEqual } from 'node:crypto';
import { randomBytes } from '../../core/random.ts';
import { type Argon2Request, argon2Engine } from './argon2.ts';
import type { Pepper, PepperKey } from './pepper.ts';
import { type Argon2Cost, type Argon2Hash, formatArgon2, OWASP_MINIMUM, parseArgon2 } from './phc-string.ts';

const SALT_BYTES = 16;
const TAG_BYTES = 32;

/**
 * What a password is against a stored hash. `match-as-sent`: it matches in the form it was sent in and not in NFC, so
 * another library made the hash, and the same password from another keyboard would fail. `unknown-pepper`: the hash
 * names a pepper that is not in the key ring.
 */
export type PasswordMatch = 'match' | 'match-as-sent' | 'mismatch' | 'unknown-format' | 'unknown-pepper';

/** The hash of a password under a fresh salt, as a PHC string. */
export async function hashPassword(
  password: string,
  cost: Argon2Cost = OWASP_MINIMUM,
  pepper?: Pepper,
): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const blank = { ...cost, ...named(pepper), salt, tag: Buffer.alloc(TAG_BYTES) };
  return formatArgon2({ ...blank, tag: await derive(normalise(password), blank, pepper?.current) });
}

/**
 * Compares a password with a stored hash, in a time that shows nothing of where they differ. Neither a wrong password
 * nor a stored text of any kind makes it reject; only a machine without memory does.
 */
export async function verifyPassword(
  stored: string,
  password: string,
  pepper?: Pepper,
): Promise<PasswordMatch> {
  const hash = parseArgon2(stored);
  if (hash === undefined) return 'unknown-format';
  const key = hash.keyId === undefined ? undefined : pepper?.find(hash.keyId);
  if (hash.keyId !== undefined && key === undefined) return 'unknown-pepper';
  const normal = normalise(password);
  if (timingSafeEqual(await derive(normal, hash, key), hash.tag)) return 'match';
  // Other libraries hash what they are sent. A hash with a pepper is none of theirs.
  if (normal === password || key !== undefined) return 'mismatch';
  return timingSafeEqual(await derive(password, hash, key), hash.tag) ? 'match-as-sent' : 'mismatch';
}

/** Whether a stored hash was made at another cost or with another pepper than today's, or is none that can be read. */
export function needsRehash(stored: string, cost: Argon2Cost = OWASP_MINIMUM, pepper?: Pepper): boolean {
  const hash = parseArgon2(stored);
  return (
    hash === undefined ||
    hash.memory !== cost.memory ||
    hash.passes !== cost.passes ||
    hash.parallelism !== cost.parallelism ||
    hash.keyId !== pepper?.current.id ||
    hash.salt.byteLength < SALT_BYTES ||
    hash.tag.byteLength < TAG_BYTES
  );
}

/** A hash that no password has, and that takes as long to compare with as a real one of this cost. */
export function dummyHash(cost: Argon2Cost, pepper?: Pepper): string {
  return formatArgon2({
    ...cost,
    ...named(pepper),
    salt: randomBytes(SALT_BYTES),
    tag: randomBytes(TAG_BYTES),
  });
}

/** Two keyboards may spell one letter in two ways; NFC makes them one (Unicode Annex 15). */
function normalise(password: string): string {
  return password.normalize('NFC');
}

function named(pepper: Pepper | undefined): Pick<Argon2Hash, 'keyId'> {
  return pepper === undefined ? {} : { keyId: pepper.current.id };
}

async function derive(password: string, hash: Argon2Hash, pepper: PepperKey | undefined): Promise<Buffer> {
  const { memory, passes, parallelism, salt, tag } = hash;
  const message = Buffer.from(password, 'utf8');
  const request: Argon2Request = {
    variant: 'argon2id',
    version: 19,
    message,
    salt,
    secret: pepper?.secret,
    tagLength: tag.byteLength,
    memory,
    passes,
    parallelism,
  };
  try {
    return await argon2Engine().derive(request);
  } finally {
    // Small buffers lie beside others in one pool, for long.
    message.fill(0);
  }
}
