import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isBuilding } from '../core/building.ts';

const root = mkdtempSync(join(tmpdir(), 'building-'));
after(() => rmSync(root, { recursive: true }));

const SOURCES = join(import.meta.dirname, '..');

/** A module of an application as its build imports it: all that is made at the top of one. */
const MODULE = `
import { bulwark } from '${SOURCES}/adapters/express.ts';
import { bulwark as web } from '${SOURCES}/adapters/web.ts';
import { sqlite } from '${SOURCES}/stores/sqlite/state.ts';
import { files } from '${SOURCES}/secrets/files.ts';

const policy = {
  origin: 'https://example.com',
  state: sqlite('data/'),
  secrets: files({ directory: '/run/secrets/not-there' }),
  audit: { file: 'log/audit.log' },
  csp: { built: 'dist/not-there-yet' },
  routes: { '/account/**': { require: 'signed-in' } },
};
const layer = bulwark(policy);
const other = web({ origin: 'https://example.com' });
const asked = await other.handler(() => new Response('served'))(new Request('https://example.com/'));
let thrown;
try { layer.createServer(() => undefined); } catch (error) { thrown = error.code; }
console.log(JSON.stringify({ status: asked.status, thrown }));
`;

let count = 0;
function built(env: Readonly<Record<string, string>>): {
  readonly left: readonly string[];
  readonly out: string;
  readonly said: string;
  readonly status: number | null;
} {
  const folder = join(root, String((count += 1)));
  const file = join(root, `module-${count}.mjs`);
  writeFileSync(file, MODULE);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      '--conditions=bulwark-source',
      '-e',
      `
      const { mkdirSync } = await import('node:fs');
      mkdirSync(${JSON.stringify(folder)});
      process.chdir(${JSON.stringify(folder)});
      await import(${JSON.stringify(file)});
    `,
    ],
    {
      encoding: 'utf8',
      timeout: 60_000,
      env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...env },
    },
  );
  return { left: existsSync(folder) ? readdirSync(folder) : [], out: stdout, said: stderr, status };
}

test('a build makes the layer without a secret and leaves nothing behind, and what it makes serves nobody', () => {
  const { left, out, said, status } = built({ npm_lifecycle_script: 'astro build' });
  assert.equal(status, 0, said);
  assert.deepEqual(left, []);
  assert.deepEqual(JSON.parse(out.trim().split('\n').at(-1) ?? ''), {
    status: 500,
    thrown: 'ERR_BULWARK_BUILDING',
  });
});

test('anywhere else the same module ends for want of its secret', () => {
  const { status, said, left } = built({ npm_lifecycle_script: 'astro build && node server.js' });
  assert.notEqual(status, 0);
  assert.deepEqual(left, ['data']);
  assert.match(said, /ERR_BULWARK_SECRET_MISSING/);
});

test('a build is told by its command, and nothing that goes on to serve is one', () => {
  const script = (text: string): boolean => isBuilding({ env: { npm_lifecycle_script: text }, argv: [] });
  for (const text of [
    'next build',
    'nuxt build',
    'ng build --configuration production',
    'NODE_ENV=production astro build',
    '"vite" build --ssr src/entry.js',
    'cross-env A=b react-router build',
  ])
    assert.ok(script(text), text);
  for (const text of [
    'next build && next start',
    'node server.js',
    'astro build; node .',
    'next start',
    'node build',
    'vite build | node .',
    'vite build $(node .)',
    'echo next build',
    'vite preview build',
  ])
    assert.ok(!script(text), text);
  const command = (...argv: string[]): boolean => isBuilding({ env: {}, argv: ['/usr/bin/node', ...argv] });
  assert.ok(command('/app/node_modules/.bin/ng', 'build'));
  assert.ok(command('C:\\app\\node_modules\\vite\\bin\\vite.js', 'build'));
  assert.ok(!command('/app/server.js', 'build'));
  assert.ok(!command('/app/node_modules/.bin/vite', 'preview'));
  assert.ok(isBuilding({ env: { NEXT_PHASE: 'phase-production-build' }, argv: [] }));
  assert.ok(!isBuilding({ env: { NEXT_PHASE: 'phase-production-server' }, argv: [] }));
  assert.ok(isBuilding({ env: { BULWARK_BUILD: '1' }, argv: [] }));
});
