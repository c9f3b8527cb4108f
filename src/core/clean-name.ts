/** Names that people give what is theirs, and that others see on a support page. */

const LONGEST = 64;

// Controls, line breaks and the marks that turn the direction of writing: a name must not rewrite the line it is in.
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

// By such a name alone nobody could tell one passkey or device from another, or see that there is one. Within a name they stay:
// Persian and emoji need them. U+2800, the empty pattern of Braille, is a symbol by its category.
const VISIBLE = /[^\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * A name as it is stored: one line of at most 64 characters, never empty, something to be seen in it. Escaping it is the template's part.
 *
 * @param unnamed - what a name of nothing becomes
 */
export function cleanName(name: string, unnamed: string, longest: number = LONGEST): string {
  const line = name.toWellFormed().normalize('NFC').replaceAll(UNSEEN, ' ').replaceAll(/\s+/gu, ' ').trim();
  const short = Array.from(line).slice(0, longest).join('').trim();
  return VISIBLE.test(short) ? short : unnamed;
}
