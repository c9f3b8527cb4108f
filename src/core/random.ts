/** Randomness from a refilled pool: one call to the system for hundreds of nonces, ids and masks. */
import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 8192;
const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let used = POOL_BYTES;

/** Fresh random bytes, base64url. 16 bytes give 22 characters, 24 give 32. At most 64 bytes. */
export function randomId(bytes: number): string {
  const start = take(bytes);
  const id = pool.toString('base64url', start, start + bytes);
  wipe(start, bytes);
  return id;
}

/**
 * A text of 22 characters of base64url, 132 random bits, for what each answer needs anew and everybody may read once it is out. Cut
 * from a text that is made for two hundred of them: to make each by itself takes five times as long.
 */
export function randomNonce(): string {
  if (nonceAt + NONCE_LENGTH > nonces.length) {
    randomFillSync(nonceBytes);
    nonces = nonceBytes.toString('base64url');
    nonceAt = 0;
  }
  nonceAt += NONCE_LENGTH;
  return nonces.slice(nonceAt - NONCE_LENGTH, nonceAt);
}

const NONCE_LENGTH = 22;
/** For 210 of them: three bytes are four characters. Each answer shows what stood here, so it is not wiped. */
const nonceBytes = Buffer.allocUnsafeSlow(3465);
let nonces = '';
let nonceAt = 0;

/** Fresh random bytes in hexadecimal, two characters each. At most 64 bytes. */
export function randomHex(bytes: number): string {
  const start = take(bytes);
  const hex = pool.toString('hex', start, start + bytes);
  wipe(start, bytes);
  return hex;
}

/** Fresh random bytes, copied out of the pool. At most 64. */
export function randomBytes(bytes: number): Buffer {
  const copy = Buffer.allocUnsafe(bytes);
  fillRandom(copy, bytes);
  return copy;
}

/** Fills the first `bytes` bytes of a buffer with fresh random ones. At most 64. */
export function fillRandom(target: Buffer, bytes: number): void {
  const start = take(bytes);
  // A loop, as below: so few bytes are copied before the method has looked at its arguments.
  for (let at = 0; at < bytes; at += 1) target[at] = pool[start + at] ?? 0;
  wipe(start, bytes);
}

/** A heap dump must not hold ids that are in use. A loop: the method takes longer to look at its arguments. */
function wipe(start: number, bytes: number): void {
  for (let at = start; at < start + bytes; at += 1) pool[at] = 0;
}

function take(bytes: number): number {
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const start = used;
  used += bytes;
  return start;
}
