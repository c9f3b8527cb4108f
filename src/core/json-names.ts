/** Names that are there twice in one object of JSON: JSON.parse keeps the last, other readers the first. */

/**
 * Names of members in a text that is JSON: strings that a colon follows. Where there are more than the value has, one was
 * there twice.
 */
export function countNames(text: string): number {
  let names = 0;
  let at = text.indexOf('"');
  while (at !== -1) {
    let end = text.indexOf('"', at + 1);
    while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
    end += 1;
    while (text.charCodeAt(end) <= SPACE) end += 1;
    if (text.charCodeAt(end) === COLON) names += 1;
    at = text.indexOf('"', end);
  }
  return names;
}

const SPACE = 0x20;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

function isEscaped(text: string, quote: number): boolean {
  let at = quote - 1;
  while (text.charCodeAt(at) === BACKSLASH) at -= 1;
  return (quote - at) % 2 === 0;
}
