/** A device as Chromium has one: makes a key pair, and signs challenges with it. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** What a test has a proof say otherwise. */
export interface ProofChanges {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** One key pair. */
export class Device {
  readonly #algorithm: 'ES256' | 'RS256';
  readonly #key: KeyObject;
  readonly jwk: Readonly<Record<string, unknown>>;

  constructor(algorithm: 'ES256' | 'RS256' = 'ES256', bits = 2048) {
    const { publicKey, privateKey } =
      algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: bits });
    this.#algorithm = algorithm;
    this.#key = privateKey;
    this.jwk = publicKey.export({ format: 'jwk' });
  }

  /** What a browser sends to register the key. */
  register(challenge: string, { header, claims }: ProofChanges = {}): string {
    return this.prove(challenge, { header: { jwk: this.jwk, ...header }, ...(claims && { claims }) });
  }

  /** What a browser sends to prove that it has the key. */
  prove(challenge: string, { header, claims }: ProofChanges = {}): string {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const head = encode({ alg: this.#algorithm, typ: 'dbsc+jwt', ...header });
    const signed = `${head}.${encode({ jti: challenge, ...claims })}`;
    return `${signed}.${this.sign(signed).toString('base64url')}`;
  }

  sign(text: string): Buffer {
    const key =
      this.#algorithm === 'ES256' ? { key: this.#key, dsaEncoding: 'ieee-p1363' as const } : this.#key;
    return sign('sha256', Buffer.from(text), key);
  }
}

/** The challenge in a `Secure-Session-Registration`, or in a `Secure-Session-Challenge`. */
export function challengeIn(value: unknown): string {
  return (
    /challenge="([^"]+)"|^"([^"]+)"/
      .exec(String(value))
      ?.slice(1)
      .find((one) => one !== undefined) ?? ''
  );
}
