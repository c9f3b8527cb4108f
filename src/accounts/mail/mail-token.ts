/** Tokens in mailed links: 256 random bits, of which the store has a hash, good once and for one purpose. */
import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomId } from '../../core/random.ts';
import type { MailTokenRecord, MailTokenStore } from '../../stores/ports/mail.ts';
import type { KeptMail } from './outbox.ts';

/** What a link does. */
export type MailTokenPurpose = 'register' | 'reset' | 'change-email';

/**
 * The form of a mailed link, as it was posted. Of two that are equal the second is a button that was pressed twice
 * (devise#3429): its answer is the one that is seen, and leads where the first did.
 */
export interface LinkPost {
  /** Of the link. */
  readonly token: string;
  /** From {@link MailTokens.newForm}: only the page had it, so that no other browser with this link has it. */
  readonly form: string | undefined;
  /** What was typed into it. */
  readonly typed: string;
}

/** So many links to one address work at a time: people ask again when mail is slow, and open the one they find. */
const MOST_TOKENS = 3;
const TOKEN_BYTES = 32;
const TOKEN = /^[\w-]{43}$/;
const FORM_BYTES = 16;
const FORM = /^[\w-]{22}$/;
/** A second press comes within seconds; on a slow line, within some more. */
const DONE_FOR_MS = 60_000;
/** Between looks for what the first of two equal posts is just about to be done with. */
const WAITS_MS = [0, 50, 100, 200, 400, 800];

/** Makes and reads the tokens of mailed links. */
export class MailTokens {
  readonly #store: MailTokenStore;
  readonly #clock: () => number;

  constructor(store: MailTokenStore, clock: () => number) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Makes a token, and stores it by one write with the mail that has the only copy of it.
   *
   * @param write - writes the mail
   */
  async issue(
    purpose: MailTokenPurpose,
    subject: string,
    data: object,
    lifeMs: number,
    write: (token: string) => KeptMail,
  ): Promise<KeptMail> {
    const token = randomId(TOKEN_BYTES);
    const kept = write(token);
    const expiresAt = this.#clock() + lifeMs;
    const record = { hash: hashOf(token), purpose, subject, data: JSON.stringify(data), expiresAt };
    await this.#store.put(record, MOST_TOKENS, kept.row);
    return kept;
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

  /** A mark for a page with a form of a link: it tells the page's own second post from anybody else's. */
  newForm(): string {
    return randomId(FORM_BYTES);
  }

  /** Notes that what a form asks for is done, so that its second post is told so. Where that fails, it is done all the same. */
  async noteDone(purpose: MailTokenPurpose, post: LinkPost, account: string): Promise<void> {
    const key = doneKey(post);
    if (key === undefined) return;
    const expiresAt = this.#clock() + DONE_FOR_MS;
    const record = { hash: key, purpose: `${purpose}, done`, subject: account, data: '{}', expiresAt };
    const put = async (): Promise<void> => this.#store.put(record, MOST_TOKENS);
    await put().catch(() => undefined);
  }

  /**
   * The account for which an equal post, one with the same link, form and password, was done in the last minute.
   * Undefined: there was none. Waits a moment for one that is about to be done.
   */
  async findDone(purpose: MailTokenPurpose, post: LinkPost): Promise<string | undefined> {
    const key = doneKey(post);
    if (key === undefined) return undefined;
    for (const wait of WAITS_MS) {
      if (wait > 0) await sleep(wait);
      const found = await this.#store.find(key, `${purpose}, done`, this.#clock());
      if (found !== undefined) return found.subject;
    }
    return undefined;
  }

  /** Voids every link of a subject. */
  async removeAll(subject: string): Promise<void> {
    await this.#store.removeAll(subject);
  }
}

/**
 * What a post that is done is found again by. The mark of its form is 128 bits that are stored nowhere: whoever reads
 * the store can try no passwords against this.
 */
function doneKey({ token, form, typed }: LinkPost): string | undefined {
  if (!TOKEN.test(token) || form === undefined || !FORM.test(form)) return undefined;
  return hashOf(`${token}.${form}.${typed}`);
}

// Nobody guesses 256 bits: a plain hash will do (ASVS v5.0.0-6.5.2).
function hashOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
