import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, PASSWORD } from '../../../test/support/accounts.ts';

const EMAIL = 'ann@example.com';

test('an address, a mail, a password: then there is an account, signed in', async () => {
  const site = new FakeAccounts({ roles: ['client'] });
  const person = site.person();
  const account = await site.register(person, 'Ann@Example.com');
  assert.equal(await person.who(), account.id);
  assert.deepEqual([account.email, account.roles], ['Ann@example.com', ['client']]);
  assert.equal(await site.person().signIn(EMAIL), 'signed in');
});

test('v5.0.0-6.3.8 a free and a taken address get one answer; only their owner reads which it is', async () => {
  const site = new FakeAccounts();
  await site.member(EMAIL);
  site.mails.length = 0;
  const stranger = site.person('203.0.113.1');
  const asked = (email: string): Promise<unknown> =>
    stranger.visit((visit) => site.accounts.registration.ask(visit, email));
  assert.deepEqual(await asked(EMAIL), await asked('bob@example.com'));
  await site.accounts.settled();
  const subjects = new Map(site.mails.map(({ to, subject }) => [to, subject]));
  assert.equal(subjects.get(EMAIL), 'You have an account at Example');
  assert.equal(subjects.get('bob@example.com'), 'Confirm your address for Example');
});

test('the answer comes before anything is looked up: it waits for nothing that depends on the account', async () => {
  const site = new FakeAccounts();
  const { accounts } = site.state;
  assert.ok(accounts !== undefined);
  let lookedUp = false;
  const find = accounts.findByEmail.bind(accounts);
  Object.assign(accounts, {
    findByEmail: (key: string) => {
      lookedUp = true;
      return find(key);
    },
  });
  await site.person().visit((visit) => {
    site.accounts.registration.ask(visit, EMAIL);
    site.accounts.reset.ask(visit, EMAIL);
    assert.equal(lookedUp, false);
  });
  await site.accounts.settled();
  assert.equal(lookedUp, true);
});

test('v5.0.0-6.4.1 a link is not used up by being looked at, works once, and not after a day', async () => {
  const site = new FakeAccounts();
  const { registration } = site.accounts;
  const person = site.person();
  await person.visit((visit) => registration.ask(visit, EMAIL));
  const token = await site.mailedToken('register');
  for (let robot = 0; robot < 3; robot += 1) assert.equal(await registration.look(token), EMAIL);
  const weak = await person.visit((visit) => registration.finish(visit, token, 'short'));
  assert.ok(!weak.ok && weak.reason === 'password');
  const finish = (): Promise<{ ok: boolean }> =>
    site.person().visit((visit) => registration.finish(visit, token, PASSWORD));
  const outcomes = await Promise.all([finish(), finish()]);
  assert.deepEqual(outcomes.map(({ ok }) => ok).toSorted(), [false, true]);

  await person.visit((visit) => registration.ask(visit, 'bob@example.com'));
  const late = await site.mailedToken('register');
  site.now += 24 * 60 * 60_000;
  assert.equal(await registration.look(late), undefined);
});

test('two links to one address make one account, and the second link dies with it', async () => {
  const site = new FakeAccounts();
  const { registration } = site.accounts;
  const person = site.person();
  await person.visit((visit) => registration.ask(visit, EMAIL));
  const first = await site.mailedToken('register');
  await person.visit((visit) => registration.ask(visit, EMAIL));
  const second = await site.mailedToken('register');
  assert.ok((await person.visit((visit) => registration.finish(visit, first, PASSWORD))).ok);
  assert.equal(await registration.look(second), undefined);
});

test('a password that is the address is refused', async () => {
  const site = new FakeAccounts();
  const person = site.person();
  await person.visit((visit) => site.accounts.registration.ask(visit, 'annabelle.lee@example.com'));
  const token = await site.mailedToken('register');
  const verdict = await person.visit((visit) =>
    site.accounts.registration.finish(visit, token, 'annabelle.lee@example.com'),
  );
  assert.ok(!verdict.ok && verdict.reason === 'password');
});

test('v5.0.0-2.3.2 (in part) nobody can flood a mailbox: the sixth mail of an hour is not sent, and the answer stays the same', async () => {
  const site = new FakeAccounts();
  const person = site.person();
  for (let mail = 0; mail < 6; mail += 1) {
    const asked = await person.visit((visit) => site.accounts.registration.ask(visit, EMAIL));
    assert.deepEqual(asked, { ok: true });
    await site.accounts.settled();
  }
  assert.equal(site.mails.length, 5);
  assert.ok(site.events.some(({ event }) => event === 'excess_rate_limit_exceeded'));
});

test('closed, it makes no accounts and sends no mail', async () => {
  const site = new FakeAccounts({ registration: 'closed' });
  const asked = await site.person().visit((visit) => site.accounts.registration.ask(visit, EMAIL));
  assert.deepEqual(asked, { ok: false, reason: 'closed' });
  await site.accounts.settled();
  assert.deepEqual(site.mails, []);
});

test('operators make accounts; an address has one at most', async () => {
  const site = new FakeAccounts();
  assert.ok((await site.accounts.create({ email: EMAIL, roles: ['operator'] })) !== undefined);
  assert.equal(await site.accounts.create({ email: ' ANN@example.com' }), undefined);
  await assert.rejects(site.accounts.create({ email: 'ann' }), { code: 'ERR_BULWARK_INVALID_ARGUMENT' });
});

test('the log has each account that is made, once, by registration and by an operator', async () => {
  const site = new FakeAccounts();
  const account = await site.register(site.person(), EMAIL);
  const other = await site.accounts.create({ email: 'bob@example.com' });
  assert.equal(await site.accounts.create({ email: 'bob@example.com' }), undefined);
  const made = site.events.filter(({ event }) => event === 'user_created');
  assert.deepEqual(
    made.map(({ details }) => details),
    [{ account: account.id }, { account: other?.id, by: 'operator' }],
  );
});
