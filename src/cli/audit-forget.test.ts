import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { runCommand } from '../../test/support/command-run.ts';
import { kindOf } from '../../test/support/events.ts';
import { sketchExchange } from '../../test/support/exchange.ts';
import { TEST_SECRET } from '../../test/support/secrets.ts';
import { makeLog, openPersons } from '../layer/services.ts';
import { loadPolicy } from '../policy/load-policy.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-forget-'));
const [LOG, KEYS, POLICY, INDEX] = ['audit.jsonl', 'persons.db', 'bulwark.config.mjs', 'index.db'].map(
  (name) => join(FOLDER, name),
) as [string, string, string, string];
const policyText = (more: string): string => `export default {
  origin: 'https://a.example.com', secrets: { name: 't', load: () => ['${TEST_SECRET}'], remedy: () => '' },
  state: (await import(${JSON.stringify(import.meta.resolve('../stores/memory/state.ts'))})).memory(),
  audit: { file: { path: ${JSON.stringify(LOG)}, hangUp: false }, ${more} } };`;

async function write(...accounts: readonly string[]): Promise<void> {
  const { audit } = makeLog(await loadPolicy(POLICY));
  for (const account of accounts) audit.write(kindOf('authn_login_fail'), { account, iban: 'DE00' });
  await audit.close();
}

async function audit(...argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  return await runCommand(['audit', ...argv]);
}

async function forget(...argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  return await audit('forget', ...argv, '--policy', POLICY);
}

before(async () => {
  writeFileSync(POLICY, policyText(`personal: { keys: ${JSON.stringify(KEYS)}, fields: ['iban'] }`));
  await write('ann@example.com', 'bob@example.com', 'ann@example.com');
});
after(() => rmSync(FOLDER, { recursive: true, force: true }));

test('a log with sealed persons verifies, is searched by their names with the policy, and shows none without it', async () => {
  assert.equal((await audit('verify', LOG, '--policy', POLICY, '--complete')).code, 0);
  assert.doesNotMatch(readFileSync(LOG, 'utf8'), /example\.com","|DE00/);
  const found = await audit('search', LOG, '--account', 'ann@example.com', '--policy', POLICY);
  assert.equal(found.out.trim().split('\n').length, 2);
  assert.match(found.out, /account=ann@example\.com {2}iban=DE00/);
  assert.equal((await audit('search', LOG, '--account', 'ann@example.com')).code, 1);
  assert.equal((await audit('search', LOG, '--text', 'de00', '--policy', POLICY)).code, 0);
  await audit('index', LOG, '--into', INDEX);
  const indexed = await audit(
    'search',
    '--index',
    INDEX,
    '--account',
    'ann@example.com',
    '--policy',
    POLICY,
    '--json',
  );
  assert.equal(indexed.out.trim().split('\n').length, 2);
  assert.match(indexed.out, /"account":"ann@example\.com"/);
  assert.doesNotMatch(indexed.out, /"sealed"|"hash"/);
  assert.match((await audit('stats', LOG, '--policy', POLICY)).out, /ann@example\.com +2/);
});

test('who asks for a person in a sealed log without the policy is told of it, found or not', async () => {
  const line = (sealed: object, event = 'authn_login_fail'): string =>
    `${JSON.stringify({ time: '2026-11-30T10:00:00.000Z', level: 'WARN', event, service: 'a', ...sealed })}\n`;
  const [file, plain] = ['sealed-client.jsonl', 'plain.jsonl'].map((name) => join(FOLDER, name)) as [
    string,
    string,
  ];
  writeFileSync(file, line({ client: '*sealed*', account: 'person.abcd' }));
  writeFileSync(plain, line({ client: '192.0.2.9', account: 'cat' }));
  const hint = /^What is \*sealed\* is about persons: --policy FILE opens it/;
  for (const asked of [
    ['--client', '192.0.2.3'],
    ['--account', 'ann@example.com'],
    ['--text', 'ann@'],
  ]) {
    for (const command of ['search', 'tail', 'export', 'stats'])
      assert.match((await audit(command, file, ...asked)).err, hint, command);
    assert.match((await runCommand(['alerts', 'list', file, '--event', 'authn_*', ...asked])).err, hint);
    // An event about one person and nothing else holds no sealed value, but what is sealed beside it.
    writeFileSync(`${file}.2`, line({ account: 'person.abcd', sealed: { abcd: 'x' } }));
    assert.match((await audit('search', `${file}.2`, ...asked)).err, hint);
    const unsealed = await audit('search', plain, ...asked);
    assert.deepEqual([unsealed.code, unsealed.err], [1, '']);
  }
  // Nothing of a person is asked for, and nothing sealed is shown.
  assert.equal((await audit('search', file, '--event', 'sys_startup')).err, '');
});

test('forget says what it would do, does it, and tells the log; the chain verifies, and the rest can be read', async () => {
  copyFileSync(KEYS, `${KEYS}.backup`);
  if (existsSync(`${KEYS}-wal`)) copyFileSync(`${KEYS}-wal`, `${KEYS}.backup-wal`);
  assert.match((await forget('ann@example.com')).out, /Would destroy 1 key: --yes/);
  const persons = openPersons(await loadPolicy(POLICY));
  const [ref = ''] = persons?.refsOf('ann@example.com') ?? [];
  persons?.close();
  const done = await forget('ann@example.com', '--yes', '--json');
  assert.deepEqual(JSON.parse(done.out), { keys: 1, forgotten: true });
  assert.equal((await forget('ann@example.com', '--yes')).code, 1);
  assert.equal((await audit('verify', LOG, '--policy', POLICY)).code, 0);
  assert.equal((await audit('search', LOG, '--account', 'ann@example.com', '--policy', POLICY)).code, 1);
  const all = (await audit('tail', LOG, '--policy', POLICY, '-n', '100')).out;
  assert.equal(all.match(/account=\(forgotten\) {2}iban=\(forgotten\)/g)?.length, 2);
  assert.match(all, /account=bob@example\.com {2}iban=DE00/);
  assert.match(all, new RegExp(`sys_log_forgotten .*persons=\\["${ref}"\\]`));
  const exported = await audit('export', LOG, '--policy', POLICY);
  assert.match(exported.out, /"\(forgotten\)"/);
  assert.match(exported.out, /"bob@example\.com"/);
  assert.doesNotMatch(exported.out, /ann@/);
});

test('keys of persons are wrapped anew, and wrong use of that is said to be wrong', async () => {
  const { code, out } = await audit('key', '--policy', POLICY, '--rewrap');
  assert.deepEqual([code, out], [0, '0 keys were wrapped by the current secret.\n']);
  assert.equal((await audit('key', '--make', join(FOLDER, 'own.pem'), '--rewrap')).code, 2);
});

test('a backup brings keys back, and --again has the log say which of them are to be destroyed once more', async () => {
  for (const end of ['', '-wal', '-shm']) rmSync(`${KEYS}${end}`, { force: true });
  copyFileSync(`${KEYS}.backup`, KEYS);
  if (existsSync(`${KEYS}.backup-wal`)) copyFileSync(`${KEYS}.backup-wal`, `${KEYS}-wal`);
  assert.equal((await audit('search', LOG, '--account', 'ann@example.com', '--policy', POLICY)).code, 0);
  assert.match((await forget('--again', LOG, '--yes')).out, /1 key destroyed/);
  assert.equal((await audit('search', LOG, '--account', 'ann@example.com', '--policy', POLICY)).code, 1);
  assert.equal((await audit('search', LOG, '--account', 'bob@example.com', '--policy', POLICY)).code, 0);
});

test('a run that ended between the keys and the log is finished by the next one', async () => {
  const persons = openPersons(await loadPolicy(POLICY));
  const refs = persons?.refsOf('bob@example.com') ?? [];
  persons?.forget(refs);
  persons?.close();
  assert.doesNotMatch(readFileSync(LOG, 'utf8'), new RegExp(`sys_log_forgotten.*${refs[0]}`));
  await forget('nobody@example.com', '--yes');
  assert.match(readFileSync(LOG, 'utf8'), new RegExp(`sys_log_forgotten.*${refs[0]}`));
});

test('an old log is replayed by what is sealed in it, and who is forgotten is not one that all are', async () => {
  const [file, policy] = [join(FOLDER, 'guessing.jsonl'), join(FOLDER, 'guessing.config.mjs')];
  writeFileSync(
    policy,
    policyText(`personal: ${JSON.stringify(KEYS)}`).replace(JSON.stringify(LOG), JSON.stringify(file)),
  );
  const { audit: log } = makeLog(await loadPolicy(policy));
  for (let n = 0; n < 12; n += 1)
    log.write(kindOf('authn_login_fail'), { account: `user${n}` }, sketchExchange({ peer: '192.0.2.9' }));
  await log.close();
  assert.doesNotMatch(readFileSync(file, 'utf8'), /192\.0\.2/);
  const opened = await runCommand(['alerts', 'replay', file, '--policy', policy]);
  assert.match(opened.out, /spraying.*192\.0\.2/);
  assert.equal((await runCommand(['alerts', 'replay', file])).out, '');
  const hint = /--policy FILE opens it[^\n]*\n$/;
  for (const command of [
    ['audit', 'search'],
    ['audit', 'export'],
  ]) {
    const sealed = await runCommand([...command, file]);
    assert.match(sealed.err, hint);
    assert.equal(sealed.err.split('\n').length, 2, sealed.err);
    assert.equal((await runCommand([...command, file, '--policy', policy])).err, '');
  }
  assert.match((await runCommand(['alerts', 'list', file, '--event', 'authn_*'])).err, hint);
  const accounts = Array.from({ length: 12 }, (_, n) => `user${n}`);
  await audit('forget', ...accounts, '--policy', policy, '--yes');
  assert.equal((await runCommand(['alerts', 'replay', file, '--policy', policy])).out, '');
});

test('an index is searched by what lies sealed in it, a page at a time', async () => {
  const [file, index, policy] = ['pages.jsonl', 'pages.db', 'pages.config.mjs'].map((name) =>
    join(FOLDER, name),
  ) as [string, string, string];
  writeFileSync(
    policy,
    policyText(`personal: ${JSON.stringify(KEYS)}`).replace(JSON.stringify(LOG), JSON.stringify(file)),
  );
  const { audit: log } = makeLog(await loadPolicy(policy));
  for (let n = 0; n < 9; n += 1) {
    const exchange = sketchExchange({ peer: n % 3 === 0 ? '192.0.2.3' : '192.0.2.8' });
    log.write(kindOf('authn_login_fail'), { account: `page${n}` }, exchange);
  }
  await log.close();
  await audit('index', file, '--into', index);
  const asked = ['search', '--index', index, '--client', '192.0.2.3', '--limit', '2'];
  const without = await audit(...asked);
  assert.equal(without.code, 1);
  assert.match(without.err, /--policy FILE opens it/);
  assert.match((await audit('search', '--index', index, '--account', 'page4')).err, /--policy FILE opens it/);
  const elsewhere = await audit(
    'search',
    '--index',
    index,
    '--client',
    '192.0.2.3',
    '--event',
    'sys_startup',
  );
  assert.deepEqual([elsewhere.code, elsewhere.err], [1, '']);
  const names = ({ out }: { out: string }): string[] => out.match(/account=\w+/g) ?? [];
  const first = await audit(...asked, '--policy', policy);
  assert.deepEqual(names(first), ['account=page6', 'account=page3']);
  const [, place = ''] = /--after (\S+)/.exec(first.err) ?? [];
  const last = await audit(...asked, '--policy', policy, '--after', place);
  assert.deepEqual(names(last), ['account=page0']);
  assert.doesNotMatch(last.err, /--after/);
  const byText = await audit('search', '--index', index, '--text', 'PAGE4', '--policy', policy);
  assert.deepEqual(names(byText), ['account=page4']);
});

test('where another program reads the keys it says so and fails, but the log knows who was forgotten', async () => {
  await write('eve@example.com');
  const persons = openPersons(await loadPolicy(POLICY));
  const [ref = ''] = persons?.refsOf('eve@example.com') ?? [];
  const reader = new DatabaseSync(KEYS);
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM person').get();
  const { code, err } = await forget('eve@example.com', '--yes');
  reader.exec('ROLLBACK');
  reader.close();
  persons?.close();
  assert.deepEqual([code, /their bytes not yet/.test(err)], [1, true]);
  assert.match(readFileSync(LOG, 'utf8'), new RegExp(`sys_log_forgotten.*${ref}`));
});

test('wrong use is said to be wrong', async () => {
  assert.equal((await forget()).code, 2);
  assert.equal((await forget('--unused', 'soon', '--yes')).code, 2);
  const without = join(FOLDER, 'without.config.mjs');
  writeFileSync(without, policyText(''));
  const { code, err } = await audit('forget', 'ann@example.com', '--policy', without);
  assert.deepEqual([code, /audit\.personal/.test(err)], [2, true]);
});
