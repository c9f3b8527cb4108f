/**
 * A button that is pressed twice sends two posts that are equal to the letter, and the browser throws the answer to the
 * first away: what was in it would be lost, and the second be told that it comes too late (devise#3429).
 */
import { hash } from 'node:crypto';
import {
  formField,
  type PageAnswer,
  type PageContext,
  type PageHandler,
  type PageRequest,
} from './exchange.ts';

const KEPT_FOR_MS = 30_000;
/** Each is a code or two, in memory only: a process that ends forgets them sooner. */
const MOST = 1000;

/** What came of forms of one kind. */
export class SamePosts<Value extends object> {
  readonly #kept = new Map<string, Promise<Value>>();
  readonly #isKept: (value: Value) => boolean;

  /** @param isKept - whether it is worth keeping: whoever was refused may try again */
  constructor(isKept: (value: Value) => boolean = () => true) {
    this.#isKept = isKept;
  }

  /**
   * Makes it, or gives what an equal post of the same session made, or is making, within 30 seconds. For forms that have
   * something in them that is one page's alone, such as a token of the session or a challenge: of nobody else's browser
   * is a post equal then.
   */
  async of({ visit, method, path, query, form }: PageRequest, make: () => Promise<Value>): Promise<Value> {
    const asked = `${method} ${path}?${query.toString()} ${form.toString()}`;
    const key = hash('sha256', `${visit.session.idHash ?? ''} ${asked}`, 'base64url');
    const known = this.#kept.get(key);
    if (known !== undefined) return await known;
    const making = make();
    this.#keep(key, making);
    try {
      const value = await making;
      if (this.#isKept(value)) setTimeout(() => this.#forget(key, making), KEPT_FOR_MS).unref();
      else this.#forget(key, making);
      return value;
    } catch (error) {
      this.#forget(key, making);
      throw error;
    }
  }

  #keep(key: string, making: Promise<Value>): void {
    this.#kept.set(key, making);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST && oldest !== undefined) this.#kept.delete(oldest);
  }

  #forget(key: string, making: Promise<Value>): void {
    if (this.#kept.get(key) === making) this.#kept.delete(key);
  }
}

/**
 * Has the second of two equal requests do what the first was led on for, where that leaves a cookie: the browser throws the
 * answer to the first away, and its cookie with it.
 *
 * @param mark - the field of the form with what is taken once; without it each request stands for itself
 * @param handler - told whether an equal request has proved that already, and was let in
 */
export function doneByBoth(
  mark: string,
  handler: (context: PageContext, request: PageRequest, isProved: boolean) => Promise<PageAnswer>,
): PageHandler {
  const answers = new SamePosts<PageAnswer>(({ kind }) => kind === 'redirect');
  return async (context, request) => {
    if (formField(request, mark) === '') return await handler(context, request, false);
    let isFirst = false;
    const answer = await answers.of(request, async () => {
      isFirst = true;
      return await handler(context, request, false);
    });
    return isFirst ? answer : await handler(context, request, answer.kind === 'redirect');
  };
}

/**
 * Has the second of two equal requests led where the first was, for what is taken once.
 *
 * @param mark - the field of the form, or of the address, that says so; without it each request stands for itself
 */
export function leadsAlike(mark: string, handler: PageHandler): PageHandler {
  const answers = new SamePosts<PageAnswer>(({ kind }) => kind === 'redirect');
  return async (context, request) => {
    if (formField(request, mark) === '' && !request.query.has(mark)) return await handler(context, request);
    let isFirst = false;
    const answer = await answers.of(request, async () => {
      isFirst = true;
      return await handler(context, request);
    });
    // Pages have scripts and forms of their own visit in them.
    return isFirst || answer.kind === 'redirect' ? answer : await handler(context, request);
  };
}
