/** The release tool, in a repository of its own. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { isNewer } from '../tools/release-texts.ts';

const CHANGELOG =
  '# Changelog\n\nAbout it.\n\n## Unreleased\n\n### Added\n\n- A gate, for $& and $1.\n\n## 0.1.0 - 2026-01-02\n\n- The first.\n';
const MANIFEST = '{\n  "name": "x",\n  "version": "0.1.0",\n  "type": "module"\n}\n';
const CREATE =
  '{\n  "name": "create-x",\n  "version": "0.1.0",\n  "dependencies": {\n    "bulwark": "0.1.0"\n  }\n}\n';
const LOCK =
  '{\n  "name": "x",\n  "version": "0.1.0",\n  "packages": {\n    "": {\n      "version": "0.1.0"\n    }\n  }\n}\n';

let folder = '';

// Hooks outside of a group would run around the tests of every file of this process.
describe('a release', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'release-'));
    for (const file of ['release.ts', 'release-texts.ts'])
      cpSync(join(import.meta.dirname, '../tools', file), join(folder, 'tools', file));
    writeFileSync(join(folder, 'CHANGELOG.md'), CHANGELOG);
    writeFileSync(join(folder, 'package.json'), MANIFEST);
    writeFileSync(join(folder, 'package-lock.json'), LOCK);
    mkdirSync(join(folder, 'create-bulwark'));
    writeFileSync(join(folder, 'create-bulwark/package.json'), CREATE);
    for (const args of [
      ['init', '--quiet'],
      ['config', 'user.name', 'Somebody'],
      ['config', 'user.email', 'somebody@example.com'],
      ['add', '.'],
      ['commit', '--quiet', '--message', 'First'],
    ])
      git(...args);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('a dry run says what would be released, and changes nothing', () => {
    const { status, stdout } = release('0.2.0', '--dry-run');
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^Would release 0\.2\.0:\n\n## 0\.2\.0 - \d{4}-\d\d-\d\d\n\n### Added\n\n- A gate, for \$& and \$1\./,
    );
    assert.equal(read('CHANGELOG.md'), CHANGELOG);
    assert.equal(git('status', '--porcelain'), '');
    assert.equal(git('tag'), '');
  });

  test('a release cuts CHANGELOG, sets the version in all manifests, and leaves one commit with its tag', () => {
    assert.equal(release('0.2.0').status, 0);
    assert.match(
      read('CHANGELOG.md'),
      /## Unreleased\n\n## 0\.2\.0 - \d{4}-\d\d-\d\d\n\n### Added\n\n- A gate, for \$& and \$1\.\n\n## 0\.1\.0/,
    );
    assert.match(read('package.json'), /"version": "0\.2\.0"/);
    assert.equal(read('package-lock.json').match(/"0\.2\.0"/g)?.length, 2);
    assert.equal(read('create-bulwark/package.json').match(/"0\.2\.0"/g)?.length, 2);
    assert.equal(git('status', '--porcelain'), '');
    assert.equal(git('describe', '--exact-match').trim(), 'v0.2.0');
    assert.equal(release('--verify', 'v0.2.0').status, 0);
    assert.deepEqual(lineOf(release('0.3.0')), [
      1,
      'CHANGELOG.md has nothing under "Unreleased": there is nothing to release.',
    ]);
  });

  test('what cannot be released is told in one line, with exit 1', () => {
    assert.deepEqual(lineOf(release('0.1.0')), [1, '0.1.0 is not after 0.1.0, which was released.']);
    assert.deepEqual(lineOf(release('v0.2.0')), [
      1,
      'v0.2.0 is no version: write three numbers, such as 0.2.0.',
    ]);
    assert.deepEqual(lineOf(release('--verify', 'v0.2.0')), [
      1,
      'the tag is v0.2.0, package.json is at 0.1.0.',
    ]);
    writeFileSync(
      join(folder, 'create-bulwark/package.json'),
      CREATE.replace('"bulwark": "0.1.0"', '"bulwark": "0.0.9"'),
    );
    assert.deepEqual(lineOf(release('--verify', 'v0.1.0')), [
      1,
      'create-bulwark/package.json is at 0.1.0 and installs 0.0.9, package.json is at 0.1.0.',
    ]);
    writeFileSync(join(folder, 'new'), '');
    assert.match(release('0.2.0').stderr, /not committed/);
  });
});

test('a version comes after another by its numbers, not by its text', () => {
  assert.deepEqual(
    [
      isNewer('0.10.0', '0.9.9'),
      isNewer('0.9.9', '0.10.0'),
      isNewer('1.0.0', '1.0.0'),
      isNewer('2.0.0', '1.9.9'),
    ],
    [true, false, false, true],
  );
});

test('actions of the workflows are pinned by commit', () => {
  for (const name of ['test', 'nightly', 'release']) {
    const workflow = readFileSync(join(import.meta.dirname, `../.github/workflows/${name}.yml`), 'utf8');
    const uses = [...workflow.matchAll(/uses: (\S+)/g)].map((match) => match[1] ?? '');
    assert.ok(uses.length > 0, name);
    for (const action of uses) assert.match(action, /@[0-9a-f]{40}$/, name);
  }
});

function release(...args: string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  return spawnSync('node', ['tools/release.ts', ...args], { cwd: folder, encoding: 'utf8' });
}

function lineOf({ status, stderr }: ReturnType<typeof release>): readonly [number | null, string] {
  return [status, stderr.trim()];
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
}

function read(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}
