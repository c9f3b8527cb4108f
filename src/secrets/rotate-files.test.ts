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
import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import os, { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { Problems } from '../core/problems.ts';
import { files } from './files.ts';
import { newSecret } from './new-secret.ts';
import type { DatedSecret } from './provider.ts';
import { readSecrets } from './read-secrets.ts';
import { rotateFiles, rotateOnce } from './rotate-files.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-rotate-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));

function newSecretFile(name: string, secret = 'made-up-old-secret'): { folder: string; current: string } {
  const folder = join(FOLDER, name);
  mkdirSync(folder);
  const current = join(folder, 'bulwark_secret');
  writeFileSync(current, `${secret}\n`, { mode: 0o600 });
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
  const left = `${randomUUID()}.new`;
  writeFileSync(`${current}.${left}`, 'stale');
  writeFileSync(`${current}_previous.${left}`, 'stale');
  rotateFiles(folder, 'BULWARK_SECRET', 2);
  assert.equal(readFileSync(`${current}_previous`, 'utf8'), 'made-up-old-secret\n');
  assert.deepEqual(readdirSync(folder).toSorted(), ['bulwark_secret', 'bulwark_secret_previous']);
  const second = readFileSync(current, 'utf8');
  writeFileSync(`${current}_previous`, second);
  rotateFiles(folder, 'BULWARK_SECRET', 2);
  // As after a run that failed between the two files: the current one stood in both, and is kept once.
  assert.equal(readFileSync(`${current}_previous`, 'utf8'), second);
});

test('no older secret goes without a word: where there is no room, nothing is done', () => {
  const { folder, current } = newSecretFile('no-room');
  for (let kept = 1; kept <= 8; kept += 1) {
    const done = rotateFiles(folder, 'BULWARK_SECRET');
    assert.deepEqual([done.kept, done.dropped], [kept, 0]);
  }
  const before = [readFileSync(current, 'utf8'), readFileSync(`${current}_previous`, 'utf8')];
  assert.throws(() => rotateFiles(folder, 'BULWARK_SECRET'), /no room[^]*--keep 8/);
  assert.deepEqual([readFileSync(current, 'utf8'), readFileSync(`${current}_previous`, 'utf8')], before);
  const { kept, dropped } = rotateFiles(folder, 'BULWARK_SECRET', 8);
  assert.deepEqual([kept, dropped], [8, 1]);
});

test('two runs at once: one of them rotates, and the other says that it is being done', () => {
  const { folder, current } = newSecretFile('twice');
  writeFileSync(`${current}.rotating`, '');
  assert.throws(
    () => rotateFiles(folder, 'BULWARK_SECRET'),
    /bulwark_secret\.rotating: another process rotates since/,
  );
  assert.equal(readFileSync(current, 'utf8'), 'made-up-old-secret\n');
  // Killed: nobody holds it any more.
  const old = new Date(Date.now() - 2 * HOUR_MS);
  utimesSync(`${current}.rotating`, old, old);
  assert.equal(rotateFiles(folder, 'BULWARK_SECRET').kept, 1);
  assert.ok(!existsSync(`${current}.rotating`));
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

test('where the second file cannot be written, production starts with what was there, and the next run loses none', async (t) => {
  const { folder, current } = newSecretFile('half', newSecret());
  const before = readFileSync(current, 'utf8');
  const { renameSync: move } = fs;
  t.mock.method(fs, 'renameSync', (from: string, to: string) => {
    if (to === current) throw new Error('EIO');
    move(from, to);
  });
  syncBuiltinESMExports();
  try {
    assert.throws(() => rotateOnce(folder, 'BULWARK_SECRET', () => true), /EIO/);
  } finally {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  }
  assert.equal(readFileSync(`${current}_previous`, 'utf8'), before);
  const problems = new Problems('production');
  const given = await readSecrets(rotating(folder), problems);
  assert.deepEqual(problems.errors, []);
  assert.equal(given?.secrets.length, 1);
  // Seven more, and the one that is in both: there is room for it.
  const seven = Array.from({ length: 7 }, (_, index) => `made-up-${index}\n`);
  writeFileSync(`${current}_previous`, before + seven.join(''));
  rotateOnce(folder, 'BULWARK_SECRET', () => true);
  assert.notEqual(readFileSync(current, 'utf8'), before);
  assert.equal(readFileSync(`${current}_previous`, 'utf8'), before + seven.join(''));
});

test('a secret that would be kept in pieces is refused, by the start and by what rotates', async () => {
  for (const [name, between] of [
    ['comma', ','],
    ['line', '\n'],
  ] as const) {
    const { folder, current } = newSecretFile(name, `${newSecret()}${between}${newSecret()}`);
    const before = readFileSync(current, 'utf8');
    const problems = new Problems('production');
    assert.equal(await readSecrets(files({ directory: folder }), problems), undefined);
    assert.match(problems.errors[0]?.reason ?? '', /a comma or a line break/);
    assert.throws(() => rotateFiles(folder, 'BULWARK_SECRET', 1), /--keep 0/);
    assert.throws(() => rotateOnce(folder, 'BULWARK_SECRET', () => true), /--keep 0/);
    assert.deepEqual([readdirSync(folder), readFileSync(current, 'utf8')], [['bulwark_secret'], before]);
    rotateFiles(folder, 'BULWARK_SECRET', 0);
    assert.equal(readFileSync(current, 'utf8').trim().length, newSecret().length);
  }
});

test('a folder that cannot be written is said at the start, where the application is to write there', async (t) => {
  const { folder } = newSecretFile('closed', newSecret());
  const warnings = async (provider: ReturnType<typeof files>): Promise<string> => {
    const problems = new Problems('production');
    assert.ok((await readSecrets(provider, problems)) !== undefined);
    return JSON.stringify(problems.warnings);
  };
  assert.equal(await warnings(rotating(folder)), '[]');
  t.mock.method(fs, 'accessSync', () => {
    throw Object.assign(new Error('no'), { code: 'EROFS' });
  });
  syncBuiltinESMExports();
  try {
    assert.match(await warnings(rotating(folder)), /cannot write to .*closed \(EROFS\)/);
    assert.equal(await warnings(files({ directory: folder })), '[]');
  } finally {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  }
});

/** What a process that has ended has left in a lock. */
const GONE = `${spawnSync(process.execPath, ['--version']).pid} ${hostname()} x\n`;

test('a lock of a killed process is taken by one of those that find it', (t) => {
  const found = (name: string, meanwhile: (lock: string) => void): string => {
    const { folder, current } = newSecretFile(name);
    const lock = `${current}.rotating`;
    writeFileSync(lock, GONE);
    const killed = Date.now() / 1000 - 61;
    utimesSync(lock, killed, killed);
    const { statSync: look } = fs;
    let isFirst = true;
    const looking = (path: string, options: fs.StatSyncOptions): unknown => {
      const stats = look(path, options);
      if (path === lock && isFirst) meanwhile(lock);
      isFirst &&= path !== lock;
      return stats;
    };
    t.mock.method(fs, 'statSync', looking as never);
    syncBuiltinESMExports();
    try {
      rotateOnce(folder, 'BULWARK_SECRET', () => true);
    } finally {
      t.mock.restoreAll();
      syncBuiltinESMExports();
    }
    assert.equal(readFileSync(current, 'utf8'), 'made-up-old-secret\n');
    return readdirSync(folder).join(' ');
  };
  const taken = (lock: string): void => {
    rmSync(lock);
    writeFileSync(lock, '');
  };
  assert.equal(found('taken', taken), 'bulwark_secret bulwark_secret.rotating');
  assert.equal(found('ended', rmSync), 'bulwark_secret');
});

test('a lock of a process that lives is left to it, of an unseen one for an hour, and both are told of after a minute', (t) => {
  const up = t.mock.method(os, 'uptime', () => 1_000_000);
  syncBuiltinESMExports();
  t.after(() => {
    up.mock.restore();
    syncBuiltinESMExports();
  });
  const { folder, current } = newSecretFile('alive');
  const lock = `${current}.rotating`;
  const ago = (ms: number, text: string): void => {
    writeFileSync(lock, text);
    const at = (Date.now() - ms) / 1000;
    utimesSync(lock, at, at);
  };
  const once = (): void => rotateOnce(folder, 'BULWARK_SECRET', () => true);
  for (const text of [`${process.ppid} ${hostname()} x\n`, '4 elsewhere x\n', '']) {
    ago(30_000, text);
    once();
    assert.throws(() => rotateFiles(folder, 'BULWARK_SECRET'), /rotates since/);
    ago(61_000, text);
    assert.throws(once, /rotates since .*remove the file first/);
  }
  assert.equal(readFileSync(current, 'utf8'), 'made-up-old-secret\n');
  ago(HOUR_MS + 1000, `${process.ppid} ${hostname()} x\n`);
  assert.throws(once, /rotates since/);
  ago(HOUR_MS + 1000, '4 elsewhere x\n');
  once();
  assert.equal(readFileSync(`${current}_previous`, 'utf8'), 'made-up-old-secret\n');
  // From before this machine began: the number is somebody else's by now.
  up.mock.mockImplementation(() => HOUR_MS / 1000);
  ago(HOUR_MS + 1000, `${process.ppid} ${hostname()} x\n`);
  once();
  assert.ok(!existsSync(lock));
});

test('a full disk leaves no lock behind', (t) => {
  const { folder } = newSecretFile('disk');
  t.mock.method(fs, 'writeSync', () => {
    throw Object.assign(new Error('made up'), { code: 'ENOSPC' });
  });
  syncBuiltinESMExports();
  try {
    assert.throws(() => rotateFiles(folder, 'BULWARK_SECRET'), { code: 'ENOSPC' });
  } finally {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  }
  assert.deepEqual(readdirSync(folder), ['bulwark_secret']);
});

test('a process that lost its lock while it was stopped writes nothing more, and leaves the lock to who has it', (t) => {
  const { folder, current } = newSecretFile('stopped');
  const lock = `${current}.rotating`;
  const { renameSync: move } = fs;
  t.mock.method(fs, 'renameSync', (from: string, to: string) => {
    move(from, to);
    // Between its two files.
    writeFileSync(lock, '4 elsewhere x\n');
  });
  syncBuiltinESMExports();
  try {
    assert.throws(() => rotateFiles(folder, 'BULWARK_SECRET'), /process 4 on elsewhere rotates/);
  } finally {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  }
  assert.equal(readFileSync(current, 'utf8'), 'made-up-old-secret\n');
  assert.equal(readFileSync(lock, 'utf8'), '4 elsewhere x\n');
  assert.equal(readdirSync(folder).length, 3);
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
  writeFileSync(lock, GONE);
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
