/** Texts of a report that came from outside. */

const MOST_SHOWN = 400;
/** Controls, and the marks that turn the direction of writing: what a server sends must not write on a terminal. */
const UNSEEN =
  /[\p{Cc}\u061c\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]+/gu;

/** A text of a report: one line, cut where it is long, without what opens a session. */
export function shownText(text: string, secrets: ReadonlySet<string>): string {
  let line = text.toWellFormed();
  for (const secret of secrets) line = line.replaceAll(secret, '...');
  line = line.replaceAll(UNSEEN, ' ').trim();
  return line.length <= MOST_SHOWN ? line : `${line.slice(0, MOST_SHOWN).toWellFormed()}...`;
}
