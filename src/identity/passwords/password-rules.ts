/**
 * What a new password must be (NIST SP 800-63B-4 3.1.1.2): long enough, and not what is tried first. No rules of
 * composition: they make people write `Password1!`, which is tried first.
 */
import { hash } from 'node:crypto';
import { Bloom } from './breached/bloom.ts';
import { COMMON_BITS, COMMON_SHAPE } from './common-filter.ts';
import { fold, type PieceKind, weigh, withoutSeparators } from './predictable.ts';

/** The longest password that is taken, in characters (code points of the NFC form). */
export const MAX_PASSWORD_LENGTH = 256;

/**
 * The least a password must weigh once what is predictable in it counts for little (predictable.ts), in characters:
 * the shortest length that any standard accepts.
 */
export const MIN_WEIGHT = 8;
/** The shortest password of the list of common ones that is worth keeping: none is taken that is shorter. */
export const SHORTEST_COMMON = 8;
/** Shorter parts of names and addresses are in too many innocent words. */
const SHORTEST_OWN_WORD = 3;
const MAX_OWN_WORDS = 64;
/** No name or address is longer; whoever registers with one of megabytes must not keep the event loop busy with it. */
const MAX_OWN_TEXT = 320;

/**
 * Why a password is not taken. `breached`: it is in a list of stolen ones; `unchecked`: that could not be looked up, and
 * the application has it that way.
 */
export type PasswordProblemCode =
  | 'too-short'
  | 'too-long'
  | 'malformed'
  | 'breached'
  | 'unchecked'
  | PieceKind;

/** Why a password is not taken, and a sentence for the person who chose it. Neither holds any part of it. */
export interface PasswordProblem {
  readonly code: PasswordProblemCode;
  readonly message: string;
}

/** What a password is judged by. */
export interface PasswordDemands {
  /** Characters it must have at least. */
  readonly minimumLength: number;
  /** The service's names and the account's: email address, name, anything an attacker would try for this account. */
  readonly ownWords: readonly string[];
}

const MESSAGES: Readonly<Record<PieceKind, string>> = {
  common:
    'This is made of words that are tried first. Add words of your own, or let a password manager choose.',
  'own-words':
    'This is mostly made of the name of the service or your own. Choose something that is about neither.',
  repeated: 'This repeats itself. Repeating does not make it harder to guess.',
  sequence: 'This is mostly a sequence, such as 123456 or abcdef, or a year. Those are tried first.',
  keyboard: 'This is mostly a walk over the keyboard. Those are tried first.',
};

/** What is said of a password that a list of breached ones has. */
export const BREACHED: PasswordProblem = {
  code: 'breached',
  message:
    'This is in a list of stolen passwords, which is tried first. Choose another, and change it wherever you use it.',
};

/** What is said where the list could not be asked. */
export const UNCHECKED: PasswordProblem = {
  code: 'unchecked',
  message: 'This cannot be checked against stolen passwords at the moment. Try again in a minute.',
};

/** Everything wrong with a new password; nothing where it can be taken. */
export function checkPassword(password: string, demands: PasswordDemands): readonly PasswordProblem[] {
  const length = passwordLength(password);
  if (length > MAX_PASSWORD_LENGTH) {
    return [{ code: 'too-long', message: `Use at most ${MAX_PASSWORD_LENGTH} characters.` }];
  }
  if (!password.isWellFormed()) {
    // Half a surrogate pair has no UTF-8: all such halves would hash alike.
    return [{ code: 'malformed', message: 'This holds characters that are not text. Type it again.' }];
  }
  const problems: PasswordProblem[] = [];
  if (length < demands.minimumLength) {
    problems.push({ code: 'too-short', message: `Use at least ${demands.minimumLength} characters.` });
  }
  const { characters, mostly } = weigh(password, splitWords(demands.ownWords));
  if (mostly !== undefined && characters < MIN_WEIGHT) {
    problems.push({ code: mostly, message: MESSAGES[mostly] });
  } else if (isCommon(password)) {
    problems.push({ code: 'common', message: MESSAGES.common });
  }
  return problems;
}

let common: Bloom | undefined;

/** Whether the whole is one of the most used passwords, in any case, with or without what stands between its words. */
function isCommon(password: string): boolean {
  common ??= new Bloom(COMMON_SHAPE, Buffer.from(COMMON_BITS, 'base64'));
  const folded = fold(password);
  const joined = withoutSeparators(folded);
  return common.has(hash('sha1', folded, 'buffer')) || common.has(hash('sha1', joined, 'buffer'));
}

/** The characters of a password, or a number past the maximum where it is far too long to count. */
export function passwordLength(password: string): number {
  // No letter takes more than some ten code units before NFC: what is longer is not normalised at all.
  if (password.length > 16 * MAX_PASSWORD_LENGTH) return Number.POSITIVE_INFINITY;
  return password.normalize('NFC').replaceAll(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, '_').length;
}

/** Names and addresses, whole and in words: `alice.smith@example.com` is that, alice, smith, example and com. */
function splitWords(texts: readonly string[]): readonly string[] {
  const words = new Set<string>();
  for (const text of texts) {
    const folded = fold(text.slice(0, MAX_OWN_TEXT));
    for (const word of [folded, ...folded.split(/[^\p{L}\p{N}]+/u)]) {
      if (word.length >= SHORTEST_OWN_WORD && words.size < MAX_OWN_WORDS) words.add(word);
    }
  }
  return [...words];
}
