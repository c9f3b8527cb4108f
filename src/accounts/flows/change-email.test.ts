import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, type Person } from '../../../test/support/accounts.ts';

const OLD = 'ann@example.com';
const NEW = 'ann@elsewhere.example';

test('v5.0.0-6.3.7 the new address counts once its link is opened; the old one hears of both; other sessions end', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(OLD);
  const other = site.person();
  assert.equal(await other.signIn(OLD), 'signed in');
  await site.accounts.settled();
  site.mails.length = 0;
  await ask(site, person, NEW);
  const token = await site.mailedToken('account/email');
  assert.equal(await site.person().signIn(NEW), 'credentials');
  const before = person.sessionId;
  assert.equal(await person.visit((visit) => site.accounts.changeEmail.finish(visit, token)), true);
  await site.accounts.settled();
  const told = site.mails.filter(({ to }) => to === OLD).map(({ subject }) => subject);
  assert.equal(told.length, 2);
  assert.equal(await other.who(), undefined);
  assert.ok((await person.who()) !== undefined);
  assert.notEqual(person.sessionId, before);
  assert.equal(await site.person().signIn(NEW), 'signed in');
  assert.equal(await site.person().signIn(OLD), 'credentials');
});

test('a taken address gets the same answer, and its owner a mail without a link', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(OLD);
  await site.accounts.create({ email: NEW });
  site.mails.length = 0;
  assert.deepEqual(await ask(site, person, NEW), { ok: true });
  await site.accounts.settled();
  assert.deepEqual(
    site.mails.map(({ to }) => to),
    [NEW],
  );
  assert.doesNotMatch(site.mails[0]?.text ?? '', /token=/);
});

test('an address that was taken meanwhile stays with whoever took it', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(OLD);
  await ask(site, person, NEW);
  const token = await site.mailedToken('account/email');
  await site.accounts.create({ email: NEW });
  assert.equal(await person.visit((visit) => site.accounts.changeEmail.finish(visit, token)), false);
});

test('a link works once, and not after another change of the account', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(OLD);
  await ask(site, person, NEW);
  const first = await site.mailedToken('account/email');
  await ask(site, person, 'ann@third.example');
  const second = await site.mailedToken('account/email');
  const finish = (token: string): Promise<boolean> =>
    person.visit((visit) => site.accounts.changeEmail.finish(visit, token));
  assert.equal(await finish(second), true);
  assert.equal(await finish(second), false);
  assert.equal(await finish(first), false);
});

async function ask(site: FakeAccounts, person: Person, email: string): Promise<unknown> {
  return await person.visit(async (visit) => {
    const own = await site.accounts.current(visit);
    assert.ok(own !== undefined);
    return site.accounts.changeEmail.ask(visit, own, email);
  });
}
