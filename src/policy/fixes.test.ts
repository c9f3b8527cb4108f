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
  // Wrong in any way, the line to write is that which suits everyone: strict has providers and mailed links arrive as nobody.
  assert.deepEqual(fixes({ session: { sameSite: 'none' } }), [
    "session.sameSite: session: { sameSite: 'lax' }",
  ]);
  assert.deepEqual(fixes({ csp: { directives: { 'media-src': 'self' } } }), [
    "csp.directives.media-src: 'media-src': [\"'self'\"]",
  ]);
});

test('of an origin without a scheme it is said that it has none, and never what was written', () => {
  const reasonOf = (origin: string): string => {
    try {
      void readPolicy({ origin, secrets: fixedSecrets(TEST_SECRET), state: memory() });
    } catch (error) {
      assert.ok(error instanceof PolicyError, String(error));
      return error.problems.map(({ reason }) => reason).join();
    }
    return '';
  };
  for (const origin of ['files.internal', 'files.internal:8443', 'localhost:3000', '//files.internal'])
    assert.equal(reasonOf(origin), 'it has no scheme: write https:// in front of the host.', origin);
  assert.match(reasonOf('https://files.internal/app'), /no path/);
});
