/** Django's: an algorithm's name, then what that algorithm has, between dollar signs. */
import { type ForeignArgon2Hash, parseForeignArgon2 } from './argon2.ts';
import { type BcryptHash } from './bcrypt.ts';
import { decodeBase64 } from './encodings.ts';
import { type BarredHash, WHOLE } from './format.ts';
import { parseBcrypt } from './modular-crypt.ts';
import { digestBytes, type Pbkdf2Digest, type Pbkdf2Hash, pbkdf2Hash } from './pbkdf2.ts';
import { type ScryptHash, scryptHash } from './scrypt.ts';

// Salts are used as they stand; Django makes them of letters and digits.
const SALT = '([\\x21-\\x23\\x25-\\x7e]{1,128})';
const BASE64 = '([A-Za-z0-9+/]{22,86}={0,2})';
const PBKDF2 = new RegExp(`^pbkdf2_(sha1|sha256)\\$${WHOLE}\\$${SALT}\\$${BASE64}$`);
const SCRYPT = new RegExp(`^scrypt\\$${WHOLE}\\$${SALT}\\$${WHOLE}\\$${WHOLE}\\$${BASE64}$`);
const SCRYPT_TAG_BYTES = 64;
/** `set_unusable_password()` writes an exclamation mark and, in all but the oldest, random letters and digits. */
const NO_PASSWORD = /^![A-Za-z0-9]{0,64}$/;

/** Reads a hash of Django. */
export function parseDjango(
  text: string,
): Pbkdf2Hash | ScryptHash | ForeignArgon2Hash | BcryptHash | BarredHash | undefined {
  if (text.startsWith('pbkdf2_')) return parsePbkdf2(text);
  if (text.startsWith('scrypt$')) return parseScrypt(text);
  if (text.startsWith('argon2$')) return parseForeignArgon2(text.slice('argon2'.length), 'django-argon2');
  if (text.startsWith('bcrypt$')) return parseBcrypt(text.slice('bcrypt$'.length), 'django-bcrypt', 'none');
  if (text.startsWith('bcrypt_sha256$')) {
    return parseBcrypt(text.slice('bcrypt_sha256$'.length), 'django-bcrypt-sha256', 'sha256-hex');
  }
  if (NO_PASSWORD.test(text))
    return { kind: 'barred', format: 'no-password', reason: 'the account has no password' };
  return undefined;
}

function parsePbkdf2(text: string): Pbkdf2Hash | BarredHash | undefined {
  const [, name, iterations, salt = '', encoded = ''] = PBKDF2.exec(text) ?? [];
  const tag = decodeBase64(encoded);
  const digest = name as Pbkdf2Digest | undefined;
  if (digest === undefined || tag?.byteLength !== digestBytes(digest)) return undefined;
  return pbkdf2Hash({
    format: 'django-pbkdf2',
    digest,
    iterations: Number(iterations),
    salt: Buffer.from(salt),
    tag,
  });
}

function parseScrypt(text: string): ScryptHash | BarredHash | undefined {
  const [, n, salt = '', r, p, encoded = ''] = SCRYPT.exec(text) ?? [];
  const tag = decodeBase64(encoded);
  if (tag?.byteLength !== SCRYPT_TAG_BYTES) return undefined;
  const cost = { n: Number(n), r: Number(r), p: Number(p) };
  return scryptHash({ format: 'django-scrypt', ...cost, salt: Buffer.from(salt), tag });
}
