/**
 * A button that is pressed twice sends two posts that are equal to the letter, and the browser throws the answer to the
 * first away: what was in it would be lost, and the second be told that it comes too late (devise#3429).
 */
import { hash } from 'node:crypto';
import { formField, type PageAnswer, type PageHandler, type PageRequest, redirect } from './exchange.ts';
import { CSRF_FIELD } from '../controls/csrf/csrf.ts';
import { hashSessionId, readSessionCookie } from '../controls/sessions/session-cookie.ts';
import { at } from './own-path.ts';

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
 * Has the second of two equal requests led where the first was, and to the same session, in whichever process: the browser
 * throws the answer to the first away, and its cookie with it. Nobody is signed in twice. For what gives the session
 * a new id: by then the second comes under one that opens nothing.
 *
 * Who gets the cookie has the page of the first: its mark, such as the token of its form, the cookie that it was sent with,
 * and what was typed, at the same address. A thief of the cookie has a page of their own, and gets what anybody gets.
 *
 * @param handler - answers where nothing equal was led anywhere
 */
export function ledOnce(handler: PageHandler): PageHandler {
  return async (context, request) => {
    if (!hasMark(request)) return await handler(context, request);
    const { visit, method, path, query, form } = request;
    const id = readSessionCookie(visit.cookie);
    const asked = `${method} ${path}?${query.toString()} ${form.toString()}`;
    const text = [visit.client.key, visit.userAgent, asked].join('\n');
    const post = { text, from: id === undefined ? undefined : hashSessionId(id) };
    let own: PageAnswer | undefined;
    const before = await context.accounts.answeredPosts.answer(
      post,
      async () => {
        own = await handler(context, request);
        if (own.kind !== 'redirect' || own.to === SIGN_IN) return undefined;
        return { to: own.to, session: visit.session.idHash, cookies: request.cookies };
      },
      async ({ arrived, cookies }) => arrived || (await request.repeatCookies(cookies)),
    );
    return own ?? redirect(before?.to ?? context.home);
  };
}

/** Where whoever has proved nothing is led. */
const SIGN_IN = at('/login');
/** A token for a form is masked anew for each page. */
const MARKS = [CSRF_FIELD, 'once', 'challenge'];
const MARK = /^[\w.-]{22,}$/;

function hasMark(request: PageRequest): boolean {
  // That of a provider's answer, in its address.
  if (request.method === 'GET') return MARK.test(request.query.get('state') ?? '');
  return MARKS.some((field) => MARK.test(formField(request, field)));
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
