import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { type ExitCode, run } from './main.ts';

function policyFile(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-doctor-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'bulwark.config.mjs');
  writeFileSync(file, `export default ${text};\n`);
  return file;
}

async function doctor(...args: string[]): Promise<{ readonly code: ExitCode; readonly out: string }> {
  let out = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      out += chunk.toString();
      done();
    },
  });
  const err = new Writable({ write: (_chunk, _encoding, done) => done() });
  return { code: await run(['doctor', ...args], { out: sink, err }), out };
}

test('says what is wrong, with what to write, and is a 1', async (t) => {
  const { code, out } = await doctor('--policy', policyFile(t, '{ sesion: {}, trustProxy: 1 }'));
  assert.equal(code, 1);
  assert.match(out, /^error {3}policy: sesion: .*\n {8}did you mean session\?$/m);
  assert.match(out, /^ {8}here that is proxy: \{ trusted: \['10\.0\.0\.5'\] \}$/m);
});

test('with --json all of it is one line', async (t) => {
  const { out } = await doctor('--json', '--policy', policyFile(t, '{ sesion: {} }'));
  const { symptoms } = JSON.parse(out) as { readonly symptoms: readonly { readonly id: string }[] };
  assert.ok(symptoms.some(({ id }) => id === 'node'));
  assert.equal(out.trimEnd().split('\n').length, 1);
});

test('no policy, and no place to listen, is wrong use', async (t) => {
  assert.equal((await doctor('--policy', '/nowhere/policy.ts')).code, 1);
  assert.equal((await doctor('--policy', policyFile(t, '{}'), '--listen', 'here')).code, 2);
});
