/**
 * What posts were answered with, for a minute: a button that is pressed twice sends two that are equal to the letter, and
 * the browser throws the answer to the first away, with the cookie in it. The second has to lead where the first did,
 * and to the same session, whichever process it comes to (devise#3429).
 */
import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ANSWERED_CALLS } from './browser.calls.ts';
import { ACCOUNTS_KEYS } from './accounts.keys.ts';
import type { AccountsContext } from './context.ts';
import { tendMethods } from '../core/tended.ts';

/** A post that is answered once. */
export interface AnsweredPost {
  /**
   * All of it, to the letter, and in it a mark that one page alone has, of 128 bits or more: nobody else's post is equal
   * then, not that of a thief of the cookie either.
   */
  readonly text: string;
  /** What the session of its cookie is known by, live or not. */
  readonly from: string | undefined;
}

/** Where a post led. */
export interface PostAnswer {
  readonly to: string;
  /** What the session is known by that it led to. */
  readonly session: string | undefined;
  /** Lines of `Set-Cookie`. */
  readonly cookies: readonly string[];
}

/** An answer that was given before. */
export interface RepeatedAnswer extends PostAnswer {
  /** Whether this browser has its cookies already, or never asked under the id that they take the place of. */
  readonly arrived: boolean;
}

const KEPT_FOR_MS = 60_000;
const ANSWERING = 'post, answering';
const ANSWERED = 'post, answered';
const SEAL = ACCOUNTS_KEYS.answer;
/** Between looks for what the first is about to be answered with: longer than a password takes in a full queue of hashes. */
const WAITS_MS = [20, 40, 80, 160, 300, 400, 500, 500, 500];

/** Posts that were answered, in the store that all processes share. */
export class AnsweredPosts {
  readonly #context: Pick<AccountsContext, 'store' | 'keys' | 'clock'>;

  constructor(context: Pick<AccountsContext, 'store' | 'keys' | 'clock'>) {
    this.#context = context;
  }

  /**
   * Answers a post, or gives what an equal one was answered with in the last minute.
   *
   * @param make - answers it. Undefined: nothing that a second one could be given; it makes its own then
   * @param takes - whether an answer still holds: whose session is over by now signs in anew
   * @returns undefined where `make` was called
   */
  async answer(
    post: AnsweredPost,
    make: () => Promise<PostAnswer | undefined>,
    takes: (answer: RepeatedAnswer) => Promise<boolean>,
  ): Promise<RepeatedAnswer | undefined> {
    ANSWERED_CALLS.answer(post, make, takes);
    const isFirst = await this.#begin(post);
    if (!isFirst) {
      const known = await this.#await(post);
      if (known !== undefined && (await takes(known))) return known;
    }
    let made: PostAnswer | undefined;
    try {
      made = await make();
    } finally {
      if (made === undefined && isFirst) await this.#giveUp(post);
    }
    if (made !== undefined && isFirst) await this.#note(post, made);
    return undefined;
  }

  /** False: an equal one is being answered, or was. Where the store cannot say, this one stands for itself. */
  async #begin(post: AnsweredPost): Promise<boolean> {
    try {
      await this.#put(post, ANSWERING, '{}');
      return true;
    } catch {
      return !(await this.#isBegun(post).catch(() => false));
    }
  }

  async #isBegun(post: AnsweredPost): Promise<boolean> {
    return (await this.#find(post, ANSWERING)) !== undefined;
  }

  async #await(post: AnsweredPost): Promise<RepeatedAnswer | undefined> {
    for (const wait of [0, ...WAITS_MS]) {
      if (wait > 0) await sleep(wait);
      const sealed = await this.#find(post, ANSWERED);
      if (sealed !== undefined) return this.#open(post, sealed);
      // The first came to nothing.
      if (!(await this.#isBegun(post))) return undefined;
    }
    return undefined;
  }

  /** Sealed: there is the id of a session in it, which lies in no store in clear. */
  async #note(post: AnsweredPost, answer: PostAnswer): Promise<void> {
    const kept: Kept = { ...answer, from: post.from };
    const sealed = this.#context.keys.seal(SEAL, Buffer.from(JSON.stringify(kept)), post.text);
    // It is answered all the same.
    await this.#put(post, ANSWERED, JSON.stringify({ sealed })).catch(() => undefined);
  }

  #open(post: AnsweredPost, data: string): RepeatedAnswer | undefined {
    const { sealed } = JSON.parse(data) as { readonly sealed: string };
    const opened = this.#context.keys.open(SEAL, sealed, post.text);
    if (opened === undefined) return undefined;
    const { from, ...answer } = JSON.parse(opened.plaintext.toString()) as Kept;
    if (answer.session === post.from) return { ...answer, arrived: true };
    // Of two browsers with the same page, one of which has another session: to each its own.
    return from === post.from ? { ...answer, arrived: false } : undefined;
  }

  async #giveUp(post: AnsweredPost): Promise<void> {
    const { store, clock } = this.#context;
    const take = async (): Promise<unknown> =>
      store.mailTokens.take(keyOf(post, ANSWERING), ANSWERING, clock());
    await take().catch(() => undefined);
  }

  async #put(post: AnsweredPost, purpose: string, data: string): Promise<void> {
    const { store, clock } = this.#context;
    const key = keyOf(post, purpose);
    await store.mailTokens.put(
      { hash: key, purpose, subject: key, data, expiresAt: clock() + KEPT_FOR_MS },
      1,
    );
  }

  async #find(post: AnsweredPost, purpose: string): Promise<string | undefined> {
    const { store, clock } = this.#context;
    return (await store.mailTokens.find(keyOf(post, purpose), purpose, clock()))?.data;
  }

  static {
    tendMethods(AnsweredPosts);
  }
}

interface Kept extends PostAnswer {
  readonly from?: string | undefined;
}

/** The mark of the page is stored nowhere: whoever reads the store can try no passwords against this. */
function keyOf({ text }: AnsweredPost, purpose: string): string {
  return hash('sha256', `${purpose}.${text}`, 'base64url');
}
