/** The handle: the one cookie that a browser has in the place of those in the vault. Name and key of its entry come of it. */
import { KeyRing } from '../../core/key-ring.ts';
import { randomBytes } from '../../core/random.ts';
import { GATEWAY_KEYS } from '../gateway.keys.ts';

/** Browsers take it from this very host alone, over https (RFC 6265bis 4.1.3.2). */
export const VAULT_COOKIE = '__Host-vault';

const HANDLE_BYTES = 32;
/** 32 bytes of base64url: the last character has two bits to spare, which are zero. */
const HANDLE = /^[\w-]{42}[AEIMQUYcgkosw048]$/;
const ATTRIBUTES = {
  lax: '; Path=/; Secure; HttpOnly; SameSite=Lax',
  strict: '; Path=/; Secure; HttpOnly; SameSite=Strict',
} as const;

/** What makes a browser forget its handle. */
export const EXPIRED_VAULT_COOKIE: string = `${VAULT_COOKIE}=${ATTRIBUTES.lax}; Max-Age=0`;

/** The handle of one entry. What is stored is derived from it, and leads nowhere back. */
export class Handle {
  /** What the store knows the entry by. */
  readonly idHash: string;
  readonly #ring: KeyRing;

  private constructor(secret: Uint8Array) {
    this.#ring = new KeyRing([secret]);
    this.idHash = this.#ring.sign(GATEWAY_KEYS.vaultName, '').toString('base64url');
  }

  /** A new one, with its Set-Cookie line: the text is kept nowhere. */
  static make(sameSite: 'lax' | 'strict'): { readonly handle: Handle; readonly cookie: string } {
    const secret = randomBytes(HANDLE_BYTES);
    const cookie = `${VAULT_COOKIE}=${secret.toString('base64url')}${ATTRIBUTES[sameSite]}`;
    return { handle: new Handle(secret), cookie };
  }

  /** The handle in a Cookie header, if there is exactly one and it is well formed. Of two, someone planted one. */
  static read(cookies: string): Handle | undefined {
    if (!cookies.includes(VAULT_COOKIE)) return undefined;
    let found: string | undefined;
    for (const pair of cookies.split(';')) {
      const equals = pair.indexOf('=');
      if (equals === -1 || pair.slice(0, equals).trim() !== VAULT_COOKIE) continue;
      if (found !== undefined) return undefined;
      found = pair.slice(equals + 1).trim();
    }
    return found !== undefined && HANDLE.test(found)
      ? new Handle(Buffer.from(found, 'base64url'))
      : undefined;
  }

  /** Encrypts what the store keeps: it opens with this handle alone, and only in its own row. */
  seal(text: string): string {
    return this.#ring.seal(GATEWAY_KEYS.vault, Buffer.from(text), this.idHash);
  }

  /** Undefined: it was sealed under another handle, or changed since. */
  open(sealed: string): string | undefined {
    return this.#ring.open(GATEWAY_KEYS.vault, sealed, this.idHash)?.plaintext.toString();
  }
}
