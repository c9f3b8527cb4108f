import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import { until } from '../../test/support/until.ts';
import { AuditLog } from '../audit/audit.ts';
import { Chain } from '../audit/chain/chain.ts';
import { signerOfRing } from '../audit/chain/signing-key.ts';
import { KeyRing } from '../core/key-ring.ts';
import { auditFileOptions } from '../audit/file/file.options.ts';
import { openerOf } from '../audit/file/open-log.ts';
import { auditOptions } from '../audit/audit.options.ts';
import { defaultsOf } from '../core/options.ts';
import { kindOf } from '../../test/support/events.ts';
import { sketchExchange } from '../../test/support/exchange.ts';
import { TEST_SECRET } from '../../test/support/secrets.ts';
import { runCommand } from '../../test/support/command-run.ts';
import { define as defineTail } from './audit-tail.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-audit-'));
const LOG = join(FOLDER, 'audit.jsonl');
const HOSTILE = '=cmd|"/c calc"!A1\u001b[2J\u202e\u0007';

const policyText = `export default { origin: 'https://a.example.com', secrets: { name: 't', load: () => ['${TEST_SECRET}'], remedy: () => '' },
  state: (await import(${JSON.stringify(import.meta.resolve('../stores/memory/state.ts'))})).memory(), audit: { file: ${JSON.stringify(LOG)} } };`;
const POLICY = join(FOLDER, 'bulwark.config.mjs');

async function writeLog(): Promise<void> {
  const { loadPolicy } = await import('../policy/load-policy.ts');
  const { keys, audit } = await loadPolicy(POLICY);
  assert.ok(audit.file !== undefined);
  const log = new AuditLog(audit, Date.now, process, { openFile: openerOf(audit.file, keys) });
  const exchange = sketchExchange({ method: 'POST', target: '/login', peer: '192.0.2.9' });
  log.write(kindOf('authn_login_fail'), { account: 'ann@example.com' }, exchange);
  log.write(kindOf('authn_login_fail'), { account: HOSTILE }, sketchExchange());
  log.write(kindOf('user_created', 'info'), { account: 'bob@example.com' });
  log.write(kindOf('authz_fail'), { guard: 'access', status: 403 }, exchange);
  await log.close();
}

before(async () => {
  writeFileSync(POLICY, policyText);
  await writeLog();
});
after(() => rmSync(FOLDER, { recursive: true, force: true }));

test('verify: a whole log is 0, a changed one is 1 and names the record, another file is 2', async () => {
  const good = await runCommand(['audit', 'verify', LOG, '--policy', POLICY, '--complete']);
  assert.equal(good.code, 0, good.out + good.err);
  assert.match(good.out, /Nothing is wrong: 6 records in 1 chain\.\n.*signatures: by [\w-]{16}/);
  const bent = join(FOLDER, 'bent.jsonl');
  writeFileSync(bent, readFileSync(LOG, 'utf8').replace('ann@example.com', 'eve@example.com'));
  const bad = await runCommand(['audit', 'verify', bent, '--policy', POLICY]);
  assert.equal(bad.code, 1);
  assert.match(bad.out, /bent\.jsonl:2: changed: record 2/);
  const json = await runCommand(['audit', 'verify', bent, '--policy', POLICY, '--json']);
  assert.equal((JSON.parse(json.out) as { faults: { seq: number }[] }).faults[0]?.seq, 2);
  writeFileSync(bent, '');
  assert.equal((await runCommand(['audit', 'verify', bent])).code, 2);
  assert.equal((await runCommand(['audit', 'verify', join(FOLDER, 'no.jsonl')])).code, 2);
});

test('verify: a cut end is found by the heads beside the log, and named as unseen without them', async () => {
  const cut = join(FOLDER, 'cut.jsonl');
  writeFileSync(cut, readFileSync(LOG, 'utf8').split('\n').slice(0, 4).join('\n') + '\n');
  const without = await runCommand(['audit', 'verify', cut, '--policy', POLICY]);
  assert.equal(without.code, 0);
  assert.match(without.out, /a cut end is not seen/);
  assert.match(without.out, /is not closed/);
  const found = await runCommand(['audit', 'verify', cut, '--policy', POLICY, '--heads', `${LOG}.heads`]);
  assert.equal(found.code, 1);
  assert.match(found.out, /cut: a head of .* reaches record 6, and the log has record 4/);
});

test('verify: packed files, and a public key in place of the policy; another key is a fault', async () => {
  const packed = join(FOLDER, 'packed.jsonl.gz');
  writeFileSync(packed, gzipSync(readFileSync(LOG)));
  const printed = await runCommand(['audit', 'key', '--policy', POLICY]);
  const key = join(FOLDER, 'audit.pub');
  writeFileSync(key, printed.out);
  assert.equal((await runCommand(['audit', 'verify', packed, '--key', key])).code, 0);
  const made = await runCommand(['audit', 'key', '--make', join(FOLDER, 'own.pem')]);
  writeFileSync(key, made.out);
  const other = await runCommand(['audit', 'verify', packed, '--key', key]);
  assert.equal(other.code, 1);
  assert.match(other.out, /other-key/);
  // A key that is there is not written over.
  assert.equal((await runCommand(['audit', 'key', '--make', join(FOLDER, 'own.pem')])).code, 1);
  assert.equal((await runCommand(['audit', 'key'])).code, 2);
});

test('search and tail show what strangers wrote as text that no terminal obeys', async () => {
  for (const argv of [
    ['search', LOG, '--event', 'authn_*'],
    ['tail', LOG],
  ]) {
    const { code, out } = await runCommand(['audit', ...argv]);
    assert.equal(code, 0);
    assert.ok(out.includes('\\u{1b}[2J\\u{202e}\\u{7}'), out);
    assert.doesNotMatch(out, /[^\x20-\x7e\n]/);
    const json = await runCommand(['audit', ...argv, '--json']);
    assert.doesNotMatch(json.out, /[^\x20-\x7e\n]/);
  }
});

test('search finds by what is asked for, and by all of it', async () => {
  const lines = async (...argv: string[]): Promise<number> =>
    (await runCommand(['audit', 'search', LOG, ...argv])).out.split('\n').length - 1;
  assert.equal(await lines('--account', 'ann@example.com'), 1);
  assert.equal(await lines('--client', '192.0.2.9'), 2);
  assert.equal(await lines('--client', '192.0.2.9', '--guard', 'access'), 1);
  assert.equal(await lines('--outcome', 'success', '--event', 'user_created'), 1);
  assert.equal(await lines('--since', '1h', '--level', 'warn'), 3);
  assert.equal(await lines('--until', '2026-01-01'), 0);
  assert.equal(await lines('--text', 'BOB@example'), 1);
  assert.equal((await runCommand(['audit', 'search', LOG, '--event', 'no_such'])).code, 1);
  assert.equal((await runCommand(['audit', 'search', LOG, '--since', 'soon'])).code, 2);
  assert.equal((await runCommand(['audit', 'search', LOG, '--limit', '0'])).code, 2);
});

test('export writes tables in which no cell is a formula', async () => {
  const { code, out } = await runCommand(['audit', 'export', LOG]);
  assert.equal(code, 0);
  const rows = out.split('\r\n');
  assert.match(rows[0] ?? '', /^time,level,event,outcome,/);
  assert.equal(rows.length, 8);
  assert.ok(out.includes(`"'=cmd|""/c calc""!A1\\u{1b}`));
  assert.doesNotMatch(out, /(?:^|,)"?[=+@-]/m);
  const file = join(FOLDER, 'out.csv');
  assert.equal((await runCommand(['audit', 'export', LOG, '--out', file, '--format', 'jsonl'])).code, 0);
  assert.equal(readFileSync(file, 'utf8'), readFileSync(LOG, 'utf8'));
});

test('stats count what there is', async () => {
  const { out } = await runCommand(['audit', 'stats', LOG, '--json']);
  const stats = JSON.parse(out) as {
    events: number;
    byEvent: [string, number][];
    clients: [string, number][];
  };
  assert.equal(stats.events, 6);
  assert.deepEqual(stats.byEvent[0], ['authn_login_fail', 2]);
  assert.deepEqual(stats.clients[0], ['192.0.2.9', 2]);
  assert.match((await runCommand(['audit', 'stats', LOG])).out, /6 events from 20/);
  assert.equal((await runCommand(['audit', 'stats', LOG, '--event', 'no_such'])).code, 2);
});

test('tail follows a log, through a rotation too', async () => {
  const log = join(FOLDER, 'followed.jsonl');
  const line = (n: number): string =>
    `${JSON.stringify({ time: '2026-01-01T00:00:00.000Z', level: 'warn', event: `own_${n}` })}\n`;
  writeFileSync(log, line(1));
  let shown = '';
  const out = new Writable({
    write(chunk: Buffer, _encoding, done): void {
      shown += chunk.toString();
      done();
    },
  });
  const end = new AbortController();
  const command = new Command('tail').exitOverride();
  defineTail(command, { out, err: out }, end.signal);
  const running = command.parseAsync([log, '--follow'], { from: 'user' });
  await until('the first is shown', () => shown.includes('own_1'));
  appendFileSync(log, line(2));
  await until('the second is shown', () => shown.includes('own_2'));
  renameSync(log, `${log}.1`);
  writeFileSync(log, line(3));
  await until('that of the new file is shown', () => shown.includes('own_3'));
  end.abort();
  await running;
  assert.deepEqual(shown.match(/own_\d/g), ['own_1', 'own_2', 'own_3']);
});

test('the defaults of a file are those of its table, and a path alone is enough', async () => {
  const { audit } = await (await import('../policy/load-policy.ts')).loadPolicy(POLICY);
  assert.deepEqual(audit.file, { ...defaultsOf(auditFileOptions), path: LOG });
  assert.equal(defaultsOf(auditOptions).file, undefined);
});

test('an index answers a search a page at a time, and another file is refused', async () => {
  const into = join(FOLDER, 'audit.db');
  const made = await runCommand(['audit', 'index', LOG, '--into', into, '--json']);
  assert.deepEqual(JSON.parse(made.out), { added: 6, known: 0, others: 0, forgotten: 0 });
  const first = await runCommand(['audit', 'search', '--index', into, '--event', 'authn_*', '--limit', '1']);
  assert.equal(first.code, 0);
  const [, after = ''] = /--after (\S+)/.exec(first.err) ?? [];
  const second = await runCommand([
    'audit',
    'search',
    '--index',
    into,
    '--event',
    'authn_*',
    '--after',
    after,
  ]);
  assert.equal(second.out.split('\n').length, 2);
  assert.notEqual(second.out, first.out);
  assert.equal((await runCommand(['audit', 'search', '--index', into, '--account', 'nobody'])).code, 1);
  assert.equal((await runCommand(['audit', 'search'])).code, 2);
  assert.equal((await runCommand(['audit', 'search', LOG, '--index', into])).code, 2);
});

test('retain deletes old files whole, never the newest, and none that does not verify', async () => {
  const folder = join(FOLDER, 'retain');
  mkdirSync(folder);
  const keys = new KeyRing([Buffer.alloc(32, 7)]);
  const day = 86_400_000;
  const path = (n: number): string => join(folder, `audit.jsonl.${n}`);
  for (const [n, age] of [
    [4, 500],
    [3, 450],
    [2, 10],
  ] as const) {
    const chain = new Chain(signerOfRing(keys), 'app', () => Date.now() - age * day);
    writeFileSync(path(n), `${chain.open({ reason: 'start' })}\n${chain.close()}\n`);
  }
  const all = [2, 3, 4].map(path);
  const dry = await runCommand(['audit', 'retain', ...all, '--keep', '400d']);
  assert.deepEqual([dry.code, dry.out], [0, `Would delete ${path(4)}\nWould delete ${path(3)}\n`]);
  const good = readFileSync(path(3), 'utf8');
  writeFileSync(path(3), good.replace('sys_log_closed', 'sys_log_closet'));
  const kept = await runCommand(['audit', 'retain', ...all, '--keep', '400d', '--yes']);
  assert.equal(kept.code, 1);
  assert.match(kept.err, /jsonl\.3 does not verify/);
  assert.deepEqual(
    all.map((file) => existsSync(file)),
    [true, true, false],
  );
  writeFileSync(path(3), good);
  assert.equal(
    (await runCommand(['audit', 'retain', ...all.slice(0, 2), '--keep', '400d', '--yes'])).code,
    0,
  );
  assert.equal((await runCommand(['audit', 'retain', path(2), '--keep', '1d', '--yes'])).code, 0);
  assert.deepEqual(
    all.map((file) => existsSync(file)),
    [true, false, false],
  );
});

test('search, tail, stats and export leave out a line that somebody appended, and say so', async () => {
  const forged = join(FOLDER, 'forged.jsonl');
  const line = (account: string): string =>
    JSON.stringify({ time: '2026-01-01', level: 'info', event: 'authn_login_success', account });
  writeFileSync(
    forged,
    `${line('front')}\n${readFileSync(LOG, 'utf8')}${line('behind')}\n${line('unended')}`,
  );
  for (const args of [['search', '--json'], ['tail'], ['stats'], ['export']]) {
    const { out, err } = await runCommand(['audit', ...args, forged]);
    assert.doesNotMatch(out, /front|behind|unended|authn_login_success/);
    assert.match(out, /authn_login_fail/);
    assert.match(err, /left out 3 lines that are no records of its chain: bulwark audit verify/);
  }
  // A log that is not chained, as one that was collected from the output.
  writeFileSync(forged, `${line('front')}\n`);
  assert.match((await runCommand(['audit', 'search', forged])).out, /front/);
});
