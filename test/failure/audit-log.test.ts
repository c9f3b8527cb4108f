/** The file of the audit log: processes that are killed, disks that are full, and the real logrotate. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openEvent } from '../../src/audit/personal/open-event.ts';
import { PersonKeys } from '../../src/audit/personal/person-keys.ts';
import { parseEvent } from '../../src/audit/reading/event-filter.ts';
import { KeyRing } from '../../src/core/key-ring.ts';
import { defaultsOf } from '../../src/core/options.ts';
import { publicKeysOfRing } from '../../src/audit/chain/signing-key.ts';
import type { LogReport } from '../../src/audit/chain/verify.ts';
import { verifyFiles } from '../../src/audit/chain/verify-files.ts';
import { auditFileOptions } from '../../src/audit/file/file.options.ts';
import { openerOf } from '../../src/audit/file/open-log.ts';
import { installRequirements } from '../../tools/requirements.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { bulwark } from '../../src/adapters/node.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { until } from '../support/until.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-evidence-'));
const keys = publicKeysOfRing(new KeyRing([Buffer.alloc(32, 7)]));
const KILLS = 20;

before(() => installRequirements());
after(() => {
  if (mounted) spawnSync('umount', ['--lazy', disk], { timeout: 10_000 });
  rmSync(FOLDER, { recursive: true, force: true });
});

interface Writer {
  readonly child: ChildProcess;
  /** The highest number that was acknowledged. */
  acknowledged: number;
}

function startWriter(path: string, first: number, mode = 'storm', ...more: readonly string[]): Writer {
  const script = join(import.meta.dirname, 'audit-log-child.ts');
  const args = ['--conditions=bulwark-source', script, path, String(first), mode, ...more];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const writer = { child, acknowledged: first - 1 };
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    writer.acknowledged = Number(lines.at(-1) ?? writer.acknowledged);
  });
  return writer;
}

async function kill({ child }: Writer, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  await once(child, 'close');
}

async function verify(paths: readonly string[], headsFile?: string): Promise<LogReport> {
  return await verifyFiles(paths, { keys, headsFile });
}

/** The numbers of the events in files. */
function numbersIn(paths: readonly string[]): Set<number> {
  const found = paths.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/"details":\{"n":(\d+)\}/g)].map(([, n]) => Number(n)),
  );
  return new Set(found);
}

test('SIGKILL in a storm, 20 times: every acknowledged event is there, and the chains verify', async () => {
  const path = join(FOLDER, 'killed.jsonl');
  let first = 1;
  for (let round = 0; round < KILLS; round += 1) {
    const writer = startWriter(path, first);
    await until('something is acknowledged', () => writer.acknowledged > first + 20);
    await pause(round * 3);
    await kill(writer, 'SIGKILL');
    const there = numbersIn([path]);
    for (let n = first; n <= writer.acknowledged; n += 1) assert.ok(there.has(n), `${n} of round ${round}`);
    first = writer.acknowledged + 100_000;
  }
  const last = startWriter(path, first);
  await until('something is acknowledged', () => last.acknowledged > first);
  await kill(last, 'SIGKILL');
  const report = await verify([path], `${path}.heads`);
  assert.deepEqual(report.faults, []);
  assert.equal(report.chains.length, KILLS + 1);
});

const ROTATE = (path: string, how: string): string => `${path} {
  rotate 9
  size 1
  missingok
  ${how}
}
`;

function rotate(name: string, conf: string): void {
  const file = join(FOLDER, `${name}.conf`);
  writeFileSync(file, conf, { mode: 0o644 });
  const { status, stderr } = spawnSync(
    'logrotate',
    ['--force', '--state', join(FOLDER, `${name}.state`), file],
    { encoding: 'utf8', timeout: 20_000 },
  );
  assert.equal(status, 0, stderr);
}

test('SIGKILL while each event is of another person: the key of each that is in the log is there', async () => {
  const [path, database] = [join(FOLDER, 'persons.jsonl'), join(FOLDER, 'persons.db')];
  let first = 1;
  for (let round = 0; round < 4; round += 1) {
    const writer = startWriter(path, first, 'storm', database);
    await until('something is acknowledged', () => writer.acknowledged > first + 20);
    await pause(round * 7);
    await kill(writer, 'SIGKILL');
    first = writer.acknowledged + 1;
  }
  const keysOfPersons = new PersonKeys(database, new KeyRing([Buffer.alloc(32, 7)]));
  const opened = new Set<string>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const event = parseEvent(line);
    if (event?.event !== 'sensitive_create') continue;
    const { account = '' } = openEvent(event, keysOfPersons);
    assert.match(account, /^person \d+$/);
    opened.add(account);
  }
  keysOfPersons.close();
  for (let n = 1; n < first; n += 1) assert.ok(opened.has(`person ${n}`), String(n));
  assert.equal((await verify([path])).faultCount, 0);
});

test('logrotate by rename, as deploy/logrotate.conf has it: nothing is lost, and the chain goes on', async () => {
  const shipped = readFileSync(join(import.meta.dirname, '../../deploy/logrotate.conf'), 'utf8');
  for (const word of ['nocreate', 'delaycompress', 'signal=HUP']) assert.ok(shipped.includes(word));
  assert.doesNotMatch(shipped, /^\s*copytruncate/m);
  mkdirSync(join(FOLDER, 'rename'), { mode: 0o755 });
  const path = join(FOLDER, 'rename', 'audit.jsonl');
  const writer = startWriter(path, 1, 'slow');
  const how = `nocreate\n  compress\n  delaycompress\n  postrotate\n    kill -HUP ${writer.child.pid ?? 0}\n  endscript`;
  for (let round = 0; round < 4; round += 1) {
    const before = writer.acknowledged;
    await until('it goes on', () => writer.acknowledged > before + 40);
    rotate('rename', ROTATE(path, how));
  }
  const before = writer.acknowledged;
  await until('it goes on', () => writer.acknowledged > before + 40);
  await kill(writer, 'SIGTERM');
  const files = globSync(`${path}*`).filter((file) => !file.endsWith('.heads'));
  assert.ok(files.length >= 4, files.join(' '));
  const report = await verify(files, `${path}.heads`);
  assert.deepEqual(report.faults, []);
  assert.equal(report.chains.length, 1);
  assert.ok(report.records > writer.acknowledged);
});

test('logrotate by copytruncate: what it loses is named as missing, and what is written afterwards is whole', async () => {
  mkdirSync(join(FOLDER, 'copy'), { mode: 0o755 });
  const path = join(FOLDER, 'copy', 'audit.jsonl');
  const writer = startWriter(path, 1);
  for (let round = 0; round < 4; round += 1) {
    const before = writer.acknowledged;
    await until('it goes on', () => writer.acknowledged > before + 2000);
    rotate('copy', ROTATE(path, 'copytruncate'));
    await pause(300);
  }
  const before = writer.acknowledged;
  await until('it goes on', () => writer.acknowledged > before + 2000);
  await kill(writer, 'SIGTERM');
  const files = globSync(`${path}*`).filter((file) => !file.endsWith('.heads'));
  const report = await verify(files, `${path}.heads`);
  const seen = numbersIn(files);
  const lost = Array.from({ length: writer.acknowledged }, (_, n) => n + 1).filter(
    (n) => !seen.has(n),
  ).length;
  assert.doesNotMatch(readFileSync(path, 'utf8'), /\0/);
  // Whether it loses anything is chance; what it loses is never silent.
  assert.equal(
    report.faults.some(({ kind }) => kind === 'missing'),
    lost > 0,
    `${lost} lost`,
  );
  assert.ok(readFileSync(path, 'utf8').includes('"reason":"truncated"'));
});

const disk = join(FOLDER, 'disk');
mkdirSync(disk);
const mounted =
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', disk], { timeout: 10_000 }).status === 0;
test(
  'a disk that is full is told once, loses what finds no room, says how much, and the chain is whole afterwards',
  { skip: mounted ? false : 'only root mounts a small disk' },
  async () => {
    const path = join(disk, 'audit.jsonl');
    const told: string[] = [];
    const recovered: number[] = [];
    const settings = {
      ...defaultsOf(auditFileOptions),
      path,
      hangUp: false,
      heads: join(FOLDER, 'full.heads'),
    };
    const log = openerOf(settings, new KeyRing([Buffer.alloc(32, 7)]))('app', Date.now, {
      failing: (error) => void told.push(error),
      recovered: (lost) => void recovered.push(lost),
      heads: () => undefined,
      headsLost: assert.fail,
    });
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(150_000));
    const event = (n: number): string => JSON.stringify({ time: '2026-01-01', event: 'a_b', details: { n } });
    for (let n = 0; n < 1000; n += 1) assert.ok(log.append(event(n)));
    await assert.rejects(log.flushed(), { code: 'ERR_BULWARK_AUDIT_FILE' });
    assert.deepEqual([log.health.isFailing, log.health.error], [true, 'ENOSPC']);
    await pause(1200);
    assert.deepEqual(told, ['ENOSPC']);
    rmSync(ballast);
    await until('it can be written again', () => !log.health.isFailing);
    await log.flushed();
    assert.deepEqual(recovered, [0]);
    await log.close();
    const report = await verify([path], settings.heads);
    assert.deepEqual(report.faults, []);
    assert.equal(report.torn, 1);
    assert.equal(numbersIn([path]).size, 1000);
  },
);

test(
  'while nothing can be written, requests that change something are refused where the policy says so',
  { skip: mounted ? false : 'only root mounts a small disk' },
  async () => {
    const path = join(disk, 'refusing.jsonl');
    const layer = bulwark({
      secrets: fixedSecrets(TEST_SECRET),
      state: memory(),
      origin: 'http://localhost',
      environment: 'development',
      audit: { file: { path, whileFailing: 'refuse', hangUp: false } },
    });
    let handled = 0;
    const server = layer.createServer((_request, response) => {
      handled += 1;
      response.end('done');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const ask = async (method: string): Promise<number> => {
      const headers = { origin: `http://localhost:${port}`, 'sec-fetch-site': 'same-origin' };
      return (await fetch(`http://127.0.0.1:${port}/`, { method, headers })).status;
    };
    const ballast = join(disk, 'ballast');
    try {
      await layer.audit.flushed();
      assert.equal(await ask('POST'), 200);
      writeFileSync(ballast, Buffer.alloc(4096));
      spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4096'], { timeout: 10_000 });
      for (let n = 0; n < 100; n += 1) layer.audit('sensitive_create', { text: 'x'.repeat(500) });
      await assert.rejects(layer.audit.flushed(), { code: 'ERR_BULWARK_AUDIT_FILE' });
      const before = handled;
      assert.deepEqual([await ask('POST'), await ask('GET'), handled - before], [503, 200, 1]);
      rmSync(ballast);
      await until('it can be written again', async () => (await ask('POST')) === 200);
    } finally {
      rmSync(ballast, { force: true });
      server.closeAllConnections();
      server.close();
      await layer.close();
    }
  },
);
