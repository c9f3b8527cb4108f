import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, verdictOf } from '../../../test/support/check-site.ts';
import { NotSeen } from '../../core/rule.ts';
import { debugRules } from './debug.check.ts';

test('errors.debug-pages: a page for developers by its mark, and no other page', async () => {
  const id = 'errors.debug-pages';
  const look = (target: string, body: string): Promise<readonly string[]> =>
    verdictOf(
      debugRules,
      id,
      contextOf((probe) => (probe.target === target ? { body } : { status: 404 })),
    );
  assert.deepEqual(await look('/console', '<title>Console // Werkzeug</title><h1>Interactive Console</h1>'), [
    'error',
  ]);
  assert.deepEqual(await look('/actuator/env', '{"propertySources":[]}'), ['error']);
  assert.deepEqual(await look('/console', '<h1>Our console</h1>'), ['held']);
  assert.deepEqual(
    await verdictOf(
      debugRules,
      id,
      contextOf(() => ({ body: 'everything is a page' })),
    ),
    ['held'],
  );
  const cut = contextOf(() => {
    throw new NotSeen('no answer');
  });
  assert.deepEqual(await verdictOf(debugRules, id, cut), ['not-seen']);
});
