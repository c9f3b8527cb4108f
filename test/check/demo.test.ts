/** The careless Flask application, with its answer key, and Strongroom, of which nothing is said: as `npm run demo:check` runs them. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startProgram, temporaryDirectory } from '../../examples/strongroom/testing/running.ts';
import { startChromium } from '../browser/chromium.ts';
import { appBehindGateway, gunicorn, startApp } from '../gateway/python-app.ts';
import { freePort } from '../support/processes.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { runCommand } from '../support/command-run.ts';

const ROOT = join(import.meta.dirname, '../..');
const CARELESS = join(ROOT, 'examples/flask/careless');
const PICTURES = join(ROOT, 'docs/pictures');

interface Report {
  readonly findings: readonly {
    readonly rule: string;
    readonly level: string;
    readonly message: string;
    readonly where: { readonly file?: string; readonly line?: number };
  }[];
  readonly changed: readonly string[];
}

/** What of the running application has to be found, whatever else is. */
const OUTSIDE = [
  'csp.present', 'csp.integrity', 'headers.nosniff', 'cors.any-origin', 'headers.disclosure', 'secrets.backup-served', 'errors.debug-pages',
  'firewall.open-redirect', 'session.cookie-httponly', 'session.renewed', 'session.adopted', 'session.ended', 'session.random',
  'csrf.forms', 'accounts.sign-in-answer', 'rate.sign-in', 'rate.sign-in-many', 'access.other-account', 'headers.cache-signed-in',
]; // prettier-ignore

test('the careless application: each planted fault is named, with its place, and the report is a page', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-careless-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const app = await startApp({
    command: (port) => ['flask', '--app', 'app', 'run', '--port', String(port), '--debug', '--no-reload'],
    folder: CARELESS,
    env: { CARELESS_DATA: join(folder, 'careless.sqlite') },
  });
  t.after(() => app.stop());
  process.env['CARELESS_ANN'] = 'ann-password';
  process.env['CARELESS_BOB'] = 'bob-password';
  const [json, html] = [join(folder, 'careless.json'), join(folder, 'careless.html')];
  const argv = [
    'check',
    `http://localhost:${app.port}/`,
    '--active',
    '--source',
    relative(process.cwd(), CARELESS),
    '--login',
    join(CARELESS, 'check-profile.json'),
  ];
  const { code, err, out } = await runCommand([...argv, '--output', json, '--output', html]);
  assert.equal(code, 1, err + out);
  const { findings, changed } = JSON.parse(readFileSync(json, 'utf8')) as Report;
  const rules = new Set(findings.map(({ rule }) => rule));
  assert.deepEqual(
    OUTSIDE.filter((rule) => !rules.has(rule)),
    [],
  );
  const lines = readFileSync(join(CARELESS, 'app.py'), 'utf8').split('\n');
  const inside = (text: string): boolean =>
    findings.some(
      ({ where: { file, line } }) => file === 'app.py' && (lines[(line ?? 0) - 1] ?? '').includes(text),
    );
  for (const planted of [
    'render_template_string(',
    'pickle.loads(',
    'subprocess.run(',
    'INSERT INTO notes',
  ]) {
    assert.ok(inside(planted), `${planted} in app.py`);
  }
  assert.ok(changed.length > 3);
  await picture('check-careless', html);
});

test('Strongroom: nothing at warning or above, from outside and inside', async (t) => {
  const { path, remove } = temporaryDirectory();
  const strongroom = await startProgram(path);
  t.after(async () => {
    await strongroom.stop();
    remove();
  });
  const html = join(path, 'strongroom.html');
  const { code, out } = await runCommand([
    'check',
    `${strongroom.url.replace(/\/$/, '')}/`,
    '--active',
    '--source',
    relative(process.cwd(), join(ROOT, 'examples/strongroom')),
    '--output',
    html,
  ]);
  assert.equal(code, 0, out);
  await picture('check-strongroom', html);
});

/** For README.md, where it is asked for: a picture that differs by a clock is no change of the project's. */
async function picture(name: string, file: string): Promise<void> {
  const browser = await startChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 720 } });
    await page.goto(pathToFileURL(file).href);
    assert.match(await page.title(), /^Check of http/);
    if (process.env['BULWARK_PICTURES'] === undefined) return;
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${name}.png`) });
  } finally {
    await browser.close();
  }
}

test('a Flask application that does its part, behind the gateway: nothing at warning or above, signed in too', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-good-'));
  t.after(() => rmSync(folder, { recursive: true }));
  // The notes as they are, with the one thing that the gateway leaves to them.
  writeFileSync(
    join(folder, 'good.py'),
    `import sys

sys.path.insert(0, ${JSON.stringify(join(ROOT, 'examples/flask/notes'))})
from app import app


@app.errorhandler(404)
def nothing(_error):
    return "<!doctype html><title>Nothing here</title><p>Nothing is here.", 404
`,
  );
  const profile = {
    url: '/login',
    fields: { username: 'ann', password: { env: 'NOTES_ANN' } },
    signedIn: { url: '/', text: 'Sign out' },
    signOut: '/logout',
  };
  writeFileSync(join(folder, 'profile.json'), JSON.stringify(profile));
  process.env['NOTES_ANN'] = 'ann-password';
  const look = async (
    policy: PolicyOptions,
  ): Promise<{ readonly code: number; readonly findings: readonly string[] }> => {
    const port = await freePort();
    const site = await appBehindGateway(
      { command: gunicorn('good:app'), folder, env: { NOTES_DATA: folder, PYTHONPATH: folder } },
      {
        origin: `http://localhost:${port}`,
        rateLimit: { perClient: '2000/minute' },
        gateway: { vault: true },
        ...policy,
      },
    );
    const json = join(folder, 'report.json');
    try {
      const argv = [
        'check',
        `http://localhost:${port}/`,
        '--active',
        '--login',
        join(folder, 'profile.json'),
        '--output',
        json,
      ];
      const { code } = await runCommand(argv);
      const { findings } = JSON.parse(readFileSync(json, 'utf8')) as Report;
      return { code, findings: findings.flatMap(({ rule, level }) => (level === 'note' ? [] : [rule])) };
    } finally {
      await site.stop();
    }
  };
  assert.deepEqual(await look({}), { code: 0, findings: [] });
  // Each taken away is named.
  const off = { mode: 'off' } as const;
  for (const [policy, rules] of [
    [{ gateway: {} }, ['session.ended']],
    [{ csp: off }, ['csp.present', 'csp.frame-ancestors']],
    [{ csrf: off }, ['csrf.forms', 'csrf.origin']],
    [{ headers: off }, ['headers.nosniff', 'headers.referrer-policy']],
    [{ firewall: off }, ['firewall.host']],
  ] as const) {
    const { code, findings } = await look(policy);
    assert.equal(code, 1, JSON.stringify(policy));
    assert.deepEqual(
      rules.filter((rule) => !findings.includes(rule)),
      [],
      `${JSON.stringify(policy)}: ${findings.join(' ')}`,
    );
  }
});
