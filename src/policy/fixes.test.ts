import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { PolicyError } from '../core/errors.ts';
import { memory } from '../stores/memory/state.ts';
import { readPolicy } from './read-policy.ts';

test('what is written as a text where an object or a list is meant is answered with a line that closes or opens as was meant', () => {
  const fixes = (options: unknown): readonly string[] => {
    try {
      const secrets = fixedSecrets(TEST_SECRET);
      void readPolicy({
        origin: 'https://files.example.com',
        secrets,
        state: memory(),
        ...(options as object),
      });
    } catch (error) {
      assert.ok(error instanceof PolicyError, String(error));
      return error.problems.map(({ option, fix }) => `${option}: ${fix}`);
    }
    return [];
  };
  // Never `{}`, which is a route that is open, and never a sign-in alone where a role was written.
  assert.deepEqual(fixes({ routes: { '/admin': 'signed-in' } }), [
    "routes['/admin']: '/admin': { require: 'signed-in' }",
  ]);
  assert.deepEqual(fixes({ routes: { '/admin': { require: 'operator' } } }), [
    "routes['/admin'].require: require: 'signed-in'   or: require: { role: 'operator' }",
  ]);
  assert.deepEqual(fixes({ csp: { directives: { 'media-src': 'self' } } }), [
    "csp.directives.media-src: 'media-src': [\"'self'\"]",
  ]);
});
