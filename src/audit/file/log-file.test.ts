import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../../test/support/until.ts';
import { defaultsOf } from '../../core/options.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { publicKeysOfRing } from '../chain/signing-key.ts';
import type { LogReport } from '../chain/verify.ts';
import { verifyFiles } from '../chain/verify-files.ts';
import { auditFileOptions, type AuditFileSettings } from './file.options.ts';
import { type OpenedLog, openerOf } from './open-log.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-log-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));
const keys = new KeyRing([Buffer.alloc(32, 7)]);
const trusted = publicKeysOfRing(keys);
let count = 0;

interface Told {
  readonly failing: string[];
  readonly recovered: number[];
}

function newPath(): string {
  return join(FOLDER, `${(count += 1)}`, 'audit.jsonl');
}

function open(path: string, more: Partial<AuditFileSettings> = {}): OpenedLog & { told: Told } {
  const settings = { ...defaultsOf(auditFileOptions), path, hangUp: false, ...more };
  const told: Told = { failing: [], recovered: [] };
  const log = openerOf(settings, keys)('app', Date.now, {
    failing: (error) => void told.failing.push(error),
    recovered: (lost) => void told.recovered.push(lost),
    heads: () => undefined,
    headsLost: (error) => assert.fail(error),
  });
  return Object.assign(Object.create(log) as OpenedLog, {
    told,
    append: (body: string) => log.append(body),
    flushed: () => log.flushed(),
    close: () => log.close(),
  });
}

function event(n: number): string {
  return JSON.stringify({
    time: new Date().toISOString(),
    level: 'warn',
    event: 'authz_fail',
    details: { n },
  });
}

async function verify(...paths: string[]): Promise<LogReport> {
  return await verifyFiles(paths, { keys: trusted, headsFile: `${paths.at(-1)}.heads` });
}

function lines(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

test('writes records that lead from one to the next, and a stranger can follow by SHA-256 alone', async () => {
  const path = newPath();
  const log = open(path);
  for (let n = 0; n < 5; n += 1) assert.ok(log.append(event(n)));
  await log.flushed();
  assert.equal(lines(path).length, 6);
  await log.close();
  const all = lines(path);
  let before = 'A'.repeat(43);
  for (const line of all) {
    const end = line.lastIndexOf(',"hash":"');
    before = createHash('sha256')
      .update(before + line.slice(0, end))
      .digest('base64url');
    assert.equal((JSON.parse(line) as { hash: string }).hash, before);
  }
  const report = await verify(path);
  assert.deepEqual(report.faults, []);
  assert.equal(report.records, 7);
  assert.equal(report.chains[0]?.isClosed, true);
  assert.equal(report.chains[0]?.signedTo, 7);
});

test('signs a head after so many records, and keeps it beside the log', async () => {
  const path = newPath();
  const log = open(path, { headRecords: 10 });
  for (let n = 0; n < 35; n += 1) log.append(event(n));
  await log.close();
  const kept = lines(`${path}.heads`);
  assert.deepEqual(
    kept.map((line) => (JSON.parse(line) as { event: string }).event),
    ['sys_log_opened', 'sys_log_head', 'sys_log_head', 'sys_log_head', 'sys_log_closed'],
  );
  for (const line of kept) assert.ok(lines(path).includes(line));
});

test('signs a head after a while too, and none where nothing was written', async () => {
  const path = newPath();
  const log = open(path, { headEvery: 20 });
  log.append(event(1));
  const heads = (): number => lines(path).filter((line) => line.includes('sys_log_head')).length;
  await until('there is one', () => heads() > 0);
  await pause(100);
  assert.equal(heads(), 1);
  await log.close();
});

test('several processes write one file, and each chain is whole', async () => {
  const path = newPath();
  const logs = [open(path), open(path), open(path)];
  for (let n = 0; n < 300; n += 1) {
    logs[n % 3]?.append(event(n));
    if (n % 50 === 0) await logs[n % 3]?.flushed();
  }
  await Promise.all(logs.map((log) => log.close()));
  const report = await verify(path);
  assert.deepEqual(report.faults, []);
  assert.equal(report.chains.length, 3);
  assert.equal(report.records, 306);
});

test('a restart leads back to what stood there: an earlier chain that is cut afterwards is missed', async () => {
  const path = newPath();
  const first = open(path);
  first.append(event(1));
  await first.close();
  const second = open(path);
  second.append(event(2));
  await second.close();
  assert.deepEqual((await verify(path)).faults, []);
  const all = lines(path);
  // Without any witness, and with the end of the first chain taken away.
  writeFileSync(path, `${[...all.slice(0, 2), ...all.slice(3)].join('\n')}\n`);
  const report = await verifyFiles([path], { keys: trusted });
  assert.deepEqual(
    report.faults.map(({ kind, line }) => [kind, line]),
    [['unlinked', 3]],
  );
});

test('what a killed process has torn is told by the next, and is no fault; what anybody else adds is one', async () => {
  const path = newPath();
  const first = open(path);
  first.append(event(1));
  await first.flushed();
  appendFileSync(path, event(2).slice(0, 40));
  const second = open(path);
  second.append(event(3));
  await second.close();
  const report = await verify(path);
  assert.deepEqual(report.faults, []);
  assert.equal(report.torn, 1);
  const all = lines(path);
  writeFileSync(path, `${all.toSpliced(2, 1, `${all[2] ?? ''}x`).join('\n')}\n`);
  assert.equal((await verify(path)).faults[0]?.kind, 'foreign');
  await first.close();
});

test('an event that somebody appends while nothing writes is signed by nobody, with or without its end', async () => {
  for (const forged of [
    event(2),
    `${event(2)} `,
    `${event(2)}\n${event(2)}~`,
    `{${event(2)}\r`,
    'ann signed in',
  ]) {
    const path = newPath();
    const first = open(path);
    first.append(event(1));
    await first.close();
    appendFileSync(path, forged);
    const unended = await verifyFiles([path], { keys: trusted, complete: true });
    assert.equal(unended.faults.at(-1)?.kind, 'foreign', forged);
    const second = open(path);
    second.append(event(3));
    await second.close();
    assert.doesNotMatch(readFileSync(path, 'utf8'), /"torn":/, forged);
    const report = await verify(path);
    assert.equal(report.torn, 0, forged);
    assert.ok(report.faultCount > 0 && report.faults.every(({ kind }) => kind === 'foreign'), forged);
  }
});

test('a file that was renamed is left, and the chain goes on in a new one', async () => {
  const path = newPath();
  const log = open(path);
  log.append(event(1));
  await log.flushed();
  renameSync(path, `${path}.1`);
  log.append(event(2));
  log.reopen();
  log.append(event(3));
  await log.flushed();
  await log.close();
  assert.match(lines(path)[0] ?? '', /sys_log_opened.*"reason":"rotated"/);
  assert.deepEqual((await verify(`${path}.1`, path)).faults, []);
  // The younger file alone: it says that there was more.
  const alone = await verify(path);
  assert.deepEqual([alone.faults, alone.continued], [[], 1]);
  // Without the older, and with it cut.
  writeFileSync(`${path}.1`, `${lines(`${path}.1`).slice(0, -1).join('\n')}\n`);
  assert.equal((await verify(`${path}.1`, path)).faults[0]?.kind, 'missing');
});

test('a file that was emptied under it is noticed, and what is missing is named', async () => {
  const path = newPath();
  const log = open(path);
  for (let n = 0; n < 9; n += 1) log.append(event(n));
  await log.flushed();
  writeFileSync(`${path}.1`, `${lines(path).slice(0, 7).join('\n')}\n`);
  truncateSync(path);
  await pause(250);
  log.append(event(10));
  await log.flushed();
  await log.close();
  assert.ok(lines(path).some((line) => line.includes('"reason":"truncated"')));
  const [fault] = (await verify(`${path}.1`, path)).faults;
  assert.deepEqual([fault?.kind, fault?.seq], ['missing', 8]);
});

test('a new file leads back to the last head that was kept', async () => {
  const path = newPath();
  const first = open(path);
  first.append(event(1));
  await first.close();
  renameSync(path, `${path}.1`);
  const second = open(path);
  await second.close();
  const { details } = JSON.parse(lines(path)[0] ?? '') as { details: { after: { seq: number } } };
  assert.equal(details.after.seq, 3);
  assert.deepEqual((await verify(`${path}.1`, path)).faults, []);
  // The first file taken away whole, and an earlier one in its place.
  writeFileSync(`${path}.1`, `${lines(`${path}.1`).slice(0, 2).join('\n')}\n`);
  const report = await verifyFiles([`${path}.1`, path], { keys: trusted });
  assert.equal(report.faults[0]?.kind, 'unlinked');
});

test('a folder that is not there is made; a path that cannot be is refused at the start', () => {
  const path = newPath();
  assert.ok(!existsSync(path));
  assert.throws(() => open(join('/proc', 'nowhere', 'audit.jsonl')), /audit\.file\.path/);
  assert.throws(() => open(newPath(), { key: '/nowhere/key.pem' }), /audit\.file\.key/);
});

test('what waits for a slow disk is bounded, and what found no room is told', async () => {
  const path = newPath();
  const log = open(path);
  const long = JSON.stringify({ text: 'x'.repeat(7000) });
  let refused = 0;
  for (let n = 0; n < 3000; n += 1) if (!log.append(long)) refused += 1;
  assert.ok(refused > 500, `${refused}`);
  await log.flushed();
  assert.deepEqual(log.told.recovered, [refused]);
  await log.close();
  assert.deepEqual((await verify(path)).faults, []);
});
