/**
 * Password hashes that other software has made, so that a table of users can be moved as it is. What is stored may be
 * forged or broken: each is read by one strict pattern, and what it costs is bounded before anything is computed.
 */
import { type ForeignArgon2Hash, matchesArgon2 } from './argon2.ts';
import { parseAspnet } from './aspnet.ts';
import { type BcryptHash, matchesBcrypt } from './bcrypt.ts';
import { parseDjango } from './django.ts';
import type { BarredHash } from './format.ts';
import { parseModularCrypt } from './modular-crypt.ts';
import { matchesPbkdf2, type Pbkdf2Hash } from './pbkdf2.ts';
import { matchesScrypt, type ScryptHash } from './scrypt.ts';
import { parseWerkzeug } from './werkzeug.ts';

/** A foreign hash that passwords can be compared with. */
export type ForeignHash = Pbkdf2Hash | ScryptHash | ForeignArgon2Hash | BcryptHash;

/** No hash of any library is longer. */
const MAX_LENGTH = 512;

/** Reads a foreign hash. Undefined: it is of no kind that is known. */
export function parseForeign(stored: string): ForeignHash | BarredHash | undefined {
  if (stored.length > MAX_LENGTH) return undefined;
  if (stored.startsWith('$')) return parseModularCrypt(stored);
  return parseDjango(stored) ?? parseWerkzeug(stored) ?? parseAspnet(stored);
}

/**
 * Whether a password has a foreign hash, compared in constant time, computed in Node's thread pool. The password is
 * taken as it was sent, in UTF-8: none of these libraries normalises it, so an NFC form would be another password.
 * `no-library`: what computes this kind is not installed.
 */
export async function matchesForeign(hash: ForeignHash, password: string): Promise<boolean | 'no-library'> {
  const bytes = Buffer.from(password, 'utf8');
  switch (hash.kind) {
    case 'pbkdf2':
      return await matchesPbkdf2(hash, bytes);
    case 'scrypt':
      return await matchesScrypt(hash, bytes);
    case 'argon2':
      return await matchesArgon2(hash, bytes);
    case 'bcrypt':
      return await matchesBcrypt(hash, bytes);
  }
}
