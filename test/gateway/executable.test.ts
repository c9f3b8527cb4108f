/** For those who have neither Node.js nor Python's packages: the command as one file, before a Flask application. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildExecutable } from '../../tools/build-executable.ts';
import { pythonEnvironment } from '../../tools/python-environment.ts';
import { freePort } from '../support/processes.ts';
import { TEST_SECRET } from '../support/secrets.ts';
import { until } from '../support/until.ts';

describe('the executable', () => {
  let folder: string;
  let bulwark: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bulwark-executable-test-'));
    bulwark = join(folder, 'bulwark');
    await buildExecutable(bulwark);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('runs a Flask application behind the gateway, by a policy in TypeScript, with nothing beside it', async () => {
    const port = await freePort();
    const policy = join(folder, 'bulwark.config.ts');
    writeFileSync(
      policy,
      `import { definePolicy } from 'bulwark';
import { memory } from 'bulwark/memory';
import 'bulwark/sqlite';
import 'bulwark/redis';
import 'bulwark/postgres';
const origin: string = 'http://localhost:${port}';
export default definePolicy({
  environment: 'development', origin, state: memory(), routes: { '/closed': { require: 'signed-in' } },
});
`,
    );
    const running = spawn(
      bulwark,
      ['run', '--listen', `127.0.0.1:${port}`, '--policy', policy, '--', 'gunicorn', 'app:app'],
      {
        cwd: join(import.meta.dirname, '../../examples/flask/notes'),
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          PATH: pythonEnvironment(),
          NOTES_DATA: folder,
          PYTHONDONTWRITEBYTECODE: '1',
          BULWARK_SECRET: TEST_SECRET,
        },
      },
    );
    let said = '';
    running.stderr.on('data', (bytes) => (said += String(bytes)));
    try {
      await until('it listens', () => {
        if (running.exitCode !== null) throw new Error(said);
        return said.includes('bulwark gateway');
      });
      const page = await fetch(`http://localhost:${port}/login`);
      assert.match(await page.text(), /<h1>Sign in<\/h1>/);
      assert.equal((await fetch(`http://localhost:${port}/closed`)).status, 401);
      // Nor has Node.js a word to say of a folder without a package.json.
      assert.doesNotMatch(said, /TYPELESS|ExperimentalWarning/);
    } finally {
      const exited = once(running, 'exit');
      running.kill('SIGTERM');
      assert.deepEqual(await exited, [0, null], said);
    }
  });

  test('pages and templates are read, and certificates fetched, by what is in it', async () => {
    const templates = join(folder, 'templates');
    mkdirSync(templates);
    writeFileSync(join(templates, 'page.html'), '<script>document.title = 1</script>');
    const options = { cwd: folder, encoding: 'utf8' } as const;
    assert.match(
      execFileSync(bulwark, ['gateway', 'csp', '--templates', templates], options),
      /in page\.html/,
    );
    const policy = join(folder, 'acme.config.mjs');
    // Nobody is at that address, and what is not in the executable would be told before anybody is asked.
    const tls = "tls: { acme: { directory: 'https://127.0.0.1:1/directory' } }";
    const gateway = `gateway: { upstream: 'http://127.0.0.1:1', listen: '127.0.0.1:${await freePort()}', ${tls} }`;
    writeFileSync(policy, `export default { origin: 'https://notes.example.com', ${gateway} };\n`);
    const env = { PATH: '', BULWARK_SECRET: TEST_SECRET };
    const running = spawn(bulwark, ['gateway', '--policy', policy], { cwd: folder, env });
    let said = '';
    for (const stream of [running.stdout, running.stderr])
      stream.on('data', (bytes) => (said += String(bytes)));
    const exited = once(running, 'exit');
    await until('it listens', () => running.exitCode !== null || /TLS +ended here/.test(said));
    running.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null], said);
    assert.doesNotMatch(said, /not installed/);
  });

  test('every command is in it', () => {
    const say = (...words: string[]): string => execFileSync(bulwark, words, { encoding: 'utf8' });
    assert.match(say('--version'), /^\d+\.\d+\.\d+\n$/);
    const names = [...say('--help').matchAll(/^ {2}([a-z]+) .*(?:$|\[)/gm)].map(([, name]) => name ?? '');
    assert.ok(names.includes('check') && names.includes('accounts'));
    for (const name of names.filter((one) => one !== 'help'))
      assert.match(say('help', name), /Usage: bulwark/);
  });
});
