import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { PolicyError } from '../core/errors.ts';
import { memory } from '../stores/memory/state.ts';
import { readPolicy, type Surroundings } from './read-policy.ts';

const GOOD = { secrets: fixedSecrets(TEST_SECRET), state: memory() };
const PRODUCTION: Surroundings = { env: {}, execArgv: [], nodeVersion: '24.21.0', isWorker: false };

test('what is refused on a laptop names the way for it, and an error that is printed tells each problem once', () => {
  try {
    void readPolicy({ ...GOOD, origin: 'http://localhost:3000' }, PRODUCTION);
    assert.fail('it was taken');
  } catch (error) {
    assert.ok(error instanceof PolicyError);
    assert.match(error.message, /environment: 'development', or NODE_ENV=development/);
    assert.equal(inspect(error).split('good for this machine alone').length, 2);
    assert.equal(error.problems.length, 1);
  }
});

test('a command that answers nobody asks for no origin, and no good one', () => {
  for (const origin of ['http://localhost:3000', 'http://files.example.com', 'no origin', undefined]) {
    const policy = readPolicy(
      { ...GOOD, ...(origin !== undefined && { origin }) },
      { ...PRODUCTION, answersNobody: true },
    );
    assert.ok(!(policy instanceof Promise));
    assert.deepEqual(policy.warnings, []);
  }
});

test('on a machine that is said to be for development, http there is nothing to warn of', () => {
  const origin = 'http://localhost:3000';
  for (const [given, env] of [
    [{ environment: 'development' }, {}],
    [{}, { NODE_ENV: 'development' }],
  ] as const) {
    const policy = readPolicy({ ...GOOD, ...given, origin }, { ...PRODUCTION, env });
    assert.ok(!(policy instanceof Promise));
    assert.deepEqual(policy.warnings, []);
  }
});
