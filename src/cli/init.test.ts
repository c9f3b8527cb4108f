import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Writable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { type ExitCode, run } from './main.ts';

const SERVER = `const express = require('express');
const app = express();
app.listen(3000);
`;

function project(t: TestContext, server: string): string {
  const root = mkdtempSync(join(tmpdir(), 'bulwark-init-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'server.js'), server);
  return root;
}

async function init(
  ...args: string[]
): Promise<{ readonly code: ExitCode; readonly out: string; readonly err: string }> {
  const said = { out: '', err: '' };
  const into = (name: 'out' | 'err'): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        said[name] += chunk.toString();
        done();
      },
    });
  const code = await run(['init', ...args], { out: into('out'), err: into('err') });
  return { code, ...said };
}

test('shows a diff that git applies, and writes nothing', async (t) => {
  const root = project(t, SERVER);
  const { code, out, err } = await init(root);
  assert.equal(code, 0);
  assert.match(
    err,
    /Nothing is written yet: the same command with --yes writes it\.\nThen:\n {4}npm install bulwark/,
  );
  assert.ok(!existsSync(join(root, 'bulwark.config.mjs')));
  execFileSync('git', ['apply', '-'], { cwd: root, input: out });
  const applied = readFileSync(join(root, 'server.js'), 'utf8');
  writeFileSync(join(root, 'server.js'), SERVER);
  rmSync(join(root, 'bulwark.config.mjs'));
  assert.equal((await init(root, '--yes')).code, 0);
  assert.equal(readFileSync(join(root, 'server.js'), 'utf8'), applied);
  assert.match(applied, /app\.use\(layer\);/);
});

test('a package that is there is not to be installed again', async (t) => {
  const root = project(t, SERVER);
  mkdirSync(join(root, 'node_modules/bulwark'), { recursive: true });
  writeFileSync(join(root, 'node_modules/bulwark/package.json'), '{"name":"bulwark","exports":{}}');
  assert.doesNotMatch((await init(root)).err, /npm install bulwark/);
});

test('what it cannot place is a 1, with the lines to add', async (t) => {
  const { code, err } = await init(project(t, "module.exports = require('express')().use(routes);\n"));
  assert.equal(code, 1);
  assert.match(
    err,
    /To add by hand, server\.js:1:\n {4}const \{ bulwark \} = require\('bulwark\/express'\);/,
  );
});

test('a value that may be a secret stands in no diff', async (t) => {
  const secret = 'kX9vQ2mR7tL4wZ8pB3nD6sF1hJ5gC0yA';
  const { out, err } = await init(project(t, `const SESSION_SECRET = '${secret}';\n${SERVER}`));
  assert.ok(!out.includes(secret));
  assert.match(err, /1 lines are masked/);
});

test('with --json all of it is one line', async (t) => {
  const { out } = await init(project(t, SERVER), '--json');
  const said = JSON.parse(out) as { readonly kind: string; readonly changes: readonly { path: string }[] };
  assert.equal(said.kind, 'express');
  assert.deepEqual(
    said.changes.map(({ path }) => path),
    ['bulwark.config.mjs', 'server.js'],
  );
});

test('the file is named from where the command is given, as its help has it', async (t) => {
  const root = project(t, SERVER);
  writeFileSync(join(root, 'other.js'), SERVER);
  const from = (path: string): string => relative(process.cwd(), path);
  const { code, out } = await init(from(root), '--entry', from(join(root, 'other.js')));
  assert.equal(code, 0);
  assert.match(out, /^\+\+\+ b\/other\.js$/m);
});

test('a diff says a name that would write on a terminal as git does, and git applies it', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'bulwark-init-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const name = 'a\x1b[2J"\u202e.js';
  writeFileSync(join(root, name), SERVER);
  const { out, err } = await init(root);
  assert.ok(![out, err].some((text) => /[\x1b\u202e]/.test(text)));
  execFileSync('git', ['apply', '-'], { cwd: root, input: out });
  assert.match(readFileSync(join(root, name), 'utf8'), /app\.use\(layer\);/);
});

test('no folder, and no file of that name, is wrong use', async () => {
  assert.equal((await init('/nowhere/at/all')).code, 2);
  assert.equal((await init('.', '--entry', 'nothing.js')).code, 2);
});
