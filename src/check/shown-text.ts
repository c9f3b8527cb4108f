/** Texts of a report that came from outside. */
import { patternOf } from './secret-forms.ts';

/** Stands for a secret until all are found: one as short as `.` is found in no other's dots. */
const MASK = '\0';
const MOST_SHOWN = 400;
/** Controls, and the marks that turn the direction of writing: what a server sends must not write on a terminal. */
const UNSEEN =
  /[\p{Cc}\u061c\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]+/gu;

/** A text of a report: one line, cut where it is long, without what opens a session. */
export function shownText(text: string, secrets: ReadonlySet<string>): string {
  let line = text.toWellFormed().replaceAll(MASK, ' ');
  for (const pattern of patternsOf(secrets)) line = line.replaceAll(pattern, MASK);
  line = line.replaceAll(MASK, '...').replaceAll(UNSEEN, ' ').trim();
  return line.length <= MOST_SHOWN ? line : `${line.slice(0, MOST_SHOWN).toWellFormed()}...`;
}

/** Of one set, for as many texts as it is asked for. */
const known = new WeakMap<
  ReadonlySet<string>,
  { readonly size: number; readonly patterns: readonly RegExp[] }
>();

/** The longest first: one within another would leave the ends of that. */
function patternsOf(secrets: ReadonlySet<string>): readonly RegExp[] {
  const before = known.get(secrets);
  if (before?.size === secrets.size) return before.patterns;
  const patterns = [...secrets].toSorted((a, b) => b.length - a.length).map(patternOf);
  known.set(secrets, { size: secrets.size, patterns });
  return patterns;
}
