/** Recovery codes: what they look like, how they are read back, and what is stored of them. */
import { hash, randomInt } from 'node:crypto';
import { plainCode } from './typed-code.ts';

/**
 * No vowels, so that no code is a word; of 0 O, 1 I L, 2 Z, 5 S, 8 B and U V one at most. 24 characters, 4.58 bits each.
 */
const ALPHABET = '2346789CDFGHJKMNPQRTVWXY';
const GROUPS = 5;
const GROUP_LENGTH = 5;
const LENGTH = GROUPS * GROUP_LENGTH;
const CODE = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);

/** What is read as another character: the one it is taken for that codes do have. */
const READ_AS: Readonly<Record<string, string>> = { Z: '2', B: '8', U: 'V' };

/** A code of 114 random bits, in five groups: `7KM4Q-...`. */
export function newRecoveryCode(): string {
  const group = (): string =>
    Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}

/** A code as a person types it: in any case, in digits of any script, with or without what separates groups. Undefined where it is none. */
export function readRecoveryCode(text: string): string | undefined {
  if (text.length > 4 * LENGTH) return undefined;
  const typed = plainCode(text).toUpperCase();
  const code = typed.replaceAll(/[ZBU]/g, (character) => READ_AS[character] ?? character);
  return CODE.test(code) ? code : undefined;
}

/**
 * What is stored of a code that {@link readRecoveryCode} gave back. A plain hash: of 112 bits and more nobody guesses
 * one, so that a slow hash would only cost time (ASVS v5.0.0-6.5.2). Without a key, so that recovery codes still work
 * where the key ring was lost.
 */
export function hashRecoveryCode(code: string): string {
  return hash('sha256', code, 'base64url');
}
