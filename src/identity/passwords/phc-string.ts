/**
 * Password hashes as text: the PHC string format of argon2id, `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`, which every
 * argon2 library reads. Where a pepper went into it, `,keyid=...` behind `p` says which. What is stored may have been
 * tampered with or imported: nothing in it is believed unbounded.
 */

/** What one hash costs (RFC 9106 3.1). */
export interface Argon2Cost {
  /** KiB of memory. */
  readonly memory: number;
  /** How often that memory is gone over. */
  readonly passes: number;
  /** Lanes that can be computed side by side. */
  readonly parallelism: number;
}

/** An argon2id hash, taken apart. */
export interface Argon2Hash extends Argon2Cost {
  readonly salt: Buffer;
  readonly tag: Buffer;
  /** Which pepper went into it: 8 bytes in base64. */
  readonly keyId?: string;
}

/** The least that OWASP's Password Storage Cheat Sheet lets argon2id cost: 19 MiB, two passes, one lane. */
export const OWASP_MINIMUM: Argon2Cost = Object.freeze({ memory: 19 * 1024, passes: 2, parallelism: 1 });

/** 256 MiB: what a stored hash may ask of this machine at most. A forged one must not ask for 4 GiB. */
export const MAX_MEMORY_KIB: number = 256 * 1024;
export const MAX_PASSES = 16;
export const MAX_PARALLELISM = 16;

/** 16 to 64 bytes of tag, 8 to 64 of salt; the longest text that fits those. */
const MAX_LENGTH = 256;
const NUMBER = '([1-9]\\d{0,6})';
const PATTERN = new RegExp(
  `^\\$argon2id\\$v=19\\$m=${NUMBER},t=${NUMBER},p=${NUMBER}(?:,keyid=([A-Za-z0-9+/]{11}))?\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})$`,
);

/** A stored hash, or undefined where it is no argon2id hash of version 19 within the bounds above. */
export function parseArgon2(stored: string): Argon2Hash | undefined {
  if (stored.length > MAX_LENGTH) return undefined;
  const match = PATTERN.exec(stored);
  const salt = decode(match?.[5]);
  const tag = decode(match?.[6]);
  if (match === null || salt === undefined || tag === undefined) return undefined;
  const hash = {
    memory: Number(match[1]),
    passes: Number(match[2]),
    parallelism: Number(match[3]),
    salt,
    tag,
    ...(match[4] === undefined ? {} : { keyId: match[4] }),
  };
  return isWithinBounds(hash) ? hash : undefined;
}

/** The text to store. */
export function formatArgon2({ memory, passes, parallelism, keyId, salt, tag }: Argon2Hash): string {
  const pepper = keyId === undefined ? '' : `,keyid=${keyId}`;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}${pepper}$${encode(salt)}$${encode(tag)}`;
}

/** Whether this machine gives what a hash asks for. */
export function isWithinBounds({ memory, passes, parallelism }: Argon2Cost): boolean {
  return (
    memory <= MAX_MEMORY_KIB &&
    passes <= MAX_PASSES &&
    parallelism <= MAX_PARALLELISM &&
    // RFC 9106 3.1: each lane has at least eight blocks.
    memory >= 8 * parallelism
  );
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64').replace(/={1,2}$/, '');
}

/** Base64 without padding, in its one canonical spelling. */
function decode(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return encode(bytes) === text ? bytes : undefined;
}
