import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, type Said, verdictOf } from '../../../test/support/check-site.ts';
import { type Probe } from '../../core/answer.ts';
import { UNKNOWN_PATH } from '../../core/rule.ts';
import { headersEverywhereRules } from './everywhere.check.ts';

function look(id: string, answer: (probe: Probe) => Said, site = {}): Promise<readonly string[]> {
  return verdictOf(headersEverywhereRules, id, contextOf(answer, site));
}

const ALL = [
  'X-Content-Type-Options',
  'nosniff',
  'Strict-Transport-Security',
  'max-age=1',
  'Content-Security-Policy',
  "default-src 'none'",
];

test('headers.everywhere: what only the pages carry', async () => {
  const id = 'headers.everywhere';
  assert.deepEqual(await look(id, () => ({ headers: ALL })), ['held']);
  assert.deepEqual(await look(id, () => ({})), ['not-seen']);
  assert.deepEqual(
    await look(id, ({ target }) => (target === UNKNOWN_PATH ? { status: 404 } : { headers: ALL })),
    ['warning', 'warning', 'warning'],
  );
  assert.deepEqual(
    await look(id, ({ method }) => (method === 'OPTIONS' ? { status: 204, body: '' } : { headers: ALL })),
    ['warning'],
  );
  const files = ({ target }: Probe): Said =>
    target === '/a.css'
      ? { headers: ['Strict-Transport-Security', 'max-age=1', 'Content-Type', 'text/css'] }
      : { headers: ALL, body: '<link rel=stylesheet href=/a.css>' };
  assert.deepEqual(await look(id, files), ['warning', 'warning']);
});

test('headers.refusals: what is answered before the application', async () => {
  const id = 'headers.refusals';
  assert.deepEqual(
    await look(id, ({ method }) => (method === 'PROPFIND' ? { status: 405 } : { headers: ALL })),
    ['note', 'note'],
  );
  assert.deepEqual(
    await look(id, ({ method }) => ({ status: method === 'PROPFIND' ? 405 : 200, headers: ALL })),
    ['held'],
  );
  assert.deepEqual(await look(id, () => ({ headers: ALL })), ['not-seen']);
});

test('headers.security-txt: there, and in its time', async () => {
  const id = 'headers.security-txt';
  const text = (body: string): Promise<readonly string[]> => look(id, () => ({ body }));
  assert.deepEqual(await text('Contact: mailto:a@example.com\nExpires: 2999-01-01T00:00:00Z'), ['held']);
  assert.deepEqual(await text('Contact: mailto:a@example.com\nExpires: 2020-01-01T00:00:00Z'), ['note']);
  assert.deepEqual(await text('Contact: mailto:a@example.com'), ['note']);
  assert.deepEqual(await text('<title>Front</title>'), ['note']);
  const soon = new Date(Date.now() + 86_400_000).toISOString();
  assert.deepEqual(await text(`Contact: mailto:a@example.com\nExpires: ${soon}`), ['note']);
  assert.deepEqual(await text('Contact: the desk\nExpires: 2999-01-01T00:00:00Z'), ['note']);
  const signed =
    '-----BEGIN PGP SIGNED MESSAGE-----\nContact: tel:+1-201-555-0123\nExpires: 2999-01-01T00:00:00Z\n';
  assert.deepEqual(await text(signed), ['note']);
  assert.deepEqual(await text(`${signed}-----END PGP SIGNATURE-----\n`), ['held']);
  assert.deepEqual(await look(id, () => ({}), { loopback: true }), ['not-seen']);
});
