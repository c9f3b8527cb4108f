import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, type Said, verdictOf } from '../../../test/support/check-site.ts';
import type { Probe } from '../../core/answer.ts';
import { effectRules } from './effects.check.ts';

const PAGE = '<a href="/go?next=%2Fhome">home</a><form method=post action=/notes><input name=text></form>';

function look(id: string, answer: (probe: Probe, url: URL) => Said): Promise<readonly string[]> {
  return verdictOf(
    effectRules,
    id,
    contextOf((probe) => answer(probe, new URL(probe.target ?? '/', 'https://files.example'))),
  );
}

test('firewall.open-redirect: a parameter of a link that leads to any site', async () => {
  const id = 'firewall.open-redirect';
  const leading = (take: (next: string) => boolean): Promise<readonly string[]> =>
    look(id, (_probe, url) => {
      const next = url.searchParams.get('next') ?? '';
      return url.pathname === '/go'
        ? { status: 302, headers: ['Location', take(next) ? next : '/home'] }
        : { body: PAGE };
    });
  assert.deepEqual(await leading(() => true), ['error']);
  assert.deepEqual(await leading((next) => next.startsWith('/')), ['error']);
  assert.deepEqual(await leading((next) => next.startsWith('/') && !next.startsWith('//')), ['error']);
  assert.deepEqual(await leading((next) => /^\/[a-z]/.test(next)), ['held']);
  assert.deepEqual(await look(id, () => ({})), ['not-seen']);
});

test('firewall.body-limit and firewall.body-limit-chunked: a large body beside a small one', async () => {
  for (const id of ['firewall.body-limit', 'firewall.body-limit-chunked']) {
    const taking = (large: Said, small: Said): Promise<readonly string[]> =>
      look(id, ({ method, body = '' }) =>
        method === 'POST' ? (body.length > 1000 ? large : small) : { body: PAGE },
      );
    assert.deepEqual(await taking({ status: 303 }, { status: 303 }), ['warning']);
    assert.deepEqual(await taking({ status: 413 }, { status: 303 }), ['held']);
    assert.deepEqual(await taking({ status: 405 }, { status: 405 }), ['not-seen']);
    assert.deepEqual(await taking({ body: 'other' }, { status: 303 }), ['not-seen']);
  }
});
