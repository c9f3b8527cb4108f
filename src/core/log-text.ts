/** What of a text from outside goes into the log. */

/** Enough to see the attack, too little to fill the disk. */
export const MOST_LOGGED = 120;
/** What is left of a word that the cut went through: half a token cannot be told from any other word, and is not masked. */
const MOST_OF_CUT_WORD = 8;

/**
 * The start of a text that a request brought, for the evidence of an event. Whatever a guard writes of a header, a method
 * or a target goes through here, before anything else looks at it.
 */
export function cutForLog(text: string): string;
export function cutForLog(text: string | undefined): string | undefined;
export function cutForLog(text: string | undefined): string | undefined {
  if (text === undefined || text.length <= MOST_LOGGED) return text;
  let start = MOST_LOGGED;
  if (isWord(text.charCodeAt(MOST_LOGGED)))
    while (start > 0 && isWord(text.charCodeAt(start - 1))) start -= 1;
  return `${text.slice(0, Math.min(start + MOST_OF_CUT_WORD, MOST_LOGGED))}...`;
}

/** Letters, digits, `_` and `-`: what tokens are made of. */
function isWord(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2d;
}
