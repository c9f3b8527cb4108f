/** An answer with the newest token that never arrives: whose browser comes back with the one before it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, PASSWORD, type Person } from '../../../test/support/accounts.ts';
import { STAY_COOKIE } from '../../identity/mfa/browser-cookie.ts';

const EMAIL = 'ann@example.com';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

test('a lost answer is no theft: the browser is given the newest token again, and the lost session ends', async () => {
  const { site, ann, account } = await comingBack();
  for (const _ of [1, 2]) {
    const lost = ann.copy();
    assert.equal(await resume(site, lost), 'signed in');
    site.now += MINUTE;
    assert.equal(await resume(site, ann.copy()), 'signed in');
    assert.equal(await lost.who(), undefined, 'whoever has it after all');
    site.now += MINUTE;
  }
  const before = ann.cookie(STAY_COOKIE);
  assert.equal(await resume(site, ann), 'signed in');
  assert.notEqual(ann.cookie(STAY_COOKIE), before);
  assert.equal(await ann.who(), account.id);
  ann.closeBrowser();
  site.now += DAY;
  assert.equal(await resume(site, ann), 'signed in');
  await site.accounts.settled();
  assert.ok(!site.events.some(({ event }) => event === 'authn_token_reuse'));
  assert.ok(!site.mails.some(({ subject }) => subject.startsWith('A copy of what keeps')));
});

for (const [what, uses] of Object.entries({ 'at once': 0, 'a little later': 10_000 })) {
  test(`a thief who came first and used the session ${what} is found when the owner comes`, async () => {
    const { site, ann, account } = await comingBack();
    const thief = ann.copy(site, '192.0.2.66');
    assert.equal(await resume(site, thief), 'signed in');
    site.now += uses;
    assert.equal(await thief.who(), account.id);
    site.now += MINUTE;
    assert.equal(await resume(site, ann), 'nobody');
    assert.equal(await thief.who(), undefined);
    assert.ok(site.events.some(({ event }) => event === 'authn_token_reuse'));
  });
}

test('a use noted by a process whose clock is behind counts', async () => {
  const { site, ann, account } = await comingBack();
  const other = new FakeAccounts({ staySignedIn: '30d' }, site.state);
  const thief = ann.copy(site, '192.0.2.66');
  assert.equal(await resume(site, thief), 'signed in');
  other.now = site.now - 20_000;
  assert.equal(await thief.copy(other).who(), account.id);
  site.now += MINUTE;
  assert.equal(await resume(site, ann), 'nobody');
  assert.ok(site.events.some(({ event }) => event === 'authn_token_reuse'));
});

test('where the session is over nobody can tell, and it is a theft', async () => {
  const { site, ann } = await comingBack();
  assert.equal(await resume(site, ann.copy()), 'signed in');
  site.now += DAY;
  assert.equal(await resume(site, ann), 'nobody');
  assert.ok(site.events.some(({ event }) => event === 'authn_token_reuse'));
});

test('a thief who kept what they got has nothing after the owner came, and is found where they use the token', async () => {
  const { site, ann, account } = await comingBack();
  const thief = ann.copy(site, '192.0.2.66');
  assert.equal(await resume(site, thief), 'signed in');
  site.now += MINUTE;
  assert.equal(await resume(site, ann), 'signed in');
  assert.equal(await ann.who(), account.id);
  assert.equal(await thief.who(), undefined);
  thief.closeBrowser();
  assert.equal(await resume(site, thief), 'signed in');
  assert.equal(await thief.who(), account.id);
  ann.closeBrowser();
  site.now += MINUTE;
  assert.equal(await resume(site, ann), 'nobody');
  assert.ok(site.events.some(({ event }) => event === 'authn_token_reuse'));
});

/** Somebody who stays signed in, and whose session is over. */
async function comingBack(): Promise<{ site: FakeAccounts; ann: Person; account: { readonly id: string } }> {
  const site = new FakeAccounts({ staySignedIn: '30d' });
  const { person: ann, account } = await site.member(EMAIL);
  const typed = { email: EMAIL, password: PASSWORD, stay: true };
  assert.ok((await ann.visit((visit) => site.accounts.signIn.withPassword(visit, typed))).ok);
  site.now += DAY;
  ann.closeBrowser();
  return { site, ann, account };
}

async function resume(site: FakeAccounts, person: Person): Promise<string> {
  const verdict = await person.visit((visit) => site.accounts.signIn.resume(visit));
  return verdict === undefined ? 'nobody' : verdict.ok && verdict.done ? 'signed in' : 'refused';
}
