/**
 * Password hashes that other software has made, so that a table of users can be moved as it is. What is stored may be
 * forged or broken: each is read by one strict pattern, and what it costs is bounded before anything is computed.
 */
import { type ForeignArgon2Hash, matchesArgon2 } from './argon2.ts';
import { parseAspnet } from './aspnet.ts';
import { parseBetterAuth } from './better-auth.ts';
import { parseBraced } from './braced.ts';
import { type BcryptHash, matchesBcrypt, readsWhole } from './bcrypt.ts';
import { parseDjango } from './django.ts';
import { keyFlaskSecurity, parseFlaskSecurity } from './flask-security.ts';
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
  if (stored.startsWith('{')) return parseBraced(stored);
  return (
    parseFlaskSecurity(stored) ??
    parseDjango(stored) ??
    parseWerkzeug(stored) ??
    parseAspnet(stored) ??
    parseBetterAuth(stored)
  );
}

/**
 * Whether all of a password was compared. Of one that is longer than what bcrypt reads, the rest may be mistyped: it must
 * not become the hash that is stored from now on.
 */
export function isWholeCompared(hash: ForeignHash, password: string): boolean {
  return hash.kind !== 'bcrypt' || readsWhole(hash, password);
}

/**
 * Whether a password has a foreign hash, compared in constant time, computed in Node's thread pool. The password is
 * taken as it was sent, in UTF-8, unless its library normalises it: an NFC form would be another password.
 *
 * @param flaskSalt - what hashes of Flask-Security are keyed with: `no-salt` without it
 * @returns `no-library` where what computes this kind is not installed
 */
export async function matchesForeign(
  hash: ForeignHash,
  password: string,
  flaskSalt?: string,
): Promise<boolean | 'no-library' | 'no-salt'> {
  const text = hash.form === undefined ? password : password.normalize(hash.form);
  if (hash.keyed !== true) return await matches(hash, text);
  if (flaskSalt === undefined) return 'no-salt';
  const matched = await matches(hash, keyFlaskSecurity(text, flaskSalt));
  // Before its version 4 it normalised nothing.
  if (matched !== false || text === password) return matched;
  return await matches(hash, keyFlaskSecurity(password, flaskSalt));
}

async function matches(hash: ForeignHash, password: string): Promise<boolean | 'no-library'> {
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
