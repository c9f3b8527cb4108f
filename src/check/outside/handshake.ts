/** One TLS handshake, as a rule wants it offered. What our own OpenSSL cannot offer is told apart from what a server refuses. */
import { X509Certificate } from 'node:crypto';
import { connect, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { Handshake, HandshakeOffer, SeenCertificate } from '../../core/handshake.ts';
import type { Face } from './client.ts';

/** Codes and words by which OpenSSL says that it had nothing to offer in the first place. */
const OUR_OWN =
  /NO_CIPHER_MATCH|NO_PROTOCOLS|INVALID_PROTOCOL|no protocols available|unsupported (?:group|curve)|Failed to set ECDH curve|INVALID_CURVE/i;

/** Shakes hands, and lets go at once. Never rejects. */
export function shakeHands(
  { origin, connectTo }: Face,
  offer: HandshakeOffer,
  timeoutMs: number,
  ca?: string | Buffer,
): Promise<Handshake> {
  const { promise, resolve } = Promise.withResolvers<Handshake>();
  const hostname = origin.hostname.replace(/^\[|\]$/g, '');
  const isName = !/^[\d.]+$|:/.test(hostname);
  const options: ConnectionOptions = {
    host: connectTo?.host ?? hostname,
    port: connectTo?.port ?? (origin.port === '' ? 443 : Number(origin.port)),
    // What is wrong with a certificate is what a rule wants to know.
    rejectUnauthorized: false,
    minVersion: offer.version ?? 'TLSv1.2',
    maxVersion: offer.version ?? 'TLSv1.3',
    ...(isName && { servername: hostname }),
    ...(ca !== undefined && { ca }),
    ...(offer.groups !== undefined && { ecdhCurve: offer.groups }),
    ...(offer.ciphers !== undefined && { ciphers: offer.ciphers }),
  };
  let socket: TLSSocket;
  try {
    socket = connect(options);
  } catch (error) {
    resolve({ shaken: false, ours: true, why: codeOf(error) });
    return promise;
  }
  const timer = setTimeout(() => {
    resolve({ shaken: false, ours: false, why: `not within ${timeoutMs} ms` });
    socket.destroy();
  }, timeoutMs);
  socket.on('error', (error) => {
    const why = codeOf(error);
    resolve({ shaken: false, ours: OUR_OWN.test(`${why} ${error.message}`), why });
  });
  socket.on('close', () => resolve({ shaken: false, ours: false, why: 'the connection was cut' }));
  socket.on('secureConnect', () => {
    resolve(seen(socket));
    socket.destroy();
  });
  return promise.finally(() => clearTimeout(timer));
}

function seen(socket: TLSSocket): Handshake {
  const group = socket.getEphemeralKeyInfo() as { type?: string; name?: string; size?: number };
  const certificate = socket.getPeerCertificate(true);
  return {
    shaken: true,
    version: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().name,
    group: group.name ?? group.type,
    groupBits: group.size,
    trusted: socket.authorized,
    // Node.js has a code here, although its types say Error.
    untrusted: socket.authorized ? undefined : String(socket.authorizationError),
    chain: chainOf(certificate),
  };
}

function chainOf(first: ReturnType<TLSSocket['getPeerCertificate']>): readonly SeenCertificate[] {
  const chain: SeenCertificate[] = [];
  let current = first as PeerCertificate & { issuerCertificate?: PeerCertificate; asn1Curve?: string };
  while (chain.length < 10 && current?.valid_to !== undefined) {
    chain.push({
      subject: String(current.subject?.CN ?? ''),
      names: current.subjectaltname ?? '',
      from: new Date(current.valid_from),
      to: new Date(current.valid_to),
      bits: current.bits,
      curve: current.asn1Curve,
      signature: signatureOf(current.raw),
    });
    const next = current.issuerCertificate;
    if (next === undefined || next === current || next.fingerprint256 === current.fingerprint256) break;
    current = next;
  }
  return chain;
}

/** Undefined where OpenSSL does not know it, or cannot read what it was shown. */
function signatureOf(raw: Buffer): string | undefined {
  try {
    return new X509Certificate(raw).signatureAlgorithm;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ?? message ?? String(error);
}
