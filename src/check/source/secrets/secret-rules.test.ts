import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findingsIn, saidOf, withTree } from '../../../../test/support/made-tree.ts';
import { allFindings } from '../../report/report.ts';
import { checkSource } from '../check-source.ts';
import { keysIn } from './key-formats.ts';
import { looksDrawn } from './likely-secret.ts';
import { secretRules } from './secret-rules.ts';
import { checksumOf } from './verify-keys.ts';

// Keys are made here and not written down: no scanner, of ours or of a host, shall find one in this tree.
/** Nothing, so that no key is written in one piece. */
const HERE = String();
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const drawn = (length: number, from = LETTERS): string =>
  [...randomBytes(length)].map((byte) => from[byte % from.length]).join('');
const withChecksum = (prefix: string): string => {
  const body = drawn(30);
  return `${prefix}${body}${checksumOf(body)}`;
};
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: object): string =>
  `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(claims)}.${randomBytes(32).toString('base64url')}`;
const pem = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
const MACAROON = Buffer.concat([Buffer.from([2, 1, 8]), Buffer.from('pypi.org'), randomBytes(60)]);

const KEYS: Readonly<Record<string, string>> = {
  'a token of GitHub': withChecksum(`gh${HERE}p_`),
  'a token of npm': withChecksum(`np${HERE}m_`),
  'a token of PyPI': `py${HERE}pi-${MACAROON.toString('base64url')}`,
  'an access key id of AWS': `AK${HERE}IA${drawn(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
  'a key of Stripe': `sk${HERE}_live_${drawn(24)}`,
  'a token of Slack': `xo${HERE}xb-${drawn(12, '123456789')}-${drawn(12, '123456789')}-${drawn(24)}`,
  'a key of a Google API': `AI${HERE}za${drawn(35)}`,
  'a signed token (JWT)': jwt({ sub: 'service', exp: 4_000_000_000 }),
};
const options = { rules: secretRules };

test('tells keys of services by their forms', () => {
  for (const [name, key] of Object.entries(KEYS)) {
    assert.deepEqual(
      keysIn(`const key = '${key}';`).map(({ format, key: found }) => [format.name, found]),
      [[name, key]],
    );
  }
});

test('what has the letters of a key and not its checksum is none', () => {
  const key = KEYS['a token of GitHub'] ?? '';
  const last = key.endsWith('0') ? '1' : '0';
  assert.deepEqual(keysIn(`${key.slice(0, -1)}${last}`), []);
  assert.equal(keysIn(key)[0]?.verdict, 'proved');
  assert.deepEqual(keysIn(`py${HERE}pi-AgE${drawn(80)}`), []);
});

test('examples of manuals are no keys', () => {
  const examples = [
    `AK${HERE}IAIOSFODNN7EXAMPLE`,
    `sk${HERE}_live_${'x'.repeat(24)}`,
    `AI${HERE}za${'0'.repeat(35)}`,
  ];
  for (const text of [
    ...examples,
    'eyJ'.repeat(40),
    `${base64url({ alg: 'none' })}.${base64url({})}.${'a'.repeat(20)}`,
  ])
    assert.deepEqual(keysIn(text), [], text);
});

test('finds a key in any file of text, with its place, and shows none of it', async () => {
  const files = Object.fromEntries(
    Object.values(KEYS).map((key, at) => [`src/file${at}.ts`, `// one\nconst key = '${key}';\n`]),
  );
  await withTree(
    { ...files, 'deploy.key': pem(), 'logo.png': Buffer.from([0, 1, 2]), tool: Buffer.from([0, 7]) },
    async (root) => {
      const report = await checkSource(root, options);
      assert.deepEqual(saidOf(report), [
        'secrets.key deploy.key:1',
        ...Object.values(KEYS).map((_, at) => `secrets.key src/file${at}.ts:2`),
      ]);
      const text = JSON.stringify(report);
      for (const key of Object.values(KEYS))
        assert.ok(!text.includes(key.slice(-12)), 'a value stands in the report');
      // A program that the tree holds is no text that nobody could read.
      assert.deepEqual(report.notScanned, []);
    },
  );
});

test('keys that tests and manuals show are a hint, but for those that a service handed out', async () => {
  const files = { 'test/a.ts': pem(), 'docs/b.md': KEYS['a token of GitHub'] ?? '' };
  await withTree(files, async (root) => {
    const { results } = await checkSource(root, options);
    assert.deepEqual(
      allFindings(results)
        .map(({ level, where }) => [level, where.file])
        .toSorted(),
      [
        ['error', 'docs/b.md'],
        ['note', 'test/a.ts'],
      ],
    );
  });
});

test('a key that a later commit took out is in the history still', async () => {
  await withTree({ 'a.ts': `export const key = '${KEYS['a token of GitHub']}';\n` }, async (root) => {
    const git = gitIn(root);
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'one');
    // What stands in the tree is told of there, and once.
    assert.deepEqual(saidOf(await checkSource(root, options)), ['secrets.key a.ts:1']);
    writeFileSync(join(root, 'a.ts'), "export const key = process.env['KEY'];\n");
    git('commit', '-qam', 'two');
    git('gc', '-q');
    const report = await checkSource(root, options);
    assert.deepEqual(saidOf(report), ['secrets.history a.ts:1']);
    assert.match(allFindings(report.results)[0]?.message ?? '', /commit [0-9a-f]{12}/);
  });
});

test('no setting of a repository runs a program or leads out of the tree', async () => {
  await withTree({ 'a.ts': `export const key = '${KEYS['a token of GitHub']}';\n` }, async (root) => {
    const git = gitIn(root);
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'one');
    writeFileSync(join(root, 'a.ts'), 'export {};\n');
    git('commit', '-qam', 'two');
    const trap = join(root, 'trap');
    for (const name of ['core.fsmonitor', 'diff.external', 'core.pager', 'gpg.program'])
      git('config', name, `touch ${trap}`);
    git('config', 'log.showSignature', 'true');
    // Git refuses a repository of this format: who reads its settings finds nothing.
    git('config', 'core.repositoryformatversion', '99');
    const report = await checkSource(root, options);
    assert.deepEqual(report.notScanned, []);
    assert.deepEqual(saidOf(report), ['secrets.history a.ts:1']);
    assert.deepEqual(await findingsIn({}, options), []);
    assert.throws(() => execFileSync('test', ['-e', trap]), 'a program of the repository was run');
    mkdirSync(join(root, '.git/objects/info'), { recursive: true });
    writeFileSync(join(root, '.git/objects/info/alternates'), '/somewhere/else\n');
    assert.match((await checkSource(root, options)).notScanned[0]?.why ?? '', /borrows objects/);
    rmSync(join(root, '.git'), { recursive: true });
    writeFileSync(join(root, '.git'), 'gitdir: /somewhere/else\n');
    assert.match((await checkSource(root, options)).notScanned[0]?.why ?? '', /outside of the tree/);
  });
});

test('no link and no pipe among the objects of a repository is followed', async () => {
  for (const name of ['objects/e7', 'objects/pack/a.pack', 'objects/info/packs', 'objects/00/a', 'index']) {
    await withTree({ 'a.ts': 'export {};\n', 'outside/a': '' }, async (root) => {
      gitIn(root)('init', '-q');
      const path = join(root, '.git', name);
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(join(root, 'outside'), path);
      const why = /leads out of the tree/;
      assert.match((await checkSource(root, options)).notScanned[0]?.why ?? '', why, name);
      rmSync(path);
      assert.deepEqual((await checkSource(root, options)).notScanned, []);
      execFileSync('mkfifo', [path]);
      assert.match((await checkSource(root, options)).notScanned[0]?.why ?? '', why, name);
    });
  }
});

test('a file of the environment belongs in no repository', async () => {
  const env = { '.env': 'PORT=3000\nSESSION_SECRET=whatever-it-is\n' };
  assert.deepEqual(await findingsIn(env, options), ['secrets.env-file .env:1']);
  assert.deepEqual(await findingsIn({ ...env, '.gitignore': 'node_modules\n/.env*\n' }, options), []);
  assert.deepEqual(await findingsIn({ ...env, '.gitignore': '.env*\n!.env\n' }, options), [
    'secrets.env-file .env:1',
  ]);
  assert.deepEqual(await findingsIn({ '.env.example': env['.env'] }, options), []);
  // As `npm create bulwark` writes it: where it runs, and nothing that nobody may know.
  const settings = {
    'development.env': 'NODE_ENV=development\nPORT=3000\nBULWARK_ORIGIN=http://localhost:3000\n',
  };
  assert.deepEqual(await findingsIn(settings, options), []);
  await withTree(settings, async (root) => {
    const git = gitIn(root);
    git('init', '-q');
    git('add', '-f', 'development.env');
    assert.deepEqual(saidOf(await checkSource(root, options)), []);
  });
  await withTree({ ...env, '.gitignore': '.env\n' }, async (root) => {
    const git = gitIn(root);
    git('init', '-q');
    git('add', '-f', '.env');
    assert.deepEqual(saidOf(await checkSource(root, options)), ['secrets.env-file .env:1']);
  });
});

test('values that look drawn are secrets behind the names of such', async () => {
  const value = `${drawn(20)}9aZ${drawn(9)}`;
  const bad = { 'settings.yaml': `db_password: ${value}\n`, 'a.js': `const apiKey = "${value}";\n` };
  assert.deepEqual(await findingsIn(bad, options), [
    'secrets.assigned a.js:1',
    'secrets.assigned settings.yaml:1',
  ]);
  const good = {
    'settings.yaml':
      'db_password: ${DB_PASSWORD}\npassword_label: Choose a password\ntoken_file: /run/secrets/token\n',
    'a.js': `const apiKey = process.env.API_KEY; const hash = "${value}"; const tokenUrl = "https://example.com/token/1";\n`,
    'test/a.js': `const apiKey = "${value}";\n`,
    'package-lock.json': `{"token": "${value}"}`,
  };
  assert.deepEqual(await findingsIn(good, options), []);
  assert.equal(looksDrawn('request-body-token-2'), false);
});

test('a password in the address of a database is one, unless it is a word out of a manual', async () => {
  const address = (password: string, host: string): string =>
    `url = "postgres://app:${password}@${host}/app"\n`;
  assert.deepEqual(await findingsIn({ 'a.py': address(drawn(14), 'db.internal.example.net') }, options), []);
  assert.deepEqual(await findingsIn({ 'a.py': address(drawn(14), 'db7.acme-prod.net') }, options), [
    'secrets.assigned a.py:1',
  ]);
  assert.deepEqual(await findingsIn({ 'a.py': address('password', 'db7.acme-prod.net') }, options), []);
});

test('words that are tried first are no secrets of a configuration', async () => {
  assert.deepEqual(await findingsIn({ 'app.ini': '[app]\nsecret_key = changeme\n' }, options), [
    'secrets.placeholder app.ini:2',
  ]);
  assert.deepEqual(
    await findingsIn(
      {
        'app.ini': 'secret_key = %(SECRET_KEY)s\n',
        'de.yaml': 'password: Password\n',
        'app.example.ini': 'secret_key = changeme\n',
      },
      options,
    ),
    [],
  );
});

function gitIn(root: string): (...args: string[]) => void {
  return (...args) => {
    execFileSync(
      'git',
      [
        '-c',
        'user.name=Somebody',
        '-c',
        'user.email=somebody@example.com',
        '-c',
        'commit.gpgsign=false',
        ...args,
      ],
      { cwd: root, stdio: ['ignore', 'ignore', 'ignore'] },
    );
  };
}
