/** Accounts for unit tests: a clock that is moved by hand, people with cookie jars, and mails that can be read. */
import assert from 'node:assert/strict';
import type { Account, AccountsOptions, AccountVisit } from '../../src/accounts/accounts.ts';
import { Accounts } from '../../src/accounts/accounts.ts';
import type { Mail } from '../../src/accounts/mail/mail.ts';
import { apiTokensOptions } from '../../src/controls/api-tokens/api-tokens.options.ts';
import type { AccountPagesLayer } from '../../src/account-pages/hosted-pages.ts';
import type { AccountsGround } from '../../src/accounts/parts.ts';
import { accountsOptions } from '../../src/accounts/accounts.options.ts';
import { accountPagesOptions } from '../../src/accounts/pages/account-pages.options.ts';
import { LAYER_PARTS } from '../../src/core/layer-parts.ts';
import { defaultsOf, readOptions } from '../../src/core/options.ts';
import { Problems } from '../../src/core/problems.ts';
import { KeyRing } from '../../src/core/key-ring.ts';
import { parseOrigin } from '../../src/core/origin.ts';
import type { MfaOptions } from '../../src/identity/mfa/mfa.ts';
import { mfaOptions } from '../../src/identity/mfa/mfa.options.ts';
import { type ProvidersOptions, readProviders } from '../../src/identity/oidc/oidc.options.ts';
import { type PasswordsOptions, passwordsOptions } from '../../src/identity/passwords/passwords.options.ts';
import { challengeOptions } from '../../src/identity/proof-of-work/proof-of-work.options.ts';
import { SESSION_COOKIE } from '../../src/controls/sessions/session-cookie.ts';
import type { SessionSettings } from '../../src/controls/sessions/session.options.ts';
import { memory } from '../../src/stores/memory/state.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { FakeBrowser, FakeSite, type SeenEvent, START } from './sessions.ts';

/** A password that is taken. */
export const PASSWORD = 'four quiet words in a row';

/** What an application hands in besides. */
export interface FakeParts {
  /** Of sign-in with others. */
  readonly providers?: ProvidersOptions;
  readonly passwords?: PasswordsOptions;
  /** Who is asked for work. */
  readonly challenge?: 'off' | 'suspect' | 'always';
  /** Of API tokens. None: no tokens. */
  readonly scopes?: readonly string[];
  /** Of sessions. */
  readonly session?: Partial<SessionSettings>;
  /** Of second factors. */
  readonly mfa?: MfaOptions;
  /** Given what tells owners of a session that was used without its device. */
  readonly onDeviceMisuse?: NonNullable<AccountsGround['onDeviceMisuse']>;
}

/** One process of an application. Several on one state are several processes. */
export class FakeAccounts {
  readonly state: State;
  readonly site: FakeSite;
  readonly accounts: Accounts;
  /** What the accounts are made on. */
  readonly layer: AccountPagesLayer;
  readonly mails: Mail[] = [];
  /** Milliseconds by which sending a mail is held back; undefined: it fails. */
  mailFails = false;

  constructor(
    { challenge = 'off', ...options }: AccountsOptions & Pick<FakeParts, 'challenge'> = {},
    state: State = memory(),
    { providers, scopes = [], session, mfa, passwords, onDeviceMisuse }: FakeParts = {},
  ) {
    this.state = state;
    this.site = new FakeSite(state.sessions, session);
    const mail = {
      send: (one: Mail): Promise<void> => {
        if (this.mailFails) return Promise.reject(new Error('no mail today'));
        this.mails.push(one);
        return Promise.resolve();
      },
    };
    // For development: its providers are on this machine.
    const problems = new Problems('development');
    const policy = {
      state,
      keys: new KeyRing([Buffer.alloc(32, 1)]),
      origin: parseOrigin('https://example.com'),
      accounts: readOptions('accounts', accountsOptions, { mail, name: 'Example', ...options }, problems),
      accountPages: defaultsOf(accountPagesOptions),
      passwords: readOptions('passwords', passwordsOptions, passwords, problems),
      mfa: readOptions('mfa', mfaOptions, mfa, problems),
      providers: readProviders(providers, problems),
      challenge: readOptions('challenge', challengeOptions, { when: challenge, bits: 8 }, problems),
      apiTokens: { ...defaultsOf(apiTokensOptions), scopes },
    };
    problems.throwIfAny();
    const { sessions } = this.site;
    const parts = { policy, sessions, audit: this.audit, onClose: () => undefined, onDeviceMisuse };
    this.layer = { [LAYER_PARTS]: parts };
    this.accounts = Accounts.of(this.layer, () => this.site.now);
  }

  readonly audit: AccountVisit['audit'] = ({ name }, details) =>
    void this.site.events.push({ event: name, details });

  get events(): readonly SeenEvent[] {
    return this.site.events;
  }

  get now(): number {
    return this.site.now;
  }

  set now(time: number) {
    this.site.now = time;
  }

  /** Someone at a browser of their own. */
  person(address = '192.0.2.1'): Person {
    return new Person(this, address);
  }

  /** An account, and a browser that has signed in to it. */
  async member(email = 'ann@example.com', password: string = PASSWORD): Promise<Member> {
    const person = this.person();
    const account = await this.register(person, email, password);
    return { person, account };
  }

  /** Registers by mail. */
  async register(person: Person, email: string, password: string = PASSWORD): Promise<Account> {
    await person.visit((visit) => this.accounts.registration.ask(visit, email));
    const token = await this.mailedToken('register');
    const verdict = await person.visit((visit) => this.accounts.registration.finish(visit, token, password));
    assert.ok(verdict.ok && verdict.signIn.ok && verdict.signIn.done);
    return verdict.signIn.account;
  }

  /** The token of the last mail with a link to these pages. */
  async mailedToken(page: 'register' | 'reset' | 'account/email'): Promise<string> {
    await this.accounts.settled();
    const pattern = new RegExp(`https://example\\.com/${page}/confirm\\?token=([\\w-]+)`);
    const token = this.mails.map(({ text }) => pattern.exec(text)?.[1]).findLast((one) => one !== undefined);
    assert.ok(token !== undefined, `no mail leads to ${page}`);
    return token;
  }
}

/** Somebody who has an account. */
export interface Member {
  readonly person: Person;
  readonly account: Account;
}

/** Somebody at a browser that keeps its cookies. */
export class Person {
  readonly #site: FakeAccounts;
  readonly #browser: FakeBrowser;
  readonly #jar = new Map<string, string>();
  readonly address: string;
  readonly userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

  constructor(site: FakeAccounts, address: string) {
    this.#site = site;
    this.#browser = new FakeBrowser(site.site);
    this.address = address;
  }

  /** The id of the session, as the cookie has it. */
  get sessionId(): string | undefined {
    return this.#browser.id;
  }

  /** One request. */
  async visit<T>(handler: (visit: AccountVisit) => T): Promise<Awaited<T>> {
    let result: { readonly value: Awaited<T> } | undefined;
    const pairs = [...this.#jar].map(([name, value]) => `${name}=${value}`);
    if (this.#browser.id !== undefined) pairs.push(`${SESSION_COOKIE}=${this.#browser.id}`);
    const cookie = pairs.length === 0 ? undefined : pairs.join('; ');
    const { error } = await this.#browser.visit(
      async (session) => {
        const visit: AccountVisit = {
          session,
          audit: this.#site.audit,
          client: { address: this.address, key: this.address },
          cookie,
          userAgent: this.userAgent,
          setCookie: (line) => this.#keep(line),
        };
        result = { value: await handler(visit) };
      },
      cookie === undefined ? {} : { headers: { cookie } },
    );
    if (error instanceof Error) throw error;
    assert.ok(result !== undefined, 'the visit was refused');
    return result.value;
  }

  /** Signs in with a password. Returns what came of it, in a word. */
  async signIn(email: string, password: string = PASSWORD): Promise<string> {
    const verdict = await this.visit((visit) =>
      this.#site.accounts.signIn.withPassword(visit, { email, password }),
    );
    if (!verdict.ok) return verdict.reason;
    return verdict.done ? 'signed in' : 'second factor';
  }

  /** The session is over, or its cookie went with the window: what the browser keeps for longer stays. */
  closeBrowser(): void {
    this.#browser.id = undefined;
  }

  /** Another browser with all the cookies of this one, at this or another process. */
  copy(site: FakeAccounts = this.#site, address: string = this.address): Person {
    const copy = new Person(site, address);
    for (const [name, value] of this.#jar) copy.#jar.set(name, value);
    copy.#browser.id = this.#browser.id;
    return copy;
  }

  /** What it keeps under a name. */
  cookie(name: string): string | undefined {
    return this.#jar.get(name);
  }

  /** Who is signed in. */
  async who(): Promise<string | undefined> {
    try {
      return await this.visit(({ session }) => session.principal?.account);
    } catch {
      return undefined;
    }
  }

  #keep(line: string): void {
    const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
    if (/max-age=0/i.test(line)) this.#jar.delete(name);
    else this.#jar.set(name, value);
  }
}

export { START };
