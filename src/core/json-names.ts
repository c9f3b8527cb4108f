/** Names that are there twice in one object of JSON: JSON.parse keeps the last, other readers the first. */

/**
 * Names of members in a text that is JSON: strings that a colon follows. Where there are more than the value has, one was
 * there twice.
 *
 * @param bytes - in UTF-8, and read by JSON.parse before: as bytes they are gone through at half the cost of letters
 */
export function countNames(bytes: Uint8Array): number {
  // All of it here, and nothing looked up elsewhere: this is asked of each byte of a body.
  const quote = 0x22;
  const backslash = 0x5c;
  const { length } = bytes;
  let names = 0;
  for (let at = bytes.indexOf(quote); at !== -1 && at < length;) {
    at += 1;
    let byte = bytes[at];
    while (byte !== quote && byte !== undefined) {
      at += byte === backslash ? 2 : 1;
      byte = bytes[at];
    }
    at += 1;
    byte = bytes[at];
    while (byte !== undefined && byte <= SPACE) {
      at += 1;
      byte = bytes[at];
    }
    if (byte === COLON) names += 1;
    while (at < length && bytes[at] !== quote) at += 1;
  }
  return names;
}

const SPACE = 0x20;
const COLON = 0x3a;
