/** An authenticator in software, for ceremonies that no browser would take part in. */
import { createPublicKey, generateKeyPairSync, hash, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What may differ from an honest ceremony. */
export interface Ceremony {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly challenge?: string;
  readonly userHandle?: string | null;
  /** More members of the client data, or other values for those that are there. */
  readonly clientData?: Readonly<Record<string, unknown>>;
  readonly flags?: number;
  readonly counter?: number;
}

/** Options as a server gives them to a browser. */
export type ServerOptions = Readonly<Record<string, unknown>>;

type Algorithm = 'ES256' | 'EdDSA' | 'RS256';

/** What kind of authenticator it is, on a page of which origin. */
export interface Traits {
  readonly origin?: string;
  readonly algorithm?: Algorithm;
  readonly counter?: number;
  readonly credentialId?: Buffer;
}

export const USER_PRESENT = 0x01;
export const USER_VERIFIED = 0x04;
export const BACKUP_ELIGIBLE = 0x08;
export const BACKED_UP = 0x10;
const ATTESTED = 0x40;

/** One passkey on one authenticator. */
export class SoftAuthenticator {
  readonly credentialId: Buffer;
  counter: number;
  flags: number = USER_PRESENT | USER_VERIFIED | BACKUP_ELIGIBLE;
  userHandle = '';
  readonly #origin: string;
  readonly #algorithm: Algorithm;
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;

  constructor(traits: Traits = {}) {
    this.#origin = traits.origin ?? 'https://example.com';
    this.#algorithm = traits.algorithm ?? 'ES256';
    this.#privateKey = generateKey(this.#algorithm);
    this.#publicKey = createPublicKey(this.#privateKey);
    this.counter = traits.counter ?? 0;
    this.credentialId = traits.credentialId ?? randomBytes(32);
  }

  get id(): string {
    return this.credentialId.toString('base64url');
  }

  /** What `navigator.credentials.create()` would give, as JSON. */
  create(options: ServerOptions, changes: Ceremony = {}): Record<string, unknown> {
    this.userHandle = (options['user'] as { id: string }).id;
    const { id: rpId } = options['rp'] as { id: string };
    const idLength = Buffer.alloc(2);
    idLength.writeUInt16BE(this.credentialId.byteLength);
    const attested = Buffer.concat([Buffer.alloc(16), idLength, this.credentialId, this.#coseKey()]);
    const authData = Buffer.concat([this.#head(rpId, ATTESTED, changes), attested]);
    const attestationObject = cborMap([
      [cborText('fmt'), cborText('none')],
      [cborText('attStmt'), cborMap([])],
      [cborText('authData'), cborBytes(authData)],
    ]);
    return this.#credential({
      clientDataJSON: this.#clientData('webauthn.create', options, changes),
      attestationObject: attestationObject.toString('base64url'),
      transports: ['internal', 'hybrid'],
    });
  }

  /** What `navigator.credentials.get()` would give, as JSON. */
  get(options: ServerOptions, changes: Ceremony = {}): Record<string, unknown> {
    const authData = this.#head(options['rpId'] as string, 0, changes);
    const clientDataJSON = this.#clientData('webauthn.get', options, changes);
    const clientDataHash = hash('sha256', Buffer.from(clientDataJSON, 'base64url'), 'buffer');
    const digest = this.#algorithm === 'EdDSA' ? null : 'sha256';
    const signature = sign(digest, Buffer.concat([authData, clientDataHash]), this.#privateKey);
    const userHandle = changes.userHandle === undefined ? this.userHandle : changes.userHandle;
    return this.#credential({
      clientDataJSON,
      authenticatorData: authData.toString('base64url'),
      signature: signature.toString('base64url'),
      userHandle,
    });
  }

  #credential(response: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return { id: this.id, rawId: this.id, type: 'public-key', response, clientExtensionResults: {} };
  }

  #head(rpId: string, flags: number, changes: Ceremony): Buffer {
    const head = Buffer.alloc(37);
    hash('sha256', changes.rpId ?? rpId, 'buffer').copy(head);
    head[32] = (changes.flags ?? this.flags) | flags;
    head.writeUInt32BE(changes.counter ?? this.counter, 33);
    return head;
  }

  #clientData(type: string, options: ServerOptions, changes: Ceremony): string {
    const data = {
      type: changes.type ?? type,
      challenge: changes.challenge ?? options['challenge'],
      origin: changes.origin ?? this.#origin,
      crossOrigin: false,
      ...changes.clientData,
    };
    return Buffer.from(JSON.stringify(data)).toString('base64url');
  }

  #coseKey(): Buffer {
    const { x = '', y = '', n = '', e = '' } = this.#publicKey.export({ format: 'jwk' });
    const bytes = (text: string): Buffer => cborBytes(Buffer.from(text, 'base64url'));
    switch (this.#algorithm) {
      case 'ES256':
        return cborIntegers([
          [1, cborInteger(2)],
          [3, cborInteger(-7)],
          [-1, cborInteger(1)],
          [-2, bytes(x)],
          [-3, bytes(y)],
        ]);
      case 'EdDSA':
        return cborIntegers([
          [1, cborInteger(1)],
          [3, cborInteger(-8)],
          [-1, cborInteger(6)],
          [-2, bytes(x)],
        ]);
      case 'RS256':
        return cborIntegers([
          [1, cborInteger(3)],
          [3, cborInteger(-257)],
          [-1, bytes(n)],
          [-2, bytes(e)],
        ]);
    }
  }
}

function generateKey(algorithm: Algorithm): KeyObject {
  switch (algorithm) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    case 'EdDSA':
      return generateKeyPairSync('ed25519').privateKey;
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  }
}

/** A head of CBOR (RFC 8949 3): a major type and its argument. */
function cborHead(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.of((major << 5) | argument);
  if (argument < 256) return Buffer.of((major << 5) | 24, argument);
  return Buffer.of((major << 5) | 25, argument >> 8, argument & 0xff);
}

function cborInteger(value: number): Buffer {
  return value < 0 ? cborHead(1, -1 - value) : cborHead(0, value);
}

function cborBytes(bytes: Buffer): Buffer {
  return Buffer.concat([cborHead(2, bytes.byteLength), bytes]);
}

function cborText(text: string): Buffer {
  return Buffer.concat([cborHead(3, Buffer.byteLength(text)), Buffer.from(text)]);
}

function cborMap(entries: readonly (readonly [Buffer, Buffer])[]): Buffer {
  return Buffer.concat([cborHead(5, entries.length), ...entries.flat()]);
}

function cborIntegers(entries: readonly (readonly [number, Buffer])[]): Buffer {
  return cborMap(entries.map(([key, value]) => [cborInteger(key), value]));
}
