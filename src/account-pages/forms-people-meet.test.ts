/** What people meet on the forms of account pages before they go wrong, and after. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type AccountSite, mailedLink, startAccountSite } from '../../test/support/account-site.ts';
import { PASSWORD } from '../../test/support/accounts.ts';
import { fromBase32 } from '../../test/support/base32.ts';
import { type Page, Visitor } from '../../test/support/visitor.ts';
import { oneTimeCode, timeStep } from '../identity/mfa/totp-code.ts';

let site: AccountSite;

before(async () => {
  site = await startAccountSite();
});
after(() => site.stop());

test('each page on which a password is chosen names how long it must be, before anything is refused', async () => {
  const [email, owner] = await member('long@example.com');
  const visitor = new Visitor(site.url);
  await visitor.submit('/register', '/register', { email: 'new@example.com' });
  await visitor.submit('/reset', '/reset', { email });
  const pages = [
    await visitor.get(await mailedLink(site, 'new@example.com')),
    await visitor.get(await mailedLink(site, email)),
    await owner.get('/account/password'),
  ];
  for (const { status, text } of pages) {
    assert.equal(status, 200);
    assert.match(text, /id="password-hint">\s*At least 15 characters\./);
    assert.match(text, /id="password"[^>]*aria-describedby="password-hint"/);
  }
  await turnOn(owner);
  // What is taken together with a second step may be shorter: the hint says what the check says.
  assert.match((await owner.get('/account/password')).text, /At least 8 characters\./);
  const changed = await owner.submit('/account/password', '/account/password', {
    current: PASSWORD,
    password: 'quietly8',
  });
  assert.equal(changed.location, '/account');
});

test('each form with a password says to password managers whose it is, in a field that nobody sees', async () => {
  const [email, owner] = await member('named@example.com');
  await owner.submit('/reset', '/reset', { email });
  for (const path of ['/account/password', '/login/again', await mailedLink(site, email)]) {
    const { text } = await owner.get(path);
    const form = /<form [^>]*action="[^"]*(?:password|again|confirm)"[^]*?<\/form>/.exec(text)?.[0] ?? '';
    const field = /<div class="visually-hidden" aria-hidden="true">\s*<input([^>]*)>/.exec(form)?.[1] ?? '';
    assert.match(field, /type="text"[^]*autocomplete="username"[^]*readonly[^]*tabindex="-1"/, path);
    assert.ok(field.includes(`value="${email}"`), path);
    assert.ok(form.indexOf(field) < form.indexOf('type="password"'), path);
  }
});

test('after a wrong code the QR code is there still, for the page that showed it and for no other', async () => {
  const [, owner] = await member('scan@example.com');
  const first = await owner.submit('/account', '/account/totp');
  const secret = secretIn(first);
  const form = hiddenIn(first);
  assert.ok(secret.length > 0 && form['enrolment'] !== undefined);
  const refused = await owner.post('/account/totp/confirm', { ...form, code: '000000' });
  assert.equal(refused.status, 422);
  assert.equal(secretIn(refused), secret);
  assert.match(refused.text, /<img src="data:image\/svg/);
  // Whoever has the session, but did not see the page, is not shown the secret of somebody else's phone.
  for (const enrolment of ['', 'x'.repeat(22)]) {
    const blind = await owner.post('/account/totp/confirm', {
      _csrf: form['_csrf'] ?? '',
      enrolment,
      code: '000000',
    });
    assert.equal(blind.status, 422);
    assert.equal(secretIn(blind), '');
    assert.doesNotMatch(blind.text, /<img/);
  }
  const code = oneTimeCode(fromBase32(secret.replaceAll(' ', '')), timeStep(Date.now()));
  const right = await owner.post('/account/totp/confirm', { ...hiddenIn(refused), code });
  assert.match(right.text, /Your recovery codes/);
  // Once it counts, nobody is shown it again.
  const late = await owner.post('/account/totp/confirm', { ...form, code: '111111' });
  assert.equal(late.status, 303);
});

test('a code in Arabic digits with a direction mark turns an app on and signs in', async () => {
  const [email, owner] = await member('arabic@example.com');
  const enrolment = await owner.submit('/account', '/account/totp');
  const bytes = fromBase32(secretIn(enrolment).replaceAll(' ', ''));
  const now = timeStep(Date.now());
  const typed = arabic(oneTimeCode(bytes, now - 1));
  const on = await owner.post('/account/totp/confirm', { ...hiddenIn(enrolment), code: typed });
  assert.match(on.text, /Your recovery codes/);
  const other = new Visitor(site.url);
  await other.signIn(email, PASSWORD);
  const answer = await other.submit('/login/code', '/login/code', { code: arabic(oneTimeCode(bytes, now)) });
  assert.equal(answer.location, '/secret');
});

test('password managers are led to the page that changes the password', async () => {
  const [, owner] = await member('change@example.com');
  for (const visitor of [owner, new Visitor(site.url)]) {
    const { status, location } = await visitor.get('/.well-known/change-password');
    assert.deepEqual([status, location], [303, '/account/password']);
  }
  // By this they know that an answer to any path says nothing (W3C, Detecting the reliability of HTTP status codes).
  const none = '/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200';
  assert.equal((await owner.get(none)).status, 404);
});

test('mailed links lead to the port that is listened on, whatever PORT says and the client sends', async (t) => {
  const before = process.env['PORT'];
  process.env['PORT'] = '9';
  t.after(() => {
    if (before === undefined) delete process.env['PORT'];
    else process.env['PORT'] = before;
  });
  const visitor = new Visitor(site.url);
  await visitor.submit('/register', '/register', { email: 'port@example.com' });
  await site.accounts.settled();
  const mail = site.mail.mails.find(({ to }) => to === 'port@example.com');
  const links = mail?.text.match(/https?:\/\/\S+/g) ?? [];
  assert.ok(links.length > 1);
  for (const link of links) assert.equal(new URL(link).origin, site.url);
});

async function member(email: string): Promise<[email: string, owner: Visitor]> {
  const owner = new Visitor(site.url);
  await owner.register(email, PASSWORD);
  return [email, owner];
}

async function turnOn(owner: Visitor): Promise<void> {
  const enrolment = await owner.submit('/account', '/account/totp');
  const secret = fromBase32(secretIn(enrolment).replaceAll(' ', ''));
  const code = oneTimeCode(secret, timeStep(Date.now()));
  await owner.post('/account/totp/confirm', { ...hiddenIn(enrolment), code });
}

function secretIn({ text }: Page): string {
  return /<code class="secret">([^<]*)</.exec(text)?.[1] ?? '';
}

function hiddenIn({ text }: Page): Record<string, string> {
  const form = /<form [^>]*action="\/account\/totp\/confirm"[^]*?<\/form>/.exec(text)?.[0] ?? '';
  const fields = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
  return Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value]));
}

/** As an Arabic keyboard types it, with the mark that some apps put before a number. */
function arabic(code: string): string {
  return `\u200f${code.replaceAll(/\d/g, (digit) => String.fromCodePoint(0x0660 + Number(digit)))}`;
}
