/** What a string of Python stands for. */

const OPENING = /^(?<prefix>[a-zA-Z]{0,2})(?<quotes>"""|'''|"|')/;
const ESCAPE = /\\(?:\r?\n|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{1,3}|.)/gsu;
const LETTERS: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\n': '', '\r': '' };

/** A literal as it is written, taken apart. */
export interface Literal {
  readonly value: string;
  readonly bytes: boolean;
}

/** Reads one literal. */
export function readLiteral(text: string): Literal {
  const { prefix = '', quotes = '' } = OPENING.exec(text)?.groups ?? {};
  const begin = prefix.length + quotes.length;
  const end = text.length > begin && text.endsWith(quotes) ? text.length - quotes.length : text.length;
  const inside = text.slice(begin, end);
  return {
    value: /r/i.test(prefix) || !inside.includes('\\') ? inside : inside.replace(ESCAPE, unescape),
    bytes: /b/i.test(prefix),
  };
}

function unescape(escape: string): string {
  const rest = escape.slice(1);
  const letter = LETTERS[rest[0] ?? ''];
  if (letter !== undefined) return letter;
  if (/^[xu]./.test(rest)) return String.fromCharCode(Number.parseInt(rest.slice(1), 16));
  return /^[0-7]/.test(rest) ? String.fromCharCode(Number.parseInt(rest, 8)) : rest;
}
