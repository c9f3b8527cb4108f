/** A line of source in a report: one line, cut where it is long, without what opens a door. */

const MOST_SHOWN = 200;
/** A value behind a name that says what it is, and any long run of letters and digits. */
const NAMED =
  /(?<before>(?:secret|passw(?:or)?d|token|api_?key|private_?key|credential)\w*["'\]]*\s*[:=]\s*\(?[a-z]{0,2})(?<quote>["'])(?:(?!\k<quote>).)+\k<quote>/gi;
const LONG = /(?<quote>["'])(?=[^"']*\d)(?=[^"']*[a-zA-Z])[\w+/=.-]{24,}\k<quote>/g;
const IN_ADDRESS = /(?<before>:\/\/[^\s:/@'"]*:)[^\s@'"]+@/g;
/** Controls, and the marks that turn the direction of writing. */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** Cuts values out of a text. Its names stay: they are what one looks for. */
export function maskSecrets(text: string): string {
  const line = text
    .toWellFormed()
    .slice(0, 4 * MOST_SHOWN)
    .replaceAll(UNSEEN, ' ')
    .replaceAll(NAMED, '$<before>$<quote>...$<quote>')
    .replaceAll(LONG, '$<quote>...$<quote>')
    .replaceAll(IN_ADDRESS, '$<before>...@')
    .trim();
  return line.length <= MOST_SHOWN ? line : `${line.slice(0, MOST_SHOWN)}...`;
}
