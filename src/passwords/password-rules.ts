/**
 * What a new password must be (NIST SP 800-63B-4 3.1.1.2): long enough, and not what is tried first. No rules of
 * composition: they make people write `Password1!`, which is tried first.
 */
import { fold, type PieceKind, weigh } from './predictable.ts';

/** The longest password that is taken, in characters (code points of the NFC form). */
export const MAX_PASSWORD_LENGTH = 256;

/**
 * The least a password must weigh once what is predictable in it counts for little (predictable.ts), in characters:
 * the shortest length that any standard accepts.
 */
const MIN_WEIGHT = 8;
/** Shorter parts of names and addresses are in too many innocent words. */
const SHORTEST_OWN_WORD = 3;
const MAX_OWN_WORDS = 64;

/** Why a password is not taken. */
export type PasswordProblemCode = 'too-short' | 'too-long' | 'malformed' | PieceKind;

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
  if (mostly !== undefined && characters < MIN_WEIGHT)
    problems.push({ code: mostly, message: MESSAGES[mostly] });
  return problems;
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
    const folded = fold(text);
    for (const word of [folded, ...folded.split(/[^\p{L}\p{N}]+/u)]) {
      if (word.length >= SHORTEST_OWN_WORD && words.size < MAX_OWN_WORDS) words.add(word);
    }
  }
  return [...words];
}
