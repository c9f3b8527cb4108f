/** What a person reads as the gateway starts, or does not: nothing that is not so, and nothing that is no matter of theirs. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { freePort } from '../support/processes.ts';
import { TEST_SECRET } from '../support/secrets.ts';
import { until } from '../support/until.ts';

const COMMAND = join(import.meta.dirname, '../../src/cli/bulwark.ts');
const folder = mkdtempSync(join(tmpdir(), 'bulwark-screen-'));
after(() => rmSync(folder, { recursive: true }));

/** What it said until it served or ended, before an upstream where nobody is. */
async function said(t: TestContext, ...words: readonly string[]): Promise<string> {
  return await saidOf(t, '--upstream', 'http://127.0.0.1:1', ...words);
}

/** Starts it in a folder whose package.json says nothing of modules. */
async function saidOf(t: TestContext, ...words: readonly string[]): Promise<string> {
  const args = ['--conditions=bulwark-source', COMMAND, 'gateway', ...words];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_ENV: '', NODE_OPTIONS: '', BULWARK_SECRET: TEST_SECRET, NO_COLOR: '1' },
  });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  child.stderr.on('data', (bytes) => (text += String(bytes)));
  await until('it serves or ends', () => text.includes('  vault') || child.exitCode !== null);
  return text;
}

test('without a policy it says who it trusts, where it answers, and warns of nothing that it chose itself', async (t) => {
  const text = await said(t, '--listen', `127.0.0.1:${await freePort()}`);
  assert.match(text, /trusts +nobody in front of it/);
  assert.match(text, /for this machine alone/);
  assert.doesNotMatch(text, /Warning/);
});

test('a policy in TypeScript, beside a package.json that says nothing of modules, is read without a word of Node.js', async (t) => {
  writeFileSync(join(folder, 'package.json'), '{ "name": "notes" }');
  const write = (more: string): void =>
    writeFileSync(
      join(folder, 'bulwark.config.ts'),
      `import { definePolicy } from 'bulwark';
const origin: string = 'https://notes.example.com';
export default definePolicy({ origin, ${more} });
`,
    );
  const words = ['--policy', 'bulwark.config.ts', '--listen'];
  write('');
  const plain = await said(t, ...words, `127.0.0.1:${await freePort()}`);
  assert.match(plain, /trusts +nobody in front of it/);
  assert.doesNotMatch(plain, /Warning|TYPELESS/);
  write("proxy: { trusted: ['10.0.0.1', '10.0.0.2'] }");
  assert.match(await said(t, ...words, `127.0.0.1:${await freePort()}`), /trusts +10\.0\.0\.1, 10\.0\.0\.2 /);
});

test('a policy that is not there, and an upstream that is misspelt, are told as what they are', async (t) => {
  const words = ['--listen', `127.0.0.1:${await freePort()}`, '--policy'];
  assert.match(await saidOf(t, ...words, 'nowhere.ts'), /^there is no policy file \S+\/nowhere\.ts\n/);
  const policy = join(folder, 'misspelt.mjs');
  const write = (gateway: string): void =>
    writeFileSync(policy, `export default { origin: 'https://notes.example.com', gateway: ${gateway} };`);
  write("{ upstreem: 'http://127.0.0.1:1' }");
  assert.match(await saidOf(t, ...words, policy), /gateway\.upstreem: [^]*upstream/);
  write('{}');
  assert.match(await saidOf(t, ...words, policy), /^--upstream http:\/\/HOST:PORT says where/);
});

test('where it cannot listen it names the address, and why', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const place = `127.0.0.1:${port}`;
  assert.match(
    await said(t, '--listen', place),
    new RegExp(`--listen ${place}: something else listens there`),
  );
  assert.match(
    await said(t, '--listen', '198.51.100.1:80'),
    /--listen 198\.51\.100\.1:80: this machine has no such address/,
  );
});
