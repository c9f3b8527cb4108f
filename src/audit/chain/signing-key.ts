/** Who signs the heads of a log: an Ed25519 pair (RFC 8032), made from the key ring or kept in a file of its own. */
import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BulwarkError, errorName } from '../../core/errors.ts';
import type { KeyRing } from '../../core/key-ring.ts';
import { LOG_KEYS } from '../log.keys.ts';

/** Signs heads. */
export interface HeadSigner {
  /** The 32 bytes of the public key, base64url. */
  readonly publicKey: string;
  /** Ed25519 over the UTF-8 of a text: 64 bytes, base64url. */
  sign(text: string): string;
}

/** Says whether a signature over bytes was made by one key. */
export type HeadVerifier = (bytes: Buffer, signature: string) => boolean;

// RFC 8410: an Ed25519 key in PKCS #8 and in SPKI is this, and then its 32 bytes.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const PURPOSE_TEXT = 'ed25519';

/** The signer of the ring's current secret. Whoever has the secret of the application can sign too: see signerOfFile. */
export function signerOfRing(keys: KeyRing): HeadSigner {
  return signerOf(privateKeyOf(keys.sign(LOG_KEYS.heads, PURPOSE_TEXT)));
}

/** The public keys of every secret of a ring, current first: after a rotation older chains are still those of the application. */
export function publicKeysOfRing(keys: KeyRing): readonly string[] {
  return keys.signWithEach(LOG_KEYS.heads, PURPOSE_TEXT).map((seed) => publicPart(privateKeyOf(seed)));
}

/**
 * The signer of a key in a file of its own: PEM, as `openssl genpkey -algorithm ed25519` writes it.
 *
 * @throws BulwarkError ERR_BULWARK_AUDIT_FILE
 */
export function signerOfFile(path: string): HeadSigner {
  return signerOf(keyOfFile(path, createPrivateKey, 'a private Ed25519 key'));
}

/**
 * The public key of a file: of a public key in PEM, or of the private one.
 *
 * @throws BulwarkError ERR_BULWARK_AUDIT_FILE
 */
export function publicKeyOfFile(path: string): string {
  return publicPart(keyOfFile(path, createPublicKey, 'an Ed25519 key'));
}

/** What a public key verifies. */
export function verifierOf(publicKey: string): HeadVerifier {
  const raw = Buffer.from(publicKey, 'base64url');
  if (raw.byteLength !== 32) return () => false;
  const key = createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' });
  return (bytes, signature) => {
    const signed = Buffer.from(signature, 'base64url');
    // Characters that base64url does not have are passed over when it is read: a second spelling of the same signature.
    return signed.toString('base64url') === signature && verify(null, bytes, key, signed);
  };
}

/** What a key is called in reports: no more than is needed to tell two apart. */
export function keyName(publicKey: string): string {
  return hash('sha256', publicKey, 'base64url').slice(0, 16);
}

/** The public key in PEM, for `openssl` and for `bulwark audit verify --key`. */
export function publicPem(publicKey: string): string {
  const key = createPublicKey({
    key: Buffer.concat([SPKI, Buffer.from(publicKey, 'base64url')]),
    format: 'der',
    type: 'spki',
  });
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function signerOf(key: KeyObject): HeadSigner {
  return {
    publicKey: publicPart(key),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64url'),
  };
}

function privateKeyOf(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
}

function publicPart(key: KeyObject): string {
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  return x ?? '';
}

function keyOfFile(path: string, read: (pem: Buffer) => KeyObject, what: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = read(readFileSync(path));
  } catch (cause) {
    // Its message may hold what stands in the file.
    const message = `audit.file.key: ${path} cannot be read (${errorName(cause)}); it has to hold ${what} in PEM`;
    throw new BulwarkError('ERR_BULWARK_AUDIT_FILE', message, { cause });
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new BulwarkError(
    'ERR_BULWARK_AUDIT_FILE',
    `audit.file.key: ${path} has to hold ${what}: openssl genpkey -algorithm ed25519 -out ${path}`,
  );
}
