/** The pages of accounts over HTTP, as a browser without script sees them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type AccountSite, mailedLink, startAccountSite } from '../../test/support/account-site.ts';
import { PASSWORD } from '../../test/support/accounts.ts';
import { fromBase32 } from '../../test/support/base32.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { type Page, Visitor } from '../../test/support/visitor.ts';
import { DevelopmentMail } from '../accounts/accounts.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { oneTimeCode, timeStep } from '../identity/mfa/totp-code.ts';
import { memory } from '../stores/memory/state.ts';

let site: AccountSite;
let url = '';

before(async () => {
  site = await startAccountSite();
  ({ url } = site);
});

after(() => site.stop());

test('registers, signs out, signs in, and comes back to the page that was asked for', async () => {
  const ann = new Visitor(url);
  const done = await register(ann, 'ann@example.com');
  assert.deepEqual([done.status, done.location], [303, '/secret']);
  assert.match((await ann.get('/secret')).text, /For members/);
  const out = await ann.post('/logout', { _csrf: tokenIn(await ann.get('/account')) });
  assert.equal(out.location, '/signed-out');
  assert.match((await ann.get('/signed-out')).text, /You are signed out/);
  const away = await ann.get('/secret');
  assert.equal(away.location, '/login?next=%2Fsecret');
  const back = await ann.submit(away.location ?? '', '/login', {
    email: 'ann@example.com',
    password: PASSWORD,
  });
  assert.deepEqual([back.status, back.location], [303, '/secret']);
});

test('signing in never leads to another site', async () => {
  const person = new Visitor(url);
  await register(person, 'next@example.com');
  for (const next of ['//evil.example', 'https://evil.example/', '/\\evil.example', 'javascript:alert(1)']) {
    const visitor = new Visitor(url);
    const form = { email: 'next@example.com', password: PASSWORD, next };
    assert.equal((await visitor.post('/login', form)).location, '/secret', next);
  }
});

test('v5.0.0-6.3.8 a wrong password and an unknown address get the same page; the sixth try waits', async () => {
  await register(new Visitor(url), 'known@example.com');
  const tries = async (email: string): Promise<readonly string[]> => {
    const visitor = new Visitor(url);
    const pages: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      const page = await visitor.post('/login', { email, password: 'a wrong one, again' });
      const bare = page.text
        .replaceAll(email, 'EMAIL')
        .replaceAll(/nonce="[^"]*"|value="[^"]*"|\d+ seconds/g, '');
      pages.push(`${page.status} ${page.headers.has('retry-after')} ${bare}`);
    }
    return pages;
  };
  const known = await tries('known@example.com');
  assert.deepEqual(await tries('nobody@example.com'), known);
  assert.match(known[0] ?? '', /^401 false .*do not go together/s);
  assert.match(known[5] ?? '', /^429 true .*Too many tries/s);
});

test('v5.0.0-2.2.2 a password that is refused gives the reason, and the link goes on working', async () => {
  const visitor = new Visitor(url);
  const link = await ask(visitor, '/register', 'weak@example.com');
  const weak = await visitor.submit(link, '/register/confirm', { password: 'short' });
  assert.equal(weak.status, 422);
  assert.match(weak.text, /<a href="#password">[^<]*15 characters/);
  assert.equal((await visitor.submit(link, '/register/confirm', { password: PASSWORD })).status, 303);
  assert.equal((await visitor.get(link)).status, 410);
});

test('an authenticator app: set up from the page, asked for at the next sign-in, taken away', async () => {
  const ann = new Visitor(url);
  await register(ann, 'app@example.com');
  const recovery = await setUpApp(ann);

  const again = new Visitor(url);
  const half = await again.signIn('app@example.com', PASSWORD);
  assert.equal(half.location, '/login/code');
  assert.equal((await again.get('/secret')).status, 303);
  assert.equal((await again.submit('/login/code', '/login/code', { code: '123' })).status, 401);
  const [code = ''] = recovery;
  assert.equal((await again.submit('/login/code', '/login/code', { code })).location, '/secret');
  assert.match((await again.get('/account')).text, /Recovery codes left: 9/);
  assert.equal((await again.submit('/account', '/account/totp/remove')).location, '/account');
  assert.match((await again.get('/account')).text, /No authenticator app yet/);
});

test('v5.0.0-7.5.3 asked whether it is still you, by password and code: and what was posted goes on', async () => {
  const ann = new Visitor(url);
  await register(ann, 'again@example.com');
  const [code = '', other = ''] = await setUpApp(ann);
  const sent = { text: 'two\r\nlines & "quotes"', _csrf: tokenIn(await ann.get('/account')) };
  const navigation = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' };
  const led = await ann.post('/safe', sent, navigation);
  assert.match(led.location ?? '', /^\/login\/again\?held=/);
  const again = await ann.get(led.location ?? '');
  assert.doesNotMatch(again.text, /two/);
  const wrong = await ann.submit(led.location ?? '', '/login/again', { password: 'not this one, surely' });
  assert.equal(wrong.status, 401);
  const half = await ann.submit(led.location ?? '', '/login/again', { password: PASSWORD });
  assert.match(half.location ?? '', /^\/login\/code\?next=%2Flogin%2Fcontinue/);
  const proved = await ann.submit(half.location ?? '', '/login/code', { code });
  assert.match(proved.location ?? '', /^\/login\/continue\?held=/);
  await ann.head(proved.location ?? '');
  const done = await ann.submit(proved.location ?? '', '/safe');
  assert.equal(done.status, 200);
  assert.match(done.text, /two/);
  assert.equal((await ann.get(proved.location ?? '')).location, '/secret');

  const thief = new Visitor(url);
  await thief.signIn('again@example.com', PASSWORD);
  await thief.submit('/login/code', '/login/code', { code: other });
  assert.equal((await thief.get(proved.location ?? '')).location, '/secret');
});

test('recovery codes that a failure kept from being shown are made when the app is confirmed once more', async () => {
  const ann = new Visitor(url);
  await register(ann, 'codeless@example.com');
  const { totp } = site.accounts.factors;
  const account = await site.accounts.findByEmail('codeless@example.com');
  assert.ok(account !== undefined);
  const { secret } = await totp.enrol(account.id, account.email);
  const code = oneTimeCode(fromBase32(secret.replaceAll(' ', '')), timeStep(Date.now()));
  // As it is where the store goes after the first half of the confirmation.
  assert.ok((await totp.confirm({ audit: () => undefined }, account.id, code)).ok);
  const page = await post(ann, await ann.get('/account'), '/account/totp/confirm', { code });
  assert.equal(page.text.match(/<li><code>/g)?.length, 10);
  const again = await post(ann, await ann.get('/account'), '/account/totp/confirm', { code });
  assert.equal(again.location, '/account');
});

test('an account without a password is asked for none it does not have', async () => {
  const ann = new Visitor(url);
  await register(ann, 'passwordless@example.com');
  const account = await site.accounts.findByEmail('passwordless@example.com');
  assert.equal(await site.accountStore.change(account?.id ?? '', 1, { passwordHash: null }), 'changed');
  const set = await ann.get('/account/password');
  assert.doesNotMatch(set.text, /Present password/);
  const again = await ann.get('/login/again?next=%2Faccount%2Fpassword');
  assert.match(again.text, /Signed in as passwordless@example\.com/);
  assert.doesNotMatch(again.text, /type="password"/);
});

test('who has no second factor is told that one is needed, and where to set it up', async () => {
  const ann = new Visitor(url);
  await register(ann, 'factorless@example.com');
  const led = await ann.get('/safe', { accept: 'text/html', 'sec-fetch-mode': 'navigate' });
  assert.match(led.location ?? '', /^\/login\/again\?next=%2Fsafe/);
  const page = await ann.get(led.location ?? '');
  assert.equal(page.status, 403);
  assert.match(page.text, /needs a second step[^]*href="\/account"/);
});

test('a forgotten password: by mail, with everyone signed out', async () => {
  const ann = new Visitor(url);
  await register(ann, 'forgot@example.com');
  const elsewhere = new Visitor(url);
  const link = await ask(elsewhere, '/reset', 'forgot@example.com');
  const done = await elsewhere.submit(link, '/reset/confirm', { password: 'some other five words instead' });
  assert.equal(done.location, '/reset/done');
  assert.equal((await ann.get('/account')).location, '/login?next=%2Faccount');
  assert.equal((await elsewhere.signIn('forgot@example.com', PASSWORD)).status, 401);
  assert.equal((await elsewhere.signIn('forgot@example.com', 'some other five words instead')).status, 303);
});

test('a new address, a new password, other devices signed out, and what happened is listed', async () => {
  const ann = new Visitor(url);
  await register(ann, 'move@example.com');
  const other = new Visitor(url);
  await other.signIn('move@example.com', PASSWORD);
  const sent = await ann.submit('/account/email', '/account/email', { email: 'moved@example.com' });
  assert.equal(sent.location, '/account/email/sent');
  assert.equal(
    (await ann.submit(await mailedLink(site, 'moved@example.com'), '/account/email/confirm')).status,
    200,
  );
  assert.equal((await other.get('/account')).status, 303);
  assert.match((await ann.get('/account')).text, /<dd>moved@example\.com<\/dd>/);
  const wrong = await ann.submit('/account/password', '/account/password', {
    current: 'no',
    password: PASSWORD,
  });
  assert.equal(wrong.status, 422);
  const next = { current: PASSWORD, password: 'some other five words instead' };
  assert.equal((await ann.submit('/account/password', '/account/password', next)).location, '/account');
  const page = await ann.get('/account');
  for (const line of ['Password changed', 'Email changed', 'Account made'])
    assert.ok(page.text.includes(line), line);
});

test('v5.0.0-7.5.2 (in part) lists the devices of an account, and one of them signs another out, at once', async () => {
  const ann = new Visitor(url);
  await register(ann, 'devices@example.com');
  const other = new Visitor(
    url,
    'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
  );
  await other.signIn('devices@example.com', PASSWORD);
  assert.match((await ann.get('/account')).text, /Chrome on Windows/);
  assert.equal((await ann.submit('/account', '/account/sessions/revoke')).status, 303);
  assert.equal((await other.get('/account')).status, 303);
  const third = new Visitor(url);
  await third.signIn('devices@example.com', PASSWORD);
  assert.equal((await ann.submit('/account', '/account/sessions/revoke-others')).status, 303);
  assert.equal((await third.get('/account')).status, 303);
  assert.equal((await ann.get('/account')).status, 200);
});

test('no page has a style or a handler in an attribute, and every form that posts carries its token', async () => {
  const ann = new Visitor(url);
  await register(ann, 'looks@example.com');
  const paths = [
    '/account',
    '/account/password',
    '/account/email',
    '/account/passkeys/new',
    '/login/again',
    '/dev/mail',
  ];
  const visitor = new Visitor(url);
  const pages = [
    ...(await Promise.all(paths.map((path) => ann.get(path)))),
    ...(await Promise.all(
      ['/login', '/register', '/reset', '/register/sent'].map((path) => visitor.get(path)),
    )),
  ];
  for (const { status, text } of pages) {
    assert.equal(status, 200);
    assert.doesNotMatch(text, / style=| on[a-z]+=/);
    for (const [form] of text.matchAll(/<form [^>]*method="post"[^]*?<\/form>/g))
      assert.match(form, /name="_csrf"/);
  }
});

test('v5.0.0-6.2.6 v5.0.0-6.2.7 each field for a password is masked, says which one it is for, and leaves pasting alone', async () => {
  const visitor = new Visitor(url);
  const link = await ask(visitor, '/register', 'fields@example.com');
  const pages = [(await visitor.get('/login')).text, (await visitor.get(link)).text];
  await visitor.submit(link, '/register/confirm', { password: PASSWORD });
  pages.push((await visitor.get('/account/password')).text);
  const fields = pages.flatMap(
    (page) => page.match(/<input\b[^>]*\bname="(?:password|current)"[^>]*>/g) ?? [],
  );
  const wanted = ['current-password', 'new-password', 'current-password', 'new-password'];
  assert.equal(fields.length, wanted.length);
  for (const [index, field] of fields.entries()) {
    assert.match(field, /\btype="password"/);
    assert.ok(field.includes(`autocomplete="${wanted[index]}`), field);
  }
  for (const page of pages) assert.doesNotMatch(page, /onpaste|autocomplete="off"/i);
});

test('v5.0.0-15.3.3 a form that names roles or an id besides its fields gives neither', async () => {
  const visitor = new Visitor(url);
  const link = await ask(visitor, '/register', 'wish@example.com');
  const wish = {
    password: PASSWORD,
    roles: 'operator',
    role: 'operator',
    id: 'chosen',
    email: 'other@example.com',
  };
  assert.equal((await visitor.submit(link, '/register/confirm', wish)).status, 303);
  const made = await site.accounts.findByEmail('wish@example.com');
  assert.deepEqual(made?.roles, []);
  assert.notEqual(made.id, 'chosen');
  assert.equal(await site.accounts.findByEmail('other@example.com'), undefined);
});

test('what people type is shown as they typed it', async () => {
  const page = await new Visitor(url).post('/login', { email: '"><script>alert(1)</script>', password: 'x' });
  assert.doesNotMatch(page.text, /<script>alert/);
});

test('other methods and other paths are for the application', async () => {
  const visitor = new Visitor(url);
  assert.equal((await visitor.get('/login/nothing')).status, 404);
  assert.equal((await visitor.post('/signed-out', {})).status, 404);
});

test('a form that is too big, or names a field twice, signs nobody in', async () => {
  await register(new Visitor(url), 'big@example.com');
  const visitor = new Visitor(url);
  const twice = new URLSearchParams([
    ['email', 'big@example.com'],
    ['password', PASSWORD],
    ['password', PASSWORD],
  ]);
  assert.equal((await visitor.post('/login', twice)).status, 401);
  assert.ok(
    (await visitor.post('/login', { email: 'big@example.com', password: 'x'.repeat(70_000) })).status >= 400,
  );
});

test('v5.0.0-13.4.2 (in part) v5.0.0-13.4.5 (in part) in production it refuses to show mails instead of sending them', async () => {
  const policy = {
    environment: 'production',
    origin: 'https://example.com',
    state: memory(),
    secrets: fixedSecrets(TEST_SECRET),
  } as const;
  await assert.rejects(
    loadPolicy({ ...policy, accounts: { mail: new DevelopmentMail() } }),
    /accounts\.mail: it shows/,
  );
  await assert.rejects(loadPolicy({ ...policy, accounts: {} }), /accounts\.mail: there is none/);
});

/** Sets up an authenticator app on the pages. Returns the recovery codes. */
async function setUpApp(visitor: Visitor): Promise<readonly string[]> {
  const page = await visitor.submit('/account', '/account/totp');
  assert.match(page.text, /<img\s+src="data:image\/svg\+xml/);
  const secret = fromBase32((/class="secret">([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? '').replaceAll(' ', ''));
  const wrong = await post(visitor, page, '/account/totp/confirm', { code: '000000' });
  assert.equal(wrong.status, 422);
  const code = oneTimeCode(secret, timeStep(Date.now()));
  const codes = await post(visitor, wrong, '/account/totp/confirm', { code });
  const recovery = [...codes.text.matchAll(/<li><code>([^<]+)</g)].map((match) => match[1] ?? '');
  assert.equal(recovery.length, 10);
  return recovery;
}

/** Asks for a mail and returns the path that its link leads to. */
async function ask(visitor: Visitor, path: string, email: string): Promise<string> {
  assert.equal((await visitor.submit(path, path, { email })).location, `${path}/sent`);
  return await mailedLink(site, email);
}

async function register(visitor: Visitor, email: string): Promise<Page> {
  const link = await ask(visitor, '/register', email);
  return await visitor.submit(link, '/register/confirm', { password: PASSWORD });
}

async function post(
  visitor: Visitor,
  page: Page,
  path: string,
  fields: Record<string, string>,
): Promise<Page> {
  return await visitor.post(path, { _csrf: tokenIn(page), ...fields });
}

function tokenIn({ text }: Page): string {
  return /name="_csrf"\s+value="([^"]*)"/.exec(text)?.[1] ?? '';
}
