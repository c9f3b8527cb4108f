/**
 * Registration: first the address is confirmed, then a password is chosen. Whoever asks gets one answer, at once,
 * whether the address is free or not; the difference is in a mail that only its owner reads. And nobody can choose a
 * password for an address of someone else and wait until they confirm it.
 */
import { LINK_CALLS } from '../accounts.calls.ts';
import { randomId } from '../../core/random.ts';
import { tendMethods } from '../../core/tended.ts';
import type { PasswordProblem } from '../../identity/passwords/passwords.ts';
import { accountOf, type AccountsContext, type AccountVisit } from '../context.ts';
import type { Guessing } from '../defence/guessing.ts';
import { type EmailAddress, parseEmailAddress } from '../email-address.ts';
import { alreadyRegistered, confirmRegistration } from '../mail/texts.ts';
import type { LinkPost, MailTokens } from '../mail/mail-token.ts';
import type { Notices } from '../mail/notices.ts';
import { hasMailQuota } from '../mail/mail-quota.ts';
import { resetData } from './reset.ts';
import type { SignIn, SignInVerdict } from './sign-in.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';

/** What became of a request for a mail. `closed`: only operators make accounts here. */
export type AskVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'address' | 'closed' };

/** What became of a link. `link`: used, expired or none. `taken`: there is such an account meanwhile. */
export type FinishVerdict =
  | { readonly ok: true; readonly signIn: SignInVerdict }
  | { readonly ok: false; readonly reason: 'link' | 'taken' }
  | { readonly ok: false; readonly reason: 'password'; readonly problems: readonly PasswordProblem[] };

const ACCOUNT_ID_BYTES = 16;
const FIRST_VERSION = 1;

/** Lets people make accounts. */
export class Registration {
  /** Whether people make accounts by themselves: `accounts.registration`. */
  readonly isOpen: boolean;
  readonly #context: AccountsContext;
  readonly #tokens: MailTokens;
  readonly #notices: Notices;
  readonly #guessing: Guessing;
  readonly #signIn: SignIn;

  constructor(
    context: AccountsContext,
    tokens: MailTokens,
    notices: Notices,
    guessing: Guessing,
    signIn: SignIn,
  ) {
    this.isOpen = context.settings.registration === 'open';
    this.#context = context;
    this.#tokens = tokens;
    this.#notices = notices;
    this.#guessing = guessing;
    this.#signIn = signIn;
  }

  /**
   * Asks for an account. The answer says nothing of who has one already.
   *
   * @throws BulwarkError ERR_BULWARK_QUEUE_FULL: answer 503 with `Retry-After`
   */
  ask(visit: AccountVisit, email: string): AskVerdict {
    LINK_CALLS.ask(visit, email);
    if (!this.isOpen) return { ok: false, reason: 'closed' };
    const address = parseEmailAddress(email);
    if (address === undefined) return { ok: false, reason: 'address' };
    this.#context.background.add(() => this.#write(visit, address));
    return { ok: true };
  }

  /** The address that a link confirms; undefined where it does not work any more. */
  async look(token: string): Promise<string | undefined> {
    LINK_CALLS.look(token);
    const found = await this.#tokens.find('register', token);
    return found === undefined ? undefined : addressIn(found.data)?.shown;
  }

  /** For a form with a link: handed to {@link finish}, it has a button that is pressed twice lead where it did once. */
  newForm(): string {
    return this.#tokens.newForm();
  }

  /**
   * Makes the account, with a password its owner chose, and signs in.
   *
   * @param form - what {@link newForm} gave to the page that this comes from
   */
  async finish(visit: AccountVisit, token: string, password: string, form?: string): Promise<FinishVerdict> {
    LINK_CALLS.finish(visit, token, password, form);
    const post: LinkPost = { token, form, typed: password };
    const verdict = await this.#finish(visit, post);
    if (verdict.ok || verdict.reason === 'password') return verdict;
    const account = await this.#tokens.findDone('register', post);
    return account === undefined ? verdict : { ok: true, signIn: await this.#signInAgain(visit, account) };
  }

  /** The answer to the first post is thrown away by the browser, with its cookie: the one that is seen signs in too. */
  async #signInAgain(visit: AccountVisit, id: string): Promise<SignInVerdict> {
    const record = await this.#context.store.find(id);
    // As it was made: what opens it now may be more than the password.
    if (record?.version !== FIRST_VERSION) return { ok: false, reason: 'expired' };
    if (visit.session.principal?.account === id) return { ok: true, done: true, account: accountOf(record) };
    return await this.#signIn.complete(visit, record, 'password', { first: true });
  }

  async #finish(visit: AccountVisit, post: LinkPost): Promise<FinishVerdict> {
    const { token, typed: password } = post;
    const { store, passwords, settings, activity, clock } = this.#context;
    const email = await this.look(token);
    if (email === undefined) return { ok: false, reason: 'link' };
    const subject = { secondFactor: false, ownWords: [email] };
    const context = { audit: visit.audit, ...(visit.signal !== undefined && { signal: visit.signal }) };
    const problems = await passwords.check(password, subject, context);
    if (problems.length > 0) return { ok: false, reason: 'password', problems };
    const passwordHash = await passwords.hash(password, visit.signal);
    // Only now: a password that was refused, or a full queue, must not cost the link.
    const taken = await this.#tokens.take('register', token);
    const address = taken === undefined ? undefined : addressIn(taken.data);
    if (address === undefined) return { ok: false, reason: 'link' };
    const record = {
      id: randomId(ACCOUNT_ID_BYTES),
      email: address.shown,
      emailKey: address.key,
      passwordHash,
      roles: settings.roles,
      createdAt: clock(),
      disabledAt: undefined,
      version: FIRST_VERSION,
    };
    if (!(await store.create(record))) return { ok: false, reason: 'taken' };
    await this.#tokens.removeAll(address.key);
    // Strangers tried the name before there was anything behind it.
    await this.#guessing.forget(address.key);
    visit.audit(ACCOUNTS_EVENTS.created, { account: record.id });
    await this.#tokens.noteDone('register', post, record.id);
    await activity.add(visit, record.id, 'account-created');
    return { ok: true, signIn: await this.#signIn.complete(visit, record, 'password', { first: true }) };
  }

  async #write(visit: AccountVisit, address: EmailAddress): Promise<void> {
    const { store, settings, mail } = this.#context;
    if (!(await hasMailQuota(this.#context, visit, address, 'register'))) return;
    const account = await store.findByEmail(address.key);
    const sender = this.#notices.senderFor(visit);
    if (account === undefined) {
      const { confirmFor } = settings;
      const kept = await this.#tokens.issue('register', address.key, address, confirmFor, (token) => {
        const path = `/register/confirm?token=${token}`;
        return mail.seal(confirmRegistration(sender, address.shown, path, confirmFor), confirmFor);
      });
      await mail.send(visit.audit, kept);
      return;
    }
    visit.audit(ACCOUNTS_EVENTS.linkMade, { account: account.id, kind: 'link to reset the password' });
    const { resetFor } = settings;
    const kept = await this.#tokens.issue('reset', account.id, resetData(account), resetFor, (token) => {
      const path = `/reset/confirm?token=${token}`;
      return mail.seal(alreadyRegistered(sender, account.email, path, resetFor), resetFor);
    });
    await mail.send(visit.audit, kept);
  }

  static {
    tendMethods(Registration, (its) => its.#context.audit);
  }
}

function addressIn(data: string): EmailAddress | undefined {
  const { shown } = JSON.parse(data) as { readonly shown?: unknown };
  return typeof shown === 'string' ? parseEmailAddress(shown) : undefined;
}
