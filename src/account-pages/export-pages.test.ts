import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccountSite, startAccountSite } from '../../test/support/account-site.ts';
import { PASSWORD } from '../../test/support/accounts.ts';
import { Visitor } from '../../test/support/visitor.ts';
import type { AccountData } from '../accounts/own-data.ts';

async function signedIn(site: AccountSite, email: string): Promise<Visitor> {
  const visitor = new Visitor(site.url);
  await visitor.register(email, PASSWORD);
  if ((await visitor.get('/account')).status !== 200) await visitor.signIn(email, PASSWORD);
  return visitor;
}

test('hands its owner all that is kept of an account, and nothing of another', async (t) => {
  const site = await startAccountSite(undefined, { scopes: ['files:read'] });
  t.after(() => site.stop());
  await signedIn(site, 'bob@example.com');
  const ann = await signedIn(site, 'ann@example.com');
  const record = await site.accountStore.findByEmail('ann@example.com');
  assert.ok(record);
  const at = Date.parse('2026-01-01T00:00:00Z');
  await site.accountStore.identities.add({
    ...{ account: record.id, issuer: 'https://id.example.com', subject: '17', label: 'ann@id.example.com' },
    ...{ linkedAt: at, usedAt: undefined },
  });
  const form = '/account/tokens/new';
  await ann.submit(form, form, { name: 'CI', 'scope-files:read': 'yes', life: '30d', bind: 'yes' });
  const answer = await ann.submit('/account', '/account/export');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'application/json');
  assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="account.json"');
  assert.match(answer.headers.get('cache-control') ?? '', /no-store/);
  const data = JSON.parse(answer.text) as AccountData;
  assert.deepEqual(
    { ...data.account, createdAt: undefined },
    { id: record.id, email: 'ann@example.com', roles: [], createdAt: undefined, hasPassword: true },
  );
  assert.equal(data.sessions.length, 1);
  assert.deepEqual(
    data.apiTokens.map(({ name, boundTo }) => [name, boundTo]),
    [['CI', 'first-use']],
  );
  assert.equal(data.knownBrowsers.length, 1);
  assert.deepEqual(data.linkedServices, [
    {
      ...{ issuer: 'https://id.example.com', subject: '17', label: 'ann@id.example.com' },
      ...{ linkedAt: '2026-01-01T00:00:00.000Z', lastUsedAt: null },
    },
  ]);
  assert.ok(data.activity.some(({ event }) => event === 'account-created'));
  assert.equal(data.activity[0]?.event, 'data-exported');
  assert.doesNotMatch(answer.text, /bob/);
  const told = site.events.filter(({ event }) => event === 'sensitive_read');
  assert.deepEqual(
    told.map(({ details }) => details),
    [{ account: record.id }],
  );
});

test('nothing of it opens anything', async (t) => {
  const site = await startAccountSite();
  t.after(() => site.stop());
  const ann = await signedIn(site, 'ann@example.com');
  const { text } = await ann.submit('/account', '/account/export');
  const record = await site.accountStore.findByEmail('ann@example.com');
  const known = await site.accountStore.knownBrowsers.list(record?.id ?? '');
  const secrets = [record?.passwordHash, ...known.map(({ idHash }) => idHash)];
  for (const cookie of ann.cookies) secrets.push(cookie.slice(cookie.indexOf('=') + 1));
  assert.ok(secrets.length >= 4);
  for (const secret of secrets)
    assert.ok(secret !== undefined && secret.length > 8 && !text.includes(secret));
});

test('is refused without the token of the form, and to a visitor', async (t) => {
  const site = await startAccountSite();
  t.after(() => site.stop());
  const ann = await signedIn(site, 'ann@example.com');
  const forged = await ann.post('/account/export', {}, { 'sec-fetch-site': 'cross-site' });
  assert.equal(forged.status, 403);
  const stranger = await new Visitor(site.url).post('/account/export', {});
  assert.notEqual(stranger.status, 200);
  assert.ok(!site.events.some(({ event }) => event === 'sensitive_read'));
});
