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
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { rotateFiles } from './rotate-files.ts';

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
