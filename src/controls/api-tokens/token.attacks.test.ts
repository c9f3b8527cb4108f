/** What another site, or a program that lies, makes of tokens: beside cookies, and beside headers of other issuers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCOPES, TokenSite, withTokens } from '../../../test/support/api-tokens.ts';
import { DpopProgram } from '../../../test/support/dpop-program.ts';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { HeldBody } from '../../testing/held-body.ts';
import { Exchange, principalOf } from '../../core/exchange.ts';
import { SessionHandle } from '../sessions/session-handle.ts';
import { memory } from '../../stores/memory/state.ts';
import { looksLikeOurs, newToken } from './token-text.ts';

test("what other issuers and schemes put into the header is the application's, and changes nothing", async () => {
  const site = new TokenSite({}, withTokens(memory(), { find: () => assert.fail('no store is asked') }));
  const cookie = await site.cookie('ann');
  for (const authorization of [
    'Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2ln',
    'Basic YTpi',
    `Bearer ${newToken('abc')}`,
  ]) {
    assert.equal((await site.ask({ headers: { authorization } })).status, 200);
    assert.equal((await site.ask({ target: '/account/', headers: { authorization } })).status, 401);
    assert.equal((await site.ask({ target: '/account/', headers: { authorization, cookie } })).status, 200);
  }
});

test('a token that does not work and came as DPoP, or had to, is refused as DPoP: no program is told to send it without a proof', async () => {
  const site = new TokenSite();
  const token = newToken('bwk');
  const challengeOf = async (at: TokenSite, authorization: string): Promise<string | undefined> =>
    (await at.ask({ target: '/api/files', headers: { authorization } })).challenge;
  for (const authorization of [
    `DPoP ${token.slice(0, -1)}`,
    `dpop\t${token}`,
    `DPoP:${token}`,
    `"DPoP ${token}"`,
    `DPoP${token}`,
  ])
    assert.equal(await challengeOf(site, authorization), 'DPoP error="invalid_token"', authorization);
  for (const authorization of [`Bearer ${token}`, `Bearer ${token.slice(0, -1)}`, `Token DPoP ${token}`])
    assert.equal(await challengeOf(site, authorization), 'Bearer error="invalid_token"', authorization);
  const bound = new TokenSite({ apiTokens: { scopes: ['files:read', 'files:write'], dpop: 'required' } });
  for (const authorization of [`Bearer ${token}`, `Bearer ${token.slice(0, -1)}`, token])
    assert.equal(await challengeOf(bound, authorization), 'DPoP error="invalid_token"', authorization);
});

test('a token that is mistyped is 401 and never a visitor, whatever stands before it', async () => {
  const site = new TokenSite();
  const token = await site.token('ann');
  const cookie = await site.cookie('ann');
  for (const authorization of [
    token,
    `bearer\t${token}`,
    `Bearer\t ${token}`,
    `Bearer:${token}`,
    `Bearer: ${token}`,
    `Bearer=${token}`,
    `Bearer ="${token}"`,
    `Bearer "${token}"`,
    `'${token}'`,
    `"Bearer ${token}"`,
    `Bearer <${token}>`,
    `Bearer [${token}]`,
    `Bearer${token}`,
    `Bearer%20${token}`,
    `Bearer \u00a0${token}`,
    `Bearer,${token}`,
    `Token token=${token}`,
    `Bearer ${token.toUpperCase()}`,
    `Bearer ${token.replace('bwk', 'Bwk')}`,
    `Bearer ${token.slice(0, 20)}`,
    `Bearer ${token} `,
    `Bearer ${token}, Bearer ${token}`,
  ]) {
    for (const headers of [{ authorization }, { authorization, cookie }]) {
      const { status, refusal } = await site.ask({ target: '/', headers });
      assert.equal(status, 401, authorization);
      assert.equal(refusal?.type, 'invalid-token', authorization);
    }
  }
});

test('a token on a second header line is 401, whatever the first one holds', async () => {
  // The guard of framing refuses them before, where it is on.
  const site = new TokenSite({ firewall: { mode: 'observe' } });
  const token = await site.token('ann');
  for (const first of ['Basic YTpi', 'Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2ln', '', `Bearer ${token}`]) {
    // As Node.js hands them on: of two lines the first.
    const { request } = sketchExchange({ headers: { authorization: [first, `Bearer ${token}`] } });
    const facts = { ...request, headers: { ...request.headers, authorization: first } };
    const exchange = new Exchange(facts, Date.now(), new HeldBody(facts));
    assert.equal((await site.layer.decide(exchange))?.type, 'invalid-token', first);
  }
});

test('what is ours by chance, inside a token of another issuer, changes nothing', () => {
  for (const value of [
    'Bearer eyJhbGciOiJFUzI1NiJ9.e30.bwk_0123456789abcdef',
    'Bearer abwk_0123456789abcdef',
    'Bearer a-bwk_0123456789abcdef',
    'Digest username="ann", nonce="bwk_a-b"',
    'Basic YTpi',
    '',
  ])
    assert.ok(!looksLikeOurs(value, 'bwk'), value);
});

test('with a token the session of a cookie is not read, and lends it no rights', async () => {
  const state = memory();
  const site = new TokenSite({}, state);
  const token = await site.token('ann');
  const cookie = await site.cookie('boss');
  const deaf = new TokenSite(
    {},
    { ...state, sessions: new Proxy(state.sessions, { get: () => () => assert.fail('read') }) },
  );
  const { status, exchange } = await deaf.call(token, '/api/files', { headers: { cookie } });
  assert.equal(status, 200);
  assert.equal(principalOf(exchange)?.account, 'ann');
  assert.equal(exchange.session, undefined);
  assert.equal(exchange.hasSessionCookie, false);
  // Nor with one that does not work: its sender meant to be judged by it.
  assert.equal((await deaf.call(newToken('bwk'), '/account/', { headers: { cookie } })).status, 401);
});

test('who signs in by a handler while a token counts does so for the next request, not for this one', async () => {
  const site = new TokenSite();
  const token = await site.token('ann');
  const { exchange } = await site.call(token, '/api/files');
  const { sessions } = site.layer;
  await new SessionHandle(sessions, exchange).signIn({ account: 'boss' });
  assert.equal(exchange.session?.principal?.account, 'boss');
  assert.equal(principalOf(exchange)?.account, 'ann');
});

test('a request of another site with a token of another issuer is forged as any other', async () => {
  const site = new TokenSite();
  const cookie = await site.cookie('ann');
  for (const authorization of [
    'Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2ln',
    `Bearer ${newToken('abc')}`,
    'Basic YTpi',
  ]) {
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, {}]) {
      const sketch = { method: 'POST', target: '/api/files', headers: { ...headers, authorization, cookie } };
      assert.equal((await site.ask(sketch)).refusal?.type, 'cross-site-request');
    }
  }
});

test('another site gains nothing by a token of its own beside the cookies of its visitor', async () => {
  const site = new TokenSite();
  const cookie = await site.cookie('ann');
  const own = await site.token('mallory', ['files:write']);
  const post = (headers: Record<string, string>, token = own): ReturnType<TokenSite['ask']> =>
    site.call(token, '/api/files', { method: 'POST', headers });
  assert.equal((await post({ cookie, 'sec-fetch-site': 'cross-site' })).refusal?.type, 'cross-site-request');
  assert.equal((await post({ cookie, origin: 'https://evil.example' })).refusal?.type, 'cross-site-request');
  assert.equal((await post({ cookie, 'sec-fetch-site': 'cross-site' }, newToken('bwk'))).status, 401);
  const handshake = { connection: 'Upgrade', upgrade: 'websocket', origin: 'https://evil.example' };
  const reader = await site.token('mallory', ['files:read']);
  const shake = await site.call(reader, '/api/files', { headers: { ...handshake, cookie } });
  assert.equal(shake.refusal?.type, 'cross-site-request');
  // Where nothing says where it comes from, it does what mallory may.
  const { status, exchange } = await post({ cookie });
  assert.equal(status, 200);
  assert.equal(principalOf(exchange)?.account, 'mallory');
});

test('a page of another origin may call with a token alone, and a program needs to say nothing', async () => {
  const site = new TokenSite();
  const token = await site.token('ann', ['files:write']);
  const origin = 'https://dashboard.example';
  for (const headers of [{ 'sec-fetch-site': 'cross-site', origin }, {}] as Record<string, string>[]) {
    assert.equal((await site.call(token, '/api/files', { method: 'POST', headers })).status, 200);
  }
  const strict = new TokenSite({ csrf: { tokens: 'always' } }, site.state);
  assert.equal((await strict.call(token, '/api/files', { method: 'POST' })).status, 200);
});

test('what it says of its origin does not spare a token the limit of its route', async () => {
  const site = new TokenSite();
  const token = await site.token('ann', ['files:write']);
  const headers = { 'sec-fetch-site': 'cross-site' };
  const statuses: number[] = [];
  for (let index = 0; index < 4; index += 1) {
    statuses.push((await site.call(token, '/api/files', { method: 'POST', headers })).status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 429]);
});

test('wrong tokens of one client meet the general limit', async () => {
  const site = new TokenSite({ rateLimit: { perClient: '5/1h' } });
  const statuses: number[] = [];
  for (let index = 0; index < 6; index += 1)
    statuses.push((await site.call(newToken('bwk'), '/api/files')).status);
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
});

test('a token that is revoked between the look at it and its binding is an unknown one, and no misuse', async () => {
  const state = memory();
  const options = { apiTokens: { scopes: SCOPES, dpopNonces: false } };
  const token = await new TokenSite(options, state).token('ann', ['files:read'], 'first-use');
  const site = new TokenSite(options, withTokens(state, { bind: () => undefined }));
  const dpop = new DpopProgram().proof({ token, now: site.now, url: 'https://example.com/api/files' });
  const headers = { authorization: `DPoP ${token}`, dpop };
  const { status, challenge } = await site.ask({ target: '/api/files', headers });
  assert.deepEqual([status, challenge], [401, 'DPoP error="invalid_token"']);
  const { event, details } = site.events.at(-1) ?? {};
  assert.deepEqual([event, details?.['reason']], ['authn_login_fail', 'unknown, expired or revoked']);
});
