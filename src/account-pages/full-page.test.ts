import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAccountSite } from '../../test/support/account-site.ts';
import { PASSWORD } from '../../test/support/accounts.ts';
import { Visitor } from '../../test/support/visitor.ts';

test('a right password that finds no room is told so, in the language of the page, and signs nobody in', async (t) => {
  const session = { perAccount: 1, whenFull: 'refuse' } as const;
  const site = await startAccountSite(undefined, { session, accounts: { language: ['en', 'de'] } });
  t.after(() => site.stop());
  const home = new Visitor(site.url);
  await home.register('ada@example.com', PASSWORD);
  if ((await home.get('/secret')).status !== 200) await home.signIn('ada@example.com', PASSWORD);
  assert.equal((await home.get('/secret')).status, 200);

  const elsewhere = new Visitor(site.url);
  const refused = await elsewhere.signIn('ada@example.com', PASSWORD);
  assert.equal(refused.status, 403);
  assert.match(refused.text, /You are signed in in too many browsers/);
  assert.notEqual((await elsewhere.get('/secret')).status, 200);

  const csrf = /name="_csrf"[^>]*value="([^"]*)"/.exec((await elsewhere.get('/login')).text)?.[1] ?? '';
  const fields = { email: 'ada@example.com', password: PASSWORD, _csrf: csrf };
  const german = { 'accept-language': 'de', 'sec-fetch-site': 'same-origin' };
  const deutsch = await elsewhere.post('/login', fields, german);
  assert.match(deutsch.text, /Sie sind in zu vielen Browsern angemeldet/);

  assert.ok(!site.events.some(({ event }) => event === 'sys_crash'));
  const told = site.events.filter(({ event }) => event === 'session_limit_reached');
  assert.equal(told.length, 2);
  await home.submit('/account', '/logout');
  await elsewhere.signIn('ada@example.com', PASSWORD);
  assert.equal((await elsewhere.get('/secret')).status, 200);
});

test('who stays signed in and finds no room is told so, and comes back by the same cookie once there is', async (t) => {
  const session = { perAccount: 1, whenFull: 'refuse' } as const;
  let now = Date.now();
  const site = await startAccountSite(undefined, {
    session,
    clock: () => now,
    accounts: { staySignedIn: '30d' },
  });
  t.after(() => site.stop());
  const ada = new Visitor(site.url);
  await ada.register('ada@example.com', PASSWORD);
  await ada.submit('/account', '/logout');
  await ada.submit('/login', '/login', { email: 'ada@example.com', password: PASSWORD, stay: 'yes' });
  // Their session is over, and somewhere else another begins: there is no room.
  const [account] = await site.accountStore.after(undefined, 1);
  assert.equal(await site.sessions.revokeAccount(account?.id ?? ''), 1);
  const other = new Visitor(site.url);
  await other.signIn('ada@example.com', PASSWORD);
  for (const _ of [1, 2]) {
    const refused = await ada.get('/login?next=%2Fsecret');
    assert.deepEqual([refused.status, /too many browsers/.test(refused.text)], [403, true]);
    now += 120_000;
  }
  const stays = await site.accounts.stays?.list(account?.id ?? '');
  assert.equal(stays?.length, 1);
  assert.equal((await other.get('/secret')).status, 200);
  assert.ok(!site.events.some(({ event }) => event === 'authn_token_reuse'));
});

test('as many browsers of an account stay signed in as it may have sessions', async (t) => {
  const session = { perAccount: 2 } as const;
  const site = await startAccountSite(undefined, { session, accounts: { staySignedIn: '30d' } });
  t.after(() => site.stop());
  const people = [1, 2, 3].map(() => new Visitor(site.url));
  await people[0]?.register('ada@example.com', PASSWORD);
  await people[0]?.submit('/account', '/logout');
  for (const ada of people)
    await ada.submit('/login', '/login', { email: 'ada@example.com', password: PASSWORD, stay: 'yes' });
  for (const ada of people) ada.forget('__Host-sid');
  const came = [];
  for (const ada of people) came.push((await ada.get('/login')).status);
  assert.deepEqual(came, [200, 303, 303]);
});
