import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Probe } from '../../core/answer.ts';
import { NothingListens, type SiteFacts } from '../../core/rule.ts';
import { contextOf, type Said, verdictOf } from '../../../test/support/check-site.ts';
import { httpsRules } from './https.check.ts';

const FOREIGN = 'bulwark-check.example';

async function check(
  id: string,
  answer: (probe: Probe) => Said,
  expected: readonly string[],
  site: Partial<SiteFacts> = {},
): Promise<void> {
  assert.deepEqual(await verdictOf(httpsRules, id, contextOf(answer, site)), expected, id);
}

function hsts(...values: string[]): () => Said {
  return () => ({ headers: values.flatMap((value) => ['Strict-Transport-Security', value]) });
}

/** What plain http answers; https answers 200. */
function overPlain(status: number, location?: string): (probe: Probe) => Said {
  return ({ plain }) =>
    plain === true ? { status, headers: location === undefined ? [] : ['Location', location] } : {};
}

test('https.hsts: bad, absent, good', async () => {
  await check('https.hsts', hsts('max-age=63072000; includeSubDomains'), ['held']);
  await check('https.hsts', hsts('MAX-AGE="31536000" ; INCLUDESUBDOMAINS; preload'), ['held']);
  await check('https.hsts', hsts(), ['error']);
  await check('https.hsts', hsts('max-age=300; includeSubDomains'), ['error']);
  await check('https.hsts', hsts('max-age=0'), ['error']);
  await check('https.hsts', hsts('includeSubDomains'), ['error']);
  await check('https.hsts', hsts('max-age=63072000'), ['warning']);
});

test('https.hsts: of several lines browsers read the first', async () => {
  const good = 'max-age=63072000; includeSubDomains';
  await check('https.hsts', hsts('max-age=0', good), ['error']);
  await check('https.hsts', hsts(good, 'max-age=0'), ['warning']);
  await check('https.hsts', hsts(good, good), ['held']);
});

test('https.hsts: is asked of an unknown path too, and not of what browsers keep it for no name of', async () => {
  const onPage = ({ target }: Probe): Said =>
    target === undefined ? hsts('max-age=63072000; includeSubDomains')() : { status: 404 };
  await check('https.hsts', onPage, ['error']);
  await check('https.hsts', hsts(), ['not-seen'], { hostname: '192.0.2.1' });
  await check('https.hsts', hsts(), ['not-seen'], { hostname: 'localhost', loopback: true });
});

test('https.plain-http: bad and good', async () => {
  const id = 'https.plain-http';
  await check(id, overPlain(200), ['error']);
  await check(id, overPlain(302, 'http://files.example/other'), ['error']);
  await check(id, overPlain(302, '/login'), ['error']);
  await check(id, overPlain(308, 'https://files.example/'), ['held']);
  await check(id, overPlain(403), ['held']);
});

test('https.plain-http: an error that https has too shows nothing', async () => {
  await check('https.plain-http', () => ({ status: 404 }), ['not-seen']);
  await check('https.plain-http', overPlain(503), ['not-seen']);
});

test('what plain http is asked needs an address of plain http, and a network', async () => {
  for (const id of ['https.plain-http', 'https.plain-post']) {
    await check(id, overPlain(200), ['not-seen'], { plain: undefined });
    await check(id, overPlain(200), ['not-seen'], { loopback: true });
  }
});

test('nothing that listens on plain http is the best there is', async () => {
  const silent = ({ plain }: Probe): Said => {
    if (plain === true) throw new NothingListens('GET http://files.example/: no answer');
    return {};
  };
  await check('https.plain-http', silent, ['held']);
  await check('https.plain-post', silent, ['held']);
});

test('https.plain-post: sent on as it is, redirected, answered, refused', async () => {
  const id = 'https.plain-post';
  await check(id, overPlain(308, 'https://files.example/'), ['error']);
  await check(id, overPlain(301, 'https://files.example/'), ['warning']);
  await check(id, overPlain(200), ['error']);
  await check(id, overPlain(403), ['held']);
  await check(id, () => ({ status: 405 }), ['not-seen']);
});

test('https.redirect-host: bad, good, and no redirect to look at', async () => {
  const id = 'https.redirect-host';
  const to = (location: string) => (): Said => ({ status: 302, headers: ['location', location] });
  await check(id, to(`https://${FOREIGN}/login`), ['error']);
  await check(id, to(`//${FOREIGN.toUpperCase()}`), ['error']);
  await check(id, to(`https://files.example/?next=${FOREIGN}`), ['held']);
  await check(id, to('https://['), ['not-seen']);
  await check(id, ({ headers }) => (headers?.['host'] === FOREIGN ? { status: 421 } : {}), ['held']);
  await check(id, () => ({}), ['not-seen']);
  await check(id, () => ({ status: 404 }), ['not-seen']);
});
