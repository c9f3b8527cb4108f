/** Names that people give what is theirs, and that others see on a support page. */

const LONGEST = 64;

// Controls, line breaks and the marks that turn the direction of writing: a name must not rewrite the line it is in.
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * A name as it is stored: one line of at most 64 characters, never empty. Escaping it is the template's part.
 *
 * @param unnamed - what a name of nothing becomes
 */
export function cleanName(name: string, unnamed: string, longest: number = LONGEST): string {
  const line = name.toWellFormed().normalize('NFC').replaceAll(UNSEEN, ' ').replaceAll(/\s+/gu, ' ').trim();
  const short = Array.from(line).slice(0, longest).join('').trim();
  return short === '' ? unnamed : short;
}
