/** deploy/gateway.Dockerfile: what it promises, and that what it puts together stands in front of an application. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask } from '../../src/testing/wire.ts';
import { freePort } from '../support/processes.ts';
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
import { launch, listens, temporaryFolder } from './processes.ts';

const ROOT = join(import.meta.dirname, '../..');
const stages = readDockerfile(read('deploy/gateway.Dockerfile'));
const image = stages.at(-1) as Stage;
const USER = 10_001;
const asUser = process.getuid?.() === 0 ? { uid: USER, gid: USER } : {};

test('it stands on the base of the other image, is not root, and has no shell in between', () => {
  assert.deepEqual(
    new Set(stages.map(({ base }) => base)),
    new Set(readDockerfile(read('deploy/Dockerfile')).map(({ base }) => base)),
  );
  assert.equal(lastOf(image, 'USER').rest, `${USER}:${USER}`);
  assert.deepEqual(execForm(lastOf(image, 'ENTRYPOINT').rest), ['node', '/app/dist/cli/bulwark.js']);
  assert.deepEqual(Object.keys(environmentOf(image)), ['NODE_ENV']);
});

const place = temporaryFolder();
let root: string;
let node: string;

/** The commands of the file, as they are done here. One that is not known must not be run on this machine. */
const runCommand: RunCommand = (command, cwd, system) => {
  // The lockfile was installed from here just now, and is the same.
  if (command === 'npm ci --ignore-scripts')
    symlinkSync(join(ROOT, 'node_modules'), join(cwd, 'node_modules'));
  const isOwnFolder = command === 'mkdir /data';
  if (isOwnFolder) mkdirSync(join(system, 'data'));
  // What is done to the system of the base is not done to this one.
  if (command === 'npm ci --ignore-scripts' || isOwnFolder || command.startsWith('rm -rf /usr/local/'))
    return;
  assert.equal(command, 'node tools/build.ts');
  execFileSync('node', ['tools/build.ts'], { cwd, stdio: 'pipe' });
};

before(() => {
  const context = { directory: ROOT, files: readContext(ROOT, read('.dockerignore')) };
  root = assemble(stages, context, place.path, runCommand);
  node = join(root, 'node');
  cpSync(process.execPath, node);
  chmodSync(place.path, 0o755);
  execFileSync('chmod', ['-R', 'a+rX,a-w', root]);
  chmodSync(join(root, 'data'), 0o700);
  if (process.getuid?.() === 0) chownSync(join(root, 'data'), USER, USER);
});
after(() => {
  execFileSync('chmod', ['-R', 'u+w', place.path]);
  place.remove();
});

test('what it puts together guards an application, as somebody who may write nothing, and ends when it is told to', async (t) => {
  const upstream = createServer((_request, response) => response.end('from behind')).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  t.after(() => upstream.close());
  const secret = join(place.path, 'secret');
  writeFileSync(secret, TEST_SECRET, { mode: 0o400 });
  if (process.getuid?.() === 0) chownSync(secret, USER, USER);
  const port = await freePort();
  const options = ['--origin', 'https://example.com', '--trust-proxy', '127.0.0.1'];
  const behind = ['--upstream', `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`];
  const program = launch(node, [entry(), 'gateway', '--listen', `127.0.0.1:${port}`, ...behind, ...options], {
    cwd: root,
    env: { ...environmentOf(image), BULWARK_SECRET_FILE: secret },
    ...asUser,
  });
  try {
    await listens(program, port);
    assert.equal((await ask(port, {})).body, 'from behind');
    assert.equal((await ask(port, { headers: { host: 'evil.example' } })).status, 421);
  } finally {
    assert.equal(await program.stop(), 0, program.said());
  }
  assert.doesNotMatch(program.said(), /warning|^\(node/im);
});

test('it has the command and what that needs, and says how it is used', () => {
  const words = [entry(), ...execForm(lastOf(image, 'CMD').rest)];
  const { stdout } = spawnSync(node, words, { cwd: root, encoding: 'utf8', ...asUser });
  assert.match(stdout, /Usage: bulwark/);
  assert.deepEqual(readdirSync(join(root, 'app')).toSorted(), ['dist', 'node_modules', 'package.json']);
  assert.deepEqual(readdirSync(join(root, 'app/node_modules')), ['commander']);
});

/** The command, where it lies on this machine. */
function entry(): string {
  return join(root, execForm(lastOf(image, 'ENTRYPOINT').rest)[1] ?? '');
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
