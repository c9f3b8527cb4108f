import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, runRule, type Said, verdictOf } from '../../../test/support/check-site.ts';
import { wellKnownRules } from './well-known.check.ts';

const CHANGE = '/.well-known/change-password';
const SIGN_IN = '<form method=post action=/in><input name=a><input type=password name=b></form>';

/** A site with a sign-in on its page, and these answers at what stands under /.well-known/. */
function change(at: Said, nowhere: Said = { status: 404 }, body = SIGN_IN): Promise<readonly string[]> {
  const context = contextOf(({ target = '/' }) =>
    target === CHANGE ? at : target.startsWith('/.well-known/') ? nowhere : { body },
  );
  return verdictOf(wellKnownRules, 'well-known.change-password', context);
}

test('well-known.change-password: led to the page, or to none', async () => {
  assert.deepEqual(await change({ status: 303, headers: ['Location', '/settings'] }), ['held']);
  assert.deepEqual(await change({ status: 302, headers: ['Location', 'https://id.example/me'] }), ['held']);
  assert.deepEqual(await change({}), ['held']);
  assert.deepEqual(await change({ status: 404 }), ['note']);
  assert.deepEqual(await change({ status: 303, headers: ['Location', 'http://files.example/me'] }), [
    'warning',
  ]);
  // An application of one page answers everything by that.
  assert.deepEqual(await change({}, {}), ['note']);
  assert.deepEqual(await change({ status: 403 }), ['not-seen']);
  assert.deepEqual(await change({ status: 404 }, { status: 404 }, '<title>Front</title>'), ['not-seen']);
});

function related(body: string, type = 'application/json', status = 200): Promise<readonly string[]> {
  const context = contextOf(() => ({ status, body }));
  const typed = {
    ...context,
    askOnce: async () => ({ ...(await context.ask({})), rawHeaders: ['Content-Type', type] }),
  };
  return verdictOf(wellKnownRules, 'well-known.related-origins', typed);
}

test('well-known.related-origins: whose pages may use the passkeys', async () => {
  const of = (...origins: readonly string[]): string => JSON.stringify({ origins });
  assert.deepEqual(await related(of('https://files.example.de', 'https://files.example.fr')), ['held']);
  assert.deepEqual(await related(of('https://files.example.de', 'http://localhost:3000')), ['warning']);
  assert.deepEqual(await related(of('https://app.localhost')), ['warning']);
  assert.deepEqual(await related(of('http://files.example.de', '*')), ['note', 'note']);
  assert.deepEqual(await related(of('https://files.example.de'), 'text/plain'), ['note']);
  assert.deepEqual(await related(of(...[1, 2, 3, 4, 5, 6].map((one) => `https://${one}.example`))), ['note']);
  // Browsers count names, whatever they end in and whatever stands before them.
  const ends = ['de', 'fr', 'it', 'es', 'at', 'ch', 'co.uk'];
  assert.deepEqual(await related(of(...ends.map((end) => `https://www.files.${end}`))), ['held']);
  assert.deepEqual(await related(of(...ends.map((end) => `https://${end}.files.example`))), ['held']);
  const brands = ['a', 'b', 'c', 'd', 'e', 'f'].map((one) => `https://www.${one}.example`);
  assert.deepEqual(await related(of(...brands)), ['note']);
  assert.deepEqual(await related(of(...brands.slice(1), 'https://192.0.2.7')), ['held']);
  assert.deepEqual(await related('', 'text/plain', 404), ['held']);
  assert.deepEqual(await related('{"origins":', 'application/json'), ['held']);
  assert.deepEqual(await related('', 'text/plain', 500), ['not-seen']);
  // A page for everything is no list.
  const page = await runRule(
    wellKnownRules,
    'well-known.related-origins',
    contextOf(() => ({})),
  );
  assert.equal(page.outcome, 'held');
});
