import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type CommandRun, runCommand } from '../../test/support/command-run.ts';
import { Problems } from '../core/problems.ts';
import { readKeyRing } from '../secrets/read-secrets.ts';
import { files } from '../secrets/files.ts';
import { newSecret } from '../secrets/new-secret.ts';
import { weaknessOf } from '../secrets/secret-strength.ts';

const TAG = { signs: 'csrf-token' };
let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-secrets-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function secrets(...argv: readonly string[]): Promise<CommandRun> {
  return runCommand(['secrets', ...argv]);
}

function policyFile(name: string, provider: string): string {
  const file = join(folder, name);
  const from = JSON.stringify(join(import.meta.dirname, '../index.ts'));
  writeFileSync(file, `import { env, files } from ${from};\nexport default { secrets: ${provider} };\n`);
  return file;
}

test('makes a secret that production takes, another one each time', async () => {
  const [one, other] = [await secrets('new'), await secrets('new')];
  assert.equal(one.code, 0);
  assert.equal(weaknessOf(one.out.trim()), undefined);
  assert.notEqual(one.out, other.out);
});

test('rotates files: what was signed before still verifies, until --keep says otherwise', async () => {
  const directory = mkdtempSync(join(folder, 'files-'));
  const ring = async (): Promise<NonNullable<Awaited<ReturnType<typeof readKeyRing>>>> => {
    const read = await readKeyRing(files({ directory }), new Problems('production'));
    assert.ok(read !== undefined);
    return read;
  };
  assert.equal((await secrets('rotate', directory)).code, 0);
  const first = (await ring()).sign(TAG, 'm');
  const { code, out } = await secrets('rotate', directory, '--json');
  assert.equal(code, 0);
  assert.equal((JSON.parse(out) as { readonly kept: number }).kept, 1);
  assert.ok((await ring()).verify(TAG, 'm', first));
  assert.notDeepEqual((await ring()).sign(TAG, 'm'), first);
  await secrets('rotate', directory);
  assert.ok((await ring()).verify(TAG, 'm', first), 'whoever says nothing throws nothing away');
  const fewer = await secrets('rotate', directory, '--keep', '1');
  assert.match(fewer.out, /1 still verify[^]*\n2 are gone: what only they signed/);
  assert.ok(!(await ring()).verify(TAG, 'm', first));
  assert.deepEqual(readdirSync(directory).toSorted(), ['bulwark_secret', 'bulwark_secret_previous']);
  for (const name of readdirSync(directory))
    assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600);
  const current = readFileSync(join(directory, 'bulwark_secret'), 'utf8').trim();
  assert.ok(!out.includes(current));
  assert.equal((await secrets('rotate', directory, '--keep', '9')).code, 2);
  assert.equal((await secrets('rotate', join(folder, 'nowhere'))).code, 1);
});

test('says which process rotates, and changes nothing beside it', async () => {
  const directory = mkdtempSync(join(folder, 'files-'));
  const current = join(directory, 'bulwark_secret');
  await secrets('rotate', directory);
  const before = readFileSync(current, 'utf8');
  // A process that lives, and has had it for longer than it takes.
  writeFileSync(`${current}.rotating`, `${process.ppid} ${hostname()} x\n`);
  const since = (Date.now() - 61_000) / 1000;
  utimesSync(`${current}.rotating`, since, since);
  const { code, err } = await secrets('rotate', directory);
  assert.deepEqual([code, readFileSync(current, 'utf8')], [1, before]);
  assert.match(err, new RegExp(`process ${process.ppid} on .* since 20\\d\\d.*remove the file`));
});

test('says what is there and which one signs, and never a value', async () => {
  const directory = mkdtempSync(join(folder, 'files-'));
  await secrets('rotate', directory);
  const current = join(directory, 'bulwark_secret');
  utimesSync(current, new Date(), new Date(Date.UTC(2026, 0, 1)));
  await secrets('rotate', directory);
  const file = policyFile(
    'files.config.mjs',
    `files({ directory: ${JSON.stringify(directory)}, refresh: '1m' })`,
  );
  const { code, out } = await secrets('check', '--policy', file);
  assert.equal(code, 0, out);
  // The newest was written just now: it signs once every process can have read it.
  assert.match(
    out,
    /^files: 2 secrets, read again every 60 s\n {2}1\. signs\n {2}2\. verifies, there since 20/,
  );
  for (const name of readdirSync(directory))
    assert.ok(!out.includes(readFileSync(join(directory, name), 'utf8').trim()));
  const json = JSON.parse((await secrets('check', '--policy', file, '--json')).out) as Record<
    string,
    unknown
  >;
  assert.deepEqual([json['provider'], json['refreshMs'], json['problems']], ['files', 60_000, []]);
});

test('says until when a secret is good, and that its time is over', async () => {
  const environment = JSON.stringify({ BULWARK_SECRET: newSecret(), BULWARK_SECRET_ENDS: '2026-01-01' });
  const file = policyFile('ending.config.mjs', `env({ environment: ${environment}, directory: '/' })`);
  const { code, out } = await secrets('check', '--policy', file);
  assert.equal(code, 0, out);
  assert.match(
    out,
    /1\. signs, ends 2026-01-02T00:00:00\.000Z\nwarning {2}secrets\.current: its time was over/,
  );
});

test('1 where production would not start', async () => {
  const directory = mkdtempSync(join(folder, 'files-'));
  writeFileSync(join(directory, 'bulwark_secret'), 'change-me', { mode: 0o600 });
  const file = policyFile('weak.config.mjs', `files({ directory: ${JSON.stringify(directory)} })`);
  const { code, out } = await secrets('check', '--policy', file);
  assert.equal(code, 1);
  assert.match(out, /^files: 0 secrets, read at the start alone\nrefused {2}secrets\.current: /);
  assert.ok(!out.includes('change-me'));
  const empty = policyFile(
    'empty.config.mjs',
    `env({ environment: {}, directory: ${JSON.stringify(directory)} })`,
  );
  const none = await secrets('check', '--policy', empty);
  assert.equal(none.code, 1);
  assert.match(none.out, /has no BULWARK_SECRET/);
});
