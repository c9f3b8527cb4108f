import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, PASSWORD, type Person } from '../../test/support/accounts.ts';

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

test('a token of one purpose opens nothing else', async () => {
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
  assert.deepEqual(await site.state.accounts?.knownDevices.list(account.id), []);
});

async function asked(site: FakeAccounts, person: Person): Promise<string> {
  await person.visit((visit) => site.accounts.reset.ask(visit, EMAIL));
  return await site.mailedToken('reset');
}

async function finish(site: FakeAccounts, person: Person, token: string): Promise<{ readonly ok: boolean }> {
  return await person.visit((visit) => site.accounts.reset.finish(visit, token, NEW));
}
