import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultsOf } from '../../core/options.ts';
import type { Refusal } from '../../core/verdict.ts';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { bodyGuard, bodyLimitOf, bodyTooLarge } from './body.ts';
import { bodyOptions, type BodySettings } from './body.options.ts';

const settings: BodySettings = { ...defaultsOf(bodyOptions), limit: 1024 };

function judge(
  headers: Record<string, string>,
  options: Partial<BodySettings> & { routeLimit?: number } = {},
): Refusal | undefined {
  const { routeLimit, ...rest } = options;
  const exchange = sketchExchange({ method: 'POST', headers });
  if (routeLimit !== undefined) exchange.rules = { bodyLimit: routeLimit };
  const verdict = bodyGuard({ ...settings, ...rest }).onRequest?.(exchange);
  assert.ok(!(verdict instanceof Promise));
  return verdict;
}

test('takes a body up to its limit, and one whose length is told only as it comes', () => {
  assert.equal(judge({}), undefined);
  assert.equal(judge({ 'content-length': '0' }), undefined);
  assert.equal(judge({ 'content-length': '1024' }), undefined);
  assert.equal(judge({ 'transfer-encoding': 'chunked' }), undefined);
});

test('past failure 15: refuses a larger one before a byte of it is read, and closes the connection', () => {
  const verdict = judge({ 'content-length': '1025' });
  assert.equal(verdict?.status, 413);
  assert.equal(verdict.close, true);
  assert.match(verdict.detail, /1KB/);
});

test('a length that is no number is larger than any limit', () => {
  for (const length of ['', 'x', '-1', '1e1', '0x1', '9'.repeat(400)]) {
    assert.equal(judge({ 'content-length': length })?.status, 413, length);
  }
});

test('a route may take more, or less', () => {
  assert.equal(judge({ 'content-length': '4096' }, { routeLimit: 8192 }), undefined);
  assert.equal(judge({ 'content-length': '512' }, { routeLimit: 256 })?.status, 413);
});

test('refuses compressed bodies, and says what it takes (RFC 7694)', () => {
  for (const coding of ['gzip', 'br', 'deflate', 'zstd', 'x-gzip', 'identity, gzip', 'anything', '']) {
    const verdict = judge({ 'content-encoding': coding });
    assert.equal(verdict?.status, 415, coding);
    assert.deepEqual(verdict.headers, [['Accept-Encoding', 'identity']]);
  }
  assert.equal(judge({ 'content-encoding': 'identity' }), undefined);
  assert.equal(judge({ 'content-encoding': 'Identity' }), undefined);
});

test('where the policy takes them, takes one layer and no more (CWE-409)', () => {
  for (const coding of ['gzip', 'GZIP', 'br', 'deflate']) {
    assert.equal(judge({ 'content-encoding': coding }, { compressed: true }), undefined, coding);
  }
  for (const coding of ['gzip, gzip', 'gzip,br', 'compress', 'zstd']) {
    assert.equal(judge({ 'content-encoding': coding }, { compressed: true })?.status, 415, coding);
  }
});

test('tells hosts the limit to count real bytes against, and the answer past it', () => {
  const exchange = sketchExchange();
  assert.equal(bodyLimitOf(exchange, settings), 1024);
  exchange.rules = { bodyLimit: 7 };
  assert.equal(bodyLimitOf(exchange, settings), 7);
  assert.equal(bodyTooLarge(7).status, 413);
  assert.equal(bodyTooLarge(7).close, true);
});
