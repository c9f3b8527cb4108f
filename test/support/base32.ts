/** Reads base32 (RFC 4648), as an authenticator app does. */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The bytes of a text in base32, spaces or not. What is left over at its end is no byte. */
export function fromBase32(text: string): Buffer {
  const digits = text.replaceAll(' ', '').split('');
  const bits = digits.map((one) => DIGITS.indexOf(one).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
}
