import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultsOf } from '../../core/options.ts';
import { FakeHead, sketchExchange } from '../../../test/support/exchange.ts';
import { headersRules } from './headers.check.ts';
import { headersGuard } from './headers.ts';
import { headersOptions } from './headers.options.ts';

/** The levels a rule finds in an answer with these headers. */
function check(id: string, rawHeaders: readonly string[], expected: readonly string[]): void {
  const rule = headersRules.find((candidate) => candidate.id === id);
  assert.ok(rule, id);
  const found = rule.check({
    method: 'GET',
    url: 'https://files.example/',
    status: 200,
    rawHeaders,
    body: '',
  });
  assert.deepEqual(
    found.map((finding) => finding.level),
    expected,
    `${id} ${JSON.stringify(rawHeaders)}`,
  );
}

test('every rule passes what the guard sends by default', () => {
  const head = new FakeHead(200, { server: 'x' });
  headersGuard(defaultsOf(headersOptions)).onResponse?.(sketchExchange(), head);
  const sent = [...head.headers].flatMap(([name, value]) => [name, String(value)]);
  for (const { id } of headersRules) check(id, sent, []);
});

test('a bare answer lacks every header', () => {
  check('headers.nosniff', [], ['error']);
  check('headers.frame-options', [], ['warning']);
  check('headers.referrer-policy', [], ['error']);
  check('headers.opener-policy', [], ['error']);
  check('headers.resource-policy', [], ['warning']);
  check('headers.permissions-policy', [], ['warning']);
  check('headers.disclosure', [], []);
  check('headers.cache', [], []);
});

test('a weak value is as good as none', () => {
  check('headers.nosniff', ['X-Content-Type-Options', 'sniff'], ['error']);
  check('headers.frame-options', ['X-Frame-Options', 'ALLOW-FROM https://a.example'], ['warning']);
  check('headers.frame-options', ['X-Frame-Options', 'DENY', 'X-Frame-Options', 'SAMEORIGIN'], ['warning']);
  check('headers.referrer-policy', ['Referrer-Policy', 'no-referrer, unsafe-url'], ['error']);
  check('headers.referrer-policy', ['Referrer-Policy', 'unsafe-url, no-referrer'], []);
  check('headers.opener-policy', ['Cross-Origin-Opener-Policy', 'unsafe-none'], ['error']);
  check('headers.opener-policy', ['Cross-Origin-Opener-Policy', 'same-origin; report-to="x"'], []);
  check('headers.resource-policy', ['Cross-Origin-Resource-Policy', 'cross-origin'], ['warning']);
});

test('headers.permissions-policy: wildcards deny nothing', () => {
  const name = 'Permissions-Policy';
  check('headers.permissions-policy', [name, 'camera=*, microphone=(), geolocation=()'], ['warning']);
  check('headers.permissions-policy', [name, 'camera=(*), microphone=(), geolocation=()'], ['warning']);
  check('headers.permissions-policy', [name, 'camera=(self), microphone=()', name, 'geolocation=()'], []);
});

test('headers.disclosure: one finding for each name', () => {
  check('headers.disclosure', ['Server', 'nginx/1.2', 'X-Powered-By', 'Express'], ['warning', 'warning']);
});

test('headers.cache: a cookie and a shared cache', () => {
  const cookie = ['Set-Cookie', 'a=b'];
  check('headers.cache', [...cookie, 'Cache-Control', 'public, max-age=60'], ['error']);
  check('headers.cache', cookie, ['warning']);
  check('headers.cache', [...cookie, 'Cache-Control', 'no-store'], []);
  check('headers.cache', [...cookie, 'Cache-Control', 'max-age=0, private'], []);
  check('headers.cache', ['Cache-Control', 'public, max-age=60'], []);
});
