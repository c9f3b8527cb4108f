/** The README's examples run as they are written. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { blocksOf } from './support/blocks.ts';
import { TEST_SECRET } from './support/secrets.ts';

const ROOT = join(import.meta.dirname, '..');
// Inside the repository, where `bulwark/express` is this package; named by the process, since several may run at once.
const FOLDER = join(ROOT, 'test/.documents', String(process.pid));
const LOCAL = 'http://127.0.0.1';

before(() => {
  mkdirSync(FOLDER, { recursive: true });
});
after(() => {
  rmSync(FOLDER, { recursive: true, force: true });
});

const examples = blocksOf(readFileSync(join(ROOT, 'README.md'), 'utf8'));
for (const [index, name] of ['Express', 'node:http', 'Fastify', 'Hono'].entries()) {
  test(`the README's example for ${name} runs as it is written`, async () => {
    const { child, port } = await runExample(examples[index] ?? '', index);
    try {
      const answer = await fetch(`${LOCAL}:${port}/`);
      assert.equal(answer.status, 200);
      const nonce = /nonce="([\w-]{22})"/.exec(await answer.text())?.[1];
      assert.ok(nonce !== undefined);
      assert.ok(answer.headers.get('content-security-policy')?.includes(`'nonce-${nonce}'`));
      const notes = await fetch(`${LOCAL}:${port}/notes`);
      assert.equal(notes.status, 401);
      const forged = await fetch(`${LOCAL}:${port}/`, {
        method: 'POST',
        headers: { origin: 'https://attacker.example' },
      });
      assert.equal(forged.status, 403);
    } finally {
      child.kill();
    }
  });
}

/** Runs a block as a file of its own, in production, on a port of no one's choosing. Resolves once it listens. */
function runExample(
  code: string,
  index: number,
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ child: ChildProcess; port: number }>();
  const folder = join(FOLDER, `example-${index}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'app.ts'), code);
  writeFileSync(join(folder, 'any-port.mjs'), ANY_PORT);
  const options = ['--conditions=bulwark-source', '--import', './any-port.mjs', 'app.ts'];
  const child = spawn(process.execPath, options, {
    cwd: folder,
    env: { PATH: process.env['PATH'], BULWARK_SECRET: TEST_SECRET },
  });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
    const port = /listens on (\d+)/.exec(output)?.[1];
    if (port !== undefined) resolve({ child, port: Number(port) });
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  child.once('close', () => reject(new Error(`the example ended:\n${output}`)));
  return promise;
}

const ANY_PORT = `
import { Server } from 'node:net';
const { listen } = Server.prototype;
Server.prototype.listen = function () {
  return listen.call(this, 0, '127.0.0.1', () => console.log('listens on ' + this.address().port));
};
`;
