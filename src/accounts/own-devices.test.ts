import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, type Person } from '../../test/support/accounts.ts';

const EMAIL = 'ann@example.com';

test('a device is called what its owner calls it, at the next sign-in too, and nothing once that is taken back', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  assert.ok(await name(site, person, account.id, 'the laptop'));
  assert.deepEqual(await shown(site, person, account.id), ['the laptop']);
  await person.visit(({ session }) => session.signOut());
  await person.signIn(EMAIL);
  assert.deepEqual(await shown(site, person, account.id), ['the laptop']);
  assert.ok(site.events.some(({ details }) => details?.['changed'] === 'name of a device'));
  assert.ok(await name(site, person, account.id, ' '));
  assert.deepEqual(await shown(site, person, account.id), [undefined]);
});

test('a name is one line of 60 letters, whatever is sent', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(EMAIL);
  await name(site, person, account.id, `two\nlines \u202e${'\u{1f4f1}'.repeat(80)}`);
  const [called] = await shown(site, person, account.id);
  assert.match(called ?? '', /^two lines \u{1f4f1}+$/u);
  assert.equal(Array.from(called ?? '').length, 60);
});

test('names go to devices of the own account alone', async () => {
  const site = new FakeAccounts();
  const { person: ann, account } = await site.member(EMAIL);
  const bob = site.person('192.0.2.9');
  const { id } = await site.register(bob, 'bob@example.com');
  const [his] = await bob.visit(({ session }) => session.list());
  assert.ok(!(await ann.visit((visit) => site.accounts.devices.rename(visit, account.id, 'x', his?.idHash))));
  assert.deepEqual(await shown(site, bob, id), [undefined]);
  const elsewhere = site.person('192.0.2.20');
  await elsewhere.signIn(EMAIL);
  const other = (await ann.visit(({ session }) => session.list())).find(({ current }) => !current);
  assert.ok(
    await ann.visit((visit) => site.accounts.devices.rename(visit, account.id, 'phone', other?.idHash)),
  );
  assert.deepEqual((await shown(site, ann, account.id)).toSorted(), ['phone', undefined]);
});

function name(site: FakeAccounts, person: Person, id: string, called: string): Promise<boolean> {
  return person.visit((visit) => site.accounts.devices.rename(visit, id, called));
}

/** What the devices of an account are called, last used first. */
async function shown(site: FakeAccounts, person: Person, id: string): Promise<(string | undefined)[]> {
  const names = await site.accounts.devices.names(id);
  const sessions = await person.visit(({ session }) => session.list());
  return sessions.map(({ browser = '' }) => names.get(browser));
}
