/**
 * A button that is pressed twice (devise#3429): the second of two equal posts from one browser leads where the first did,
 * and what works once works once for everybody else.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type AccountSite, mailedLink, startAccountSite } from '../../test/support/account-site.ts';
import { FakeAccounts, PASSWORD, type Person } from '../../test/support/accounts.ts';
import { fromBase32 } from '../../test/support/base32.ts';
import { OpenIdProvider } from '../../test/support/openid-provider.ts';
import { providerAt } from '../../test/support/sign-in-providers.ts';
import { type Page, Visitor } from '../../test/support/visitor.ts';
import { doWork, workOn } from '../../test/support/work.ts';
import { oneTimeCode, timeStep } from '../identity/mfa/totp-code.ts';
import { memory } from '../stores/memory/state.ts';
import { Passwords } from '../identity/passwords/passwords.ts';
import type { FinishVerdict } from '../accounts/flows/registration.ts';

const OTHER_PASSWORD = 'some other five words instead';

let site: AccountSite;
let home: OpenIdProvider;
let people = 0;

before(async () => {
  home = await OpenIdProvider.start();
  const providers = { home: providerAt(home.issuer) };
  site = await startAccountSite(undefined, { scopes: ['files:read'], providers });
});
after(async () => {
  await site.stop();
  home.stop();
});

/** Twice at once, as a double click sends them, and one after the other, as an impatient person does. */
const PRESSES: Readonly<Record<string, (send: () => Promise<Page>) => Promise<readonly Page[]>>> = {
  'at once': (send) => Promise.all([send(), send()]),
  'one after the other': async (send) => [await send(), await send()],
};

for (const [how, press] of Object.entries(PRESSES)) {
  describe(`pressed twice, ${how}`, () => {
    test('the form that ends a registration makes one account, and the answer that is seen signs in', async () => {
      const email = newAddress();
      const [person, form] = await opened('/register', email);
      const before = person.cookies;
      const made = countOf('user_created');
      const answers = await press(() => person.post('/register/confirm', { ...form, password: PASSWORD }));
      assert.deepEqual(answers.map(led), ['303 /secret', '303 /secret']);
      // Of two at once the browser throws away the answer to the first, with its cookie: the second has one too.
      const seen = how === 'at once' ? new Visitor(site.url) : person;
      if (how === 'at once') seen.keep([...before, ...(answers[1]?.headers.getSetCookie() ?? [])]);
      assert.match((await seen.get('/account')).text, new RegExp(email));
      assert.equal(countOf('user_created') - made, 1);
    });

    test('the form of a reset changes the password once', async () => {
      const [email] = await member();
      const [person, form] = await opened('/reset', email);
      const typed = { ...form, password: OTHER_PASSWORD };
      const answers = await press(() => person.post('/reset/confirm', typed));
      assert.deepEqual(answers.map(led), ['303 /reset/done', '303 /reset/done']);
      const { id = '' } = (await site.accounts.findByEmail(email)) ?? {};
      const lines = await site.accounts.activity.list(id);
      assert.equal(lines.filter(({ event }) => event === 'password-reset').length, 1);
      assert.equal(led(await new Visitor(site.url).signIn(email, OTHER_PASSWORD)), '303 /secret');
    });

    test('the form of a new address says that it is changed', async () => {
      const [email, owner] = await member();
      const next = newAddress();
      assert.equal(
        led(await owner.submit('/account/email', '/account/email', { email: next })),
        '303 /account/email/sent',
      );
      const path = await mailedLink(site, next);
      const reader = new Visitor(site.url);
      const form = hiddenIn(await reader.get(path), '/account/email/confirm');
      const answers = await press(() => reader.post('/account/email/confirm', form));
      for (const { status, text } of answers) {
        assert.equal(status, 200);
        assert.match(text, /Your email is changed/);
      }
      assert.equal(await site.accounts.findByEmail(email), undefined);
    });

    test('the form of a token makes one, which both answers show', async () => {
      const [, owner] = await member();
      const form = hiddenIn(await owner.get('/account/tokens/new'), '/account/tokens/new');
      const wish = { ...form, name: 'backup', 'scope-files:read': 'yes', life: '30d' };
      const answers = await press(() => owner.post('/account/tokens/new', wish));
      const shown = answers.map(({ text }) => /<textarea[^>]*>\s*(\S+)<\/textarea>/.exec(text)?.[1]);
      assert.ok(shown[0] !== undefined && shown[0].length > 20);
      assert.equal(shown[1], shown[0]);
      const listed = (await owner.get('/account/tokens')).text.match(/class="device"/g);
      assert.equal(listed?.length, 1);
      // From another browser, or later, it is no form any more: nobody is shown the token again.
      const [, other] = await member();
      const foreign = await other.post('/account/tokens/new', wish);
      assert.equal(foreign.status, 422);
      assert.ok(!foreign.text.includes(shown[0]));
    });

    test('the first code of an app turns it on, and both answers show the recovery codes that count', async () => {
      const [email, owner] = await member();
      const enrolment = await owner.submit('/account', '/account/totp');
      const code = codeIn(enrolment);
      const form = { ...hiddenIn(enrolment, '/account/totp/confirm'), code };
      const answers = await press(() => owner.post('/account/totp/confirm', form));
      const [first = [], second = []] = answers.map(codesIn);
      assert.equal(first.length, 10);
      assert.deepEqual(second, first);
      await counts(email, second);
    });

    test('new recovery codes: those that are shown last are those that count', async () => {
      const [email, owner] = await member();
      const enrolment = await owner.submit('/account', '/account/totp');
      await owner.post('/account/totp/confirm', {
        ...hiddenIn(enrolment, '/account/totp/confirm'),
        code: codeIn(enrolment),
      });
      const form = hiddenIn(await owner.get('/account'), '/account/recovery-codes');
      const answers = await press(() => owner.post('/account/recovery-codes', form));
      await counts(email, codesIn(answers[1]));
    });

    test('the answer of a provider links once, and says nothing of being used', async () => {
      const [email, owner] = await member();
      home.claims = { sub: email };
      const sent = await owner.submit('/account', '/account/identities', { provider: 'home' });
      const url = /url=(.*)/.exec(sent.headers.get('refresh') ?? '')?.[1] ?? '';
      const { pathname, search } = new URL(await home.authorize(url));
      const answers = await press(() => owner.get(pathname + search));
      assert.deepEqual(answers.map(led), ['303 /account#identities', '303 /account#identities']);
      const { id = '' } = (await site.accounts.findByEmail(email)) ?? {};
      assert.equal((await site.accounts.identities?.list(id))?.length, 1);
      // In another browser it is an answer to nothing that was asked there.
      assert.equal((await new Visitor(site.url).get(pathname + search)).status, 403);
    });

    test('the code of a second step leads on', async () => {
      const [email, owner] = await member();
      const enrolment = await owner.submit('/account', '/account/totp');
      await owner.post('/account/totp/confirm', {
        ...hiddenIn(enrolment, '/account/totp/confirm'),
        code: codeIn(enrolment),
      });
      const { id = '' } = (await site.accounts.findByEmail(email)) ?? {};
      const [recovery = ''] = await site.accounts.factors.recoveryCodes.create(
        { audit: () => undefined },
        id,
      );
      const person = new Visitor(site.url);
      await person.signIn(email, PASSWORD);
      const form = { ...hiddenIn(await person.get('/login/code'), '/login/code'), code: recovery };
      const answers = await press(() => person.post('/login/code', form));
      assert.deepEqual(answers.map(led), ['303 /secret', '303 /secret']);
    });
  });
}

describe('what works once', () => {
  test('works for no other page with this link, and for no other password', async () => {
    const [email] = await member();
    const [person, form] = await opened('/reset', email);
    const path = await mailedLink(site, email);
    const other = new Visitor(site.url);
    const elsewhere = hiddenIn(await other.get(path), '/reset/confirm');
    assert.notEqual(elsewhere['once'], form['once']);
    const password = OTHER_PASSWORD;
    assert.equal((await person.post('/reset/confirm', { ...form, password })).status, 303);
    for (const fields of [
      { ...elsewhere, password },
      { ...form, password: PASSWORD },
      { ...form, password, once: '' },
      { ...form, password, once: 'x'.repeat(22) },
    ]) {
      assert.equal((await other.post('/reset/confirm', fields)).status, 410);
    }
    assert.equal((await other.get(path)).status, 410);
  });

  test('signs nobody in by a registration whose account has more than a password meanwhile', async () => {
    const email = newAddress();
    const [person, form] = await opened('/register', email);
    const typed = { ...form, password: PASSWORD };
    await person.post('/register/confirm', typed);
    const enrolment = await person.submit('/account', '/account/totp');
    await person.post('/account/totp/confirm', {
      ...hiddenIn(enrolment, '/account/totp/confirm'),
      code: codeIn(enrolment),
    });
    const again = new Visitor(site.url);
    assert.equal(led(await again.post('/register/confirm', typed)), '303 /login');
    assert.equal((await again.get('/account')).status, 303);
  });

  test('is done where the store cannot note that it is', async () => {
    const site = new FakeAccounts();
    const person = site.person();
    await person.visit((visit) => site.accounts.registration.ask(visit, 'ann@example.com'));
    const token = await site.mailedToken('register');
    const { mailTokens } = site.state.accounts ?? {};
    assert.ok(mailTokens !== undefined);
    // As a store on this machine fails: at once, and not by a promise.
    mailTokens.put = () => {
      throw new Error('the disk is full');
    };
    const form = site.accounts.registration.newForm();
    const verdict = await person.visit((visit) =>
      site.accounts.registration.finish(visit, token, PASSWORD, form),
    );
    assert.ok(verdict.ok && verdict.signIn.ok);
  });

  test('is done for another process too, which has the second post', async () => {
    const state = memory();
    const [here, there] = [new FakeAccounts({}, state), new FakeAccounts({}, state)];
    const person = here.person();
    await person.visit((visit) => here.accounts.registration.ask(visit, 'ann@example.com'));
    const token = await here.mailedToken('register');
    const form = here.accounts.registration.newForm();
    const finish = ({ accounts }: FakeAccounts, by: Person): Promise<FinishVerdict> =>
      by.visit((visit) => accounts.registration.finish(visit, token, PASSWORD, form));
    const same = there.person();
    const both = await Promise.all([finish(here, person), finish(there, same)]);
    for (const verdict of [...both, await finish(there, same)]) assert.ok(verdict.ok && verdict.signIn.ok);
    there.now += 60_000;
    assert.deepEqual(await finish(there, same), { ok: false, reason: 'link' });
    assert.equal(here.events.concat(there.events).filter(({ event }) => event === 'user_created').length, 1);
  });
});

describe('where clients are asked for work, pressed twice at once', () => {
  let asking: AccountSite;

  before(async () => {
    asking = await startAccountSite(undefined, { challenge: { when: 'always' } });
  });
  after(() => asking.stop());

  for (const path of ['/register', '/reset']) {
    test(`${path} leads on, and to nobody else with the same proof`, async () => {
      const person = new Visitor(asking.url);
      const asked = await person.get(path);
      const work = workOn(asked.text);
      assert.ok(work !== undefined);
      const form = { ...hiddenIn(asked, path), proof: await doWork(work) };
      const fields = { ...form, email: 'somebody@example.com' };
      const answers = await Promise.all([person.post(path, fields), person.post(path, fields)]);
      assert.deepEqual(answers.map(led), [`303 ${path}/sent`, `303 ${path}/sent`]);
      const other = await new Visitor(asking.url).post(path, { ...fields, email: 'other@example.com' });
      assert.equal(other.status, 422);
    });
  }

  test('/login signs in by either answer, whichever the browser keeps, and by no other password', async () => {
    const email = 'twice@example.com';
    const passwordHash = await new Passwords().hash(PASSWORD);
    await asking.accounts.create({ email, passwordHash });
    for (const [how, press] of Object.entries(PRESSES)) {
      const person = new Visitor(asking.url);
      const page = await person.get('/login');
      const work = workOn(page.text);
      assert.ok(work !== undefined);
      const fields = { ...hiddenIn(page, '/login'), proof: await doWork(work), email, password: PASSWORD };
      const answers = await press(() => person.post('/login', fields));
      assert.deepEqual(answers.map(led), ['303 /secret', '303 /secret']);
      const [first, second] = answers.map(({ headers }) => headers.getSetCookie());
      assert.match(first?.join() ?? '', /__Host-sid=[\w-]{32};/);
      // Who came under the new cookie has it.
      assert.deepEqual(second, how === 'at once' ? first : []);
      assert.match((await person.get('/account')).text, new RegExp(email));
      const other = await new Visitor(asking.url).post('/login', { ...fields, password: OTHER_PASSWORD });
      assert.equal(other.status, 422);
    }
  });
});

function countOf(name: string): number {
  return site.events.filter(({ event }) => event === name).length;
}

function newAddress(): string {
  people += 1;
  return `person${people}@example.com`;
}

async function member(): Promise<[email: string, owner: Visitor]> {
  const email = newAddress();
  const owner = new Visitor(site.url);
  await owner.register(email, PASSWORD);
  return [email, owner];
}

/** A mailed link, opened: whose browser, and what its form has. */
async function opened(
  path: '/register' | '/reset',
  email: string,
): Promise<[Visitor, Record<string, string>]> {
  const person = new Visitor(site.url);
  await person.submit(path, path, { email });
  const page = await person.get(await mailedLink(site, email));
  return [person, hiddenIn(page, `${path}/confirm`)];
}

function hiddenIn({ text }: Page, action: string): Record<string, string> {
  const form =
    (text.match(/<form [^]*?<\/form>/g) ?? []).find((one) => one.includes(` action="${action}"`)) ?? '';
  const fields = [
    ...form.matchAll(
      /<input\s+type="hidden"\s+name="([^"]*)"\s+(?:autocomplete="[^"]*"\s+)?value="([^"]*)"/g,
    ),
  ];
  assert.ok(fields.length > 0, `there is no form to ${action}`);
  return Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value]));
}

function codeIn({ text }: Page): string {
  const secret = /<code class="secret">([^<]*)</.exec(text)?.[1] ?? '';
  return oneTimeCode(fromBase32(secret.replaceAll(' ', '')), timeStep(Date.now()));
}

function codesIn(page: Page | undefined): readonly string[] {
  return [...(page?.text ?? '').matchAll(/<code>([^<]*)<\/code>/g)].map(([, code = '']) => code);
}

/** Sees that recovery codes are those of an account. */
async function counts(email: string, codes: readonly string[]): Promise<void> {
  const { id = '' } = (await site.accounts.findByEmail(email)) ?? {};
  const { recoveryCodes } = site.accounts.factors;
  assert.equal((await recoveryCodes.use({ audit: () => undefined }, id, codes[0] ?? '')).ok, true);
}

function led(page: Page | undefined): string {
  return `${page?.status} ${page?.location}`;
}
