/** The ways in which bytes are written in stored hashes. Each reads its one canonical spelling and nothing else. */

/** Pairs of hex digits in lower case. */
export function decodeHex(text: string): Buffer | undefined {
  return /^(?:[0-9a-f]{2})+$/.test(text) ? Buffer.from(text, 'hex') : undefined;
}

/** Base64 with its padding. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.byteLength > 0 && bytes.toString('base64') === text ? bytes : undefined;
}

/** Base64 without padding, as PHC strings have it. */
export function decodeUnpadded(text: string): Buffer | undefined {
  return decodeBase64(text + '='.repeat((4 - (text.length % 4)) % 4));
}

/** passlib's own: base64 without padding, and a dot for the plus. */
export function decodeDotted(text: string): Buffer | undefined {
  return text.includes('+') ? undefined : decodeUnpadded(text.replaceAll('.', '+'));
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BCRYPT64 = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** bcrypt's own: the same bits in another alphabet. */
export function decodeBcrypt64(text: string): Buffer | undefined {
  let plain = '';
  for (const letter of text) plain += BASE64[BCRYPT64.indexOf(letter)] ?? '!';
  return decodeUnpadded(plain);
}
