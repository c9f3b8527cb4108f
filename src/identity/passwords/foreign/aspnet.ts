/**
 * ASP.NET Identity: bytes in base64. Version 3 begins with 1, then three numbers of 32 bits, most significant byte
 * first: the digest, the iterations, the bytes of the salt; then salt and key. Version 2 begins with 0 and always has
 * 16 bytes of salt and 32 of key, by 1000 iterations over SHA-1.
 */
import { decodeBase64 } from './encodings.ts';
import type { BarredHash } from './format.ts';
import { type Pbkdf2Digest, type Pbkdf2Hash, pbkdf2Hash } from './pbkdf2.ts';

const PATTERN = /^A[A-Za-z0-9+/]{43,198}={0,2}$/;
const DIGESTS: readonly Pbkdf2Digest[] = ['sha1', 'sha256', 'sha512'];
const HEAD_BYTES = 13;
const V2_BYTES = 1 + 16 + 32;
/** 128 bits, as the original demands of salt and key. */
const SHORTEST_PART = 16;

/** Reads a hash of ASP.NET Identity. */
export function parseAspnet(text: string): Pbkdf2Hash | BarredHash | undefined {
  const bytes = PATTERN.test(text) ? decodeBase64(text) : undefined;
  if (bytes?.[0] === 1) return parseV3(bytes);
  return bytes?.[0] === 0 && bytes.byteLength === V2_BYTES ? parseV2(bytes) : undefined;
}

function parseV3(bytes: Buffer): Pbkdf2Hash | BarredHash | undefined {
  const digest = DIGESTS[bytes.readUInt32BE(1)];
  const iterations = bytes.readUInt32BE(5);
  const saltBytes = bytes.readUInt32BE(9);
  const keyBytes = bytes.byteLength - HEAD_BYTES - saltBytes;
  if (digest === undefined || iterations === 0 || saltBytes < SHORTEST_PART || keyBytes < SHORTEST_PART)
    return undefined;
  return pbkdf2Hash({
    format: 'aspnet-identity-v3',
    digest,
    iterations,
    salt: bytes.subarray(HEAD_BYTES, HEAD_BYTES + saltBytes),
    tag: bytes.subarray(HEAD_BYTES + saltBytes),
  });
}

function parseV2(bytes: Buffer): Pbkdf2Hash | BarredHash | undefined {
  return pbkdf2Hash({
    format: 'aspnet-identity-v2',
    digest: 'sha1',
    iterations: 1000,
    salt: bytes.subarray(1, 17),
    tag: bytes.subarray(17),
  });
}
