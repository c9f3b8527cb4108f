/** The pages of accounts: the same people do the same on every host, and every answer is the same. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { oneTimeCode, timeStep } from '../../src/identity/mfa/totp-code.ts';
import { type AccountSite, mailedLink, startAccountSite } from '../support/account-site.ts';
import { PASSWORD } from '../support/accounts.ts';
import { fromBase32 } from '../support/base32.ts';
import { ask } from '../../src/testing/wire.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { ACCOUNT_HOSTS } from './account-hosts.ts';

const NEXT_PASSWORD = 'some other five words instead';
const NAVIGATION = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' };

/** People at one site, whose every answer is written down. */
class People {
  readonly site: AccountSite;
  readonly seen: string[] = [];

  constructor(site: AccountSite) {
    this.site = site;
  }

  someone(): Visitor {
    return new Seen(this.site.url, this.seen);
  }

  /** Asks for a mail and returns the path that its link leads to. */
  async ask(visitor: Visitor, path: string, email: string): Promise<string> {
    assert.equal((await visitor.submit(path, path, { email })).location, `${path}/sent`);
    assert.equal((await visitor.get(`${path}/sent`)).status, 200);
    await this.site.accounts.settled();
    const { text = '' } = this.site.mail.mails.find(({ to }) => to === email) ?? {};
    // Without an origin, links lead to the port that is listened on.
    for (const [link] of text.matchAll(/https?:\/\/\S+/g)) assert.equal(new URL(link).origin, this.site.url);
    return await mailedLink(this.site, email);
  }

  async member(email: string): Promise<Visitor> {
    const visitor = this.someone();
    const link = await this.ask(visitor, '/register', email);
    const weak = await visitor.submit(link, '/register/confirm', { password: 'short' });
    assert.equal(weak.status, 422);
    const done = await visitor.submit(link, '/register/confirm', { password: PASSWORD });
    assert.deepEqual([done.status, done.location], [303, '/secret']);
    assert.match((await visitor.get('/secret')).text, /For members/);
    return visitor;
  }

  /** Sets up an authenticator app. Returns the recovery codes. */
  async setUpApp(visitor: Visitor): Promise<readonly string[]> {
    const page = await visitor.submit('/account', '/account/totp');
    const shown = /class="secret">([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? '';
    const code = oneTimeCode(fromBase32(shown.replaceAll(' ', '')), timeStep(Date.now()));
    const codes = await visitor.post('/account/totp/confirm', { _csrf: tokenIn(page), code });
    const recovery = [...codes.text.matchAll(/<li><code>([^<]+)</g)].map((match) => match[1] ?? '');
    assert.equal(recovery.length, 10);
    return recovery;
  }
}

class Seen extends Visitor {
  readonly #seen: string[];

  constructor(url: string, seen: string[]) {
    super(url);
    this.#seen = seen;
  }

  override async get(...asked: Parameters<Visitor['get']>): Promise<Page> {
    return this.#note(`GET ${asked[0]}`, await super.get(...asked));
  }

  override async post(...asked: Parameters<Visitor['post']>): Promise<Page> {
    return this.#note(`POST ${asked[0]}`, await super.post(...asked));
  }

  #note(asked: string, page: Page): Page {
    // What the application says itself, it says as its framework has it.
    const own = page.status === 200 && /^\w+ \/(secret|safe)$/.test(asked);
    const headers = [...page.headers].filter(([name]) => !own && name !== 'date').sort();
    const lines = headers.map((pair) => pair.join(': '));
    // Links with a key in them get into mails, chats and histories, and no search engine may keep what they lead to.
    const isLink = /^\w+ \/(?:register|reset|account\/email)\/confirm\b/.test(asked);
    assert.equal(page.headers.get('x-robots-tag'), isLink ? 'noindex' : null, asked);
    const length = page.headers.get('content-length');
    if (length !== null) assert.equal(Number(length), Buffer.byteLength(page.text), asked);
    this.#seen.push(bare([asked, page.status, ...lines, '', page.text].join('\n')));
    return page;
  }
}

/** Without what is made by chance or by the clock. */
function bare(text: string): string {
  return text
    .replaceAll(/"data:[^"]*"/g, '"data:"')
    .replaceAll(/<time [^>]*>[^<]*/g, '<time>')
    .replaceAll(/(<code>|class="secret">)[^<]*/g, '$1')
    .replaceAll(/(?=[\w+/=-]*[A-Z0-9])[\w+/=-]{16,}/g, 'CHANCE')
    .replaceAll(/\d+ (?:minutes|seconds)|a minute|one second/g, 'A WHILE')
    .replaceAll(/(content-length|retry-after|ratelimit): .*/g, '$1')
    .replaceAll(/203\.0\.113\.\d+|localhost:\d+|\d\d:\d\d/g, 'HERE AND NOW');
}

function tokenIn({ text }: Page): string {
  return /name="_csrf"\s+value="([^"]*)"/.exec(text)?.[1] ?? '';
}

/** What people do. Each is told what it must come to; that it comes to the same everywhere is compared. */
const STORIES: Readonly<Record<string, (people: People) => Promise<void>>> = {
  'registers by a mailed link, signs out, signs in again, and a wrong password does not': async (people) => {
    const ann = await people.member('ann@example.com');
    const out = await ann.post('/logout', { _csrf: tokenIn(await ann.get('/account')) });
    assert.equal(out.location, '/signed-out');
    assert.match((await ann.get('/signed-out')).text, /You are signed out/);
    const away = await ann.get('/secret');
    assert.equal(away.location, '/login?next=%2Fsecret');
    const form = { email: 'ann@example.com', password: 'a wrong one, again' };
    const wrong = await ann.submit(away.location ?? '', '/login', form);
    assert.equal(wrong.status, 401);
    assert.match(wrong.text, /do not go together/);
    const back = await ann.submit(away.location ?? '', '/login', { ...form, password: PASSWORD });
    assert.deepEqual([back.status, back.location], [303, '/secret']);
  },

  'is asked for a code, and keeps it out of the members until then': async (people) => {
    const ann = await people.member('app@example.com');
    const [, code = ''] = await people.setUpApp(ann);
    // One that counts is removed first: nobody puts theirs in its place without a word to the owner.
    const token = { _csrf: tokenIn(await ann.get('/account')) };
    assert.equal((await ann.post('/account/totp', token)).location, '/account');
    assert.equal(
      (await ann.post('/account/totp/confirm', { ...token, code: '000000' })).location,
      '/account',
    );
    const again = people.someone();
    assert.equal((await again.signIn('app@example.com', PASSWORD)).location, '/login/code');
    assert.equal((await again.get('/secret')).status, 303);
    assert.equal((await again.submit('/login/code', '/login/code', { code: '123' })).status, 401);
    const done = await again.submit('/login/code', '/login/code', { code, remember: 'yes' });
    assert.equal(done.location, '/secret');
    assert.match(String(again.cookies), /device/);
    assert.match((await again.get('/account')).text, /Recovery codes left: 9/);
  },

  'v5.0.0-7.5.3 is asked whether it is still them, and what they posted goes on': async (people) => {
    const ann = await people.member('again@example.com');
    const [code = ''] = await people.setUpApp(ann);
    const sent = { text: 'two\r\nlines & "quotes"', _csrf: tokenIn(await ann.get('/account')) };
    const led = await ann.post('/safe', sent, NAVIGATION);
    assert.match(led.location ?? '', /^\/login\/again\?held=/);
    const wrong = await ann.submit(led.location ?? '', '/login/again', { password: 'not this one, surely' });
    assert.equal(wrong.status, 401);
    const half = await ann.submit(led.location ?? '', '/login/again', { password: PASSWORD });
    const proved = await ann.submit(half.location ?? '', '/login/code', { code });
    assert.match(proved.location ?? '', /^\/login\/continue\?held=/);
    const kept = await ann.get(proved.location ?? '');
    const again = await ann.post('/safe', { text: sent.text, _csrf: tokenIn(kept) });
    assert.equal(again.status, 200);
    assert.match(kept.text, /name="text"\s+value="two\r\nlines &amp; &quot;quotes&quot;"/);
    assert.equal((JSON.parse(again.text) as { text: string }).text, sent.text);
    assert.equal((await ann.get(proved.location ?? '')).location, '/secret');
  },

  'changes the password, and other sessions are over': async (people) => {
    const ann = await people.member('change@example.com');
    const other = people.someone();
    await other.signIn('change@example.com', PASSWORD);
    assert.equal((await other.get('/account')).status, 200);
    const path = '/account/password';
    const wrong = await ann.submit(path, path, { current: 'no', password: NEXT_PASSWORD });
    assert.equal(wrong.status, 422);
    const done = await ann.submit(path, path, { current: PASSWORD, password: NEXT_PASSWORD });
    assert.equal(done.location, '/account');
    assert.equal((await other.get('/account')).location, '/login?next=%2Faccount');
    assert.match((await ann.get('/account')).text, /Password changed/);
  },

  'forgets the password, and chooses another by mail': async (people) => {
    const ann = await people.member('forgot@example.com');
    const elsewhere = people.someone();
    const link = await people.ask(elsewhere, '/reset', 'forgot@example.com');
    const done = await elsewhere.submit(link, '/reset/confirm', { password: NEXT_PASSWORD });
    assert.equal(done.location, '/reset/done');
    assert.equal((await elsewhere.get(link)).status, 410);
    assert.equal((await ann.get('/account')).location, '/login?next=%2Faccount');
    assert.equal((await elsewhere.signIn('forgot@example.com', PASSWORD)).status, 401);
    assert.equal((await elsewhere.signIn('forgot@example.com', NEXT_PASSWORD)).status, 303);
  },

  'v5.0.0-6.3.8 guesses, and the sixth try waits': async (people) => {
    const visitor = people.someone();
    const statuses: number[] = [];
    for (let round = 0; round < 6; round += 1)
      statuses.push((await visitor.post('/login', { email: 'x@example.com', password: 'guess' })).status);
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
  },

  'tries too often, and is told when to come back: at the code, at the proof, at the present password':
    async (people) => {
      const ann = await people.member('often@example.com');
      await people.setUpApp(ann);
      const elsewhere = people.someone();
      const half = await elsewhere.signIn('often@example.com', PASSWORD);
      const tries = {
        '/login/code': () => elsewhere.submit(half.location ?? '', '/login/code', { code: '000000' }),
        '/login/again': () =>
          ann.submit('/login/again', '/login/again', { password: 'a guess, and no more' }),
        '/account/password': () =>
          ann.submit('/account/password', '/account/password', {
            current: 'a guess',
            password: NEXT_PASSWORD,
          }),
      };
      for (const [path, attempt] of Object.entries(tries)) {
        const answers = [];
        for (let round = 0; round < 12 && answers.at(-1)?.status !== 429; round += 1)
          answers.push(await attempt());
        const last = answers.at(-1);
        assert.equal(last?.status, 429, path);
        // The page of the form, and not the refusal of a limit on the route.
        assert.match(last.text, /Too many (?:codes were tried|tries)\. Wait /, path);
        assert.match(last.headers.get('retry-after') ?? '', /^[1-9]\d*$/, path);
      }
    },

  'asks for things that rules, the layer or nobody here answers': async (people) => {
    const visitor = people.someone();
    assert.equal((await visitor.get('/account')).location, '/login?next=%2Faccount');
    assert.equal((await visitor.post('/account/totp', {})).status, 401);
    const forged = await visitor.post('/login', {}, { 'sec-fetch-site': 'cross-site' });
    assert.equal(forged.status, 403);
    const script = await visitor.get('/account/passkeys.js');
    assert.match(script.text, /navigator\.credentials/);
    assert.equal((await visitor.get('/dev/mail')).status, 200);
    const ann = await people.member('rules@example.com');
    const noFactor = await ann.get('/safe', NAVIGATION);
    assert.equal(noFactor.location, '/login/again?next=%2Fsafe&need=mfa');
    assert.equal((await ann.get(noFactor.location ?? '')).status, 403);
  },
};

describe('the account pages', () => {
  const sites = new Map<string, AccountSite>();
  before(async () => {
    for (const [name, host] of Object.entries(ACCOUNT_HOSTS)) sites.set(name, await startAccountSite(host));
  });
  after(async () => {
    for (const site of sites.values()) await site.stop();
  });

  for (const [name, story] of Object.entries(STORIES)) {
    test(`${name}, on every host and to the same answers`, async () => {
      let first: readonly string[] | undefined;
      for (const [host, site] of sites) {
        const people = new People(site);
        await story(people).catch((error: unknown) => {
          throw new Error(`on ${host}: ${String(error)}`, { cause: error });
        });
        first ??= people.seen;
        // One by one: the difference is shown, and not all that is alike.
        for (const [index, seen] of people.seen.entries())
          assert.equal(seen, first[index], `${host} answers otherwise than node:http`);
        assert.equal(people.seen.length, first.length);
      }
    });
  }

  test('none of it was a crash', () => {
    for (const { events } of sites.values())
      assert.deepEqual(
        events.filter(({ event }) => event === 'sys_crash'),
        [],
      );
  });
});

for (const [name, host] of Object.entries(ACCOUNT_HOSTS)) {
  test(`${name}: the pages answer a target in absolute-form as they answer its path (RFC 9112 3.2.2)`, async () => {
    const site = await startAccountSite(host);
    try {
      const headers = { host: `localhost:${site.port}`, 'x-forwarded-for': null, 'x-forwarded-proto': null };
      for (const path of ['/login', '/register']) {
        const answer = await ask(site.port, { target: `${site.url}${path}`, headers });
        assert.equal(answer.status, 200, path);
      }
    } finally {
      await site.stop();
    }
  });
}
