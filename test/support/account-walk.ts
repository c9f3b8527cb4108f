/**
 * A walk through every account page, and through what people do wrong there: each page that comes is looked at by the test
 * that has it walked.
 */
import assert from 'node:assert/strict';
import { oneTimeCode, timeStep } from '../../src/identity/mfa/totp-code.ts';
import type { AccountsOptions } from '../../src/accounts/accounts.ts';
import { type AccountHost, type AccountSite, mailedLink, startAccountSite } from './account-site.ts';
import { PASSWORD } from './accounts.ts';
import { fromBase32 } from './base32.ts';
import { json, type OpenIdProvider } from './openid-provider.ts';
import { providerAt } from './sign-in-providers.ts';
import { type Page, Visitor } from './visitor.ts';

const EMAIL = 'ann@example.com';
const BOB = 'bob@example.com';
const CID = 'cid@example.com';
const WRONG = 'not this one, surely';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FROM_ELSEWHERE = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
const OURS = /^\/(?:login|logout|register|reset|account|signed-out|dev\/mail)\b/;

/** Looks at a page that came. */
export type Look = (page: Page) => void;

/** A visitor who looks at whatever comes, and asks for account pages below the base that they have. */
export class Reader extends Visitor {
  readonly #look: Look;
  readonly #base: string;

  constructor(url: string, look: Look, base = '') {
    super(url);
    this.#look = look;
    this.#base = base;
  }

  override async get(path: string, headers?: Readonly<Record<string, string>>): Promise<Page> {
    return this.#looked(await super.get(this.#under(path), headers));
  }

  override async post(...[path, ...sent]: Parameters<Visitor['post']>): Promise<Page> {
    return this.#looked(await super.post(this.#under(path), ...sent));
  }

  override async submit(...[path, action, fields]: Parameters<Visitor['submit']>): Promise<Page> {
    return await super.submit(path, this.#under(action), fields);
  }

  #under(path: string): string {
    return OURS.test(path) ? this.#base + path : path;
  }

  #looked(page: Page): Page {
    const isPage = (page.headers.get('content-type') ?? '').startsWith('text/html');
    if (isPage && !page.text.includes('For members')) this.#look(page);
    return page;
  }
}

/** What is walked through. */
export interface Walked {
  readonly provider: OpenIdProvider;
  readonly accounts: AccountsOptions;
  readonly look: Look;
  readonly base?: string;
}

/** One site, and who walks through it. */
export class Walk {
  readonly site: AccountSite;
  readonly provider: OpenIdProvider;
  readonly base: string;
  readonly ann: Reader;
  readonly #clock: { passed: number };
  readonly #look: Look;

  private constructor(site: AccountSite, clock: { passed: number }, { provider, base = '', look }: Walked) {
    this.site = site;
    this.provider = provider;
    this.base = base;
    this.#clock = clock;
    this.#look = look;
    this.ann = this.reader();
  }

  /** Starts the site. */
  static async begin(host: AccountHost, walked: Walked): Promise<Walk> {
    const clock = { passed: 0 };
    const { provider, base, accounts } = walked;
    provider.reset();
    const site = await startAccountSite(host, {
      clock: () => Date.now() + clock.passed,
      scopes: ['files:read', 'files:write'],
      providers: { home: providerAt(provider.issuer) },
      accounts,
      ...(base !== undefined && { accountPages: { home: '/secret', base } }),
    });
    return new Walk(site, clock, walked);
  }

  /** How far the clock of accounts is ahead, in milliseconds. */
  get passed(): number {
    return this.#clock.passed;
  }

  set passed(ms: number) {
    this.#clock.passed = ms;
  }

  /** Somebody else. */
  reader(): Reader {
    return new Reader(this.site.url, this.#look, this.base);
  }

  /** Goes on to the provider, and comes back. */
  async comeBack(visitor: Reader, page: Page): Promise<Page> {
    const url = /^0; url=(.*)$/.exec(page.headers.get('refresh') ?? '')?.[1] ?? '';
    const { pathname, search } = new URL(await this.provider.authorize(url));
    return await visitor.get(pathname + search, FROM_ELSEWHERE);
  }

  /** Sends what asks for a second factor, and goes on once that is proved. */
  async goOn(visitor: Reader, code: string): Promise<void> {
    const form = await visitor.get('/account/email');
    const token = /name="_csrf" value="([^"]*)"/.exec(form.text)?.[1] ?? '';
    const { location } = await visitor.post('/safe', { what: 'ever', _csrf: token });
    const proved = await visitor.submit(location ?? '', '/login/again', { password: PASSWORD });
    const done = await visitor.submit(proved.location ?? '', '/login/code', { code });
    assert.match((await visitor.get(done.location ?? '')).text, /action="\/safe"/);
  }
}

/** In this order, each after those before it. */
export const WALK: Readonly<Record<string, (walk: Walk) => Promise<void>>> = {
  'for whoever makes an account': async (walk) => {
    const { ann, site } = walk;
    for (const path of ['/login', '/register', '/reset', '/register/sent', '/signed-out', '/reset/done'])
      assert.equal((await ann.get(path)).status, 200);
    for (const path of ['/register/confirm', '/reset/confirm', '/account/email/confirm'])
      assert.equal((await ann.get(`${path}?token=none`)).status, 410);
    assert.equal((await ann.submit('/register', '/register', { email: 'none' })).status, 422);
    assert.equal((await ann.submit('/reset', '/reset', { email: 'none' })).status, 422);
    assert.equal((await ann.get('/dev/mail')).status, 200);
    await ann.submit('/register', '/register', { email: EMAIL });
    const link = await mailedLink(site, EMAIL);
    assert.equal((await ann.submit(link, '/register/confirm', { password: 'short' })).status, 422);
    assert.equal((await ann.submit(link, '/register/confirm', { password: PASSWORD })).status, 303);
    assert.equal((await ann.get('/dev/mail')).status, 200);
  },

  'for whoever is signed in': async (walk) => {
    const { ann, site } = walk;
    for (const path of [
      '/account',
      '/account/password',
      '/account/email',
      '/account/email/sent',
      '/account/passkeys/new',
      '/account/tokens',
      '/account/tokens/new',
      '/login/again',
    ])
      assert.equal((await ann.get(path)).status, 200, path);
    assert.equal((await ann.get('/login/again?need=mfa')).status, 403);
    const password = { current: WRONG, password: 'short' };
    assert.equal((await ann.submit('/account/password', '/account/password', password)).status, 422);
    assert.equal((await ann.submit('/account/email', '/account/email', { email: 'none' })).status, 422);
    const none = await ann.submit('/account/tokens/new', '/account/tokens/new', { name: ' ' });
    const long = await ann.submit('/account/tokens/new', '/account/tokens/new', { name: '1'.repeat(65) });
    assert.deepEqual([none.status, long.status], [422, 422]);
    for (const scope of ['scope-files:read', 'scope-files:write']) {
      const fields = { name: 'Nightly', [scope]: 'yes', life: '30d', bind: 'yes' };
      assert.equal((await ann.submit('/account/tokens/new', '/account/tokens/new', fields)).status, 200);
    }
    const made = await ann.submit('/account/tokens/new', '/account/tokens/new', {
      name: 'Nightly',
      'scope-files:read': 'yes',
      life: '7d',
    });
    const token = /<textarea[^>]*>\s*([^<\s]+)/.exec(made.text)?.[1] ?? '';
    await ann.get('/account');
    const use = (): Promise<Page> =>
      new Visitor(site.url).get('/files', { authorization: `Bearer ${token}`, accept: 'application/json' });
    await use();
    await ann.get('/account/tokens');
    walk.passed += 8 * DAY;
    await ann.get('/account/tokens');
    walk.passed += 30 * DAY;
    await ann.get('/account/tokens');
    walk.passed = 0;
    await ann.submit('/account/tokens', '/account/tokens/revoke');
    await ann.submit('/account/tokens/new', '/account/tokens/new', {
      name: 'Nightly',
      'scope-files:read': 'yes',
      life: '30d',
    });
    await ann.submit('/account/tokens', '/account/tokens/revoke-all');
    await ann.get('/account');
  },

  'for whoever has an account elsewhere': async (walk) => {
    const { ann, provider } = walk;
    const stranger = walk.reader();
    await walk.comeBack(stranger, await stranger.submit('/login', '/login/with/home'));
    provider.callback = { code: undefined, error: 'access_denied' };
    await walk.comeBack(stranger, await stranger.submit('/login', '/login/with/home'));
    provider.reset();
    provider.signature = 'stranger';
    await walk.comeBack(stranger, await stranger.submit('/login', '/login/with/home'));
    provider.reset();
    provider.answers.set('/token', (_request, response) => json(response, {}, 503));
    await walk.comeBack(stranger, await stranger.submit('/login', '/login/with/home'));
    provider.reset();
    await stranger.get('/login/with/home/callback?code=x&state=y&iss=z', FROM_ELSEWHERE);
    await walk.comeBack(ann, await ann.submit('/account', '/account/identities'));
    await ann.get('/account');
    await ann.get('/login/again');
    await ann.submit('/account', '/account/identities/remove');
    await ann.get('/account');
  },

  'for whoever has a second step': async (walk) => {
    const { ann } = walk;
    const enrolled = await ann.submit('/account', '/account/totp');
    const secret = /class="secret">([^<]*)</.exec(enrolled.text)?.[1]?.replaceAll(' ', '') ?? '';
    const id = /name="enrolment" value="([^"]*)"/.exec(enrolled.text)?.[1] ?? '';
    const confirm = (code: string): Promise<Page> =>
      ann.post('/account/totp/confirm', { code, enrolment: id });
    assert.equal((await confirm('000000')).status, 422);
    await ann.post('/account/totp/confirm', { code: '000000', enrolment: 'none' });
    const code = oneTimeCode(fromBase32(secret), timeStep(Date.now() + walk.passed));
    assert.equal((await confirm(code)).status, 200);
    const codes = (await ann.submit('/account', '/account/recovery-codes')).text;
    const [, recovery = ''] = /<li><code>([^<]*)</.exec(codes) ?? [];
    await ann.get('/account');
    await walk.goOn(ann, /<li><code>([^<]*)<[^]*?<li><code>([^<]*)</.exec(codes)?.[2] ?? '');
    const again = walk.reader();
    await again.signIn(EMAIL, PASSWORD);
    const page = await again.get('/login/code');
    const account = /name="account" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
    const prove = (typed: string): Promise<Page> =>
      again.post('/login/code', { code: typed, account, remember: 'yes' });
    assert.equal((await prove('000000')).status, 401);
    assert.equal((await prove(recovery)).status, 303);
    await ann.get('/account');
    const third = walk.reader();
    await third.signIn(EMAIL, PASSWORD);
    let last: Page | undefined;
    for (let guess = 0; guess < 12 && last?.status !== 429; guess += 1)
      last = await third.post('/login/code', { code: '000000', account });
    assert.equal(last?.status, 429);
    await ann.submit('/account', '/account/totp/remove');
    await walk.reader().signIn(EMAIL, PASSWORD);
    await ann.submit('/account', '/account/sessions/revoke-others');
    await ann.get('/account');
  },

  'for whoever is asked again, and goes on with what was sent': async (walk) => {
    const { ann, site } = walk;
    assert.equal((await ann.submit('/login/again', '/login/again', { password: WRONG })).status, 401);
    walk.passed += 20 * MINUTE;
    const bob = walk.reader();
    await bob.submit('/register', '/register', { email: BOB });
    await bob.submit(await mailedLink(site, BOB), '/register/confirm', { password: PASSWORD });
    const asked = await bob.submit('/account/email', '/account/email', { email: 'bobby@example.com' });
    assert.equal(asked.location, `${walk.base}/account/email/sent`);
    const link = await mailedLink(site, 'bobby@example.com');
    assert.equal((await bob.submit(link, '/account/email/confirm')).status, 200);
    await bob.submit('/reset', '/reset', { email: 'bobby@example.com' });
    const reset = await mailedLink(site, 'bobby@example.com');
    assert.equal((await bob.submit(reset, '/reset/confirm', { password: 'short' })).status, 422);
    assert.equal(
      (await bob.submit(reset, '/reset/confirm', { password: `${PASSWORD} or five` })).status,
      303,
    );
    assert.equal((await bob.signIn('bobby@example.com', `${PASSWORD} or five`)).status, 303);
    assert.equal((await bob.get('/account')).status, 200);
  },

  'for whoever guesses': async (walk) => {
    const { ann } = walk;
    const guesser = walk.reader();
    const statuses: number[] = [];
    for (let guess = 0; guess < 21; guess += 1)
      statuses.push((await guesser.post('/login', { email: EMAIL, password: WRONG })).status);
    assert.ok(statuses.includes(401) && statuses.includes(429), String(statuses));
    assert.equal((await guesser.get('/no-such-page/%00')).status, 400);
    assert.equal((await guesser.post('/login', { email: EMAIL }, FROM_ELSEWHERE)).status, 403);
    walk.passed += HOUR;
    const ways: readonly (readonly [path: string, field: string])[] = [
      ['/login/again', 'password'],
      ['/account/password', 'current'],
    ];
    for (const [path, field] of ways) {
      let last: Page | undefined;
      for (let guess = 0; guess < 12 && last?.status !== 429; guess += 1)
        last = await ann.submit(path, path, {
          [field]: WRONG,
          ...(field === 'current' && { password: PASSWORD }),
        });
      assert.equal(last?.status, 429, path);
      walk.passed += HOUR;
    }
    const statusesOfCodes: number[] = [];
    await ann.submit('/account', '/account/totp');
    for (let guess = 0; guess < 12; guess += 1)
      statusesOfCodes.push(
        (await ann.post('/account/totp/confirm', { code: '000000', enrolment: '' })).status,
      );
    assert.ok(statusesOfCodes.includes(429));
  },

  'for whoever has no password, and signs in elsewhere': async (walk) => {
    const { site, provider } = walk;
    walk.passed = 0;
    const cid = walk.reader();
    await cid.submit('/register', '/register', { email: CID });
    await cid.submit(await mailedLink(site, CID), '/register/confirm', { password: PASSWORD });
    const changed = await cid.submit('/account/password', '/account/password', {
      current: PASSWORD,
      password: `${PASSWORD} and more`,
    });
    assert.equal(changed.status, 303);
    await walk.comeBack(cid, await cid.submit('/account', '/account/identities'));
    await cid.submit('/account', '/logout').catch(() => cid.post('/logout', {}));
    provider.claims = { auth_time: Math.floor(Date.now() / 1000) };
    await walk.comeBack(cid, await cid.submit('/login', '/login/with/home'));
    const account = await site.accounts.findByEmail(CID);
    const record = await site.accountStore.find(account?.id ?? '');
    await site.accountStore.change(record?.id ?? '', record?.version ?? 0, { passwordHash: null });
    // What would be refused is said before, and has no button.
    assert.doesNotMatch((await cid.get('/account')).text, /identities\/remove"/);
    await cid.get('/login/again');
    const [only] = await site.accountStore.identities.list(record?.id ?? '');
    const { issuer = '', subject = '' } = only ?? {};
    assert.equal((await cid.post('/account/identities/remove', { issuer, subject })).status, 409);
    const password = await cid.get('/account/password');
    assert.ok([200, 303].includes(password.status));
  },
};
