import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, saidOf, withTree } from '../../../../test/support/made-tree.ts';
import { checkSource } from '../check-source.ts';
import { compareVersions } from './advisories.ts';
import { dependencyRules } from './dependency-rules.ts';
import { makeSbom } from './make-sbom.ts';
import { readPnpmLock, readYarnLock } from './read-npm-lock.ts';
import { readTomlLock } from './read-python-lock.ts';

const options = { rules: dependencyRules };
const INTEGRITY = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;
const SHA256 = `sha256:${'ab'.repeat(32)}`;
const APP = JSON.stringify({ name: 'app', private: true, dependencies: { left: '^1.0.0' } });
const npmLock = (packages: object): string =>
  JSON.stringify(
    { name: 'app', lockfileVersion: 3, packages: { '': { name: 'app', version: '2.1.0' }, ...packages } },
    undefined,
    1,
  );
const left = {
  version: '1.0.0',
  resolved: 'https://registry.npmjs.org/left/-/left-1.0.0.tgz',
  integrity: INTEGRITY,
  license: 'MIT',
};

test('an application has a lock, and a library need not', async () => {
  assert.deepEqual(await findingsIn({ 'package.json': APP }, options), ['deps.lock package.json:1']);
  assert.deepEqual(
    await findingsIn(
      { 'package.json': APP, 'package-lock.json': npmLock({ 'node_modules/left': left }) },
      options,
    ),
    [],
  );
  assert.deepEqual(
    await findingsIn({ 'a/package.json': APP, 'pnpm-lock.yaml': 'packages: {}\n' }, options),
    [],
  );
  assert.deepEqual(
    await findingsIn({ 'package.json': '{"name":"lib","dependencies":{"left":"^1.0.0"}}' }, options),
    [],
  );
  assert.deepEqual(await findingsIn({ Pipfile: '[packages]\nflask = "*"\n' }, options), [
    'deps.lock Pipfile:1',
  ]);
});

test('requirements name a version and a hash', async () => {
  assert.deepEqual(await findingsIn({ 'requirements.txt': '# ours\nflask\nredis>=4 # any\n' }, options), [
    'deps.pinned requirements.txt:2',
  ]);
  assert.deepEqual(await findingsIn({ 'requirements.txt': 'flask==3.1.0\n' }, options), [
    'deps.pinned requirements.txt:1',
  ]);
  assert.deepEqual(
    await findingsIn({ 'requirements.txt': `flask==3.1.0 \\\n    --hash=${SHA256}\n` }, options),
    [],
  );
  assert.deepEqual(
    await findingsIn({ 'requirements.txt': 'flask\n', 'uv.lock': 'version = 1\n' }, options),
    [],
  );
});

test('a lock says what came and from where', async () => {
  const bad = npmLock({
    'node_modules/bare': { ...left, integrity: undefined },
    'node_modules/clear': { ...left, resolved: 'http://packages.example.com/clear.tgz' },
    'node_modules/branch': { version: '1.0.0', resolved: 'git+ssh://git@github.com/owner/branch.git' },
    'node_modules/runs': { ...left, hasInstallScript: true },
  });
  assert.deepEqual(await findingsIn({ 'package.json': APP, 'package-lock.json': bad }, options), [
    'deps.integrity package-lock.json:9',
    'deps.scripts package-lock.json:24',
    'deps.source package-lock.json:14',
    'deps.source package-lock.json:20',
  ]);
  const good = npmLock({
    'node_modules/left': left,
    'node_modules/own': {
      version: '1.0.0',
      resolved: `git+ssh://git@github.com/owner/own.git#${'a'.repeat(40)}`,
    },
    'node_modules/folder': { resolved: 'packages/folder', link: true },
    'packages/folder': { version: '1.0.0' },
    'node_modules/runs': { ...left, hasInstallScript: true },
  });
  assert.deepEqual(
    await findingsIn(
      { 'package.json': APP, 'package-lock.json': good, '.npmrc': 'ignore-scripts=true\n' },
      options,
    ),
    [],
  );
});

test('indexes and sources of pip', async () => {
  const bad = `--extra-index-url https://packages.example.com/\n--index-url http://pypi.example.com/\ngit+https://github.com/owner/name@main\nflask==3.1.0 --hash=${SHA256}\n`;
  assert.deepEqual(await findingsIn({ 'requirements.txt': bad }, options), [
    'deps.index requirements.txt:1',
    'deps.index requirements.txt:2',
    'deps.index requirements.txt:3',
  ]);
  const good = `--index-url https://packages.example.com/simple/\nname @ git+https://github.com/owner/name@${'a'.repeat(40)}\n`;
  assert.deepEqual(await findingsIn({ 'requirements.txt': good }, options), []);
});

test('known holes: by records of OSV, and by reports', async () => {
  const osv = JSON.stringify({
    id: 'GHSA-aaaa-bbbb-cccc',
    summary: 'it opens',
    affected: [
      {
        package: { ecosystem: 'npm', name: 'left' },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.0.1' }] }],
      },
    ],
  });
  const tree = { 'package.json': APP, 'package-lock.json': npmLock({ 'node_modules/left': left }) };
  assert.deepEqual(await findingsIn({ ...tree, 'osv/a.json': osv }, options), [
    'deps.vulnerable package-lock.json:9',
  ]);
  const mended = {
    ...tree,
    'package-lock.json': npmLock({ 'node_modules/left': { ...left, version: '1.0.1' } }),
  };
  assert.deepEqual(await findingsIn({ ...mended, 'osv/a.json': osv }, options), []);
  const npm = {
    metadata: {},
    vulnerabilities: {
      left: {
        name: 'left',
        via: [
          {
            title: 'it opens',
            url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
            severity: 'high',
            range: '<1.0.1',
          },
        ],
      },
    },
  };
  assert.deepEqual(await findingsIn({ 'npm-audit.json': JSON.stringify(npm) }, options), [
    'deps.vulnerable npm-audit.json:1',
  ]);
  const pip = {
    dependencies: [
      { name: 'flask', version: '0.1', vulns: [{ id: 'PYSEC-1', fix_versions: ['1.0'] }] },
      { name: 'own', skip_reason: 'not on PyPI' },
    ],
  };
  await withTree({ 'pip-audit.json': JSON.stringify(pip) }, async (root) => {
    const report = await checkSource(root, options);
    assert.deepEqual(saidOf(report), ['deps.vulnerable pip-audit.json:1']);
    assert.match(report.notScanned[0]?.why ?? '', /own could not be checked/);
  });
});

test('nothing asked and nothing answered is no pass', async () => {
  const outcome = async (files: Readonly<Record<string, string>>): Promise<unknown> =>
    withTree(files, async (root) => {
      const { results, notScanned } = await checkSource(root, options);
      return [results.find(({ rule }) => rule === 'deps.vulnerable')?.outcome, notScanned.length];
    });
  assert.deepEqual(await outcome({ 'package.json': APP }), ['not-seen', 0]);
  // A mirror that answers `{}`, and a registry that refuses.
  assert.deepEqual(await outcome({ 'npm-audit.json': '{}' }), ['held', 1]);
  assert.deepEqual(await outcome({ 'npm-audit.json': '{"message":"refused","error":{}}' }), ['held', 1]);
  assert.deepEqual(await outcome({ 'npm-audit.json': 'npm error audit endpoint returned an error' }), [
    'held',
    1,
  ]);
});

test('runtimes that nobody mends', async () => {
  const old = {
    Dockerfile: 'FROM node:16\nFROM --platform=linux/amd64 docker.io/library/python:3.8-slim\n',
    '.nvmrc': 'v18\n',
  };
  assert.deepEqual(await findingsIn(old, options), [
    'deps.runtime .nvmrc:1',
    'deps.runtime Dockerfile:1',
    'deps.runtime Dockerfile:2',
  ]);
  assert.deepEqual(
    await findingsIn({ Dockerfile: 'FROM node:24.21\n', '.python-version': '3.13\n' }, options),
    [],
  );
});

test('the order of versions', () => {
  const order = [
    '0.9',
    '1.0.0-alpha',
    '1.0.0-alpha.2',
    '1.0.0-beta',
    '1.0rc1',
    '1.0.0',
    '1.0.post1',
    '1.0.1',
    '1.9',
    '1.10',
  ];
  for (const [at, one] of order.entries())
    for (const other of order.slice(at + 1))
      assert.ok(compareVersions(one, other) < 0, `${one} before ${other}`);
});

test('locks of pnpm, yarn, poetry and uv', () => {
  const short = ({
    name,
    version,
    hashes,
  }: {
    readonly name: string;
    readonly version: string;
    readonly hashes: readonly string[];
  }): string => `${name} ${version} ${hashes.length}`;
  const pnpm = `lockfileVersion: '9.0'\npackages:\n  '@a/b@1.2.3':\n    resolution: {integrity: ${INTEGRITY}}\n  left@1.0.0(peer@2.0.0):\n    resolution: {integrity: ${INTEGRITY}}\n`;
  assert.deepEqual(readPnpmLock(pnpm).packages.map(short), ['@a/b 1.2.3 1', 'left 1.0.0 1']);
  const yarn = `# yarn lockfile v1\n\n\n"@a/b@^1.0.0", "@a/b@^1.2.0":\n  version "1.2.3"\n  resolved "https://registry.yarnpkg.com/@a/b/-/b-1.2.3.tgz#${'a'.repeat(40)}"\n  integrity ${INTEGRITY}\n\nleft@1:\n  version "1.0.0"\n`;
  assert.deepEqual(readYarnLock(yarn).packages.map(short), ['@a/b 1.2.3 1', 'left 1.0.0 0']);
  const berry = `__metadata:\n  version: 8\n\n"left@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "left@npm:1.0.0"\n  checksum: 10/abc\n`;
  assert.deepEqual(readYarnLock(berry).packages.map(short), ['left 1.0.0 1']);
  const poetry = `[[package]]\nname = "Flask_Thing"\nversion = "3.1.0"\nfiles = [{file = "a.whl", hash = "${SHA256}"}]\n`;
  assert.deepEqual(readTomlLock(poetry).packages.map(short), ['flask-thing 3.1.0 1']);
  const uv = `version = 1\n[[package]]\nname = "flask"\nversion = "3.1.0"\nsource = { registry = "https://pypi.org/simple" }\nsdist = { url = "https://files.pythonhosted.org/a.tar.gz", hash = "${SHA256}" }\nwheels = [{ url = "https://files.pythonhosted.org/a.whl", hash = "${SHA256}" }]\n`;
  assert.deepEqual(readTomlLock(uv).packages.map(short), ['flask 3.1.0 2']);
});

test('what is built of it, for others to read', async () => {
  const at = new Date('2026-01-02T03:04:05Z');
  const files = {
    'package-lock.json': npmLock({
      'node_modules/@a/b': left,
      'node_modules/tool': { ...left, dev: true, license: 'see LICENSE' },
    }),
    'api/requirements.txt': `flask==3.1.0 --hash=${SHA256}\n`,
  };
  await withTree(files, async (root) => {
    const make = async (format: string, production = false): Promise<Readonly<Record<string, never>>> => {
      const made = await makeSbom(root, { format, name: undefined, production, toolVersion: '1.0.0', at });
      assert.ok('text' in made);
      return JSON.parse(made.text) as Readonly<Record<string, never>>;
    };
    const bom = (await make('cyclonedx')) as unknown as {
      readonly components: readonly {
        readonly purl: string;
        readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
        readonly scope: string;
      }[];
      readonly metadata: { readonly component: object };
    };
    assert.deepEqual(
      bom.components.map(({ purl, scope, hashes }) => `${purl} ${scope} ${hashes?.[0]?.alg ?? ''}`),
      [
        'pkg:npm/%40a/b@1.0.0 required SHA-512',
        'pkg:npm/tool@1.0.0 excluded SHA-512',
        'pkg:pypi/flask@3.1.0 required SHA-256',
      ],
    );
    assert.deepEqual(bom.metadata.component, {
      type: 'application',
      'bom-ref': 'root',
      name: 'app',
      version: '2.1.0',
    });
    assert.deepEqual(bom, await make('cyclonedx'));
    assert.equal(JSON.stringify(await make('cyclonedx', true)).includes('pkg:npm/tool'), false);
    assert.equal(JSON.stringify(await make('spdx')).includes('pkg:npm/%40a/b@1.0.0'), true);
    assert.ok(
      'why' in
        (await makeSbom(root, { format: 'other', name: undefined, production: false, toolVersion: '1.0.0' })),
    );
  });
  await withTree({ 'a.txt': '' }, async (root) => {
    assert.ok(
      'why' in
        (await makeSbom(root, { format: 'spdx', name: undefined, production: false, toolVersion: '1.0.0' })),
    );
  });
});
