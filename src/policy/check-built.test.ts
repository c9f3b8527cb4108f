import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { PolicyError } from '../core/errors.ts';
import { memory } from '../stores/memory/state.ts';
import type { PolicyOptions } from './policy.ts';
import { readPolicy, type Surroundings } from './read-policy.ts';

const PRODUCTION: Surroundings = { env: {}, execArgv: [], nodeVersion: '24.21.0', isWorker: false };

function refusals(options: PolicyOptions): readonly string[] {
  const good = {
    origin: 'https://files.example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
  };
  try {
    void readPolicy({ ...good, ...options }, PRODUCTION);
  } catch (error) {
    assert.ok(error instanceof PolicyError, String(error));
    return error.problems.map(({ code, option }) => `${code} ${option}`);
  }
  return [];
}

test('the folder of pages that were built is none that uploads are written to', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'bulwark-built-'));
  t.after(() => rmSync(root, { recursive: true }));
  const place = (name: string): string => join(root, name);
  mkdirSync(place('build/uploads'), { recursive: true });
  symlinkSync(place('build/uploads'), place('link'));
  const refused = ['ERR_BULWARK_UNSAFE_OPTION csp.built'];
  const told = (built: string, bytes: string): readonly string[] =>
    refusals({ csp: { built: place(built) }, files: { bytes: place(bytes) } });
  assert.deepEqual(told('build', 'build/uploads'), refused);
  assert.deepEqual(told('build', 'build/not-there-yet'), refused);
  assert.deepEqual(told('build', 'build'), refused);
  assert.deepEqual(told('build', 'link'), refused);
  assert.deepEqual(told('build/uploads', 'build'), refused);
  // The default of files.bytes, seen from where the process stands.
  assert.deepEqual(refusals({ csp: { built: '.' } }), refused);
  assert.deepEqual(told('build', 'build-files'), []);
  assert.deepEqual(told('build', '..files'), []);
  assert.deepEqual(refusals({ csp: { built: '.', mode: 'off' } }), []);
});
