/** A program that has a key, and signs a proof of it for each request (RFC 9449 4.2). */
import { constants, generateKeyPairSync, hash, type KeyObject, randomUUID, sign } from 'node:crypto';
import { readJwk, thumbprint } from '../../src/core/jwk.ts';

/** What a test has a proof say otherwise. Undefined takes a claim out. */
export interface DpopChanges {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** What is sent in place of the signature. */
  readonly signature?: Buffer;
}

/** What a proof is for. */
export interface DpopCall {
  readonly token: string;
  readonly now: number;
  readonly method?: string;
  readonly url: string;
  readonly nonce?: string | undefined;
}

type Algorithm = 'ES256' | 'EdDSA' | 'PS256';

/** One program. */
export class DpopProgram {
  readonly #algorithm: Algorithm;
  readonly #key: KeyObject;
  readonly jwk: Readonly<Record<string, unknown>>;
  /** With its private part. */
  readonly privateJwk: Readonly<Record<string, unknown>>;
  readonly thumbprint: string;

  constructor(algorithm: Algorithm = 'ES256') {
    const { publicKey, privateKey } = pairOf(algorithm);
    this.#algorithm = algorithm;
    this.#key = privateKey;
    this.jwk = publicKey.export({ format: 'jwk' });
    this.privateJwk = privateKey.export({ format: 'jwk' });
    const key = readJwk(algorithm, this.jwk);
    if (key === undefined) throw new Error('no key of ours');
    this.thumbprint = thumbprint(key);
  }

  /** The `DPoP` header of a call. */
  proof({ token, now, method = 'GET', url, nonce }: DpopCall, changes: DpopChanges = {}): string {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const head = { typ: 'dpop+jwt', alg: this.#algorithm, jwk: this.jwk, ...changes.header };
    const claims = {
      jti: randomUUID(),
      htm: method,
      htu: url,
      iat: Math.floor(now / 1000),
      ath: hash('sha256', token, 'base64url'),
      nonce,
      ...changes.claims,
    };
    const signed = `${encode(head)}.${encode(claims)}`;
    return `${signed}.${(changes.signature ?? this.#sign(signed)).toString('base64url')}`;
  }

  #sign(text: string): Buffer {
    const data = Buffer.from(text);
    if (this.#algorithm === 'EdDSA') return sign(null, data, this.#key);
    const how =
      this.#algorithm === 'ES256'
        ? { dsaEncoding: 'ieee-p1363' as const }
        : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    return sign('sha256', data, { key: this.#key, ...how });
  }
}

function pairOf(algorithm: Algorithm): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519');
  return algorithm === 'ES256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 });
}
