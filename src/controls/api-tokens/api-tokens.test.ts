import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCOPES, TokenSite } from '../../../test/support/api-tokens.ts';
import { START } from '../../../test/support/sessions.ts';
import { defaultsOf } from '../../core/options.ts';
import { PolicyError } from '../../core/errors.ts';
import { CREDENTIAL } from '../../core/exchange.ts';
import { memory } from '../../stores/memory/state.ts';
import { ApiTokens, type ApiTokenVerdict } from './api-tokens.ts';
import { apiTokensOptions } from './api-tokens.options.ts';
import { hashToken } from './token-text.ts';

const DAY = 86_400_000;
const WISH = { name: 'Backup', scopes: ['files:read'] };

function reasonOf(verdict: ApiTokenVerdict): string {
  return verdict.ok ? 'ok' : verdict.reason;
}

test('makes a token of which only the hash is stored, and tells the log of it without a part of it', async () => {
  const site = new TokenSite();
  await site.account('ann');
  const verdict = await site.tokens.create(site.visit, 'ann', WISH);
  assert.ok(verdict.ok);
  const { token, summary } = verdict;
  assert.deepEqual(summary, {
    id: summary.id,
    name: 'Backup',
    hint: token.slice(0, 8),
    scopes: ['files:read'],
    createdAt: START,
    expiresAt: START + 90 * DAY,
    expired: false,
    usedAt: undefined,
    usedFrom: '',
    boundTo: undefined,
  });
  assert.deepEqual(await site.tokens.list('ann'), [summary]);
  const [stored] = await site.state.accounts.apiTokens.list('ann');
  assert.equal(stored?.hash, hashToken(token));
  assert.ok(!JSON.stringify(stored).includes(token.slice(8)));
  const { expiresAt, id } = summary;
  const details = { by: 'api-token', account: 'ann', id, scopes: ['files:read'], expiresAt };
  assert.deepEqual(site.noted, [{ event: 'authn_token_created', details }]);
});

test('cleans names, and calls a token without one Token', async () => {
  const site = new TokenSite();
  await site.account('ann');
  for (const [name, cleaned] of [
    ['a\r\nb\u202ec', 'a b c'],
    ['  ', 'Token'],
    ['x'.repeat(99), 'x'.repeat(64)],
  ] as const) {
    const verdict = await site.tokens.create(site.visit, 'ann', { ...WISH, name });
    assert.equal(verdict.ok && verdict.summary.name, cleaned);
  }
});

test('allows what the policy declares, once each, and says what it does not know', async () => {
  const site = new TokenSite();
  await site.account('ann');
  const create = (...scopes: string[]): Promise<ApiTokenVerdict> =>
    site.tokens.create(site.visit, 'ann', { name: '', scopes });
  const twice = await create('files:write', 'files:write', 'files:read');
  assert.deepEqual(twice.ok && twice.summary.scopes, ['files:write', 'files:read']);
  const unknown = ['files:*', 'FILES:READ', '__proto__', ''];
  assert.deepEqual(await create('files:read', ...unknown), {
    ok: false,
    reason: 'unknown-scope',
    scopes: unknown,
  });
  assert.deepEqual(await create(), { ok: false, reason: 'no-scope' });
  assert.equal((await site.tokens.list('ann')).length, 1);
  assert.deepEqual(site.tokens.scopes, SCOPES);
});

test('every token ends: after 90 days, or after what was asked for, at most a year', async () => {
  const site = new TokenSite();
  await site.account('ann');
  const create = (expiresIn?: string): Promise<ApiTokenVerdict> =>
    site.tokens.create(site.visit, 'ann', { ...WISH, expiresIn });
  for (const [asked, days] of [
    [undefined, 90],
    ['30d', 30],
    ['365d', 365],
  ] as const) {
    const verdict = await create(asked);
    assert.equal(verdict.ok && verdict.summary.expiresAt, START + days * DAY);
  }
  for (const wrong of ['366d', '8761h', '0d', '-1d', '', 'never', 'Infinityd', '1e3d', '30']) {
    assert.deepEqual(await create(wrong), { ok: false, reason: 'expiry', longestMs: 365 * DAY }, wrong);
  }
  const shorter = new TokenSite(
    { apiTokens: { scopes: SCOPES, expiresIn: '7d', longest: '30d' } },
    site.state,
  );
  assert.equal(
    reasonOf(await shorter.tokens.create(site.visit, 'ann', { ...WISH, expiresIn: '31d' })),
    'expiry',
  );
});

test('an account has twenty at most that have not expired', async () => {
  const site = new TokenSite();
  await site.account('ann');
  const create = (): Promise<ApiTokenVerdict> => site.tokens.create(site.visit, 'ann', WISH);
  for (let index = 0; index < 20; index += 1) assert.ok((await create()).ok);
  assert.deepEqual(await create(), { ok: false, reason: 'too-many', most: 20 });
  assert.equal(site.noted.length, 20);
  site.now += 90 * DAY;
  assert.ok((await create()).ok);
  const list = await site.tokens.list('ann');
  assert.deepEqual(list.map(({ expired }) => expired).slice(0, 2), [false, true]);
});

test('makes none for an account that is not there', async () => {
  const site = new TokenSite();
  assert.deepEqual(await site.tokens.create(site.visit, 'ann', WISH), { ok: false, reason: 'no-account' });
  assert.deepEqual(site.noted, []);
});

test('a token makes no tokens: it could give itself more than it has, and a longer life', async () => {
  const site = new TokenSite();
  const token = await site.token('ann');
  const { exchange } = await site.call(token, '/api/files');
  const principal = exchange.get(CREDENTIAL)?.principal;
  assert.equal(principal?.via, 'token');
  const verdict = await site.tokens.create({ ...site.visit, principal }, 'ann', { ...WISH, scopes: SCOPES });
  assert.deepEqual(verdict, { ok: false, reason: 'by-token' });
  assert.equal(site.noted.at(-1)?.event, 'authz_fail');
  assert.equal((await site.tokens.list('ann')).length, 1);
});

test('revokes one of the account itself, and none of another', async () => {
  const site = new TokenSite();
  const token = await site.token('ann');
  const [own] = await site.tokens.list('ann');
  const id = own?.id ?? '';
  assert.equal(await site.tokens.revoke(site.visit, 'bob', id), false);
  assert.equal((await site.call(token, '/api/files')).status, 200);
  assert.equal(await site.tokens.revoke(site.visit, 'ann', id), true);
  assert.equal((await site.call(token, '/api/files')).status, 401);
  assert.equal(await site.tokens.revoke(site.visit, 'ann', id), false);
  const revoked = site.noted.filter(({ event }) => event === 'authn_token_revoked');
  assert.deepEqual(
    revoked.map(({ details }) => details),
    [{ by: 'api-token', account: 'ann', id }],
  );
});

test('revokes all of an account, and says how many', async () => {
  const site = new TokenSite();
  const tokens = [await site.token('ann'), await site.token('ann')];
  const other = await site.token('bob');
  assert.equal(await site.tokens.revokeAll(site.visit, 'ann'), 2);
  for (const token of tokens) assert.equal((await site.call(token, '/api/files')).status, 401);
  assert.equal((await site.call(other, '/api/files')).status, 200);
  assert.equal(await site.tokens.revokeAll(site.visit, 'ann'), 0);
  assert.equal(site.noted.filter(({ event }) => event === 'authn_token_revoked').length, 1);
});

test('a prefix of its own is what the layer takes, and no other', async () => {
  const site = new TokenSite({ apiTokens: { scopes: SCOPES, prefix: 'strongroom' } });
  const token = await site.token('ann');
  assert.match(token, /^strongroom_/);
  assert.equal((await site.call(token, '/api/files')).status, 200);
});

test('refuses a policy without scopes, and a state without accounts, both at once', () => {
  const none = defaultsOf(apiTokensOptions);
  const { accounts } = memory();
  const refused = (act: () => unknown): readonly string[] => {
    try {
      act();
    } catch (error) {
      if (error instanceof PolicyError) return error.problems.map(({ option }) => option);
    }
    return [];
  };
  assert.deepEqual(
    refused(() => ApiTokens.of({ state: {}, apiTokens: none })),
    ['apiTokens', 'state'],
  );
  assert.deepEqual(
    refused(() => ApiTokens.of({ state: {}, apiTokens: { ...none, scopes: SCOPES } })),
    ['state'],
  );
  assert.ok(accounts !== undefined);
  assert.deepEqual(
    refused(() => ApiTokens.of({ state: { accounts }, apiTokens: none })),
    ['apiTokens'],
  );
});
