import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedSecrets, TEST_SECRET } from '../../../test/support/secrets.ts';
import { PolicyError } from '../../core/errors.ts';
import type { PolicyOptions } from '../../policy/policy.ts';
import { readPolicy } from '../../policy/read-policy.ts';
import { memory } from '../../stores/memory/state.ts';
import type { OriginsOptions } from './origins.options.ts';

/** The options that were refused. */
function refused(
  origins: OriginsOptions,
  origin: string | undefined = 'https://example.com',
  more: PolicyOptions = {},
): readonly string[] {
  try {
    void readPolicy(
      {
        origins,
        secrets: fixedSecrets(TEST_SECRET),
        state: memory(),
        ...(origin !== '' && { origin }),
        ...more,
      },
      { env: {}, execArgv: [], nodeVersion: '24.21.0', isWorker: false },
    );
    return [];
  } catch (error) {
    assert.ok(error instanceof PolicyError);
    return error.problems.map(({ option }) => option);
  }
}

test('takes further origins, and names that have moved', () => {
  assert.deepEqual(refused({}), []);
  assert.deepEqual(refused({ also: ['https://example.org'], moved: ['https://www.example.com'] }), []);
});

test('refuses plain http, what stands there twice, and others beside no origin', () => {
  assert.deepEqual(refused({ also: ['http://example.org'] }), ['origins.also']);
  assert.deepEqual(refused({ moved: ['http://www.example.com'] }), ['origins.moved']);
  assert.deepEqual(refused({ moved: ['https://example.com'] }), ['origins.moved'], 'it would lead to itself');
  assert.deepEqual(refused({ also: ['https://example.org'], moved: ['https://example.org'] }), [
    'origins.moved',
  ]);
  assert.deepEqual(refused({ also: ['https://example.org'] }, ''), ['origins.also']);
  for (const one of ['*', 'example.org', 'https://*.example.org', 'https://example.org/path'])
    assert.deepEqual(refused({ also: [one] }), ['origins.also'], one);
});

test('refuses the origin of files, where no page is answered', () => {
  const files = { files: { origin: 'https://files.example.net' } };
  for (const option of ['also', 'moved'] as const)
    assert.deepEqual(refused({ [option]: ['https://files.example.net'] }, undefined, files), [
      `origins.${option}`,
    ]);
  assert.deepEqual(refused({ also: ['https://example.org'] }, undefined, files), []);
});
