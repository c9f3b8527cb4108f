import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultsOf } from '../../core/options.ts';
import type { SiteFacts } from '../../core/rule.ts';
import { contextOf, type Said, verdictOf } from '../../../test/support/check-site.ts';
import { FakeHead, sketchExchange } from '../../../test/support/exchange.ts';
import { headersRules } from './headers.check.ts';
import { headersGuard } from './headers.ts';
import { headersOptions } from './headers.options.ts';

/** What a rule says of a site whose answers all have these headers. */
async function check(
  id: string,
  headers: readonly string[],
  expected: readonly string[],
  said: Said = {},
  site: Partial<SiteFacts> = {},
): Promise<void> {
  const found = await verdictOf(
    headersRules,
    id,
    contextOf(() => ({ headers, ...said }), site),
  );
  assert.deepEqual(found, expected, `${id} ${JSON.stringify(headers)}`);
}

test('every rule but that on caches holds under what the guard sends by default', async () => {
  const head = new FakeHead(200, { server: 'x' });
  headersGuard(defaultsOf(headersOptions)).onResponse?.(sketchExchange(), head);
  const sent = [...head.headers].flatMap(([name, value]) => [name, String(value)]);
  for (const { id } of headersRules) await check(id, sent, [id === 'headers.cache' ? 'not-seen' : 'held']);
});

test('a bare answer lacks every header', async () => {
  await check('headers.nosniff', [], ['error']);
  await check('headers.frame-options', [], ['warning']);
  await check('headers.referrer-policy', [], ['warning']);
  await check('headers.opener-policy', [], ['warning']);
  await check('headers.resource-policy', [], ['note']);
  await check('headers.permissions-policy', [], ['note']);
  await check('headers.disclosure', [], ['held']);
  await check('headers.cache', [], ['not-seen']);
});

test('a weak value is as good as none', async () => {
  await check('headers.nosniff', ['X-Content-Type-Options', 'sniff'], ['error']);
  await check('headers.frame-options', ['X-Frame-Options', 'ALLOW-FROM https://a.example'], ['warning']);
  await check(
    'headers.frame-options',
    ['X-Frame-Options', 'DENY', 'X-Frame-Options', 'SAMEORIGIN'],
    ['warning'],
  );
  await check('headers.referrer-policy', ['Referrer-Policy', 'no-referrer, unsafe-url'], ['error']);
  await check('headers.opener-policy', ['Cross-Origin-Opener-Policy', 'unsafe-none'], ['warning']);
  await check('headers.resource-policy', ['Cross-Origin-Resource-Policy', 'cross-origin'], ['note']);
});

test('what browsers read otherwise than it looks is taken as they read it', async () => {
  await check('headers.frame-options', ['X-Frame-Options', 'DENY', 'X-Frame-Options', 'deny'], ['held']);
  await check('headers.referrer-policy', ['Referrer-Policy', 'unsafe-url, no-referrer'], ['held']);
  await check('headers.referrer-policy', ['Referrer-Policy', 'no-referrer, made-up'], ['held']);
  await check(
    'headers.opener-policy',
    ['Cross-Origin-Opener-Policy', 'same-origin; report-to="x"'],
    ['held'],
  );
  const page = { body: '<meta name="referrer" content="no-referrer">' };
  await check('headers.referrer-policy', [], ['held'], page);
});

test('headers.frame-options is a hint where the policy says who may frame', async () => {
  await check('headers.frame-options', ['Content-Security-Policy', "frame-ancestors 'none'"], ['note']);
});

test('headers.opener-policy: browsers heed it over https only', async () => {
  const plain = { secure: false, origin: 'http://files.example' };
  await check(
    'headers.opener-policy',
    ['Cross-Origin-Opener-Policy', 'same-origin'],
    ['not-seen'],
    {},
    plain,
  );
});

test('headers.resource-policy: refusing to be embedded is as good', async () => {
  const context = contextOf(({ headers }) =>
    headers?.['sec-fetch-site'] === 'cross-site' ? { status: 403 } : {},
  );
  assert.deepEqual(await verdictOf(headersRules, 'headers.resource-policy', context), ['held']);
});

test('rules about pages say nothing of an API, nor of what is no answer to the question', async () => {
  const json = contextOf(() => ({ headers: ['X-Content-Type-Options', 'nosniff'], status: 404 }));
  for (const { id, needs } of headersRules) {
    if (needs === 'page') assert.deepEqual(await verdictOf(headersRules, id, json), ['not-seen'], id);
  }
  await check('headers.nosniff', [], ['not-seen'], { body: '' });
});

test('headers.permissions-policy: wildcards deny nothing', async () => {
  const name = 'Permissions-Policy';
  await check('headers.permissions-policy', [name, 'camera=*, microphone=(), geolocation=()'], ['note']);
  await check('headers.permissions-policy', [name, 'camera=(*), microphone=(), geolocation=()'], ['note']);
  await check(
    'headers.permissions-policy',
    [name, 'camera=(self), microphone=()', name, 'geolocation=()'],
    ['held'],
  );
});

test('headers.disclosure: a version is worse than a name', async () => {
  await check('headers.disclosure', ['Server', 'nginx/1.2', 'X-Powered-By', 'Express'], ['warning', 'note']);
});

test('headers.cache: an answer that begins a session, and a cache that many share', async () => {
  const cookie = ['Set-Cookie', 'sid=0123456789'];
  await check('headers.cache', [...cookie, 'Cache-Control', 'public, max-age=60'], ['error']);
  await check('headers.cache', cookie, ['warning']);
  await check('headers.cache', [...cookie, 'Cache-Control', 'no-store'], ['held']);
  await check('headers.cache', [...cookie, 'Cache-Control', 'max-age=0, private'], ['held']);
  await check(
    'headers.cache',
    ['Set-Cookie', 'theme=dark', 'Cache-Control', 'public, max-age=60'],
    ['not-seen'],
  );
});

test('headers.cache: a page that is another for who is signed in', async () => {
  const verdict = (
    control: readonly string[],
    page: (cookie: string) => string,
  ): Promise<readonly string[]> =>
    verdictOf(
      headersRules,
      'headers.cache',
      contextOf(
        ({ target }, cookie) =>
          target === '/in'
            ? { headers: ['Set-Cookie', 'sid=0123456789', 'Cache-Control', 'no-store'] }
            : { headers: cookie === '' ? [] : control, body: page(cookie) },
        {},
        async (visitor) => {
          await visitor.ask({ target: '/in' });
        },
      ),
    );
  const personal = (cookie: string): string => (cookie === '' ? 'hello' : 'hello Ada');
  assert.deepEqual(await verdict(['Cache-Control', 'no-store'], personal), ['held']);
  assert.deepEqual(await verdict(['Cache-Control', 'private'], personal), ['note']);
  assert.deepEqual(await verdict([], personal), ['warning']);
  assert.deepEqual(await verdict([], () => 'the same for all'), ['held']);
});
