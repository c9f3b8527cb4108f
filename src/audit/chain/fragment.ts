/** What a write that was cut short can have left: the beginning of a record, and nothing that says anything by itself. */

const [QUOTE, BACKSLASH, OPEN, CLOSE, SPACE] = [0x22, 0x5c, 0x7b, 0x7d, 0x20];

/**
 * Whether bytes can be the beginning of a record. Of a chained one the hash stands last: cut anywhere before its end, its
 * first brace is still open. A text that closes it was written by somebody else, who wants it to be read as an event; so was
 * one with a control character, which may look like a line of its own.
 */
export function isFragment(bytes: Buffer): boolean {
  if (bytes[0] !== OPEN) return false;
  let depth = 0;
  let isText = false;
  for (let at = 0; at < bytes.byteLength; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < SPACE) return false;
    if (byte === QUOTE) isText = !isText;
    else if (isText) at += Number(byte === BACKSLASH);
    else if (byte === OPEN) depth += 1;
    else if (byte === CLOSE && (depth -= 1) === 0) return false;
  }
  return true;
}
