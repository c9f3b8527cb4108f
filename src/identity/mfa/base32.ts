/** Base32 (RFC 4648), as authenticator apps take secrets: A to Z and 2 to 7, without padding. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Bytes as base32. Twenty bytes are 32 characters. */
export function toBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += ALPHABET[(value >>> (bits - 5)) & 31];
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text;
}

/** In groups of four: what a person copies from a screen to a phone. Apps pass over the spaces. */
export function inGroups(base32: string): string {
  return base32.replaceAll(/(.{4})(?=.)/g, '$1 ');
}
