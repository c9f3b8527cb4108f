/** The name of a file on its way to a browser: `Content-Disposition` (RFC 6266), in one spelling that all of them read alike. */

/**
 * `attachment`, with the name twice: in ASCII for old readers, and as it is (RFC 8187). A quote or a line break in a name ends
 * the header in neither.
 */
export function attachment(name: string): string {
  // What was stored by another hand may have anything in it.
  const line = name
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '_')
    .replaceAll(/[/\\]/g, '_');
  const plain = line
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(NOT_PLAIN, '_')
    .replaceAll(/_+/g, '_');
  const ascii = `attachment; filename="${plain}"`;
  return plain === line ? ascii : `${ascii}; filename*=UTF-8''${percentEncoded(line)}`;
}

/**
 * A percent is an escape to some browsers, a quote and a backslash are one to all (RFC 6266, appendix D). Letters that look like a
 * slash become one by NFKD, so that it is judged behind it.
 */
const NOT_PLAIN = /[^\x20-\x7e]|["%;*?<>|:/\\]/g;

/** What stands as it is in an extended value (RFC 8187, `attr-char`). */
const LITERAL = /[\w!#$&+.^`|~-]/;

function percentEncoded(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text)) {
    const letter = String.fromCodePoint(byte);
    encoded +=
      byte < 0x80 && LITERAL.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
