/** What a stored hash is, before anybody signs in: for those who move a table of users here. */
import { PASSWORD_CALLS } from './passwords.calls.ts';
import { ARGON2_LIBRARY, argon2Engine } from './argon2.ts';
import { BCRYPT_LIBRARY } from './foreign/bcrypt.ts';
import { type ForeignHash, parseForeign } from './foreign/foreign-hash.ts';
import type { HashFormat } from './foreign/format.ts';
import { loadOptional, type OptionalLibrary } from './optional.ts';
import { parseArgon2 } from './phc-string.ts';

/** What a stored hash is. Holds no part of salt or tag: it can be shown and counted. */
export interface HashDescription {
  readonly format: HashFormat;
  /** Such as `m=19456, t=2, p=1`; empty where it is not known. */
  readonly cost: string;
  /** Whether passwords can be compared with it in this process. */
  readonly verifiable: boolean;
  /** Why not, in a sentence without its full stop. */
  readonly reason?: string;
  /** What to install so that it can be. */
  readonly needs?: OptionalLibrary;
  /** Which pepper went into it: the key ring must have it. */
  readonly keyId?: string;
}

/** Describes a stored hash. Reads any text and never throws; computes nothing. */
export function describeHash(stored: string): HashDescription {
  PASSWORD_CALLS.describeHash(stored);
  const own = parseArgon2(stored);
  if (own !== undefined) {
    const { memory, passes, parallelism, keyId } = own;
    const cost = `m=${memory}, t=${passes}, p=${parallelism}`;
    return { format: 'argon2id', cost, verifiable: true, ...(keyId === undefined ? {} : { keyId }) };
  }
  const foreign = parseForeign(stored);
  if (foreign === undefined) {
    return {
      format: 'unknown',
      cost: '',
      verifiable: false,
      reason: 'it is no hash of a kind that is known',
    };
  }
  const { format } = foreign;
  if (foreign.kind === 'barred') return { format, cost: '', verifiable: false, reason: foreign.reason };
  const needs = missingLibrary(foreign);
  if (needs === undefined) return { format, cost: costOf(foreign), verifiable: true };
  return { format, cost: costOf(foreign), verifiable: false, reason: howToGet(needs), needs };
}

/** What has to be installed before a foreign hash can be compared with; undefined where nothing is missing. */
export function missingLibrary(hash: ForeignHash): OptionalLibrary | undefined {
  if (hash.kind === 'bcrypt' && loadOptional(BCRYPT_LIBRARY) === undefined) return BCRYPT_LIBRARY;
  if (hash.kind === 'argon2' && !argon2Engine().versions.includes(hash.version)) return ARGON2_LIBRARY;
  return undefined;
}

/** The fix, in words. */
export function howToGet(library: OptionalLibrary): string {
  return `this kind of hash needs ${library}: npm install ${library}`;
}

function costOf(hash: ForeignHash): string {
  switch (hash.kind) {
    case 'pbkdf2':
      return `${hash.iterations} iterations of ${hash.digest}`;
    case 'scrypt':
      return `N=${hash.n}, r=${hash.r}, p=${hash.p}`;
    case 'argon2':
      return `${hash.variant} of version ${hash.version}, m=${hash.memory}, t=${hash.passes}, p=${hash.parallelism}`;
    case 'bcrypt':
      return `cost ${hash.cost}`;
  }
}
