/** What stored hashes are called, and what is said of those that are known and not taken. */

/** Every kind of stored text that is told from others. */
export type HashFormat =
  /** Bulwark's own, and that of every argon2 library: PHC, version 19. */
  | 'argon2id'
  | 'phc-argon2'
  | 'phc-scrypt'
  | 'phc-pbkdf2'
  | 'phc-bcrypt'
  | 'bcrypt'
  | 'werkzeug-pbkdf2'
  | 'werkzeug-scrypt'
  | 'django-pbkdf2'
  | 'django-scrypt'
  | 'django-argon2'
  | 'django-bcrypt'
  | 'django-bcrypt-sha256'
  | 'passlib-pbkdf2'
  | 'passlib-bcrypt-sha256'
  | 'aspnet-identity-v2'
  | 'aspnet-identity-v3'
  /** better-auth's, and that of Lucia 3. */
  | 'better-auth'
  | 'lucia'
  | 'flask-security'
  | 'spring-bcrypt'
  | 'spring-pbkdf2'
  | 'spring-scrypt'
  | 'spring-argon2'
  | 'dovecot-bcrypt'
  | 'dovecot-pbkdf2'
  | 'dovecot-argon2'
  /** Django's mark of an account that has no password. */
  | 'no-password'
  /** MD5, SHA and clear text: guessed at billions a second. */
  | 'fast-hash'
  /** SHA-256-crypt and SHA-512-crypt of Unix. */
  | 'sha-crypt'
  /** SCRAM of Dovecot. */
  | 'scram'
  | 'unknown';

/** What is done to a password before it is hashed; nothing by most. */
export interface Preparation {
  /** Its form of Unicode. */
  readonly form?: 'NFKC' | 'NFKD';
  /** It is keyed with the salt of an application of Flask-Security. */
  readonly keyed?: true;
}

/** A hash whose kind is known and which is not verified. */
export interface BarredHash {
  readonly kind: 'barred';
  readonly format: HashFormat;
  /** Why, in words for the log. Holds nothing of the hash but its cost. */
  readonly reason: string;
}

/** A hash that asks for more than this machine gives: forged, or broken on its way here. */
export function tooDear(format: HashFormat, asked: string, most: string): BarredHash {
  return { kind: 'barred', format, reason: `it asks for ${asked}, and at most ${most} is given` };
}

/** A whole number as every library writes it: no sign, no leading zero, at most ten digits. */
export const WHOLE = '([1-9]\\d{0,9})';
