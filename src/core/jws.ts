/**
 * What a client signs to show that it has a key: a JWT (RFC 7519) in the compact form, of one known type. Everything else is
 * none. It is read, within a bound and in one pass, before anything is verified.
 */
import { constants, type KeyObject, verify } from 'node:crypto';
import type { JwsAlgorithm } from './jwk.ts';
import { parseJson } from './parse-json.ts';

/** A signed JWT, read and not believed yet. */
export interface Jws {
  readonly algorithm: JwsAlgorithm;
  /** The key that it brings: to be believed only where it is registered, or known already. */
  readonly jwk: unknown;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: string;
  readonly signature: Buffer;
}

/** What is taken for a JWT. */
export interface JwsForm {
  /** Its `typ`: that of another protocol is none, or one could be passed off as the other (RFC 8725 3.11). */
  readonly type: string;
  /** By the names that its `alg` may have. */
  readonly algorithms: ReadonlyMap<unknown, JwsAlgorithm>;
  readonly mostCharacters: number;
}

const PARTS = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/** Reads one. Undefined: it is none of this form. */
export function readJws(text: string, { type, algorithms, mostCharacters }: JwsForm): Jws | undefined {
  if (text.length > mostCharacters) return undefined;
  const [, head = '', body = '', signature = ''] = PARTS.exec(text) ?? [];
  const { alg, typ, crit, b64, jwk } = readObject(head) ?? {};
  const algorithm = algorithms.get(alg);
  // What must be understood and is not (RFC 7515 4.1.11), or has the payload read otherwise (RFC 7797).
  if (algorithm === undefined || typ !== type || crit !== undefined || b64 !== undefined) return undefined;
  const claims = readObject(body);
  const bytes = readBytes(signature);
  if (claims === undefined || bytes === undefined) return undefined;
  return { algorithm, jwk, claims, signed: `${head}.${body}`, signature: bytes };
}

/** Whether one was signed by a key. The algorithm is that of the key, whatever the JWT says of itself. */
export function isSignedBy(
  { algorithm: said, signed, signature }: Jws,
  key: KeyObject,
  algorithm: JwsAlgorithm,
): boolean {
  if (said !== algorithm) return false;
  const data = Buffer.from(signed, 'latin1');
  switch (algorithm) {
    case 'ES256':
      return signature.length === RAW_BYTES && verify('sha256', data, key, inDer(signature));
    case 'EdDSA':
      return signature.length === RAW_BYTES && verify(null, data, key, signature);
    case 'RS256':
      return verify('sha256', data, key, signature);
    case 'PS256':
      return verify('sha256', data, { key, ...PSS }, signature);
  }
}

/** The salt is as long as the digest (RFC 7518 3.5). */
const PSS = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
} as const;

/** Of ES256: r and s, 32 bytes each (RFC 7518 3.4). Of EdDSA as many. */
const RAW_BYTES = 64;

/** Both numbers with the zero before them, and what stands before each and before all. */
const MOST_DER_BYTES = RAW_BYTES + 2 + 2 * 2 + 2;

/** As OpenSSL reads signatures. It takes the raw ones too, and a third longer for them: 96 us where these take 65. */
function inDer(raw: Buffer): Buffer {
  const der = Buffer.allocUnsafe(MOST_DER_BYTES);
  const middle = writeInteger(der, 2, raw, 0);
  const end = writeInteger(der, middle, raw, RAW_BYTES / 2);
  der[0] = 0x30;
  der[1] = end - 2;
  return der.subarray(0, end);
}

/** Without leading zeros, but for the one that keeps it from being negative. Returns where it ends. */
function writeInteger(der: Buffer, at: number, raw: Buffer, from: number): number {
  const end = from + RAW_BYTES / 2;
  let start = from;
  while (start < end - 1 && raw[start] === 0) start += 1;
  const pad = (raw[start] ?? 0) > 0x7f ? 1 : 0;
  der[at] = 0x02;
  der[at + 1] = pad + end - start;
  der[at + 2] = 0;
  raw.copy(der, at + 2 + pad, start, end);
  return at + 2 + pad + end - start;
}

function readObject(part: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = readBytes(part);
  if (bytes === undefined) return undefined;
  let value: unknown;
  try {
    value = parseJson(UTF8.decode(bytes));
  } catch {
    return undefined;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** Its state ends with each text. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One way to write each: bits that do not count are zero. */
function readBytes(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return part !== '' && bytes.toString('base64url') === part ? bytes : undefined;
}
