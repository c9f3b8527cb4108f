import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { randomId } from '../../core/random.ts';
import { fileBytesConformance } from '../../testing/conformance.ts';
import { keepBytes } from '../../testing/conformance/file-bytes.ts';
import { folderBytes } from './folder.ts';

const fresh = (): string => mkdtempSync(join(tmpdir(), 'bulwark-files-'));

fileBytesConformance('a folder', () => folderBytes(fresh()));

test('files and folders are readable by their owner alone', async () => {
  const directory = join(fresh(), 'inner');
  const id = await keepBytes(folderBytes(directory), Buffer.from('x'));
  const shelf = join(directory, id.slice(0, 2));
  assert.equal(statSync(join(shelf, id)).mode & 0o777, 0o600);
  assert.equal(statSync(shelf).mode & 0o777, 0o700);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
});

test('a folder that servers hand out is refused at the start', () => {
  for (const served of ['public/files', 'static', '/srv/www/uploads', 'app/dist/x', './Public'])
    assert.throws(() => folderBytes(served), /is handed out by most servers/, served);
  folderBytes('data/files-public');
});

test('a disk that is full is told as one, and nothing of the file is left', async (t) => {
  const disk = fresh();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    t.skip('only root may mount a small disk');
    return;
  }
  try {
    const place = folderBytes(join(disk, 'files'));
    const kept = await keepBytes(place, randomBytes(300_000));
    const id = randomId(16);
    const writer = await place.create(id);
    await assert.rejects(async () => {
      for (let at = 0; at < 40; at += 1) await writer.write(randomBytes(50_000));
      await writer.finish();
    }, /The folder of files is full/);
    await writer.abort();
    assert.deepEqual(
      readdirSync(join(disk, 'files', id.slice(0, 2))),
      id.startsWith(kept.slice(0, 2)) ? [kept] : [],
    );
    assert.equal(await place.size(kept), 300_000);
    await keepBytes(place, randomBytes(300_000));
  } finally {
    execFileSync('umount', [disk]);
  }
});

test('what a process began and did not end goes with its id', async () => {
  const directory = fresh();
  const place = folderBytes(directory);
  const id = randomId(16);
  const writer = await place.create(id);
  await writer.write(Buffer.from('half'));
  const partial = join(directory, id.slice(0, 2), `${id}.part`);
  assert.ok(existsSync(partial));
  await place.remove(id);
  assert.ok(!existsSync(partial));
  await writer.abort();
});

test('holds no more of a file than pieces, however large it is', async () => {
  const place = folderBytes(fresh());
  const writer = await place.create(randomId(16));
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let at = 1; at <= 32; at += 1) {
    await writer.write(Buffer.alloc(MB));
    if (at % 4 === 0) collectGarbage();
    if (at % 4 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  await writer.abort();
  assert.ok(most < 8 * MB, `${most} bytes of 32 MB`);
});

const MB = 1024 ** 2;

/** What is held is told from what is not collected yet. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
