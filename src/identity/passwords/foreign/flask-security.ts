/**
 * Flask-Security's: passlib's hash, not of the password but of its HMAC under SECURITY_PASSWORD_SALT. Nothing in the text
 * tells it from others, so that the import puts a mark before it. The salt is a secret of that application, and no part
 * of the table.
 */
import { createHmac } from 'node:crypto';
import type { ForeignArgon2Hash } from './argon2.ts';
import type { BcryptHash } from './bcrypt.ts';
import type { BarredHash } from './format.ts';
import { parseModularCrypt } from './modular-crypt.ts';
import type { Pbkdf2Hash } from './pbkdf2.ts';
import type { ScryptHash } from './scrypt.ts';

const MARK = 'flask-security:';

/** What is stored for a hash of Flask-Security. Those of Django, which it can take over, are not keyed. */
export function markFlaskSecurity(stored: string): string {
  return stored.startsWith('$') ? `${MARK}${stored}` : stored;
}

/** Reads a hash that was marked. */
export function parseFlaskSecurity(
  text: string,
): BcryptHash | ForeignArgon2Hash | ScryptHash | Pbkdf2Hash | BarredHash | undefined {
  if (!text.startsWith(MARK)) return undefined;
  const hash = parseModularCrypt(text.slice(MARK.length));
  if (hash === undefined || hash.kind === 'barred') return hash;
  return { ...hash, format: 'flask-security', form: 'NFKD', keyed: true };
}

/** What Flask-Security hashes in the place of a password. */
export function keyFlaskSecurity(password: string, salt: string): string {
  return createHmac('sha512', salt).update(password).digest('base64');
}
