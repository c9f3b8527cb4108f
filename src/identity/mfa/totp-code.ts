/** One-time codes: HOTP (RFC 4226) over time steps (RFC 6238). */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { plainCode } from './typed-code.ts';

/** Digits of a code. */
export const TOTP_DIGITS = 6;
/** Seconds that a code is shown for. */
export const TOTP_PERIOD_SECONDS = 30;
/** 160 bits, as RFC 4226 4 recommends: as long as what HMAC-SHA-1 puts out. */
export const TOTP_SECRET_BYTES = 20;

const STEP_MS = TOTP_PERIOD_SECONDS * 1000;

/** The time step at a time (milliseconds since 1970). */
export function timeStep(now: number): number {
  return Math.floor(now / STEP_MS);
}

/** The code of a counter or time step: six digits. */
export function oneTimeCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  // SHA-1 is what every authenticator app computes; that collisions of it are found does not weaken HMAC.
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  const value = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(value % 10 ** TOTP_DIGITS).padStart(TOTP_DIGITS, '0');
}

/**
 * The newest time step whose code this is, within `drift` steps of now on either side. All of them are computed and
 * compared whatever comes of it: the time it takes tells nothing of how near a guess was.
 */
export function matchingStep(
  secret: Uint8Array,
  code: string,
  now: number,
  drift: number,
): number | undefined {
  const given = Buffer.from(code);
  const current = timeStep(now);
  let found: number | undefined;
  for (let step = current - drift; step <= current + drift; step += 1) {
    const expected = Buffer.from(oneTimeCode(secret, step));
    if (given.byteLength === expected.byteLength && timingSafeEqual(given, expected)) found = step;
  }
  return found;
}

/** A code as a person types it, in digits of any script, without spaces and dashes. Undefined where it cannot be one. */
export function readCode(text: string): string | undefined {
  if (text.length > 32) return undefined;
  const digits = plainCode(text);
  return /^[0-9]{6}$/.test(digits) ? digits : undefined;
}
