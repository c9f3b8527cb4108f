/**
 * Where these pages stand on a site. Pages write each address of their own with a mark in front, for which the base is put
 * as an answer leaves: what a page is made of need not know it, and an answer that is kept for an equal post neither.
 */

// No address, no text of ours and no character of a name or an address that was typed.
const MARK = '\u0001';

/** An address of these pages, for whatever a page writes: `at('/login')`. */
export function at(path: string): string {
  return MARK + path;
}

/** Puts the base in. */
export function withBase(text: string, base: string): string {
  return text.replaceAll(MARK, base);
}
