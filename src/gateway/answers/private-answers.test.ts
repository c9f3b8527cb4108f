import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeHead, sketchExchange } from '../../../test/support/exchange.ts';
import { cacheGuard } from '../../controls/headers/cache.ts';
import { KNOWN_SESSION_COOKIES } from '../options/vault-names.ts';
import { privateAnswersGuard } from './private-answers.ts';

const guard = privateAnswersGuard(KNOWN_SESSION_COOKIES);

/** What leaves as Cache-Control, of an answer that may be kept for an hour as far as its application goes. */
function caching(request: Record<string, string>, answer: Record<string, string>): unknown {
  const exchange = sketchExchange({ headers: request });
  const head = new FakeHead(200, { 'cache-control': 'max-age=3600', ...answer });
  guard.onResponse?.(exchange, head);
  cacheGuard().onResponse?.(exchange, head);
  return head.getHeader('cache-control');
}

const PAGE = { 'content-type': 'text/html; charset=utf-8' };
const FILE = { 'content-type': 'text/css' };

test('v5.0.0-14.3.2 (in part) a page or data for somebody who brought a session is not stored', () => {
  for (const cookie of ['session=a', 'theme=dark; sessionid=a', '__Host-vault=a', 'a=b;remember_token=1'])
    for (const answer of [
      PAGE,
      { 'content-type': 'application/json' },
      { ...FILE, vary: 'Accept-Encoding, Cookie' },
    ])
      assert.equal(caching({ cookie }, answer), 'no-store', cookie);
  assert.equal(caching({ authorization: 'Basic YTpi' }, PAGE), 'no-store');
  assert.equal(caching({ cookie: 'session=a' }, { ...FILE, vary: '*' }), 'no-store');
});

test('what anybody gets alike may be kept: files, and pages for who brought nothing that says who they are', () => {
  assert.equal(caching({ cookie: 'session=a' }, FILE), 'max-age=3600');
  assert.equal(caching({ cookie: 'session=a' }, { ...FILE, vary: 'Accept-Encoding' }), 'max-age=3600');
  assert.equal(caching({ cookie: 'theme=session' }, PAGE), 'max-age=3600');
  assert.equal(caching({}, { ...PAGE, vary: 'Cookie' }), 'max-age=3600');
});
