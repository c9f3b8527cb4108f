import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultsOf } from '../../core/options.ts';
import type { Refusal } from '../../core/verdict.ts';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { firewallOptions } from './firewall.options.ts';
import { methodGuard } from './method.ts';

function judge(
  method: string,
  headers: Record<string, string> = {},
  methods?: string[],
): Refusal | undefined {
  const settings = defaultsOf(firewallOptions);
  const guard = methodGuard(methods === undefined ? settings : { ...settings, methods });
  const verdict = guard.onRequest?.(sketchExchange({ method, headers }));
  assert.ok(!(verdict instanceof Promise));
  return verdict;
}

test('answers the methods of web applications', () => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    assert.equal(judge(method), undefined, method);
  }
});

test('v5.0.0-4.1.4 answers no other method', () => {
  for (const method of [
    'PROPFIND',
    'CONNECT',
    'PURGE',
    'QUERY',
    'LOCK',
    'get',
    'Get',
    'GET ',
    '',
    '__proto__',
  ]) {
    assert.equal(judge(method)?.status, 405, method);
  }
  assert.equal(judge('DELETE', {}, ['GET', 'POST'])?.status, 405);
});

test('v5.0.0-13.4.4 answers no TRACE, which echoes cookies', () => {
  assert.equal(judge('TRACE')?.status, 405);
});

test('past failure 21: a 405 says which methods there are', () => {
  assert.deepEqual(judge('TRACE', {}, ['GET', 'POST'])?.headers, [['Allow', 'GET, POST']]);
  assert.equal(judge('TRACE')?.event?.kind.name, 'malicious_method');
});

test('refuses headers that change the method behind the rules', () => {
  for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
    const verdict = judge('POST', { [name]: 'DELETE' });
    assert.equal(verdict?.status, 400, name);
    assert.equal(verdict.event?.kind.name, 'malicious_method');
    assert.equal(judge('GET', { [name]: '' })?.status, 400, name);
  }
});

test('keeps little of a long method for the log', () => {
  assert.ok(String(judge('A'.repeat(10_000))?.event?.details['method']).length <= 40);
});
