import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, PASSWORD, type Person } from '../../../test/support/accounts.ts';

const EMAIL = 'ann@example.com';
const RESET = 'Choose a new password for Example';

test('registrations in the name of somebody leave them every mail by which they reset their password', async () => {
  const site = new FakeAccounts();
  await site.accounts.create({ email: EMAIL });
  await many(site, 'registration', site.person('203.0.113.1'));
  site.mails.length = 0;
  await many(site, 'reset', site.person('203.0.113.2'));
  assert.equal(count(site, RESET), 5);
});

test('resets that strangers ask for leave the owner those of a browser that the account knows', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  site.mails.length = 0;
  await many(site, 'reset', site.person('203.0.113.1'));
  assert.equal(count(site, RESET), 5);
  await person.visit((visit) => site.accounts.reset.ask(visit, EMAIL));
  await site.accounts.settled();
  assert.equal(count(site, RESET), 6);
  await many(site, 'reset', person);
  assert.equal(count(site, RESET), 10);
});

test('a browser that knows another account is a stranger to this one', async () => {
  const site = new FakeAccounts();
  await site.member(EMAIL);
  const eve = site.person('203.0.113.1');
  await site.register(eve, 'eve@example.com');
  site.mails.length = 0;
  await many(site, 'reset', site.person('203.0.113.2'));
  await many(site, 'reset', eve);
  assert.equal(count(site, RESET), 5);
});

test('an account has mails sent to five addresses an hour, and those it may not ask for cost their owners none', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  const eve = site.person('203.0.113.1');
  await site.register(eve, 'eve@example.com');
  site.mails.length = 0;
  for (let next = 0; next < 9; next += 1) await changeTo(site, eve, `new${next}@example.com`);
  const reached = new Set(site.mails.map(({ to }) => to).filter((to) => to.startsWith('new')));
  assert.equal(reached.size, 5);
  assert.ok(
    site.events.some(({ details }) => details['reason'] === 'too many mails asked for by one account'),
  );
  for (let more = 0; more < 9; more += 1) await changeTo(site, eve, 'elsewhere@example.com');
  await changeTo(site, person, 'elsewhere@example.com');
  assert.ok(site.mails.some(({ to }) => to === 'elsewhere@example.com'));
});

test('one client has no more sent by taking many accounts', async () => {
  const site = new FakeAccounts();
  const people: Person[] = [];
  for (let number = 0; number < 7; number += 1) {
    const person = site.person('203.0.113.1');
    await site.register(person, `eve${number}@example.com`);
    people.push(person);
  }
  site.mails.length = 0;
  for (const [number, person] of people.entries()) {
    for (let next = 0; next < 5; next += 1) await changeTo(site, person, `new${number}${next}@example.com`);
  }
  assert.equal(site.mails.filter(({ to }) => to.startsWith('new')).length, 30);
});

test('whatever strangers asked for, the owner hears of a change', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  const stranger = site.person('203.0.113.1');
  await many(site, 'registration', stranger);
  await many(site, 'reset', stranger);
  for (let next = 0; next < 6; next += 1) {
    await person.visit(async (visit) => {
      const own = await site.accounts.current(visit);
      assert.ok(own !== undefined);
      await site.accounts.makeRecoveryCodes(visit, own);
    });
    await site.accounts.settled();
  }
  await site.person('203.0.113.9').signIn(EMAIL, PASSWORD);
  await site.accounts.settled();
  assert.equal(count(site, 'New recovery codes were made (Example)'), 6);
  assert.equal(count(site, 'A new sign-in to your account (Example)'), 1);
});

async function many(site: FakeAccounts, what: 'registration' | 'reset', person: Person): Promise<void> {
  for (let mail = 0; mail < 7; mail += 1) {
    await person.visit((visit) => site.accounts[what].ask(visit, EMAIL));
    await site.accounts.settled();
  }
}

async function changeTo(site: FakeAccounts, person: Person, email: string): Promise<void> {
  await person.visit(async (visit) => {
    const own = await site.accounts.current(visit);
    assert.ok(own !== undefined);
    assert.deepEqual(await site.accounts.changeEmail.ask(visit, own, email), { ok: true });
  });
  await site.accounts.settled();
}

function count(site: FakeAccounts, wanted: string): number {
  return site.mails.filter(({ subject }) => subject === wanted).length;
}
