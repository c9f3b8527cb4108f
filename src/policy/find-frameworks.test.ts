import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { memory } from '../stores/memory/state.ts';
import { findFrameworks } from './find-frameworks.ts';
import type { Policy, PolicyOptions } from './policy.ts';
import { readPolicy } from './read-policy.ts';

const FOLDERS: string[] = [];
after(() => FOLDERS.forEach((folder) => rmSync(folder, { recursive: true })));

function folderWith(manifest: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-frameworks-'));
  FOLDERS.push(folder);
  writeFileSync(join(folder, 'package.json'), manifest);
  return folder;
}

test('finds a framework by the dependencies of the application', () => {
  const manifest = {
    dependencies: { '@react-router/node': '8', express: '5' },
    devDependencies: { '@sveltejs/kit': '2' },
  };
  assert.deepEqual(findFrameworks(folderWith(JSON.stringify(manifest))), ['react-router', 'sveltekit']);
  for (const text of ['', '[]', '{"dependencies":7}', '{"dependencies":{"react-router":"8"}}'])
    assert.deepEqual(findFrameworks(folderWith(text)), [], text);
  assert.deepEqual(findFrameworks('/nowhere'), []);
});

function read(directory: string, policy: PolicyOptions): Policy {
  const options = {
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    ...policy,
  };
  const surroundings = { env: {}, execArgv: [], nodeVersion: '24.21.0', isWorker: false, directory };
  const read = readPolicy(options, surroundings);
  assert.ok(!(read instanceof Promise));
  return read;
}

test('a start names what a framework answers beside its pages, until the policy speaks of it', () => {
  const folder = folderWith('{"dependencies":{"next":"16","@react-router/node":"8"}}');
  const routes = { '/account/**': { require: 'signed-in' } } as const;
  const told = (policy: PolicyOptions): readonly string[] =>
    read(folder, policy).warnings.map(({ code, option, fix }) => `${code} ${option}: ${fix}`);
  const code = 'ERR_BULWARK_FRAMEWORK';
  assert.deepEqual(told({ routes }), [
    `${code} access.frameworks: access: { frameworks: ['react-router'] }`,
    `${code} access.frameworks: access: { frameworks: ['next'] }`,
    `${code} access.serverFunctions: access: { serverFunctions: 'signed-in' }`,
  ]);
  assert.deepEqual(told({ access: { otherwise: 'nobody' } }).length, 3);
  assert.deepEqual(
    told({ routes, access: { frameworks: ['next', 'react-router'], serverFunctions: 'anyone' } }),
    [],
  );
  // Where nothing is closed there is nothing to get round.
  assert.deepEqual(told({}), []);
  assert.deepEqual(read(folder, { routes }).frameworks, ['react-router', 'next']);
});
