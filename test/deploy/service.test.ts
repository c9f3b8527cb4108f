/** deploy/strongroom.service: what it promises, and what systemd itself makes of it. It need not be running for that. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEPLOY } from './compose.ts';
import { execForm, lastOf, readDockerfile, type Stage } from './dockerfile.ts';
import { substitute, temporaryFolder } from './processes.ts';

const FILE = join(DEPLOY, 'strongroom.service');
const text = readFileSync(FILE, 'utf8');

/** All values of a key, in order. */
function valuesOf(key: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1));
}

test('systemd understands every line of it', () => {
  const folder = temporaryFolder();
  try {
    const copy = join(folder.path, 'strongroom.service');
    // What it expects to be installed, and is not here.
    const places = substitute(text, [
      [/\/usr\/bin\/node\b/g, process.execPath],
      [/^WorkingDirectory=.*$/gm, `WorkingDirectory=${folder.path}`],
      [/^Documentation=.*\n/gm, ''],
    ]);
    writeFileSync(copy, places);
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', copy], { encoding: 'utf8' });
    assert.deepEqual([status, stdout + stderr], [0, '']);
  } finally {
    folder.remove();
  }
});

test('v5.0.0-13.2.2 systemd finds next to nothing that it is exposed to', () => {
  // In tenths: 1.0 of 10, where an ordinary service has 9.6.
  const args = ['security', '--offline=true', '--no-pager', '--threshold=10', FILE];
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
  const open = [...stdout.matchAll(/^✗ (\S+)/gm)].map((match) => match[1]);
  assert.ok(open.includes('MemoryDenyWriteExecute='), 'the one that Node.js cannot do with');
  assert.deepEqual(valuesOf('MemoryDenyWriteExecute'), []);
});

test('it is a user of its own, writes to one place, and gets its secret from systemd', () => {
  assert.deepEqual(valuesOf('DynamicUser'), ['yes']);
  assert.deepEqual(valuesOf('StateDirectory'), ['strongroom']);
  assert.deepEqual(valuesOf('StateDirectoryMode'), ['0700']);
  assert.deepEqual(valuesOf('ReadWritePaths'), []);
  const [name, source] = valuesOf('LoadCredential')[0]?.split(':') ?? [];
  const environment = valuesOf('Environment').flatMap((value) => value.split(' '));
  assert.ok(environment.includes(`BULWARK_SECRET_FILE=%d/${name}`));
  assert.equal(source, '/etc/strongroom/bulwark_secret');
  assert.ok(environment.includes('SMTP_URL_FILE=%d/smtp_url'));
  assert.ok(environment.every((one) => !/^(BULWARK_SECRET|DATABASE_URL|REDIS_URL|SMTP_URL)=/.test(one)));
  assert.ok(
    environment.includes('HOST=127.0.0.1') && environment.includes('STRONGROOM_TRUSTED_PROXIES=127.0.0.1'),
  );
});

test('it starts what the image starts, and gives it more time to stop than it takes', () => {
  const image = readDockerfile(readFileSync(join(DEPLOY, 'Dockerfile'), 'utf8')).at(-1) as Stage;
  const [node, ...args] = execForm(lastOf(image, 'CMD').rest);
  assert.deepEqual(valuesOf('ExecStart'), [`/usr/bin/${node} ${args.join(' ')}`]);
  const main = readFileSync(join(DEPLOY, '../examples/strongroom/main.ts'), 'utf8');
  const longest = Number(/CLOSE_MS = (\d+)_000/.exec(main)?.[1]);
  assert.ok(Number(valuesOf('TimeoutStopSec')[0]) > longest);
});
