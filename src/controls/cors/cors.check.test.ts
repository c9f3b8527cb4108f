import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, type Said, verdictOf } from '../../../test/support/check-site.ts';
import { corsRules } from './cors.check.ts';

const ORIGIN = 'access-control-allow-origin';
const COOKIES = ['access-control-allow-credentials', 'true'];

/** What a rule says of a site that answers an origin so. */
async function check(
  id: string,
  say: (origin: string) => readonly string[],
  expected: readonly string[],
  said: Said = {},
): Promise<void> {
  const context = contextOf(({ headers = {} }) => ({ headers: say(headers['origin'] ?? ''), ...said }));
  assert.deepEqual(await verdictOf(corsRules, id, context), expected, id);
}

const reflects = (origin: string): readonly string[] => [ORIGIN, origin, ...COOKIES];

test('an origin said back with credentials is a fault in each of its shapes', async () => {
  for (const id of ['cors.any-origin', 'cors.null-origin', 'cors.look-alike']) {
    await check(id, reflects, ['error']);
    await check(id, () => [], ['held']);
    await check(id, (origin) => [ORIGIN, origin], ['held']);
    await check(id, () => [ORIGIN, '*', ...COOKIES], ['held']);
    await check(id, () => [], ['not-seen'], { status: 404 });
  }
});

test('a pattern without its end, its start or its dot is found, one that is exact is not', async () => {
  const matching = (pattern: RegExp) => (origin: string) => (pattern.test(origin) ? reflects(origin) : []);
  await check('cors.look-alike', matching(/^https:\/\/files\.example/), ['error']);
  await check('cors.look-alike', matching(/files\.example$/), ['error']);
  await check('cors.look-alike', matching(/^https:\/\/files.example$/), ['error']);
  await check('cors.look-alike', matching(/^https:\/\/files\.example$/), ['held']);
});

test('an answer for one origin says that it is, unless nobody keeps it', async () => {
  await check('cors.vary', reflects, ['warning']);
  await check('cors.vary', (origin) => [...reflects(origin), 'vary', 'Accept-Encoding, Origin'], ['held']);
  await check('cors.vary', (origin) => [...reflects(origin), 'vary', 'X-Origin'], ['warning']);
  await check('cors.vary', (origin) => [...reflects(origin), 'cache-control', 'no-store'], ['held']);
  await check('cors.vary', () => [ORIGIN, '*'], ['held']);
});

test('cors.preflight: what lets a stranger write with cookies, and a wildcard that means everybody', async () => {
  const id = 'cors.preflight';
  const methods = ['access-control-allow-methods', 'GET, PUT'];
  await check(id, (origin) => [...reflects(origin), ...methods], ['error']);
  await check(id, (origin) => (origin === 'null' ? [...reflects(origin), ...methods] : []), ['error']);
  await check(id, () => [ORIGIN, '*', ...COOKIES], ['note']);
  // Without cookies, without the method, for somebody else, or refused: nothing follows.
  await check(id, (origin) => [ORIGIN, origin, ...methods], ['held']);
  await check(id, (origin) => [...reflects(origin), 'access-control-allow-methods', 'GET'], ['held']);
  await check(id, () => [ORIGIN, 'https://partner.example', ...COOKIES, ...methods], ['held']);
  await check(id, (origin) => [...reflects(origin), ...methods], ['held'], { status: 403 });
  await check(id, () => [], ['held'], { status: 405 });
  await check(id, () => [], ['not-seen'], { status: 502 });
});
