/** `npm create bulwark` of the packed tarballs: what it writes starts under the layer, and an application that is there is handed to init. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { endProgram, freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';
import type { Tarball } from './tarball.ts';

const ROOT = join(import.meta.dirname, '../..');
const FRAMEWORKS = ['express', 'fastify', 'hono', 'node'] as const;
let home = '';

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
const OURS = manifestOf(ROOT);

/** As it is typed. What is installed here already is what npm runs. */
function create(...args: readonly string[]): ReturnType<typeof spawnSync> & { readonly stdout: string } {
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  return spawnSync('npm', ['create', '--offline', 'bulwark', ...args], { cwd: home, env, encoding: 'utf8' });
}

/** The tests, with a tarball that is packed before they run. */
export function describeCreate(tarball: Tarball): void {
  describe('npm create bulwark', () => {
    before(() => {
      const frameworks = ['express', 'fastify', 'hono', '@hono/node-server'];
      const versions = frameworks.map((name) => `${name}@${OURS.devDependencies[name]}`);
      home = tarball.install('create', [tarball.packBeside('create-bulwark'), ...versions]);
    });
    for (const framework of FRAMEWORKS)
      test(`a new application: ${framework}`, async () => {
        const { status, stdout } = create(`new-${framework}`, '--', '--for', framework);
        assert.equal(status, 0, stdout);
        const folder = join(home, `new-${framework}`);
        for (const [name, range] of Object.entries(manifestOf(folder).dependencies))
          assert.equal(range, `^${name === 'bulwark' ? OURS.version : OURS.devDependencies[name]}`, name);
        const port = await freePort();
        const child = spawn(process.execPath, ['--env-file=development.env', 'server.js'], {
          cwd: folder,
          env: { PATH: process.env['PATH'], PORT: String(port) },
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let said = '';
        child.stderr.on('data', (text: Buffer) => (said += text.toString()));
        const ask = (path: string, init?: RequestInit): Promise<Response> =>
          fetch(`http://localhost:${port}${path}`, init);
        try {
          await until('it listens', async () => {
            if (child.exitCode !== null) throw new Error(said);
            return (await ask('/')).ok;
          });
          const page = await ask('/');
          const nonce = /nonce="([\w-]{22})"/.exec(await page.text())?.[1];
          assert.ok(nonce !== undefined && page.headers.get('content-security-policy')?.includes(nonce));
          assert.equal((await ask('/members')).status, 401);
          // Others of the network stand for this: on Linux each of 127.0.0.0/8 is an address of its own.
          if (process.platform === 'linux')
            await assert.rejects(fetch(`http://127.0.0.2:${port}/`), (error: Error) =>
              /ECONNREFUSED/.test(String(error.cause)),
            );
          const forged = { method: 'POST', headers: { Origin: 'https://attacker.example' } };
          assert.equal((await ask('/', forged)).status, 403);
        } finally {
          await endProgram(child);
        }
      });

    test('an application that is there is handed to init, with its options', () => {
      const folder = join(home, 'there');
      mkdirSync(folder);
      writeFileSync(join(folder, 'package.json'), '{ "name": "there", "type": "module" }');
      const server = `import express from 'express';\nconst app = express();\napp.listen(3000);\n`;
      writeFileSync(join(folder, 'server.js'), server);
      assert.match(create('there').stdout, /^\+\+\+ b\/bulwark\.config\.js$/m);
      assert.equal(readFileSync(join(folder, 'server.js'), 'utf8'), server);
      create('there', '--', '--yes');
      assert.match(readFileSync(join(folder, 'server.js'), 'utf8'), /app\.use\(layer\)/);
      assert.match(readFileSync(join(folder, 'bulwark.config.js'), 'utf8'), /mode: 'observe'/);
    });

    test('a folder of other things, and words that it does not know, are wrong use and write nothing', () => {
      const folder = join(home, 'other');
      mkdirSync(folder);
      writeFileSync(join(folder, 'thesis.tex'), '');
      assert.equal(create('other').status, 2);
      assert.equal(create('nowhere', '--', '--for', 'constructor').status, 2);
      assert.equal(create('nowhere', '--', '--yes').status, 2);
      assert.deepEqual(readdirSync(folder), ['thesis.tex']);
      assert.equal(existsSync(join(home, 'nowhere')), false);
    });
  });
}
