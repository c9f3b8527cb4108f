/** For those who have no Node.js: the wheel, installed as its users install it, before a Flask application. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildWheel } from '../../tools/build-wheel.ts';
import { pythonEnvironment } from '../../tools/python-environment.ts';
import { freePort } from '../support/processes.ts';
import { TEST_SECRET } from '../support/secrets.ts';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('the wheel', () => {
  let folder: string;
  /** Its programs, and gunicorn beside them: no Node.js of this machine is on the path. */
  let bin: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bulwark-wheel-test-'));
    const wheel = join(folder, buildWheel(folder));
    bin = join(folder, 'venv/bin');
    execFileSync('python3', ['-m', 'venv', join(folder, 'venv')]);
    const pip = (...words: string[]): Buffer =>
      execFileSync(join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...words]);
    pip('--require-hashes', '--requirement', join(ROOT, 'python/requirements.txt'));
    // By itself: what it needs beyond the line above would be missed here.
    pip('--no-index', wheel);
    symlinkSync(join(pythonEnvironment(), 'gunicorn'), join(bin, 'gunicorn'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('runs a Flask application behind the gateway, with one command and no Node.js on the path', async () => {
    const port = await freePort();
    const policy = join(folder, 'bulwark.config.ts');
    writeFileSync(
      policy,
      `import { definePolicy } from 'bulwark';
export default definePolicy({ environment: 'development', origin: 'http://localhost:${port}' });
`,
    );
    const running = spawn(
      join(bin, 'bulwark'),
      ['run', '--listen', `127.0.0.1:${port}`, '--policy', policy, '--', 'gunicorn', 'app:app'],
      {
        cwd: join(ROOT, 'examples/flask/notes'),
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          PATH: bin,
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
      assert.match(page.headers.get('content-security-policy') ?? '', /script-src 'nonce-/);
    } finally {
      const exited = once(running, 'exit');
      running.kill('SIGTERM');
      assert.deepEqual(await exited, [0, null], said);
    }
  });

  test('pages and templates are read, and certificates fetched, with nothing that only npm could install', () => {
    const templates = join(folder, 'templates');
    mkdirSync(templates);
    writeFileSync(join(templates, 'page.html'), '<script>document.title = 1</script>');
    const listed = execFileSync(join(bin, 'bulwark'), ['gateway', 'csp', '--templates', templates], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.match(listed, /in page\.html/);
    const [inside = ''] = globSync('venv/lib/python*/site-packages/bulwark/package', { cwd: folder });
    execFileSync(process.execPath, ['--input-type=module', '--eval', "await import('acme-client')"], {
      cwd: join(folder, inside),
    });
  });

  test('the command says its version and its exit codes as it does elsewhere', () => {
    const version = execFileSync(join(bin, 'bulwark'), ['--version'], { encoding: 'utf8' });
    assert.match(version, /^\d+\.\d+\.\d+\n$/);
    assert.throws(
      () => execFileSync(join(bin, 'bulwark'), ['no-such-command'], { stdio: 'ignore' }),
      (error: { status?: number }) => error.status === 2,
    );
  });
});
