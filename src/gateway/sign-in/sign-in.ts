/** Sign-in protection for an application that knows nothing of it: who guesses is slowed down, and what happens is in the log. */
import { accountTag, loggedTag } from '../../controls/rate-limit/account-tag.ts';
import { GuessAlarm } from '../../controls/rate-limit/guess-alarm.ts';
import { retryAfterSeconds } from '../../controls/rate-limit/rate-headers.ts';
import { tooManyRequests } from '../../controls/rate-limit/too-many-requests.ts';
import type { SessionAudit } from '../../controls/sessions/sessions.ts';
import { errorName, StoreDownError } from '../../core/errors.ts';
import { type Exchange, header } from '../../core/exchange.ts';
import { type ForwardHead, withoutCookies } from '../../core/forward-head.ts';
import type { Guard } from '../../core/guard.ts';
import type { KeyRing } from '../../core/key-ring.ts';
import { cutForLog } from '../../core/log-text.ts';
import { isPageType } from '../../core/page.ts';
import { type Slot, slot } from '../../core/slot.ts';
import { CORE_EVENTS, type Refusal, unavailable, type Verdict } from '../../core/verdict.ts';
import type { CounterStore } from '../../stores/ports/counters.ts';
import type { SignInSettings } from '../options/sign-in.options.ts';
import type { AnswerHead } from '../upstream/answer-head.ts';
import type { RequestSink } from '../upstream/connection.ts';
import { type Attempt, mayBeAttempt, readAttempt } from './attempt.ts';
import { bodyText } from './body-text.ts';
import { foldPath, type KnownForm } from './form-book.ts';
import { KNOWN_BROWSER_COOKIE, KnownBrowserCookie } from './known-browser.ts';
import { AttemptLimits, type Held, type Subject } from './limits.ts';
import { judgeAnswer, type Judgement, valueOf } from './outcome.ts';
import { SeenForms } from './seen-forms.ts';
import { SIGN_IN_EVENTS } from './sign-in.events.ts';
import { HeldAnswer, type Onward, SeenAnswer } from './watched-answer.ts';

/** What sign-in protection works by. */
export interface SignInParts {
  readonly settings: SignInSettings;
  /** Shared by every process that must count together. */
  readonly counters: CounterStore;
  readonly keys: KeyRing;
  readonly audit: SessionAudit;
  /** Milliseconds since 1970. Default: the clock of this machine. */
  readonly clock?: () => number;
}

/** An attempt that the application is asked about. */
interface Tried {
  readonly attempt: Attempt;
  readonly subject: Subject;
  /** The Cookie line that the application gets. */
  cookies: string | undefined;
  /** Whether its answer is looked at, or nobody waits for one any more. */
  isOver: boolean;
}

const TRIED: Slot<Tried> = slot();
/** In the place of an account that cannot be read: all of these are counted together. */
const UNCLEAR = 'unclear';
/** Pairs of an account and a client in an hour: more than people mistype on a busy morning. */
const MANY_PAIRS = 100;
const HOURLY = { count: 1, windowMs: 60 * 60_000 };
const OWN_COOKIE = new RegExp(KNOWN_BROWSER_COOKIE, 'i');
const OWN_COOKIES: ReadonlySet<string> = new Set([KNOWN_BROWSER_COOKIE.toLowerCase()]);
const READ_TYPE = /^(?:text\/(?:html|plain)|application\/(?:xhtml\+xml|(?:[\w.+-]+\+)?json))\b/i;

/** The sign-ins of one application. */
export class SignIn {
  /** Stands behind `body`, so that it counts only what every other guard lets through. */
  readonly guard: Guard;
  readonly #settings: SignInSettings;
  readonly #counters: CounterStore;
  readonly #keys: KeyRing;
  readonly #audit: SessionAudit;
  readonly #clock: () => number;
  readonly #forms: SeenForms;
  readonly #limits: AttemptLimits;
  readonly #alarm: GuessAlarm;
  readonly #browsers: KnownBrowserCookie;
  readonly #except: ReadonlySet<string>;

  constructor({ settings, counters, keys, audit, clock = Date.now }: SignInParts) {
    this.#settings = settings;
    this.#counters = counters;
    this.#keys = keys;
    this.#audit = audit;
    this.#clock = clock;
    this.#forms = new SeenForms(settings.forms, audit);
    this.#limits = new AttemptLimits(counters, settings);
    this.#alarm = new GuessAlarm(counters, 'sign-in/');
    this.#browsers = new KnownBrowserCookie(keys);
    this.#except = new Set(settings.except.map(foldPath));
    this.guard = {
      name: 'sign-in',
      mode: settings.mode,
      onRequest: (exchange) => (mayBeAttempt(exchange) ? this.#look(exchange) : undefined),
      onForward: (exchange, head) => this.#forward(exchange, head),
    };
  }

  /** Where the answer goes: past this, where it is one to an attempt or a page that may have a form. */
  sink(exchange: Exchange, next: Onward): RequestSink {
    const tried = exchange.get(TRIED);
    if (tried !== undefined) {
      exchange.signal.addEventListener('abort', () => void this.#left(exchange, tried), { once: true });
      return new HeldAnswer(next, {
        readsBody: ({ rawHeaders: lines }) => READ_TYPE.test(valueOf({ lines }, 'content-type') ?? ''),
        judge: async (head, body) => this.#judge(exchange, tried, head, body),
      });
    }
    const { path, now, request } = exchange;
    if (!this.#settings.find || request.method !== 'GET' || !this.#forms.isDue(path, now)) return next;
    return new SeenAnswer(
      next,
      ({ status, rawHeaders: lines }) => {
        if (status >= 300 && status < 400) return false;
        this.#forms.isRead(path, now);
        return isPageType(valueOf({ lines }, 'content-type') ?? '');
      },
      ({ rawHeaders: lines }, body) => {
        const html = bodyText(body, valueOf({ lines }, 'content-encoding'));
        if (html !== undefined) this.#forms.notePage(exchange, html);
      },
    );
  }

  async #look(exchange: Exchange): Promise<Verdict> {
    if (this.#except.has(foldPath(exchange.path))) return undefined;
    const form = this.#forms.book.find(exchange.request.method, exchange.path);
    const attempt = await readAttempt(exchange, form, this.#settings.find);
    if (attempt === undefined) return undefined;
    const subject = this.#subjectOf(exchange, attempt);
    exchange.set(TRIED, { attempt, subject, cookies: undefined, isOver: false });
    if (attempt.isUnclear) {
      const reason = 'the account is not named exactly once, or cannot be read';
      this.#audit(SIGN_IN_EVENTS.unclear, { reason, form: nameOf(exchange, form) }, exchange);
    }
    let held: Held | undefined;
    try {
      held = await this.#limits.begin(subject, exchange.now);
    } catch (error) {
      // A limit whose store is gone must not fall open.
      const detail = 'Nobody can be signed in at the moment. Try again in a few seconds.';
      return unavailable(detail, error, { limit: 'sign-in', store: 'counters' });
    }
    return held === undefined ? undefined : heldUp(held);
  }

  #subjectOf(exchange: Exchange, { accounts, isUnclear }: Attempt): Subject {
    const cookies = header(exchange.request, 'cookie');
    const known = accounts.map((name) => this.#browsers.idFor(name, cookies, exchange.now));
    const isKnown = !isUnclear && known.length > 0 && known.every((id) => id !== undefined);
    const tags = accounts.map((name) => accountTag(this.#keys, name));
    return {
      client: exchange.client.key,
      accounts: isUnclear ? [...tags, UNCLEAR] : tags,
      browser: isKnown ? known.join('+') : undefined,
    };
  }

  #forward(exchange: Exchange, head: ForwardHead): void {
    const cookies = head.get('cookie');
    // Nearly every request: nothing is taken apart for it.
    const hasOwn = cookies !== undefined && OWN_COOKIE.test(cookies);
    const left = hasOwn ? withoutCookies(cookies, OWN_COOKIES) : cookies;
    if (hasOwn && left === undefined) head.remove('cookie');
    else if (hasOwn && left !== undefined) head.set('Cookie', left);
    const tried = exchange.get(TRIED);
    if (tried === undefined) return;
    tried.cookies = left;
    // Its answer is read. What only observes has the answer as it would be.
    if (this.#settings.mode === 'enforce') head.set('Accept-Encoding', 'identity');
  }

  async #judge(exchange: Exchange, tried: Tried, head: AnswerHead, pieces: readonly Buffer[]): Promise<void> {
    if (tried.isOver) return;
    tried.isOver = true;
    const { status, rawHeaders: lines } = head;
    const { form, path } = tried.attempt;
    const body = bodyText(pieces, valueOf({ lines }, 'content-encoding'));
    const { book } = this.#forms;
    const isPage = isPageType(valueOf({ lines }, 'content-type') ?? '');
    if (this.#settings.find && isPage && body !== undefined) this.#forms.notePage(exchange, body);
    const asked = {
      path,
      cookies: tried.cookies,
      isSignInPage: (to: string) => foldPath(to) === path || book.isSignInPage(to),
      told: form?.told,
    };
    const judgement = judgeAnswer(asked, { status, lines, body });
    if (judgement.outcome === 'success') this.#succeeded(exchange, tried, judgement);
    else await this.#counting(exchange, () => this.#failed(exchange, tried, judgement));
  }

  /** The client did not wait for the answer, which it may find out in another way: counted as wrong. */
  async #left(exchange: Exchange, tried: Tried): Promise<void> {
    if (tried.isOver) return;
    tried.isOver = true;
    await this.#counting(exchange, () => this.#limits.wrong(tried.subject, this.#clock()));
  }

  /** It was counted before the application was asked, and is answered whatever becomes of the store. */
  async #counting(exchange: Exchange, count: () => Promise<void>): Promise<void> {
    try {
      await count();
    } catch (error) {
      if (error instanceof StoreDownError && error.told) return;
      this.#audit(CORE_EVENTS.storeUnavailable, { error: errorName(error), during: 'sign-in' }, exchange);
    }
  }

  #succeeded(exchange: Exchange, { attempt, subject }: Tried, { signs }: Judgement): void {
    const [account, ...others] = attempt.accounts;
    if (this.#settings.find) this.#forms.noteSuccess(exchange, attempt);
    const details = {
      form: nameOf(exchange, attempt.form),
      account: shownAccounts(subject),
      browser: subject.browser === undefined ? 'new' : 'known',
      signs: signs.join(', '),
    };
    this.#audit(SIGN_IN_EVENTS.signedIn, details, exchange);
    // Where it names two, nobody knows which of them signed in.
    if (account === undefined || others.length > 0 || attempt.isUnclear) return;
    if (this.#settings.mode !== 'enforce') return;
    const line = this.#browsers.line(account, header(exchange.request, 'cookie'), this.#clock());
    exchange.extraHeaders.push(['Set-Cookie', line]);
  }

  async #failed(
    exchange: Exchange,
    { attempt, subject }: Tried,
    { outcome, signs }: Judgement,
  ): Promise<void> {
    const now = this.#clock();
    const form = nameOf(exchange, attempt.form);
    const said = { form, signs: signs.join(', ') };
    if (outcome === 'failure') {
      this.#audit(SIGN_IN_EVENTS.signInFailed, { ...said, account: shownAccounts(subject) }, exchange);
    } else if (
      (await this.#counters.take(`sign-in/untold/${attempt.form?.path ?? ''}`, HOURLY, now)).allowed
    ) {
      this.#audit(SIGN_IN_EVENTS.untold, said, exchange);
    }
    await this.#limits.wrong(subject, now);
    if (outcome === 'failure' && subject.browser === undefined)
      await this.#raiseAlarm(exchange, subject, now);
  }

  async #raiseAlarm(exchange: Exchange, { client, accounts }: Subject, now: number): Promise<void> {
    const tell = (reason: string, account?: string): void =>
      this.#audit(SIGN_IN_EVENTS.guessed, { reason, account }, exchange);
    for (const account of accounts) {
      if (account === UNCLEAR) continue;
      const seen = await this.#alarm.wrong(account, client, now);
      if (seen.manyClients) tell('wrong passwords for one account from many addresses', loggedTag(account));
      if (seen.manyNames) tell('wrong passwords for many accounts from one address');
      if (seen.isFirst && (await this.#alarm.exceeds('pairs', MANY_PAIRS, now)))
        tell('wrong passwords for many accounts from many addresses');
    }
  }
}

/** What the log calls a form. */
function nameOf({ request, path }: Exchange, form: KnownForm | undefined): string {
  return cutForLog(`${request.method} ${form?.path ?? path}`);
}

function shownAccounts({ accounts }: Subject): string | undefined {
  return accounts.length === 0 ? undefined : accounts.map(loggedTag).join(' ');
}

function heldUp({ by, account, retryAfterMs }: Held): Refusal {
  const counted = { limit: 'sign-in', by, ...(account !== undefined && { account: loggedTag(account) }) };
  return tooManyRequests(retryAfterSeconds(retryAfterMs), counted);
}
