/** scrypt (RFC 7914), in Node's thread pool. */
import { scrypt, type ScryptOptions, timingSafeEqual } from 'node:crypto';
import { type BarredHash, type HashFormat, type Preparation, tooDear } from './format.ts';

/** What one scrypt costs: N, r and p of the RFC. */
export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** A hash by scrypt. */
export interface ScryptHash extends ScryptCost, Preparation {
  readonly kind: 'scrypt';
  readonly format: HashFormat;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

/** As for argon2 (phc-string.ts): twice what OWASP recommends at most. */
const MAX_MEMORY_MIB = 256;
/** N * r * p: two seconds or so. */
const MAX_WORK = 2 ** 22;
const SHORTEST_TAG = 16;
const LONGEST_TAG = 64;

/** The hash, or why it is not taken; undefined where it is none that the RFC defines. */
export function scryptHash(hash: Omit<ScryptHash, 'kind'>): ScryptHash | BarredHash | undefined {
  const { format, n, r, p, salt, tag } = hash;
  if (salt.byteLength === 0 || tag.byteLength < SHORTEST_TAG || tag.byteLength > LONGEST_TAG)
    return undefined;
  if (!isDefined(hash)) return undefined;
  const memory = (128 * n * r + 128 * r * p) / 2 ** 20;
  if (memory > MAX_MEMORY_MIB)
    return tooDear(format, `${Math.ceil(memory)} MiB for scrypt`, `${MAX_MEMORY_MIB} MiB`);
  if (n * r * p > MAX_WORK) return tooDear(format, `N * r * p = ${n * r * p} of scrypt`, String(MAX_WORK));
  return { kind: 'scrypt', ...hash };
}

/** Whether a password has this hash. */
export function matchesScrypt({ n, r, p, salt, tag }: ScryptHash, password: Buffer): Promise<boolean> {
  // OpenSSL counts a little more than the RFC: one block of each lane and one in hand.
  const options: ScryptOptions = { N: n, r, p, maxmem: 128 * r * (n + p + 2) + 4096 };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, tag.byteLength, options, (error, derived) => {
      if (error === null) resolve(timingSafeEqual(derived, tag));
      else reject(error);
    });
  });
}

/** RFC 7914 6: N a power of two above 1 and below 2^(128 * r / 8), r and p at least 1. */
function isDefined({ n, r, p }: ScryptCost): boolean {
  const bits = Math.log2(n);
  return Number.isInteger(bits) && bits >= 1 && bits < 16 * r && p >= 1 && p * r < 2 ** 30;
}
