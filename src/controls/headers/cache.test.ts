import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeHead, sketchExchange } from '../../../test/support/exchange.ts';
import { cacheGuard } from './cache.ts';

interface Sketch {
  read?: boolean;
  extra?: [string, string][];
}

/** The head after the guard, of an answer for which the session was read unless said otherwise. */
function after(headers: Record<string, string | string[]>, sketch: Sketch = {}): Record<string, unknown> {
  const exchange = sketchExchange();
  exchange.sessionRead = sketch.read ?? true;
  exchange.extraHeaders.push(...(sketch.extra ?? []));
  const head = new FakeHead(200, headers);
  cacheGuard().onResponse?.(exchange, head);
  return Object.fromEntries(head.headers);
}

test('v5.0.0-14.3.2 past failure 14: a private download is not stored, whatever the application says', () => {
  assert.deepEqual(after({ 'cache-control': 'public, max-age=31536000' }), { 'cache-control': 'no-store' });
  assert.deepEqual(after({}), { 'cache-control': 'no-store' });
});

test('v5.0.0-14.2.2 drops what caches put above Cache-Control', () => {
  assert.deepEqual(
    after({
      expires: 'Thu, 01 Jan 2099 00:00:00 GMT',
      'cdn-cache-control': 'max-age=600',
      'surrogate-control': 'max-age=600',
      'x-accel-expires': '600',
    }),
    { 'cache-control': 'no-store' },
  );
});

test('drops a weak validator, and keeps those by which a broken download goes on', () => {
  const modified = { 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' };
  assert.deepEqual(after({ etag: 'W/"1-a"', ...modified }), { 'cache-control': 'no-store', ...modified });
  assert.deepEqual(after({ etag: '"1-a"' }), { 'cache-control': 'no-store', etag: '"1-a"' });
});

test('an answer that sets a cookie is not stored', () => {
  const open = { 'cache-control': 'public, max-age=60' };
  assert.equal(after({ ...open, 'set-cookie': 'a=b' }, { read: false })['cache-control'], 'no-store');
  assert.equal(
    after(open, { read: false, extra: [['Set-Cookie', '__Host-sid=x']] })['cache-control'],
    'no-store',
  );
});

test('leaves every other answer to the application', () => {
  const open = { 'cache-control': 'public, max-age=60', etag: 'W/"1"', expires: '0' };
  assert.deepEqual(after(open, { read: false, extra: [['RateLimit', 'x']] }), open);
  assert.deepEqual(after({}, { read: false }), {});
});
