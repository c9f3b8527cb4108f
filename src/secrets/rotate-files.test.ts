import assert from 'node:assert/strict';
import fs, {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { Problems } from '../core/problems.ts';
import { files } from './files.ts';
import type { DatedSecret } from './provider.ts';
import { rotateFiles, rotateOnce } from './rotate-files.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-rotate-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));

function newSecretFile(name: string): { folder: string; current: string } {
  const folder = join(FOLDER, name);
  mkdirSync(folder);
  const current = join(folder, 'bulwark_secret');
  writeFileSync(current, 'made-up-old-secret\n');
  return { folder, current };
}

test('whoever could read the secret can read the new one and the older ones', (t) => {
  const { folder, current } = newSecretFile('owner');
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) t.diagnostic('only root can give a file to somebody else: the mode alone is looked at');
  if (isRoot) chownSync(current, 1000, 1000);
  chmodSync(current, 0o640);
  const before = statSync(current);
  const umask = process.umask(0o077);
  rotateFiles(folder, 'BULWARK_SECRET', 1);
  process.umask(umask);
  for (const path of [current, `${current}_previous`]) {
    const { uid, gid, mode } = statSync(path);
    assert.deepEqual([uid, gid, mode], [before.uid, before.gid, before.mode], path);
  }
});

test('what a killed run has left is in the way of none, and a run that fails leaves nothing', () => {
  const { folder, current } = newSecretFile('left');
  writeFileSync(`${current}.new`, 'stale');
  writeFileSync(`${current}_previous.new`, 'stale');
  rotateFiles(folder, 'BULWARK_SECRET', 2);
  assert.equal(readFileSync(`${current}_previous`, 'utf8'), 'made-up-old-secret\n');
  assert.ok(!existsSync(`${current}.new`) && !existsSync(`${current}_previous.new`));
  const second = readFileSync(current, 'utf8');
  writeFileSync(`${current}_previous`, second);
  rotateFiles(folder, 'BULWARK_SECRET', 2);
  // As after a run that failed between the two files: the current one stood in both, and is kept once.
  assert.equal(readFileSync(`${current}_previous`, 'utf8'), second);
});

test('a file that cannot take its place leaves no secret beside it', (t) => {
  const { folder, current } = newSecretFile('place');
  t.mock.method(fs, 'renameSync', () => {
    throw new Error('EACCES');
  });
  syncBuiltinESMExports();
  try {
    assert.throws(() => rotateFiles(folder, 'BULWARK_SECRET', 1), /EACCES/);
  } finally {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  }
  assert.deepEqual(readdirSync(folder), ['bulwark_secret']);
  assert.equal(readFileSync(current, 'utf8'), 'made-up-old-secret\n');
});

const HOUR_MS = 3_600_000;

/** As a policy has it: at an hour of age the application changes the secret itself. */
function rotating(directory: string): ReturnType<typeof files> {
  return files({ directory, refresh: '1m', maxAge: '1h', rotate: true });
}

async function loaded(directory: string): Promise<readonly string[]> {
  const secrets = await rotating(directory).load('BULWARK_SECRET', new Problems('production'));
  return secrets.map((one) => (one as DatedSecret).value ?? one);
}

test('at its age it is changed by one of several processes, and what was before stays', async () => {
  const { folder, current } = newSecretFile('due');
  await rotating(folder).rotateIfDue?.('BULWARK_SECRET', Date.now());
  assert.deepEqual(await loaded(folder), ['made-up-old-secret']);
  const old = (Date.now() - HOUR_MS) / 1000;
  utimesSync(current, old, old);
  const program = `import { files } from ${JSON.stringify(join(import.meta.dirname, 'files.ts'))};
await files({ directory: ${JSON.stringify(folder)}, refresh: '1m', maxAge: '1h', rotate: true }).rotateIfDue('BULWARK_SECRET', Date.now());`;
  const args = ['--conditions=bulwark-source', '--input-type=module', '--eval', program];
  await Promise.all([1, 2, 3].map(() => promisify(execFile)(process.execPath, args)));
  const [fresh, ...before] = await loaded(folder);
  assert.notEqual(fresh, 'made-up-old-secret');
  assert.deepEqual(before, ['made-up-old-secret']);
  assert.deepEqual(readdirSync(folder).toSorted(), ['bulwark_secret', 'bulwark_secret_previous']);
});

test('nothing that is still read is thrown away for it, and a killed process is in the way for a minute alone', () => {
  const { folder, current } = newSecretFile('full');
  const lock = `${current}.rotating`;
  writeFileSync(lock, '');
  rotateOnce(folder, 'BULWARK_SECRET', () => true);
  assert.equal(readFileSync(current, 'utf8'), 'made-up-old-secret\n');
  const killed = Date.now() / 1000 - 61;
  utimesSync(lock, killed, killed);
  for (let times = 0; times < 9; times += 1) rotateOnce(folder, 'BULWARK_SECRET', () => true);
  const previous = readFileSync(`${current}_previous`, 'utf8').trim().split('\n');
  assert.deepEqual([previous.length, previous.at(-1)], [8, 'made-up-old-secret']);
  assert.ok(!existsSync(lock));
});

test('what would change secrets and says neither when nor how others learn of it is refused where it is written', () => {
  for (const options of [{ maxAge: '90d' }, { refresh: '1m' }, {}] as const)
    assert.throws(() => files({ ...options, rotate: true }), /maxAge: '90d'/);
  assert.throws(() => files({ maxAge: '1m' }), /at least an hour/);
});
