/**
 * PostgreSQL keeps every text but one with a NUL in it. Hostile ones have it, so it is written as two characters: DLE
 * (U+0010) and `0`; DLE itself as DLE and `1`. Anything else, which is to say nearly all, is kept as it is and can be
 * read in `psql`.
 */
const MARK = '\u0010';
const MARKED = /[\0\u0010]/;
const EACH_MARKED = /[\0\u0010]/g;
const EACH_MARK = /\u0010([01])/g;

/** A text as PostgreSQL can keep it. No two texts become one. */
export function toStored(text: string): string {
  return MARKED.test(text)
    ? text.replaceAll(EACH_MARKED, (found) => (found === MARK ? `${MARK}1` : `${MARK}0`))
    : text;
}

/** The text that was kept. */
export function fromStored(stored: string): string {
  return stored.includes(MARK)
    ? stored.replaceAll(EACH_MARK, (_, digit) => (digit === '0' ? '\0' : MARK))
    : stored;
}
