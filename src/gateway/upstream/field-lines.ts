/** Field lines of an answer or its trailer, read strictly (RFC 9112 5, RFC 9110 5.5). */
import { malformed } from './fault.ts';

const COLON = 0x3a;
const TAB = 0x09;
const SPACE = 0x20;
const DELETE = 0x7f;

/** Characters of a token (RFC 9110 5.6.2), by code. */
const IS_TOKEN: Uint8Array = tableOf(
  "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
);

/** More lines than any application sends, and few enough to look at each. */
const MOST_LINES = 256;

/**
 * Names and values in turn, as they came, from the lines between `start` and the end of the text. Each line ends with CR LF
 * but the last, which ends the text. Linear in its length.
 *
 * @throws UpstreamFault of kind `malformed` for a bare CR or LF, a control character, a folded line, a name that is no token
 */
export function readFieldLines(text: string, start: number): string[] {
  const lines: string[] = [];
  for (let at = start; at < text.length;) {
    if (lines.length === MOST_LINES * 2) throw malformed(`more than ${MOST_LINES} field lines`);
    const end = endOfLine(text, at);
    const colon = endOfName(text, at, end);
    lines.push(text.slice(at, colon), trimmed(text, colon + 1, end));
    at = end + 2;
  }
  return lines;
}

/** Where a line ends: at its CR, which a LF follows, or with the text. */
export function endOfLine(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= SPACE && code !== DELETE) continue;
    if (code === TAB) continue;
    if (code === 0x0d && text.charCodeAt(at + 1) === 0x0a) return at;
    throw malformed('a control character, or a line that does not end with CR LF');
  }
  return text.length;
}

function endOfName(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && IS_TOKEN[text.charCodeAt(at)] === 1) at += 1;
  if (at === start) throw malformed('a folded line, or one without a name');
  if (at === end || text.charCodeAt(at) !== COLON) throw malformed('a field name that is no token');
  return at;
}

function trimmed(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}
