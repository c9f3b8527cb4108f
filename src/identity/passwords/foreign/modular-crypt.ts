/** What begins with a dollar sign: bcrypt, the PHC strings, and those of passlib. */
import { type ForeignArgon2Hash, parseForeignArgon2 } from './argon2.ts';
import { type BcryptHash, bcryptHash, bcryptHashOf, type Prehash } from './bcrypt.ts';
import { decodeDotted, decodeUnpadded } from './encodings.ts';
import { type BarredHash, type HashFormat, WHOLE } from './format.ts';
import { digestBytes, type Pbkdf2Digest, type Pbkdf2Hash, pbkdf2Hash } from './pbkdf2.ts';
import { type ScryptHash, scryptHash } from './scrypt.ts';

const BCRYPT = /^\$2([abxy])\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;
const BCRYPT_SHA256 =
  /^\$bcrypt-sha256\$(?:v=(2),t=2b,r=([1-9]\d?)|2[ab],([1-9]\d?))\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})$/;
const PBKDF2 = new RegExp(
  `^\\$pbkdf2(?:-(sha256|sha512))?\\$${WHOLE}\\$([./A-Za-z0-9]{1,128})\\$([./A-Za-z0-9]{22,86})$`,
);
// passlib writes the same string as the PHC specification has.
const SCRYPT = new RegExp(
  `^\\$scrypt\\$ln=([1-9]\\d?),r=${WHOLE},p=${WHOLE}\\$([A-Za-z0-9+/]{1,128})\\$([A-Za-z0-9+/]{22,86})$`,
);
// The PHC string of PBKDF2: parameters by name, and the alphabet of base64.
const PHC_PBKDF2 = new RegExp(
  `^\\$pbkdf2(?:-(sha1|sha224|sha256|sha384|sha512))?\\$(?:l=(\\d{1,3}),)?i=${WHOLE}(?:,l=(\\d{1,3}))?\\$([A-Za-z0-9+/]{1,128})\\$([A-Za-z0-9+/]{22,86})$`,
);
const PHC_BCRYPT = /^\$bcrypt\$v=9[78]\$r=([1-9]\d?)\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{31})$/;
const SHA_CRYPT = /^\$[56]\$/;
const MD5_CRYPT = /^\$(?:1|apr1)\$/;

/** Reads bcrypt, PHC strings and passlib's. */
export function parseModularCrypt(
  text: string,
): BcryptHash | ForeignArgon2Hash | ScryptHash | Pbkdf2Hash | BarredHash | undefined {
  if (text.startsWith('$2')) return parseBcrypt(text, 'bcrypt', 'none');
  if (text.startsWith('$argon2id$v=19$')) return parseForeignArgon2(text, 'argon2id');
  if (text.startsWith('$argon2')) return parseForeignArgon2(text, 'phc-argon2');
  if (text.startsWith('$scrypt$')) return parseScrypt(text);
  if (text.startsWith('$pbkdf2')) return parsePbkdf2(text) ?? parsePhcPbkdf2(text);
  if (text.startsWith('$bcrypt-sha256$')) return parseBcryptSha256(text);
  if (text.startsWith('$bcrypt$')) return parsePhcBcrypt(text);
  if (SHA_CRYPT.test(text)) {
    const reason = 'SHA-crypt of Unix is not computed here; have a new password set';
    return { kind: 'barred', format: 'sha-crypt', reason };
  }
  if (MD5_CRYPT.test(text)) {
    const reason = 'it is guessed at millions a second; have a new password set';
    return { kind: 'barred', format: 'fast-hash', reason };
  }
  return undefined;
}

/** Reads `$2b$12$...`, which frameworks keep behind names of their own. */
export function parseBcrypt(
  text: string,
  format: HashFormat,
  prehash: Prehash,
): BcryptHash | BarredHash | undefined {
  const [, letter, cost, salt = '', tag = ''] = BCRYPT.exec(text) ?? [];
  if (letter === 'x') {
    const reason = '$2x$ marks hashes by a broken bcrypt; have a new password set';
    return { kind: 'barred', format, reason };
  }
  return letter === undefined ? undefined : bcryptHash(format, prehash, Number(cost), salt, tag);
}

function parseBcryptSha256(text: string): BcryptHash | BarredHash | undefined {
  const [, second, cost, firstCost, salt = '', tag = ''] = BCRYPT_SHA256.exec(text) ?? [];
  const prehash = second === undefined ? 'sha256-base64' : 'hmac-sha256-base64';
  return bcryptHash('passlib-bcrypt-sha256', prehash, Number(cost ?? firstCost ?? 0), salt, tag);
}

function parseScrypt(text: string): ScryptHash | BarredHash | undefined {
  const [, ln, r, p, saltText = '', tagText = ''] = SCRYPT.exec(text) ?? [];
  const [salt, tag] = [decodeUnpadded(saltText), decodeUnpadded(tagText)];
  if (salt === undefined || tag === undefined) return undefined;
  return scryptHash({ format: 'phc-scrypt', n: 2 ** Number(ln), r: Number(r), p: Number(p), salt, tag });
}

function parsePbkdf2(text: string): Pbkdf2Hash | BarredHash | undefined {
  const [, name = 'sha1', iterations, saltText = '', tagText = ''] = PBKDF2.exec(text) ?? [];
  const [salt, tag] = [decodeDotted(saltText), decodeDotted(tagText)];
  const digest = name as Pbkdf2Digest;
  if (salt === undefined || tag?.byteLength !== digestBytes(digest)) return undefined;
  return pbkdf2Hash({ format: 'passlib-pbkdf2', digest, iterations: Number(iterations), salt, tag });
}

function parsePhcPbkdf2(text: string): Pbkdf2Hash | BarredHash | undefined {
  const [, name = 'sha1', first, iterations, last, saltText = '', tagText = ''] = PHC_PBKDF2.exec(text) ?? [];
  const [salt, tag] = [decodeUnpadded(saltText), decodeUnpadded(tagText)];
  if (salt === undefined || tag === undefined) return undefined;
  const said = first ?? last;
  if (said !== undefined && Number(said) !== tag.byteLength) return undefined;
  return pbkdf2Hash({
    format: 'phc-pbkdf2',
    digest: name as Pbkdf2Digest,
    iterations: Number(iterations),
    salt,
    tag,
  });
}

function parsePhcBcrypt(text: string): BcryptHash | BarredHash | undefined {
  const [, cost, saltText = '', tagText = ''] = PHC_BCRYPT.exec(text) ?? [];
  const bytes = { salt: decodeUnpadded(saltText), tag: decodeUnpadded(tagText) };
  return bcryptHashOf({ format: 'phc-bcrypt', prehash: 'none', cost: Number(cost), saltText, ...bytes });
}
