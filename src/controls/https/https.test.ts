import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { defaultsOf, readOptions } from '../../core/options.ts';
import { type OriginParts, parseOrigin } from '../../core/origin.ts';
import { Problems } from '../../core/problems.ts';
import type { RouteRules } from '../../core/route-rules.ts';
import type { Refusal } from '../../core/verdict.ts';
import { FakeHead, type RequestSketch, sketchExchange } from '../../../test/support/exchange.ts';
import { hstsValue, httpsGuard, judgePlainHttp } from './https.ts';
import { httpsOptions, type HttpsSettings } from './https.options.ts';

const OWN = 'https://example.com';
const defaults = defaultsOf(httpsOptions);

/** A request over plain http, judged: `pass`, 403, or where a 308 leads. */
function check(sketch: RequestSketch, expected: number | string, rules: RouteRules = {}): void {
  const exchange = sketchExchange({ encrypted: false, ...sketch });
  exchange.rules = rules;
  const verdict = httpsGuard(defaults, parseOrigin(OWN)).onRequest?.(exchange);
  assert.ok(!(verdict instanceof Promise));
  if (verdict === undefined) return assert.equal('pass', expected);
  if (verdict.status === 308) assert.equal(location(verdict), expected);
  else assert.equal(verdict.status, expected);
}

function location(refusal: Refusal): string | undefined {
  return refusal.headers?.find(([name]) => name === 'Location')?.[1];
}

/** The value of Strict-Transport-Security, or undefined. */
function hsts(
  origin: OriginParts | undefined,
  sketch: RequestSketch = {},
  settings: Partial<HttpsSettings> = {},
): unknown {
  const exchange = sketchExchange(sketch);
  exchange.host = String(sketch.headers?.host ?? 'example.com');
  const head = new FakeHead();
  httpsGuard({ ...defaults, ...settings }, origin).onResponse?.(exchange, head);
  return head.getHeader('strict-transport-security');
}

function read(input: unknown): { settings: HttpsSettings; problems: Problems } {
  const problems = new Problems('production');
  return { settings: readOptions('https', httpsOptions, input, problems), problems };
}

function stepValue(step: string): string {
  return hstsValue(read({ hsts: step }).settings.hsts);
}

test('lets a request over https through', () => {
  check({ encrypted: true }, 'pass');
  check({ encrypted: true, method: 'POST' }, 'pass');
});

test('v5.0.0-12.2.1 sends a GET or HEAD over plain http to the same path over https', () => {
  check({ target: '/a/b?c=d&e=%2F' }, `${OWN}/a/b?c=d&e=%2F`);
  check({ method: 'HEAD', target: '/' }, `${OWN}/`);
});

test('past failure 16: never redirects to the Host of the request', () => {
  check({ target: '/x', headers: { host: 'evil.example' } }, `${OWN}/x`);
  check({ target: '/x', headers: { 'x-forwarded-host': 'evil.example' } }, `${OWN}/x`);
});

test('past failure 16: refuses a POST over plain http, whose body has left in clear', () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get', 'PROPFIND'])
    check({ method }, 403);
});

test('what came in clear is in the log as what should not have come: its method and whether it was an upgrade', () => {
  for (const [sketch, evidence] of [
    [{ method: 'POST' }, { method: 'POST', upgrade: false }],
    [{ headers: { upgrade: 'websocket', connection: 'Upgrade' } }, { method: 'GET', upgrade: true }],
    [{ headers: { authorization: 'Bearer x' } }, { method: 'GET', upgrade: false }],
  ] as const) {
    const exchange = sketchExchange({ encrypted: false, ...sketch });
    const verdict = httpsGuard(defaults, parseOrigin(OWN)).onRequest?.(exchange);
    assert.ok(verdict !== undefined && !(verdict instanceof Promise));
    assert.equal(verdict.event?.kind.name, 'malicious_extraneous');
    assert.deepEqual(verdict.event?.details, evidence);
  }
});

test('v5.0.0-4.1.2 (in part) v5.0.0-4.4.1 refuses what is no person following a link: upgrades and credentials', () => {
  check({ headers: { upgrade: 'websocket', connection: 'Upgrade' } }, 403);
  check({ headers: { authorization: 'Bearer x' } }, 403);
});

test('two slashes stay a path of this host', () => {
  check({ target: '//evil.example/x' }, `${OWN}//evil.example/x`);
  assert.equal(new URL(`${OWN}//evil.example/x`).host, 'example.com');
});

test('refuses targets that would name another host or start a header', () => {
  for (const target of [
    '',
    '*',
    '.evil.example/',
    '@evil.example/',
    ':8080/',
    'http://evil.example/',
    '/\\evil.example',
    '/a b',
    '/a\r\nSet-Cookie: a=b',
    '/\u00e9',
    '/\0',
  ]) {
    check({ target }, 403);
  }
});

test('a redirect, whatever the target, leads to the public origin', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.webUrl(), fc.webPath()),
      fc.constantFrom('', '/', '//'),
      (rest, start) => {
        const verdict = judgePlainHttp(sketchExchange({ target: start + rest }).request, OWN);
        if (verdict?.status !== 308) return;
        assert.equal(new URL(location(verdict) ?? '').origin, OWN);
        assert.match(location(verdict) ?? '', /^[\x21-\x7e]+$/);
      },
    ),
  );
});

test('answers a route that the policy opens to plain http', () => {
  check({ target: '/healthz' }, 'pass', { insecureHttp: true });
});

test('is idle for a public origin on loopback http, and without one', () => {
  for (const origin of [undefined, parseOrigin('http://localhost:3000')]) {
    const guard = httpsGuard(defaults, origin);
    assert.equal(guard.onRequest, undefined);
    assert.equal(hsts(origin), undefined);
  }
});

test('v5.0.0-3.4.1 sends HSTS of two years with every subdomain over https', () => {
  assert.equal(hsts(parseOrigin(OWN)), 'max-age=63072000; includeSubDomains');
});

test('sends HSTS on refusals too, where no guard has named a host', () => {
  const head = new FakeHead(400);
  const exchange = sketchExchange({ headers: { host: 'other.example' } });
  exchange.host = '';
  httpsGuard(defaults, parseOrigin(OWN)).onResponse?.(exchange, head);
  assert.equal(head.getHeader('strict-transport-security'), 'max-age=63072000; includeSubDomains');
});

test('sends no HSTS over plain http (RFC 6797 7.2), nor to a loopback name', () => {
  assert.equal(hsts(parseOrigin(OWN), { encrypted: false }), undefined);
  assert.equal(
    hsts(parseOrigin('https://localhost:8443'), { headers: { host: 'localhost:8443' } }),
    undefined,
  );
  for (const host of [
    'localhost',
    'LOCALHOST:8443',
    '127.0.0.1:8443',
    '[::1]:8443',
    '[::1]',
    'a.localhost',
  ]) {
    assert.equal(hsts(parseOrigin(OWN), { headers: { host } }), undefined, host);
  }
});

test('reads the steps of the ramp', () => {
  assert.equal(stepValue('ramp-5-minutes'), 'max-age=300; includeSubDomains');
  assert.equal(stepValue('ramp-1-week'), 'max-age=604800; includeSubDomains');
  assert.equal(stepValue('full'), 'max-age=63072000; includeSubDomains');
  assert.equal(stepValue('preload'), 'max-age=63072000; includeSubDomains; preload');
});

test('reads HSTS in its parts', () => {
  const { settings, problems } = read({ hsts: { maxAge: '365d', includeSubDomains: false } });
  assert.deepEqual(problems.errors, []);
  assert.equal(hstsValue(settings.hsts), 'max-age=31536000');
});

test('refuses preload without every subdomain and a year', () => {
  for (const hsts of [
    { maxAge: '364d', preload: true },
    { includeSubDomains: false, preload: true },
  ]) {
    assert.deepEqual(
      read({ hsts }).problems.errors.map((problem) => [problem.option, problem.fix]),
      [['https.hsts', "hsts: 'preload'"]],
    );
  }
  assert.deepEqual(read({ hsts: { maxAge: '365d', preload: true } }).problems.errors, []);
});

test('refuses an age of nothing, unknown steps and misspelt parts', () => {
  const option = (hsts: unknown): string | undefined => read({ hsts }).problems.errors[0]?.option;
  assert.equal(option({ maxAge: '0d' }), 'https.hsts.maxAge');
  assert.equal(option({ maxAge: 63_072_000 }), 'https.hsts.maxAge');
  assert.equal(option('Full'), 'https.hsts');
  assert.equal(option('__proto__'), 'https.hsts');
  assert.equal(option(false), 'https.hsts');
  assert.match(
    read({ hsts: { includeSubdomains: true } }).problems.errors[0]?.fix ?? '',
    /includeSubDomains/,
  );
});
