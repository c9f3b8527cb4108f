import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenSite, withTokens } from '../../../test/support/api-tokens.ts';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { fixedSecrets, TEST_SECRET } from '../../../test/support/secrets.ts';
import { START } from '../../../test/support/sessions.ts';
import type { PolicyOptions } from '../../policy/policy.ts';
import { readPolicy } from '../../policy/read-policy.ts';
import { PolicyError } from '../../core/errors.ts';
import { principalOf } from '../../core/exchange.ts';
import { Layer } from '../../layer/layer.ts';
import { memory } from '../../stores/memory/state.ts';
import type { State } from '../../stores/ports/state.ts';
import { newToken } from './token-text.ts';

const DAY = 86_400_000;
const NO_ACCOUNTS = { accounts: undefined } as object;
const INVALID = 'Bearer error="invalid_token"';

test('a token with the scope of a route acts for its account, with the roles that it has now', async () => {
  const site = new TokenSite();
  await site.account('ann', { roles: ['reader'] });
  const token = await site.token('ann');
  const { status, exchange } = await site.call(token, '/api/files');
  assert.equal(status, 200);
  assert.deepEqual(principalOf(exchange), {
    account: 'ann',
    roles: ['reader'],
    signedInAt: 0,
    mfaAt: undefined,
    via: 'token',
    scopes: ['files:read'],
  });
  assert.equal((await site.call(token, '/api/operators')).status, 403);
  await site.state.accounts.change('ann', 1, { roles: ['operator'] });
  assert.equal((await site.call(token, '/api/operators')).status, 200);
});

test('takes the scheme in any case, and more than one space behind it', async () => {
  const site = new TokenSite();
  const token = await site.token('ann');
  for (const value of [`bearer ${token}`, `BEARER   ${token}`]) {
    assert.equal((await site.ask({ target: '/api/files', headers: { authorization: value } })).status, 200);
  }
});

test('v5.0.0-8.2.1 a route that names no scope takes no token, whatever it is open to', async () => {
  const site = new TokenSite();
  const token = await site.token('ann', ['files:read', 'files:write']);
  for (const target of ['/', '/nowhere', '/account/', '/api/open']) {
    const { status, refusal, challenge } = await site.call(token, target);
    assert.equal(status, 403, target);
    assert.equal(refusal?.type, 'not-allowed');
    assert.equal(challenge, 'Bearer error="insufficient_scope"');
  }
  assert.equal((await site.ask({ target: '/api/open' })).status, 200, 'and a visitor may');
});

test('nor does access in mode off open one to it', async () => {
  const site = new TokenSite({ access: { mode: 'off' } });
  const token = await site.token('ann');
  assert.equal((await site.call(token, '/account/')).status, 403);
  assert.equal((await site.call(token, '/api/files')).status, 200);
});

test('nor a path with two readings, where the firewall lets it pass', async () => {
  const site = new TokenSite({
    firewall: { mode: 'off' },
    access: { mode: 'off' },
    apiTokens: { scopes: ['files:read'] },
    routes: { '/api/**': { require: { scope: 'files:read' } } },
  });
  const token = await site.token('ann');
  assert.equal((await site.call(token, '/api/files')).status, 200);
  assert.equal((await site.call(token, '/api/x%2ffiles')).status, 403);
});

test('a token without the scope of a route is told which one it needs', async () => {
  const site = new TokenSite();
  const token = await site.token('ann', ['files:read']);
  const { status, challenge } = await site.call(token, '/api/files', { method: 'POST' });
  assert.equal(status, 403);
  assert.equal(challenge, 'Bearer error="insufficient_scope", scope="files:write"');
  const event = site.events.at(-1);
  assert.equal(event?.event, 'authz_fail');
  assert.equal(event?.account, 'ann');
  assert.equal(event?.tokenRef, (await site.tokens.list('ann'))[0]?.id);
});

test('a token is no second factor, and is never fresh', async () => {
  const site = new TokenSite();
  const token = await site.token('ann');
  for (const target of ['/api/mfa', '/api/fresh']) {
    const { status, refusal } = await site.call(token, target);
    assert.equal(status, 403, target);
    assert.equal(refusal?.type, 'not-allowed', 'signing in again would not help a program');
  }
  const observing = new TokenSite({ access: { mode: 'observe' } });
  assert.equal((await observing.call(await observing.token('ann'), '/api/mfa')).status, 403);
});

test('a person who is signed in may call what tokens may', async () => {
  const site = new TokenSite();
  const cookie = await site.cookie('ann');
  const { status, exchange } = await site.ask({ target: '/api/files', headers: { cookie } });
  assert.equal(status, 200);
  assert.equal(principalOf(exchange)?.via, 'session');
  assert.deepEqual(principalOf(exchange)?.scopes, []);
});

test('a visitor is told that a token would do', async () => {
  const { status, challenge, refusal } = await new TokenSite().ask({ target: '/api/files' });
  assert.equal(status, 401);
  assert.equal(challenge, 'Bearer, DPoP algs="ES256 EdDSA Ed25519 PS256"');
  assert.equal(refusal?.type, 'sign-in-required');
});

test('what looks like a token of ours and is none is 401, and its sender never a visitor', async () => {
  const site = new TokenSite({}, withTokens(memory(), { find: () => assert.fail('no store is asked') }));
  const token = newToken('bwk');
  for (const authorization of [
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${token.slice(0, -1)}~`,
    `Bearer ${token}x`,
    `Bearer ${token}, ${token}`,
    `Bearer  bwk_`,
    `Bearer x ${token}`,
    `Token ${token}`,
    token,
  ]) {
    for (const target of ['/', '/api/open', '/api/files']) {
      const { status, challenge, refusal } = await site.ask({ target, headers: { authorization } });
      assert.equal(status, 401, authorization);
      assert.equal(challenge, INVALID);
      assert.equal(refusal?.type, 'invalid-token');
    }
  }
  assert.equal(site.events.at(-1)?.event, 'authn_login_fail');
  assert.ok(!JSON.stringify(site.events).includes(token.slice(4, 36)));
});

test('two headers are refused, since whoever stands before us may have judged the other', async () => {
  // The guard of framing refuses them before, where it is on.
  const site = new TokenSite({ firewall: { mode: 'observe' } });
  const token = await site.token('ann');
  const two = await site.call(token, '/api/files');
  const { request } = two.exchange;
  const rawHeaders = [...request.rawHeaders, 'authorization', 'Basic YTpi'];
  const doubled = Object.assign(two.exchange, { request: { ...request, rawHeaders } });
  assert.equal((await site.layer.decide(doubled))?.status, 401);
});

test('an unknown, an expired and a revoked token are 401 alike', async () => {
  const site = new TokenSite();
  const unknown = newToken('bwk');
  const revoked = await site.token('ann');
  const [first] = await site.tokens.list('ann');
  assert.ok(await site.tokens.revoke(site.visit, 'ann', first?.id ?? ''));
  const expired = await site.token('ann');
  site.now = START + 90 * DAY - 1;
  assert.equal((await site.call(expired, '/api/files')).status, 200);
  site.now += 1;
  const answers = await Promise.all(
    [unknown, revoked, expired].map((token) => site.call(token, '/api/files')),
  );
  for (const { status, challenge, refusal } of answers) {
    assert.equal(status, 401);
    assert.equal(challenge, INVALID);
    assert.deepEqual(refusal, answers[0]?.refusal);
  }
});

test('v5.0.0-6.5.2 a dump of the store opens nothing: no part of what is kept of a token is taken for one', async () => {
  const site = new TokenSite();
  const token = await site.token('ann');
  const prefix = token.slice(0, token.indexOf('_') + 1);
  const [kept] = await site.state.accounts.apiTokens.list('ann');
  assert.ok(kept !== undefined);
  for (const value of [kept.hash, kept.id, kept.hint, prefix + kept.hash, kept.hint + kept.hash]) {
    assert.equal((await site.call(value, '/api/files')).status, 401, value);
  }
  assert.equal((await site.call(token, '/api/files')).status, 200);
});

test('v5.0.0-8.3.2 a token of an account that is disabled or gone is refused, and the log says whose it was', async () => {
  const site = new TokenSite();
  const token = await site.token('ann');
  await site.state.accounts.change('ann', 1, { disabledAt: START });
  assert.equal((await site.call(token, '/api/files')).challenge, INVALID);
  assert.equal(site.events.at(-1)?.account, 'ann');
  await site.state.accounts.change('ann', 2, { disabledAt: null });
  assert.equal((await site.call(token, '/api/files')).status, 200);
  await site.state.accounts.remove('ann');
  assert.equal((await site.call(token, '/api/files')).challenge, INVALID);
});

test('v5.0.0-8.3.2 a token of an account that is to be removed is refused, and works again where its owner keeps it', async () => {
  const site = new TokenSite({ accounts: { deleteAfter: '7d', mail: { send: () => Promise.resolve() } } });
  const token = await site.token('ann');
  assert.equal((await site.call(token, '/api/files')).status, 200);
  const { actRequests } = site.state.accounts;
  const wish = { act: 'delete-account', account: 'ann', askedBy: 'ann', reason: String(START + DAY) };
  for (const id of ['delete-account/ann', 'remove-account/ann']) {
    await actRequests.ask({ ...wish, id, askedAt: START, expiresAt: START + 9 * DAY }, START);
    assert.equal((await site.call(token, '/api/files')).challenge, INVALID, id);
    assert.equal(site.events.at(-1)?.details?.['reason'], 'the account is to be removed');
    await actRequests.remove('delete-account', id);
    assert.equal((await site.call(token, '/api/files')).status, 200);
  }
});

test('v5.0.0-14.2.1 a token in the address, a form or a cookie is none', async () => {
  const site = new TokenSite();
  const token = await site.token('ann');
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  for (const sketch of [
    { target: `/api/files?access_token=${token}` },
    { target: '/api/files', method: 'POST', headers: type, body: `access_token=${token}` },
    { target: '/api/files', headers: { cookie: `access_token=${token}` } },
    { target: '/api/files', headers: { 'x-api-key': token } },
  ]) {
    assert.equal((await site.ask(sketch)).status, 401);
  }
});

test('the last use is noted to the minute, and from where', async () => {
  const state = memory();
  const { accounts } = new TokenSite({}, state).state;
  let calls = 0;
  const counting = withTokens(state, {
    noteUse: (id, address, now, noteEvery) => {
      calls += 1;
      return accounts.apiTokens.noteUse(id, address, now, noteEvery);
    },
  });
  const site = new TokenSite({}, counting);
  const token = await site.token('ann');
  const use = async (later: number, peer: string): Promise<unknown> => {
    site.now = START + later;
    await site.call(token, '/api/files', { peer });
    const [own] = await site.tokens.list('ann');
    return [(own?.usedAt ?? 0) - START, own?.usedFrom, calls];
  };
  assert.deepEqual(await use(0, '192.0.2.1'), [0, '192.0.2.1', 1]);
  assert.deepEqual(await use(59_999, '192.0.2.2'), [0, '192.0.2.1', 1]);
  assert.deepEqual(await use(60_000, '192.0.2.3'), [60_000, '192.0.2.3', 2]);
});

test('answers at once where accounts are in memory, and puts the answer into no cache', async () => {
  // Without `access`, which keeps answers of its rules from caches too.
  const site = new TokenSite({ access: { mode: 'off' } });
  const token = await site.token('ann');
  const { exchange } = await site.call(token, '/api/files');
  assert.ok(exchange.sessionRead);
  assert.ok(!(site.layer.decide(exchange) instanceof Promise));
});

for (const [where, fail] of [
  [
    'at once',
    (): never => {
      throw new Error('gone');
    },
  ],
  ['later', (): Promise<never> => Promise.reject(new Error('gone'))],
] as const) {
  test(`a store that fails ${where} is 503, for reading requests too`, async () => {
    const state = memory();
    const token = await new TokenSite({}, state).token('ann');
    const site = new TokenSite({}, withTokens(state, { find: fail }));
    for (const method of ['GET', 'POST']) {
      const { refusal } = await site.call(token, '/api/files', { method });
      assert.equal(refusal?.status, 503);
      assert.ok(refusal.headers?.some(([name]) => name === 'Retry-After'));
      assert.equal(refusal.event?.kind.name, 'sys_store_unavailable');
    }
    assert.equal((await site.ask({ target: '/api/open' })).status, 200, 'who has no token needs no store');
  });

  test(`a use that cannot be noted, ${where}, is told, and is no reason to refuse`, async () => {
    const state = memory();
    const token = await new TokenSite({}, state).token('ann');
    const site = new TokenSite({}, withTokens(state, { noteUse: fail }));
    assert.equal((await site.call(token, '/api/files')).status, 200);
    assert.equal(site.events.at(-1)?.event, 'sys_store_unavailable');
  });
}

function layerOf(state: State, options: PolicyOptions = {}): Layer {
  const policy = readPolicy({
    secrets: fixedSecrets(TEST_SECRET),
    origin: 'https://example.com',
    state,
    ...options,
  });
  assert.ok(!(policy instanceof Promise));
  return new Layer(policy);
}

test('an application that declares no scopes has the header to itself, and needs no accounts', () => {
  const exchange = sketchExchange({ headers: { authorization: 'Bearer bwk_anything' } });
  assert.equal(layerOf({ ...memory(), ...NO_ACCOUNTS }).decide(exchange), undefined);
});

test('a layer that is to take tokens and has no accounts is not made', () => {
  const apiTokens = { scopes: ['files:read'] };
  assert.throws(() => layerOf({ ...memory(), ...NO_ACCOUNTS }, { apiTokens }), PolicyError);
});
