import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CREDENTIAL, type Principal } from '../../core/exchange.ts';
import { ForwardLines } from '../../core/forward-head.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { defaultsOf } from '../../core/options.ts';
import { OwnOrigins } from '../../core/own-origins.ts';
import { type RequestSketch, sketchExchange } from '../../../test/support/exchange.ts';
import { csrfGuard, forgeryTest, readCsrfSignal } from './csrf.ts';
import { csrfOptions, type CsrfSettings } from './csrf.options.ts';
import { makeCsrfToken } from './csrf-token.ts';

const OWN = 'https://example.com';
const keys = new KeyRing([Buffer.alloc(32, 7)]);
const session = { idHash: 'a'.repeat(43), principal: undefined };
const FORM = 'application/x-www-form-urlencoded';

/** A POST with a session cookie, judged: `pass` or `403`. */
async function check(
  sketch: RequestSketch,
  expected: 'pass' | 403,
  settings: Partial<CsrfSettings> = {},
): Promise<void> {
  const exchange = sketchExchange({ method: 'POST', ...sketch });
  exchange.hasSessionCookie = true;
  exchange.session = session;
  const guard = csrfGuard({ ...defaultsOf(csrfOptions), ...settings }, new OwnOrigins(OWN), keys);
  const verdict = await guard.onRequest?.(exchange);
  assert.equal(verdict?.status ?? 'pass', expected);
}

test('lets every safe method through, from anywhere', async () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    await check(
      { method, headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } },
      'pass',
    );
  }
});

test('v5.0.0-3.5.2 refuses every unsafe method from another site', async () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'get', 'PROPFIND']) {
    await check({ method, headers: { 'sec-fetch-site': 'cross-site' } }, 403);
    await check({ method, headers: { origin: 'https://evil.example' } }, 403);
  }
});

test('v5.0.0-3.5.1 passes a same-origin post whose Origin is null, as under Referrer-Policy: no-referrer', async () => {
  await check({ headers: { 'sec-fetch-site': 'same-origin', origin: 'null' } }, 'pass');
});

test('refuses Origin: null where nothing vouches for it', async () => {
  await check({ headers: { origin: 'null' } }, 403);
  await check({ headers: { origin: 'null', 'sec-fetch-site': 'cross-site' } }, 403);
});

test('refuses a sibling subdomain unless it is listed', async () => {
  const headers = { 'sec-fetch-site': 'same-site', origin: 'https://app.example.com' };
  await check({ headers }, 403);
  await check({ headers }, 'pass', { trustedOrigins: ['https://app.example.com'] });
});

test('compares the scheme of the origin too', async () => {
  await check({ headers: { origin: 'https://example.com' } }, 'pass');
  await check({ headers: { origin: 'http://example.com' } }, 403);
  await check({ headers: { origin: 'https://example.com:8443' } }, 403);
  await check({ headers: { origin: 'https://example.com.evil.example' } }, 403);
});

test('v5.0.0-4.4.2 refuses a cross-site WebSocket handshake, which is a GET (CWE-1385)', async () => {
  const upgrade = { upgrade: 'websocket', connection: 'Upgrade' };
  await check({ method: 'GET', headers: { ...upgrade, origin: 'https://evil.example' } }, 403);
  await check({ method: 'GET', headers: { ...upgrade, origin: OWN } }, 'pass');
  await check({ method: 'GET', headers: upgrade }, 403);
});

test('hands the start of what the request says of its origin to the log, and no more', () => {
  const guard = csrfGuard(defaultsOf(csrfOptions), new OwnOrigins(OWN), keys);
  const headers = { origin: '/'.repeat(8000), 'sec-fetch-site': '/'.repeat(8000) };
  const verdict = guard.onRequest?.(sketchExchange({ method: 'POST', headers }));
  assert.ok(verdict !== undefined && !(verdict instanceof Promise));
  const start = `${'/'.repeat(120)}...`;
  assert.equal(verdict.event?.details['origin'], start);
  assert.equal(verdict.event?.details['site'], start);
});

test('asks for a token where the browser says nothing and a session cookie is there', async () => {
  await check({}, 403);
  await check({ headers: { 'x-csrf-token': makeCsrfToken(keys, session.idHash) } }, 'pass');
  await check({ headers: { 'x-csrf-token': makeCsrfToken(keys, 'b'.repeat(43)) } }, 403);
  await check({ headers: { 'x-csrf-token': 'not a token' } }, 403);
});

test('takes the token from a form field, named exactly once', async () => {
  const token = makeCsrfToken(keys, session.idHash);
  const headers = { 'content-type': FORM };
  await check({ headers, body: `a=1&_csrf=${token}` }, 'pass');
  await check({ headers, body: `_csrf=${token}&_csrf=${token}` }, 403);
  await check({ headers: { 'content-type': 'text/plain' }, body: `_csrf=${token}` }, 403);
});

test('always: a same-origin request needs its token as well', async () => {
  const headers = { 'sec-fetch-site': 'same-origin' };
  await check({ headers }, 403, { tokens: 'always' });
  await check({ headers: { ...headers, 'x-csrf-token': makeCsrfToken(keys, session.idHash) } }, 'pass', {
    tokens: 'always',
  });
});

test('lets a client without a session cookie through: there is nothing to forge with', () => {
  const exchange = sketchExchange({ method: 'POST' });
  const guard = csrfGuard(defaultsOf(csrfOptions), new OwnOrigins(OWN), keys);
  assert.equal(guard.onRequest?.(exchange), undefined);
});

test('without a declared origin, believes the loopback host that the host guard let through', () => {
  const guard = csrfGuard(defaultsOf(csrfOptions), new OwnOrigins(undefined), keys);
  const from = (origin: string): number | string => {
    const exchange = sketchExchange({
      method: 'POST',
      encrypted: false,
      headers: { host: 'localhost:3000', origin },
    });
    exchange.host = 'localhost:3000';
    const verdict = guard.onRequest?.(exchange);
    return verdict instanceof Promise ? 'promise' : (verdict?.status ?? 'pass');
  };
  assert.equal(from('http://localhost:3000'), 'pass');
  assert.equal(from('http://localhost:4000'), 403);
  assert.equal(from('https://localhost:3000'), 403);
});

test('a refusal says what to do, and the log why: what the browser said of its origin, or that the token is none', async () => {
  const guard = csrfGuard(defaultsOf(csrfOptions), new OwnOrigins(OWN), keys);
  const told = async (headers: Record<string, string>): Promise<unknown> => {
    const exchange = sketchExchange({ method: 'POST', headers });
    exchange.hasSessionCookie = true;
    exchange.session = session;
    const verdict = await guard.onRequest?.(exchange);
    assert.ok(verdict !== undefined);
    const { status, type, event, detail } = verdict;
    assert.deepEqual([status, type, event?.kind.name], [403, 'cross-site-request', 'malicious_cors']);
    assert.match(detail, /^This request did not come from a page of this site\./);
    return event?.details;
  };
  const origin = 'https://evil.example';
  assert.deepEqual(await told({ origin, 'sec-fetch-site': 'cross-site' }), {
    reason: 'the request comes from another site',
    origin,
    site: 'cross-site',
  });
  const silent = { origin: undefined, site: undefined };
  assert.deepEqual(await told({}), {
    reason: 'no token, and no header that tells the origin',
    ...silent,
  });
  assert.deepEqual(await told({ 'x-csrf-token': 'x' }), {
    reason: 'the token is not for this session',
    ...silent,
  });
});

test('always: what changes nothing needs no token, and neither does a cookie that opens no session', async () => {
  await check({ method: 'GET' }, 'pass', { tokens: 'always' });
  const exchange = sketchExchange({ method: 'POST', headers: { 'x-csrf-token': 'none of ours' } });
  exchange.hasSessionCookie = true;
  const guard = csrfGuard({ ...defaultsOf(csrfOptions), tokens: 'always' }, new OwnOrigins(OWN), keys);
  assert.equal(await guard.onRequest?.(exchange), undefined);
});

test('a request by an API token alone is forged by nobody; with a cookie beside it, it is judged', async () => {
  const foreign = { 'sec-fetch-site': 'cross-site' };
  const judge = async (byToken: boolean, headers: Record<string, string>): Promise<number | string> => {
    const exchange = sketchExchange({ method: 'POST', headers });
    if (byToken) exchange.set(CREDENTIAL, { id: 't', principal: { account: 'ann' } as unknown as Principal });
    const guard = csrfGuard(defaultsOf(csrfOptions), new OwnOrigins(OWN), keys);
    return (await guard.onRequest?.(exchange))?.status ?? 'pass';
  };
  assert.equal(await judge(true, foreign), 'pass');
  assert.equal(await judge(true, { ...foreign, cookie: 'own=1' }), 403);
  assert.equal(await judge(false, foreign), 403);
});

test('what will be refused is known before the session is, and nothing where the guard does not refuse', () => {
  const sent = sketchExchange({ method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } });
  const own = sketchExchange({ method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } });
  for (const [mode, refused] of [
    ['enforce', true],
    ['observe', false],
    ['off', false],
  ] as const) {
    const settings = { ...defaultsOf(csrfOptions), mode };
    const isForged = forgeryTest(settings, new OwnOrigins(OWN));
    assert.deepEqual([isForged(sent), isForged(own)], [refused, false], mode);
    const guard = csrfGuard(settings, new OwnOrigins(OWN), keys);
    assert.deepEqual([guard.name, guard.mode], ['csrf', mode]);
  }
});

test('reads where a request comes from by what only a browser can say', () => {
  const sibling = 'https://app.example.com';
  const origins = { own: new OwnOrigins(OWN), trusted: new Set([sibling]) };
  const isForged = forgeryTest({ ...defaultsOf(csrfOptions), trustedOrigins: [sibling] }, origins.own);
  for (const [headers, signal] of [
    [{ 'sec-fetch-site': 'same-origin' }, 'same-origin'],
    [{ 'sec-fetch-site': 'none' }, 'same-origin'],
    [{ 'sec-fetch-site': 'same-site', origin: sibling }, 'same-origin'],
    [{ 'sec-fetch-site': 'same-site', origin: 'https://other.example.com' }, 'cross-site'],
    [{ 'sec-fetch-site': 'same-site' }, 'cross-site'],
    // Listed for the same site: what the browser calls another site is none of ours, whatever its name.
    [{ 'sec-fetch-site': 'cross-site', origin: sibling }, 'cross-site'],
    [{ origin: OWN }, 'same-origin'],
    [{ origin: sibling }, 'same-origin'],
    [{ origin: 'https://evil.example' }, 'cross-site'],
    [{}, 'unknown'],
  ] as const) {
    const exchange = sketchExchange({ method: 'POST', headers: { ...headers } });
    assert.equal(readCsrfSignal(exchange, origins), signal, JSON.stringify(headers));
    assert.equal(isForged(exchange), signal === 'cross-site');
  }
  assert.equal(readCsrfSignal(sketchExchange(), origins), 'safe');
});

/** What an application behind the gateway is told of Origin and Referer. */
function told(sketch: RequestSketch): readonly (string | undefined)[] {
  const exchange = sketchExchange({ method: 'POST', ...sketch });
  const head = new ForwardLines(exchange.request.rawHeaders);
  csrfGuard(defaultsOf(csrfOptions), new OwnOrigins(OWN), keys).onForward?.(exchange, head);
  return [head.get('origin'), head.get('referer')];
}

test('where a browser vouches for a page that tells no referrer, the application is told its origin', () => {
  const withheld = { 'sec-fetch-site': 'same-origin', origin: 'null' };
  assert.deepEqual(told({ headers: withheld }), [OWN, `${OWN}/`]);
  assert.deepEqual(told({ headers: { ...withheld, origin: OWN, referer: `${OWN}/notes?page=2` } }), [
    OWN,
    `${OWN}/notes?page=2`,
  ]);
});

test('nothing is vouched for that no browser has said, and nothing where nothing is changed', () => {
  for (const site of ['cross-site', 'same-site', 'none', 'Same-Origin', undefined]) {
    const headers = { origin: 'null', ...(site !== undefined && { 'sec-fetch-site': site }) };
    assert.deepEqual(told({ headers }), ['null', undefined], site);
  }
  assert.deepEqual(told({ method: 'GET', headers: { 'sec-fetch-site': 'same-origin' } }), [
    undefined,
    undefined,
  ]);
});
