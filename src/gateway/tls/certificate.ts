/** A certificate and its key, looked at before a client sees them. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { BulwarkError } from '../../core/errors.ts';

/** PEM: the certificate with the chain behind it, and its key. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A pair that fits, and what it says. */
export interface Certificate extends KeyPair {
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SHA-256, by which two of them are told apart. */
  readonly fingerprint: string;
  /** Whether it is for a host. */
  readonly covers: (host: string) => boolean;
}

/** What is left of a certificate's life when it is told that its end is near: 18 days of 90, 9 of 45. */
const LAST_PART = 1 / 5;
/** The subject's common name is no name any more (RFC 9525). */
const NAMES = { subject: 'never' } as const;

/**
 * Reads a certificate and its key.
 *
 * @throws BulwarkError ERR_BULWARK_CERTIFICATE where one cannot be read, or they are no pair
 */
export function readCertificate({ cert, key }: KeyPair): Certificate {
  const leaf = readLeaf(cert);
  if (!leaf.checkPrivateKey(readKey(key)))
    throw unfit('the key is not that of the certificate: write both of one issue');
  return {
    cert,
    key,
    notBefore: Date.parse(leaf.validFrom),
    notAfter: Date.parse(leaf.validTo),
    fingerprint: leaf.fingerprint256,
    covers: (host) => (isIP(host) === 0 ? leaf.checkHost(host, NAMES) : leaf.checkIP(host)) !== undefined,
  };
}

/** Whether its end is near enough to be told of. */
export function isEnding({ notBefore, notAfter }: Certificate, now: number): boolean {
  return notAfter - now < (notAfter - notBefore) * LAST_PART;
}

function readLeaf(cert: string): X509Certificate {
  try {
    return new X509Certificate(cert);
  } catch (cause) {
    throw unfit('the certificate is none in PEM: it begins with -----BEGIN CERTIFICATE-----', cause);
  }
}

function readKey(key: string): KeyObject {
  try {
    return createPrivateKey(key);
  } catch (cause) {
    throw unfit(
      'the key is none in PEM, or has a passphrase: it begins with -----BEGIN PRIVATE KEY-----',
      cause,
    );
  }
}

function unfit(reason: string, cause?: unknown): BulwarkError {
  return new BulwarkError('ERR_BULWARK_CERTIFICATE', `gateway.tls: ${reason}`, { cause });
}
