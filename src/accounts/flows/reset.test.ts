import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBase32 } from '../../../test/support/base32.ts';
import { oneTimeCode, timeStep } from '../../identity/mfa/totp-code.ts';
import { memory } from '../../stores/memory/state.ts';
import { FakeAccounts, PASSWORD, type Person } from '../../../test/support/accounts.ts';

const EMAIL = 'ann@example.com';
const NEW = 'some other five words instead';

test('a new password by mail: everyone is signed out, nobody signed in, the owner told', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  const token = await asked(site, person);
  site.mails.length = 0;
  assert.deepEqual(await finish(site, site.person(), token), { ok: true });
  assert.equal(await person.who(), undefined);
  assert.equal(await site.person().signIn(EMAIL, PASSWORD), 'credentials');
  assert.equal(await site.person().signIn(EMAIL, NEW), 'signed in');
  await site.accounts.settled();
  assert.match(site.mails[0]?.subject ?? '', /Your password was changed/);
});

test('a link works once, of two at once for one, and not after twenty minutes', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  const token = await asked(site, person);
  const outcomes = await Promise.all([finish(site, person, token), finish(site, site.person(), token)]);
  assert.deepEqual(outcomes.map(({ ok }) => ok).toSorted(), [false, true]);
  assert.equal((await finish(site, person, token)).ok, false);

  const late = await asked(site, person);
  site.now += 20 * 60_000;
  assert.deepEqual(await finish(site, person, late), { ok: false, reason: 'link' });
});

test('v5.0.0-6.5.5 (in part) where the policy says so, a mailed link and a code of an app live no longer than NIST has them', async () => {
  const site = new FakeAccounts({ resetFor: '10m', confirmFor: '10m' }, memory(), { mfa: { drift: 0 } });
  const { person, account } = await site.member(EMAIL);
  const late = await asked(site, person);
  site.now += 10 * 60_000;
  assert.deepEqual(await finish(site, person, late), { ok: false, reason: 'link' });
  await person.visit((visit) => site.accounts.registration.ask(visit, 'bob@example.com'));
  const confirm = await site.mailedToken('register');
  site.now += 10 * 60_000;
  assert.equal(await site.accounts.registration.look(confirm), undefined);

  const { totp } = site.accounts.factors;
  const { secret } = await totp.enrol(account.id, EMAIL);
  const bytes = fromBase32(secret.replaceAll(' ', ''));
  site.now += 30_000 - (site.now % 30_000);
  const first = oneTimeCode(bytes, timeStep(site.now));
  assert.ok((await person.visit((visit) => totp.confirm(visit, account.id, first))).ok);
  site.now += 30_000;
  const code = oneTimeCode(bytes, timeStep(site.now));
  site.now += 30_000;
  assert.equal((await person.visit((visit) => totp.verify(visit, account.id, code))).ok, false);
  const next = oneTimeCode(bytes, timeStep(site.now));
  site.now += 29_999;
  assert.ok((await person.visit((visit) => totp.verify(visit, account.id, next))).ok);
});

test('v5.0.0-6.4.3 a reset leaves a second factor in place: the new password alone signs nobody in', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  const { totp } = site.accounts.factors;
  const { secret } = await totp.enrol(account.id, EMAIL);
  const code = oneTimeCode(fromBase32(secret.replaceAll(' ', '')), timeStep(site.now));
  assert.ok((await person.visit((visit) => totp.confirm(visit, account.id, code))).ok);
  const browser = site.person('192.0.2.9');
  assert.deepEqual(await finish(site, browser, await asked(site, browser)), { ok: true });
  assert.equal(await browser.who(), undefined);
  assert.equal(await browser.signIn(EMAIL, NEW), 'second factor');
  assert.equal(await browser.who(), undefined);
});

test('whoever is given an account is invited to it: no mail of a forgotten password, and a link that lives a day', async () => {
  const site = new FakeAccounts();
  await site.accounts.create({ email: 'bob@example.com' });
  const person = site.person();
  const invite = async (): Promise<string> => {
    await person.visit((visit) => site.accounts.reset.invite(visit, 'bob@example.com'));
    return await site.mailedToken('reset');
  };
  const late = await invite();
  const { subject = '', text = '' } = site.mails.at(-1) ?? {};
  assert.match(subject, /new account/);
  assert.match(text, /made an account for you[^]*24 hours/);
  assert.doesNotMatch(text, /forgotten/);
  site.now += 86_400_000;
  assert.deepEqual(await finish(site, person, late), { ok: false, reason: 'link' });
  const token = await invite();
  site.now += 86_399_000;
  assert.deepEqual(await finish(site, person, token), { ok: true });
  assert.equal(await site.person().signIn('bob@example.com', NEW), 'signed in');
});

test('a link from before a change of password or address is worth nothing', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  const first = await asked(site, person);
  const second = await asked(site, person);
  assert.ok((await finish(site, person, second)).ok);
  assert.deepEqual(await finish(site, person, first), { ok: false, reason: 'link' });

  await person.signIn(EMAIL, NEW);
  const third = await asked(site, person);
  await person.visit(async (visit) => {
    const own = await site.accounts.current(visit);
    assert.ok(own !== undefined);
    return site.accounts.changeEmail.ask(visit, own, 'ann@elsewhere.example');
  });
  const confirm = await site.mailedToken('account/email');
  assert.equal(await person.visit((visit) => site.accounts.changeEmail.finish(visit, confirm)), true);
  assert.deepEqual(await finish(site, person, third), { ok: false, reason: 'link' });
});

test('v5.0.0-6.6.2 (in part) a token of one purpose opens nothing else', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  const token = await asked(site, person);
  assert.equal(await site.accounts.registration.look(token), undefined);
  assert.equal(await person.visit((visit) => site.accounts.changeEmail.finish(visit, token)), false);
});

test('a password that is refused does not cost the link', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  const token = await asked(site, person);
  const weak = await person.visit((visit) => site.accounts.reset.finish(visit, token, 'short'));
  assert.ok(!weak.ok && weak.reason === 'password');
  assert.deepEqual(await finish(site, person, token), { ok: true });
});

test('browsers that were known before the reset are not known after it', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  const token = await asked(site, person);
  await finish(site, site.person(), token);
  assert.deepEqual(await site.state.accounts?.knownBrowsers.list(account.id), []);
});

async function asked(site: FakeAccounts, person: Person): Promise<string> {
  await person.visit((visit) => site.accounts.reset.ask(visit, EMAIL));
  return await site.mailedToken('reset');
}

async function finish(site: FakeAccounts, person: Person, token: string): Promise<{ readonly ok: boolean }> {
  return await person.visit((visit) => site.accounts.reset.finish(visit, token, NEW));
}
