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
  if (algorithm === 'RS256') return verify('sha256', data, key, proof.signature);
  return proof.signature.length === RAW_BYTES && verify('sha256', data, key, inDer(proof.signature));
}

/** Of ES256: r and s, 32 bytes each (RFC 7518 3.4). */
const RAW_BYTES = 64;

/** As OpenSSL reads signatures. It takes the raw ones too, and a third longer for them: 96 us where these take 65. */
function inDer(raw: Buffer): Buffer {
  const [r, s] = [inDerInteger(raw.subarray(0, RAW_BYTES / 2)), inDerInteger(raw.subarray(RAW_BYTES / 2))];
  return Buffer.concat([Buffer.from([0x30, r.length + s.length]), r, s]);
}

/** Without leading zeros, but for the one that keeps it from being negative. */
function inDerInteger(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const short = bytes.subarray(start);
  const pad = (short[0] ?? 0) > 0x7f ? [0] : [];
  return Buffer.concat([Buffer.from([0x02, pad.length + short.length, ...pad]), short]);
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
