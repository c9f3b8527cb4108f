/** When a certificate is fetched anew: when its authority says so (RFC 9773), or with a third of its life left. */
import { X509Certificate } from 'node:crypto';
import type { Certificate } from '../certificate.ts';

/** What an authority says of a certificate. */
export interface RenewalWindow {
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
}

const LAST_PART = 1 / 3;
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 6 * 3_600_000;

/**
 * The moment at which to renew, within the authority's window where there is one: at random, so that not all of its clients
 * come at once.
 *
 * @param random - from 0 to 1
 */
export function renewalTime(
  { notBefore, notAfter }: Certificate,
  window: RenewalWindow | undefined,
  random: number,
): number {
  if (window !== undefined) return window.start + (window.end - window.start) * random;
  return notAfter - (notAfter - notBefore) * LAST_PART;
}

/** How long to wait after so many failures in a row: longer each time, and never so long that a certificate ends over it. */
export function waitAfter(failures: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
}

/** A window as an authority writes it; undefined where it is none. */
export function readWindow(answer: unknown): RenewalWindow | undefined {
  const { suggestedWindow } = (answer ?? {}) as { suggestedWindow?: { start?: unknown; end?: unknown } };
  const start = Date.parse(String(suggestedWindow?.start));
  const end = Date.parse(String(suggestedWindow?.end));
  return start < end ? { start, end } : undefined;
}

/** By which an authority knows a certificate (RFC 9773 4.1); undefined where that does not name the key of its issuer. */
export function renewalId(cert: string): string | undefined {
  const { raw, serialNumber } = new X509Certificate(cert);
  const at = raw.indexOf(AUTHORITY_KEY);
  // OCTET STRING { SEQUENCE { [0] key }}, each of less than 128 bytes.
  const key = at === -1 ? undefined : raw.subarray(at + AUTHORITY_KEY.length);
  if (key === undefined || key[0] !== 0x04 || key[2] !== 0x30 || key[4] !== 0x80) return undefined;
  const keyId = key.subarray(6, 6 + (key[5] ?? 0));
  const digits = serialNumber.length % 2 === 0 ? serialNumber : `0${serialNumber}`;
  const serial = Buffer.from(digits, 'hex');
  // As DER has it: a leading byte of nothing keeps a number positive.
  const signed = (serial[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), serial]) : serial;
  return `${keyId.toString('base64url')}.${signed.toString('base64url')}`;
}

/** The identifier of the extension, 2.5.29.35. */
const AUTHORITY_KEY = Buffer.from([0x06, 0x03, 0x55, 0x1d, 0x23]);
