/** argon2id by node:crypto, in Node's thread pool: the event loop serves others meanwhile. */
import { argon2, timingSafeEqual } from 'node:crypto';
import { randomBytes } from '../core/random.ts';
import { type Argon2Cost, type Argon2Hash, formatArgon2, parseArgon2 } from './phc-string.ts';

/** The least that OWASP's Password Storage Cheat Sheet lets argon2id cost: 19 MiB, two passes, one lane. */
export const OWASP_MINIMUM: Argon2Cost = Object.freeze({ memory: 19 * 1024, passes: 2, parallelism: 1 });

const SALT_BYTES = 16;
const TAG_BYTES = 32;

/** What a password is against a stored hash. */
export type PasswordMatch = 'match' | 'mismatch' | 'unknown-format';

/** The hash of a password under a fresh salt, as a PHC string. */
export async function hashPassword(password: string, cost: Argon2Cost = OWASP_MINIMUM): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return formatArgon2({ ...cost, salt, tag: await derive(password, cost, salt, TAG_BYTES) });
}

/**
 * Compares a password with a stored hash, in a time that shows nothing of where they differ. Neither a wrong password
 * nor a stored text of any kind makes it reject; only a machine without memory does.
 */
export async function verifyPassword(stored: string, password: string): Promise<PasswordMatch> {
  const hash = parseArgon2(stored);
  if (hash === undefined) return 'unknown-format';
  const tag = await derive(password, hash, hash.salt, hash.tag.byteLength);
  return timingSafeEqual(tag, hash.tag) ? 'match' : 'mismatch';
}

/** Whether a stored hash was made at another cost than today's, or is none that can be read. */
export function needsRehash(stored: string, cost: Argon2Cost = OWASP_MINIMUM): boolean {
  const hash = parseArgon2(stored);
  return (
    hash === undefined ||
    hash.memory !== cost.memory ||
    hash.passes !== cost.passes ||
    hash.parallelism !== cost.parallelism ||
    hash.salt.byteLength < SALT_BYTES ||
    hash.tag.byteLength < TAG_BYTES
  );
}

/** A hash that no password has, and that takes as long to compare with as a real one of this cost. */
export function dummyHash(cost: Argon2Cost): string {
  const hash: Argon2Hash = { ...cost, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) };
  return formatArgon2(hash);
}

function derive(password: string, cost: Argon2Cost, nonce: Buffer, tagLength: number): Promise<Buffer> {
  const parameters = {
    // Two keyboards may spell one letter in two ways; NFC makes them one (Unicode Annex 15).
    message: password.normalize('NFC'),
    nonce,
    tagLength,
    memory: cost.memory,
    passes: cost.passes,
    parallelism: cost.parallelism,
  };
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, tag) => {
      if (error === null) resolve(tag);
      else reject(error);
    });
  });
}
