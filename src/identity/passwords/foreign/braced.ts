/**
 * Hashes behind their kind in braces: Spring Security's `{bcrypt}$2a$10$...`, and the `{BLF-CRYPT}$2y$05$...` of Dovecot
 * and LDAP. Spring writes small letters, or a name of its own behind an @; Dovecot may say how the rest is written, as
 * in `{PBKDF2.B64}`.
 */
import { type ForeignArgon2Hash, parseForeignArgon2 } from './argon2.ts';
import type { BcryptHash } from './bcrypt.ts';
import { decodeBase64, decodeHex } from './encodings.ts';
import { type BarredHash, type HashFormat, WHOLE } from './format.ts';
import { parseBcrypt, parseModularCrypt } from './modular-crypt.ts';
import { type Pbkdf2Digest, type Pbkdf2Hash, pbkdf2Hash } from './pbkdf2.ts';
import { type ScryptHash, scryptHash } from './scrypt.ts';

type Parsed = BcryptHash | ForeignArgon2Hash | ScryptHash | Pbkdf2Hash | BarredHash | undefined;
type Parse = (rest: string) => Parsed;

const BRACED = /^\{([A-Za-z0-9@_-]{1,40})(?:\.(B64|BASE64|HEX))?\}(.*)$/s;
const DOVECOT_PBKDF2 = new RegExp(`^\\$1\\$([./A-Za-z0-9]{1,64})\\$${WHOLE}\\$([0-9a-f]{40})$`);
const SPRING_SCRYPT = /^\$([0-9a-f]{5,8})\$([A-Za-z0-9+/]{22,172}={0,2})\$([A-Za-z0-9+/]{22,86}={0,2})$/;

/** Reads a hash behind a name in braces. */
export function parseBraced(text: string): Parsed {
  const [, name = '', encoding, rest = ''] = BRACED.exec(text) ?? [];
  const spring = SPRING.get(name);
  if (spring !== undefined) return spring(rest);
  const dovecot = DOVECOT.get(name.toUpperCase());
  if (dovecot === undefined) return undefined;
  const written = encoding === undefined ? rest : decoded(encoding, rest);
  return written === undefined ? undefined : dovecot(written);
}

const barred =
  (format: HashFormat, reason: string): Parse =>
  () => ({ kind: 'barred', format, reason });

const fast = barred('fast-hash', 'it is guessed at billions a second; have a new password set');
const shaCrypt = barred('sha-crypt', 'SHA-crypt of Unix is not computed here; have a new password set');
const scram = barred('scram', 'SCRAM is not computed here; have a new password set');

const springArgon2: Parse = (rest) => parseForeignArgon2(rest, 'spring-argon2');

/** By the names of Spring's `PasswordEncoderFactories`. What it takes a number for is not in the text. */
const SPRING: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ['bcrypt', (rest) => parseBcrypt(rest, 'spring-bcrypt', 'none')],
  ['pbkdf2', (rest) => springPbkdf2(rest, { digest: 'sha1', iterations: 185_000, saltBytes: 8 })],
  [
    'pbkdf2@SpringSecurity_v5_8',
    (rest) => springPbkdf2(rest, { digest: 'sha256', iterations: 310_000, saltBytes: 16 }),
  ],
  ['scrypt', springScrypt],
  ['scrypt@SpringSecurity_v5_8', springScrypt],
  ['argon2', springArgon2],
  ['argon2@SpringSecurity_v5_8', springArgon2],
  ...['noop', 'ldap', 'MD4', 'MD5', 'sha256', 'SHA-1', 'SHA-256'].map((name) => [name, fast] as const),
]);

const dovecotArgon2: Parse = (rest) => parseForeignArgon2(rest, 'dovecot-argon2');
const dovecotBcrypt: Parse = (rest) => parseBcrypt(rest, 'dovecot-bcrypt', 'none');

/** By the names of `doveadm pw -l`, in capitals. */
const DOVECOT: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ['BLF-CRYPT', dovecotBcrypt],
  // Whatever crypt(3) of that machine has.
  ['CRYPT', (rest) => (rest.startsWith('$') ? (dovecotBcrypt(rest) ?? parseModularCrypt(rest)) : fast(rest))],
  ['ARGON2I', dovecotArgon2],
  ['ARGON2ID', dovecotArgon2],
  ['PBKDF2', dovecotPbkdf2],
  ['SHA256-CRYPT', shaCrypt],
  ['SHA512-CRYPT', shaCrypt],
  ['SCRAM-SHA-1', scram],
  ['SCRAM-SHA-256', scram],
  ...[
    ...['PLAIN', 'CLEAR', 'CLEARTEXT', 'PLAIN-TRUNC', 'DES-CRYPT', 'MD5-CRYPT', 'OTP'],
    ...['MD5', 'SMD5', 'LDAP-MD5', 'PLAIN-MD4', 'PLAIN-MD5', 'DIGEST-MD5', 'CRAM-MD5', 'HMAC-MD5'],
    ...['SHA', 'SHA1', 'SHA256', 'SHA512', 'SSHA', 'SSHA256', 'SSHA512'],
  ].map((name) => [name, fast] as const),
]);

function decoded(encoding: string, text: string): string | undefined {
  return (encoding === 'HEX' ? decodeHex(text.toLowerCase()) : decodeBase64(text))?.toString('latin1');
}

/** Salt and key in one, in hex. */
function springPbkdf2(
  rest: string,
  how: { readonly digest: Pbkdf2Digest; readonly iterations: number; readonly saltBytes: number },
): Parsed {
  const { digest, iterations, saltBytes } = how;
  const bytes = decodeHex(rest);
  if (bytes?.byteLength !== saltBytes + SPRING_KEY_BYTES) return undefined;
  const [salt, tag] = [bytes.subarray(0, saltBytes), bytes.subarray(saltBytes)];
  return pbkdf2Hash({ format: 'spring-pbkdf2', digest, iterations, salt, tag });
}

const SPRING_KEY_BYTES = 32;

/** The logarithm of N, r and p are one number in hex, two digits for each of the last two. */
function springScrypt(rest: string): Parsed {
  const [, numbers = '', saltText = '', tagText = ''] = SPRING_SCRYPT.exec(rest) ?? [];
  const [salt, tag] = [decodeBase64(saltText), decodeBase64(tagText)];
  if (salt === undefined || tag?.byteLength !== SPRING_KEY_BYTES) return undefined;
  const all = Number.parseInt(numbers, 16);
  const cost = { n: 2 ** (all >>> 16), r: (all >>> 8) & 0xff, p: all & 0xff };
  return scryptHash({ format: 'spring-scrypt', ...cost, salt, tag });
}

/** The salt is used as it is written. */
function dovecotPbkdf2(rest: string): Parsed {
  const [, salt = '', iterations, hex = ''] = DOVECOT_PBKDF2.exec(rest) ?? [];
  const tag = decodeHex(hex);
  if (tag === undefined) return undefined;
  return pbkdf2Hash({
    format: 'dovecot-pbkdf2',
    digest: 'sha1',
    iterations: Number(iterations),
    salt: Buffer.from(salt),
    tag,
  });
}
