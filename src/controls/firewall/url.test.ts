import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../../core/exchange.ts';
import { ForwardLines } from '../../core/forward-head.ts';
import { defaultsOf } from '../../core/options.ts';
import type { Refusal } from '../../core/verdict.ts';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { firewallOptions } from './firewall.options.ts';
import { urlGuard } from './url.ts';

const guard = urlGuard({ ...defaultsOf(firewallOptions), urlLength: 300 });

function judge(target: string): { exchange: Exchange; verdict: Refusal | undefined } {
  const exchange = sketchExchange({ target, method: target === '*' ? 'OPTIONS' : 'GET' });
  const verdict = guard.onRequest?.(exchange);
  assert.ok(!(verdict instanceof Promise));
  return { exchange, verdict };
}

function reads(target: string, path: string, query: string): void {
  const { exchange, verdict } = judge(target);
  assert.equal(verdict, undefined, target);
  assert.deepEqual([exchange.path, exchange.query], [path, query]);
}

test('sets the decoded path, and the query as it came', () => {
  reads('/', '/', '');
  reads('/%61/b?c=%2F..%2F&d', '/a/b', 'c=%2F..%2F&d');
  reads('/a?', '/a', '');
  reads('/a?b?c', '/a', 'b?c');
  reads('*', '*', '');
});

test('reads an absolute target as its path', () => {
  reads('http://example.com/a/b?c', '/a/b', 'c');
  reads('http://example.com', '/', '');
  reads('http://example.com?a', '/', 'a');
});

test('refuses what has more than one reading, and says so in the log alone', () => {
  const { verdict } = judge('/a/%2e%2e/b?token=secret');
  assert.equal(verdict?.status, 400);
  assert.equal(verdict.event?.kind.name, 'input_validation_fail');
  assert.deepEqual(verdict.event?.details, { reason: 'dot segment in the path', path: '/a/%2e%2e/b' });
  assert.ok(!verdict.detail.includes('%2e'));
});

test('refuses an absolute target whose path would be another host', () => {
  assert.equal(judge('http://example.com//attacker.example/').verdict?.status, 400);
});

test('refuses a query with NUL or raw bytes, and a target that is no path', () => {
  for (const target of ['/a?%00', '/a?b c', '/a?#', 'a', '', '?a', 'http://a@b/']) {
    assert.equal(judge(target).verdict?.status, 400, target);
  }
});

test('answers 414 to a target past its length', () => {
  assert.equal(judge(`/${'a'.repeat(299)}`).verdict, undefined);
  assert.equal(judge(`/${'a'.repeat(300)}`).verdict?.status, 414);
  assert.equal(judge(`/?${'a'.repeat(300)}`).verdict?.status, 414);
  assert.equal(judge(`/${'%25'.repeat(100_000)}`).verdict?.status, 414);
});

test('hands on a refused path as it came, for where the guard only observes', () => {
  assert.equal(judge('/admin/%2e%2e/x?y').exchange.path, '/admin/%2e%2e/x');
  assert.equal(guard.derives, true);
});

test('keeps little of a long path for the log', () => {
  const { verdict } = judge(`/..;/${'a'.repeat(200)}`);
  assert.ok(String(verdict?.event?.details['path']).length <= 120);
});

test('hands on the raw path too, and says of each target whether it has one reading', () => {
  const seen: Readonly<Record<string, readonly [raw: string, hasOneReading: boolean]>> = {
    '*': ['*', true],
    '/%61/b?c': ['/%61/b', true],
    '/a/%2e%2e?b': ['/a/%2e%2e', false],
    'ftp://example.com/a': ['/', false],
  };
  for (const [target, [raw, hasOneReading]] of Object.entries(seen)) {
    const { exchange } = judge(target);
    assert.deepEqual([exchange.rawPath, exchange.pathHasOneReading], [raw, hasOneReading], target);
  }
});

test('takes from an upstream every header by which it could route to another path (CVE-2018-14773)', () => {
  for (const name of [
    'X-Original-URL',
    'X-Original-URI',
    'X-Rewrite-URL',
    'X-Script-Name',
    'Script-Name',
    'Path-Info',
    'X_Rewrite_URL',
  ]) {
    const head = new ForwardLines(['Accept', '*/*', name, '/admin']);
    guard.onForward?.(sketchExchange(), head);
    assert.deepEqual(head.rawHeaders, ['Accept', '*/*'], name);
  }
});
