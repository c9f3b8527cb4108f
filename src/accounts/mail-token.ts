/** Tokens in mailed links: 256 random bits, of which the store has a hash, good once and for one purpose. */
import { hash } from 'node:crypto';
import { randomId } from '../core/random.ts';
import type { MailTokenRecord, MailTokenStore } from '../stores/account-ports.ts';

/** What a link does. */
export type MailTokenPurpose = 'register' | 'reset' | 'change-email';

/** So many links to one address work at a time: people ask again when mail is slow, and open the one they find. */
const MOST_TOKENS = 3;
const TOKEN_BYTES = 32;
const TOKEN = /^[\w-]{43}$/;

/** Makes and reads the tokens of mailed links. */
export class MailTokens {
  readonly #store: MailTokenStore;
  readonly #clock: () => number;

  constructor(store: MailTokenStore, clock: () => number) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Makes a token. The only copy is what is returned. */
  async issue(purpose: MailTokenPurpose, subject: string, data: object, lifeMs: number): Promise<string> {
    const token = randomId(TOKEN_BYTES);
    const expiresAt = this.#clock() + lifeMs;
    const record = { hash: hashOf(token), purpose, subject, data: JSON.stringify(data), expiresAt };
    await this.#store.put(record, MOST_TOKENS);
    return token;
  }

  /** Looks at a token, and leaves it as it is: robots that follow every link in a mail must not use it up. */
  async find(purpose: MailTokenPurpose, token: string): Promise<MailTokenRecord | undefined> {
    if (!TOKEN.test(token)) return undefined;
    return await this.#store.find(hashOf(token), purpose, this.#clock());
  }

  /** Uses a token up. Of two at once one gets it. */
  async take(purpose: MailTokenPurpose, token: string): Promise<MailTokenRecord | undefined> {
    if (!TOKEN.test(token)) return undefined;
    return await this.#store.take(hashOf(token), purpose, this.#clock());
  }

  /** Voids every link of a subject. */
  async removeAll(subject: string): Promise<void> {
    await this.#store.removeAll(subject);
  }
}

// Nobody guesses 256 bits: a plain hash will do (ASVS v5.0.0-6.5.2).
function hashOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
