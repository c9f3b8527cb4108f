import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, type Said, verdictOf } from '../../../test/support/check-site.ts';
import { otherNameRules } from './other-name.check.ts';

const LONG = ['Strict-Transport-Security', 'max-age=63072000'];
const ALL = ['Strict-Transport-Security', 'max-age=63072000; includeSubDomains'];

/** What is said of a site of this name that answers to its other one so. */
function look(
  other: Said,
  usual: readonly string[] = LONG,
  hostname = 'files.example',
  page: Said = {},
): Promise<readonly string[]> {
  const context = contextOf(
    ({ headers = {} }) => (headers['host'] === undefined ? { ...page, headers: usual } : other),
    { origin: `https://${hostname}`, host: hostname, hostname },
  );
  return verdictOf(otherNameRules, 'https.other-name', context);
}

const to = (location: string, ...more: readonly string[]): Said => ({
  status: 301,
  headers: ['Location', location, ...more],
});

test('https.other-name: where the other name leads, and whether it is kept for https', async () => {
  assert.deepEqual(await look(to('https://files.example/', ...LONG)), ['held']);
  assert.deepEqual(await look(to('http://files.example/', ...LONG)), ['warning']);
  assert.deepEqual(await look(to('https://files.example/')), ['note']);
  assert.deepEqual(await look({ headers: LONG }), ['held']);
  assert.deepEqual(await look({}), ['note']);
  // The bare name speaks for www, and not the other way round.
  assert.deepEqual(await look({}, ALL), ['held']);
  assert.deepEqual(await look({}, ALL, 'www.files.example'), ['note']);
  // That the site itself is not kept is said by https.hsts.
  assert.deepEqual(await look({}, []), ['held']);
});

test('https.other-name: a name that is refused is none, and one that is of others says nothing', async () => {
  assert.deepEqual(await look({ status: 403 }), ['held']);
  for (const other of [
    { status: 421 },
    { status: 502 },
    { body: '<title>Welcome</title>' },
    to('https://else.example/'),
  ])
    assert.deepEqual(await look(other), ['not-seen'], JSON.stringify(other));
  const refusesAll = contextOf(() => ({ status: 404 }));
  assert.deepEqual(await verdictOf(otherNameRules, 'https.other-name', refusesAll), ['not-seen']);
  for (const hostname of ['192.0.2.7', '[2001:db8::1]', 'intranet', 'a.b.files.example'])
    assert.deepEqual(await look({}, LONG, hostname), ['not-seen'], hostname);
});

test('https.other-name: without a title, another text may be of another site', async () => {
  const json = { body: '{"a":1}' };
  const verdict = (other: Said, page: Said): Promise<readonly string[]> =>
    look(other, LONG, 'files.example', page);
  assert.deepEqual(await verdict({ body: 'Welcome to nginx' }, json), ['not-seen']);
  assert.deepEqual(await verdict({ body: '' }, { body: '' }), ['not-seen']);
  assert.deepEqual(await verdict({ ...json, status: 203 }, json), ['not-seen']);
  assert.deepEqual(await verdict(json, json), ['note']);
  assert.deepEqual(await verdict({}, json), ['not-seen']);
});
