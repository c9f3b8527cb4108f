import { BulwarkError } from '../../core/errors.ts';
import type { MailTokenRecord, MailTokenStore, OutboxRecord } from '../ports/mail.ts';
import type { MemoryOutbox } from './outbox.ts';

/** Links that were mailed, in the memory of this process. */
export class MemoryMailTokens implements MailTokenStore {
  /** By hash, in the order in which they came. */
  readonly #tokens = new Map<string, MailTokenRecord>();
  readonly #outbox: MemoryOutbox;

  constructor(outbox: MemoryOutbox) {
    this.#outbox = outbox;
  }

  put(token: MailTokenRecord, most: number, mail?: OutboxRecord): void {
    const { hash, purpose, subject } = token;
    if (this.#tokens.has(hash)) {
      throw new BulwarkError('ERR_BULWARK_STORE', 'A mail token with this hash is stored already.');
    }
    if (mail !== undefined) this.#outbox.put(mail);
    this.#tokens.set(hash, { ...token });
    const newestFirst = this.#of(subject)
      .filter((one) => one.purpose === purpose)
      .toReversed();
    for (const old of newestFirst.slice(most)) this.#tokens.delete(old.hash);
  }

  find(hash: string, purpose: string, now: number): MailTokenRecord | undefined {
    const token = this.#tokens.get(hash);
    return token?.purpose === purpose && token.expiresAt > now ? token : undefined;
  }

  take(hash: string, purpose: string, now: number): MailTokenRecord | undefined {
    const token = this.find(hash, purpose, now);
    if (token !== undefined) this.#tokens.delete(hash);
    return token;
  }

  removeAll(subject: string): number {
    const all = this.#of(subject);
    for (const { hash } of all) this.#tokens.delete(hash);
    return all.length;
  }

  /** Deletes what is past its end. */
  sweep(now: number, most: number): number {
    let count = 0;
    for (const [hash, { expiresAt }] of this.#tokens) {
      if (count === most) break;
      if (expiresAt <= now && this.#tokens.delete(hash)) count += 1;
    }
    return count;
  }

  #of(subject: string): MailTokenRecord[] {
    return [...this.#tokens.values()].filter((token) => token.subject === subject);
  }
}
