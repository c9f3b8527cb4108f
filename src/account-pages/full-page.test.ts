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
