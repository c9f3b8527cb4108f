/** Flask's: `scrypt:32768:8:1$salt$hex` and `pbkdf2:sha256:600000$salt$hex` of werkzeug.security. */
import { decodeHex } from './encodings.ts';
import { type BarredHash, WHOLE } from './format.ts';
import { digestBytes, isDigest, type Pbkdf2Hash, pbkdf2Hash } from './pbkdf2.ts';
import { type ScryptHash, scryptHash } from './scrypt.ts';

// The salt is used as it stands: letters and digits, unless someone has set their own.
const REST = '\\$([\\x21-\\x23\\x25-\\x7e]{1,128})\\$([0-9a-f]{32,128})$';
const SCRYPT = new RegExp(`^scrypt:${WHOLE}:${WHOLE}:${WHOLE}${REST}`);
const PBKDF2 = new RegExp(`^pbkdf2:([a-z0-9]{1,10}):${WHOLE}${REST}`);
const SCRYPT_TAG_BYTES = 64;
const FAST = /^(?:plain|md5|sha1|sha224|sha256|sha384|sha512)\$[^$]{0,128}\$/;

/** Reads a hash of Werkzeug. */
export function parseWerkzeug(text: string): ScryptHash | Pbkdf2Hash | BarredHash | undefined {
  return parseScrypt(text) ?? parsePbkdf2(text) ?? parseFast(text);
}

function parseScrypt(text: string): ScryptHash | BarredHash | undefined {
  const [, n, r, p, salt = '', hex = ''] = SCRYPT.exec(text) ?? [];
  const tag = decodeHex(hex);
  if (tag?.byteLength !== SCRYPT_TAG_BYTES) return undefined;
  const cost = { n: Number(n), r: Number(r), p: Number(p) };
  return scryptHash({ format: 'werkzeug-scrypt', ...cost, salt: Buffer.from(salt), tag });
}

function parsePbkdf2(text: string): Pbkdf2Hash | BarredHash | undefined {
  const [, digest = '', iterations, salt = '', hex = ''] = PBKDF2.exec(text) ?? [];
  const tag = decodeHex(hex);
  if (!isDigest(digest) || tag?.byteLength !== digestBytes(digest)) return undefined;
  return pbkdf2Hash({
    format: 'werkzeug-pbkdf2',
    digest,
    iterations: Number(iterations),
    salt: Buffer.from(salt),
    tag,
  });
}

/** Those of Django have the same shape: `md5$salt$hex`, `sha1$salt$hex`. */
function parseFast(text: string): BarredHash | undefined {
  if (!FAST.test(text)) return undefined;
  return {
    kind: 'barred',
    format: 'fast-hash',
    reason: 'it is guessed at billions a second; have a new password set',
  };
}
