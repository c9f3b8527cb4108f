/** What a browser signs to prove its device: a JWT (RFC 7519) of one known form. Everything else is none. */
import { type KeyObject, verify } from 'node:crypto';
import { parseJson } from '../../core/parse-json.ts';
import { ALGORITHMS, type DeviceAlgorithm } from './device-key.ts';

/** A proof, read and not believed yet. */
export interface Proof {
  readonly algorithm: DeviceAlgorithm;
  /** The key that it brings: where a device is registered, and never believed elsewhere. */
  readonly jwk: unknown;
  /** The challenge that it answers. */
  readonly challenge: string;
  readonly signed: string;
  readonly signature: Buffer;
}

/** With a key of 4096 bits and its signature it has half of that. */
const MOST_CHARACTERS = 4096;
const PARTS = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;
const TYPE = 'dbsc+jwt';

/** Reads a `Secure-Session-Response`, bare as Chromium sends it, or a string of structured fields as the draft writes it. */
export function readProof(header: string | undefined): Proof | undefined {
  if (header === undefined || header.length > MOST_CHARACTERS) return undefined;
  const [, head = '', claims = '', signature = ''] = PARTS.exec(unquoted(header)) ?? [];
  const { alg, typ, crit, b64, jwk } = readObject(head) ?? {};
  const { jti } = readObject(claims) ?? {};
  const algorithm = ALGORITHMS.find((one) => one === alg);
  // What must be understood and is not (RFC 7515 4.1.11), or has the payload read otherwise (RFC 7797).
  if (algorithm === undefined || typ !== TYPE || crit !== undefined || b64 !== undefined) return undefined;
  const bytes = readBytes(signature);
  if (typeof jti !== 'string' || bytes === undefined) return undefined;
  return { algorithm, jwk, challenge: jti, signed: `${head}.${claims}`, signature: bytes };
}

/** Whether a proof was signed by a key. The algorithm is that of the key, whatever the proof says of itself. */
export function isSignedBy(proof: Proof, key: KeyObject, algorithm: DeviceAlgorithm): boolean {
  if (proof.algorithm !== algorithm) return false;
  const data = Buffer.from(proof.signed, 'latin1');
  // ES256 is r and s, 32 bytes each (RFC 7518 3.4): not the DER that OpenSSL writes.
  const by = algorithm === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' as const } : key;
  return verify('sha256', data, by, proof.signature);
}

/** A text, or a string of structured fields with that text in it (RFC 8941 3.3.3). */
export function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

function readObject(part: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = readBytes(part);
  if (bytes === undefined) return undefined;
  let value: unknown;
  try {
    value = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** One way to write each: bits that do not count are zero. */
function readBytes(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return part !== '' && bytes.toString('base64url') === part ? bytes : undefined;
}
