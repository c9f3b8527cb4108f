import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ForwardLines } from '../../core/forward-head.ts';
import { defaultsOf } from '../../core/options.ts';
import type { Refusal } from '../../core/verdict.ts';
import { type RequestSketch, sketchExchange } from '../../../test/support/exchange.ts';
import { firewallOptions } from './firewall.options.ts';
import { framingGuard, framingTest } from './framing.ts';

const guard = framingGuard(defaultsOf(firewallOptions));

function judge(sketch: RequestSketch): Refusal | undefined {
  const verdict = guard.onRequest?.(sketchExchange(sketch));
  assert.ok(!(verdict instanceof Promise));
  return verdict;
}

function passes(sketch: RequestSketch): void {
  assert.equal(judge(sketch), undefined);
}

/** Refused with 400, for the reason named, and the connection closed: the next request on it may be a smuggled one. */
function refuses(sketch: RequestSketch, reason: string): void {
  const verdict = judge(sketch);
  assert.equal(verdict?.status, 400, reason);
  assert.equal(verdict.close, true);
  assert.equal(verdict.event?.kind.name, 'input_validation_fail');
  assert.equal(verdict.event?.details['reason'], reason);
}

const POST = { method: 'POST' } as const;

test('lets through what browsers and proxies send', () => {
  passes({});
  passes({ ...POST, headers: { 'content-length': '0' } });
  passes({ ...POST, headers: { 'content-length': '10485760' } });
  passes({ ...POST, headers: { 'transfer-encoding': 'chunked' } });
  passes({ headers: { host: 'EXAMPLE.com:8443' } });
  passes({ headers: { connection: 'Upgrade', upgrade: 'websocket' } });
  passes({ headers: { connection: 'keep-alive, Upgrade', upgrade: 'websocket' } });
  passes({ headers: { connection: 'TE, close', te: 'trailers' } });
  passes({ headers: { api_key: 'an odd name of its own' } });
  passes({ httpVersion: '1.0' });
});

test('v5.0.0-4.2.1 refuses a body whose length can be read in two ways (CWE-444)', () => {
  const both = 'Transfer-Encoding beside Content-Length';
  refuses({ ...POST, headers: { 'transfer-encoding': 'chunked', 'content-length': '5' } }, both);
  refuses({ ...POST, headers: { 'content-length': '5', 'Content-Length': '5' } }, 'two Content-Length lines');
  refuses({ ...POST, headers: { 'content-length': ['5', '6'] } }, 'two Content-Length lines');
  const coding10 = { ...POST, httpVersion: '1.0', headers: { 'transfer-encoding': 'chunked' } };
  refuses(coding10, 'Transfer-Encoding on HTTP/1.0');
});

test('refuses every Transfer-Encoding but chunked (the TE.TE tricks of "HTTP Desync Attacks", 2019)', () => {
  const codings = [
    'Chunked',
    'CHUNKED',
    'xchunked',
    'chunked, identity',
    'identity, chunked',
    'gzip, chunked',
    'chunked, chunked',
    ' chunked',
    'chunked ',
    '\u000bchunked',
    'chunked\u0000',
    '"chunked"',
    'chunked;q=1',
    'identity',
    'cow',
    '',
  ];
  for (const coding of codings) {
    refuses({ ...POST, headers: { 'transfer-encoding': coding } }, 'Transfer-Encoding other than chunked');
  }
  const twice = { 'transfer-encoding': ['chunked', 'chunked'] };
  refuses({ ...POST, headers: twice }, 'Transfer-Encoding other than chunked');
});

test('refuses a Content-Length that is not plain digits (CVE-2018-7159: blanks within the number)', () => {
  const lengths = [
    '',
    '+5',
    '-5',
    ' 5',
    '5 ',
    '1 2',
    '5,5',
    '0x5',
    '5.0',
    '5e1',
    '05',
    '\u0665',
    '9'.repeat(16),
    '5\u0000',
  ];
  for (const length of lengths) {
    refuses({ ...POST, headers: { 'content-length': length } }, 'Content-Length is not plain digits');
  }
});

test('refuses two Hosts, of which Node.js hands on the first and drops the second', () => {
  refuses({ headers: { host: 'example.com', Host: 'attacker.example' } }, 'two Host lines');
  refuses({ headers: { host: ['example.com', 'example.com'] } }, 'two Host lines');
});

test('refuses a Host that is none, and HTTP/1.1 without one', () => {
  const hosts = [
    '',
    'a,b',
    'user@example.com',
    'example.com/x',
    'example.com x',
    'example.com\u0000',
    'a\tb',
    'a?b',
    'a#b',
  ];
  for (const host of hosts) refuses({ headers: { host } }, 'Host is no host');
  const bare = sketchExchange();
  Object.assign(bare.request, { headers: {}, rawHeaders: [] });
  const verdict = guard.onRequest?.(bare);
  assert.ok(verdict !== undefined && !(verdict instanceof Promise));
  assert.equal(verdict.event?.details['reason'], 'no Host');
});

test('takes an absolute target for its own host only (routing-based SSRF, "Cracking the lens", 2017)', () => {
  passes({ target: 'http://example.com/a' });
  passes({ target: 'HTTPS://EXAMPLE.com:443/a' });
  passes({ target: 'http://example.com', headers: { host: 'example.com:80' } });
  const other = 'absolute target for another host than Host';
  refuses({ target: 'http://attacker.example/a' }, other);
  refuses({ target: 'http://example.com:8080/a' }, other);
  refuses({ target: 'http://example.com.attacker.example/' }, other);
});

test('refuses targets of any other form', () => {
  const form = 'target is of no form that this method has';
  const targets = [
    '*',
    '',
    'a',
    'example.com:443',
    '@attacker.example/',
    'http:/example.com/',
    'http:example.com',
    'http://user@example.com/',
    'http://example.com\\@attacker.example/',
    'ftp://example.com/',
    'javascript:alert(1)',
    'file:///etc/passwd',
    '?a',
    '\\\\example.com',
  ];
  for (const target of targets) refuses({ target }, form);
  passes({ method: 'OPTIONS', target: '*' });
});

test('refuses versions that have no headers, or other ones', () => {
  for (const httpVersion of ['0.9', '2.0', '1.2', '1', '', '3.0']) {
    refuses({ httpVersion }, 'HTTP version is neither 1.1 nor 1.0');
  }
});

test('refuses names that fold together behind us (CVE-2015-0219, underscore and dash)', () => {
  const folded = 'header name folds into another';
  for (const name of [
    'Content_Length',
    'content.length',
    'Transfer_Encoding',
    'X_Forwarded_For',
    'X-Forwarded_Proto',
    'X_Real_IP',
    'Sec_Fetch_Site',
    'X_CSRF_Token',
    'X_HTTP_Method_Override',
    'X_Rewrite_URL',
  ]) {
    refuses({ headers: { [name]: '1' } }, folded);
  }
  refuses({ headers: { 'x-user': '1', X_User: '2' } }, folded);
  refuses({ headers: { x_user: '1', 'x.user': '2' } }, folded);
});

test('refuses an upgrade to h2c, in which no proxy sees the requests ("h2c smuggling", 2020)', () => {
  const h2c = 'upgrade to h2c';
  refuses(
    { headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AA' } },
    h2c,
  );
  refuses({ headers: { connection: 'Upgrade', upgrade: 'H2C' } }, h2c);
  refuses({ headers: { connection: 'Upgrade', upgrade: 'websocket, h2c' } }, h2c);
  refuses({ headers: { connection: 'Upgrade', upgrade: ['websocket', 'h2c'] } }, h2c);
  refuses({ headers: { 'http2-settings': 'AA' } }, h2c);
  passes({ headers: { connection: 'Upgrade', upgrade: 'h2cx' } });
});

test('refuses a Connection that makes the next hop drop a header we decided by (CVE-2022-1388)', () => {
  const hop = 'Connection names a header that is not hop-by-hop';
  for (const connection of [
    'X-Forwarded-For',
    'close, Cookie',
    'keep-alive,authorization',
    'close, X-Forwarded-Host',
  ]) {
    refuses({ headers: { connection } }, hop);
  }
  passes({ headers: { connection: 'close, X-Anything-Else' } });
});

test('answers 431 to more header lines than the policy takes', () => {
  const lines = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, '1']));
  passes({ headers: lines(99) });
  const verdict = judge({ headers: lines(100) });
  assert.equal(verdict?.status, 431);
  assert.equal(verdict.close, true);
});

test('never throws, whatever the parser of a host lets through', () => {
  const value = fc.string({ unit: 'binary' });
  const name = fc.constantFrom(
    'host',
    'Host',
    'content-length',
    'transfer-encoding',
    'connection',
    'upgrade',
    'a_b',
  );
  fc.assert(
    fc.property(fc.dictionary(name, value), value, value, (headers, target, httpVersion) => {
      judge({ headers, target, httpVersion: httpVersion || '1.1' });
      judge({ headers, target });
    }),
  );
});

test('a request that passes has one Host, and at most one way to tell the length of its body', () => {
  const text = fc.constantFrom('chunked', 'Chunked', '5', '05', '', 'example.com', 'a,b', 'identity', 'h2c');
  const name = fc.constantFrom(
    'Host',
    'content-length',
    'Content-Length',
    'transfer-encoding',
    'Content_Length',
  );
  fc.assert(
    fc.property(fc.dictionary(name, text), (headers) => {
      const exchange = sketchExchange({ ...POST, headers });
      if (guard.onRequest?.(exchange) !== undefined) return;
      const names = exchange.request.rawHeaders
        .filter((_, index) => index % 2 === 0)
        .map((one) => one.toLowerCase());
      assert.equal(names.filter((one) => one === 'host').length, 1);
      const lengths = ['content-length', 'content_length', 'transfer-encoding'];
      assert.ok(names.filter((one) => lengths.includes(one)).length <= 1);
    }),
    { numRuns: 500 },
  );
});

test('says beforehand what it will refuse, and of nothing where it only observes', () => {
  const bad = sketchExchange({ ...POST, headers: { 'content-length': '+5' } });
  const good = sketchExchange({});
  for (const mode of ['enforce', 'observe', 'off'] as const) {
    const willRefuse = framingTest({ ...defaultsOf(firewallOptions), mode });
    assert.equal(willRefuse(bad), mode === 'enforce', mode);
    assert.equal(willRefuse(good), false, mode);
  }
});

test('a Connection may name what belongs to one hop, each of it', () => {
  for (const name of ['keep-alive', 'te', 'trailer', 'upgrade', 'proxy-connection', 'Keep-Alive, TE'])
    passes({ headers: { connection: name } });
});

test('an upgrade to another protocol than h2c, and a Host that the parser made up, are what they are', () => {
  passes({ headers: { connection: 'Upgrade', upgrade: 'h2cx, xh2c' } });
  const request = { ...sketchExchange({}).request, rawHeaders: ['Accept', '*/*'] };
  const exchange = sketchExchange({});
  Object.assign(exchange.request, request);
  const verdict = guard.onRequest?.(exchange);
  assert.ok(!(verdict instanceof Promise));
  assert.equal(verdict?.event?.details['reason'], 'no Host');
});

/** A request without a Host that the parser handed on, with these lines all the same. */
function withoutHost(sketch: RequestSketch, rawHeaders: readonly string[] = []): unknown {
  const exchange = sketchExchange(sketch);
  Object.assign(exchange.request, { headers: {}, rawHeaders });
  const verdict = guard.onRequest?.(exchange);
  assert.ok(!(verdict instanceof Promise));
  return verdict === undefined ? 'passes' : verdict.event?.details['reason'];
}

test('leaves HTTP/1.0 without a Host to the guard of hosts, but for a target that names one', () => {
  assert.equal(withoutHost({ httpVersion: '1.0' }), 'passes');
  assert.equal(
    withoutHost({ httpVersion: '1.0', target: 'http://example.com/' }),
    'absolute target for another host than Host',
  );
  assert.equal(withoutHost({}, ['Host', 'example.com']), 'no Host', 'a line that the parser took for none');
});

test('hands no Proxy header on, of which CGI makes HTTP_PROXY (CVE-2016-5385)', () => {
  const head = new ForwardLines(['Proxy', 'http://attacker.example', 'Accept', '*/*']);
  guard.onForward?.(sketchExchange(), head);
  assert.deepEqual(head.rawHeaders, ['Accept', '*/*']);
});
