import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Listing } from '../check/routes/list-routes.ts';

// Inside the repository, where `express` and `bulwark/express` are found.
const FOLDER = join(import.meta.dirname, '../../test/.documents', `routes-${process.pid}`);
mkdirSync(FOLDER, { recursive: true });
after(() => rmSync(FOLDER, { recursive: true, force: true }));

const ENTRY = new URL('bulwark.ts', import.meta.url).pathname;
const OPTIONS = ['--conditions=bulwark-source', '--disable-warning=ExperimentalWarning'];

/** Runs the command in a shell's place, as it is meant to be run: it ends its process. */
function bulwarkRoutes(...argv: string[]): {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...OPTIONS, ENTRY, 'routes', ...argv], {
    cwd: FOLDER,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], NODE_ENV: 'test' },
  });
  return { code: status, out: stdout, err: stderr };
}

function write(name: string, text: string): string {
  mkdirSync(join(FOLDER, name, '..'), { recursive: true });
  writeFileSync(join(FOLDER, name), text);
  return name;
}

const EXPRESS = `
import express from 'express';
import { bulwark } from 'bulwark/express';
import { memory } from 'bulwark/memory';
export const policy = { routes: { '/notes/**': { require: 'signed-in' }, '/note': { require: 'anyone' } } } as const;
const app = express();
console.log('the application is loud');
app.use(bulwark({ ...policy, state: memory() }));
app.use('/notes', express.Router().get('/:id', (_request, response) => void response.end()));
app.get('/export', (_request, response) => void response.end());
setInterval(() => undefined, 1000);
export default app;
`;

test('lists an Express application in TypeScript, marks what has no rule, and ends though the application stays open', () => {
  const { code, out, err } = bulwarkRoutes(write('express.ts', EXPRESS));
  assert.equal(code, 1, err);
  assert.ok(!out.includes('\u001B'));
  assert.deepEqual(out.split('\n'), [
    '  GET  /notes/:id  signed-in',
    '! GET  /export     no rule',
    '',
    '1 without a rule: access.otherwise holds there, which is anyone.',
    '',
    'Rules that match no route that could be read:',
    '  /note',
    '',
    'Over every path, and may answer there too: middleware.',
    '',
  ]);
  assert.match(err, /the application is loud/);
  assert.match(err, /sys_startup/);
});

test('with --json prints one line, whatever the application prints', () => {
  const { code, out } = bulwarkRoutes(write('express-json.ts', EXPRESS), '--json');
  assert.equal(code, 1);
  const listing = JSON.parse(out) as Listing;
  assert.deepEqual(
    listing.routes.filter(({ kind }) => kind === 'route').map(({ path, forgotten }) => [path, forgotten]),
    [
      ['/notes/:id', false],
      ['/export', true],
    ],
  );
  assert.deepEqual(listing.unmatched, ['/note']);
});

test('is 0 where every route has a rule: Fastify in JavaScript, the policy beside it', () => {
  const file = write(
    'fastify/app.mjs',
    `import Fastify from 'fastify';
     export const app = Fastify();
     app.register(async (plugin) => { plugin.get('/:id', () => 'x'); }, { prefix: '/notes' });`,
  );
  write(
    'fastify/bulwark.config.mjs',
    `export default { routes: { '/notes/*': { require: { role: 'a' } } } };`,
  );
  const { code, out, err } = bulwarkRoutes(file);
  assert.deepEqual([code, err], [0, '']);
  assert.equal(out, '  GET  /notes/:id  role a\n\nEvery route has a rule.\n');
});

test('reads a Hono application, and the policy that --policy names before any other', () => {
  const file = write(
    'hono.ts',
    `import { Hono } from 'hono';
     export const policy = {};
     export default new Hono().get('/x', (context) => context.text('x'));`,
  );
  write('strict.ts', `export const policy = { routes: { '/x': { require: 'anyone' } } };`);
  assert.equal(bulwarkRoutes(file).code, 1);
  assert.equal(bulwarkRoutes(file, '--policy', 'strict.ts').code, 0);
});

test('reads what a CommonJS module hands out, and a policy that was read already', () => {
  const file = write(
    'common.cjs',
    `const app = require('express')();
     app.get('/x', () => undefined);
     const exported = { app };
     module.exports = exported;`,
  );
  write(
    'read.ts',
    `import { loadPolicy } from 'bulwark';
     import { memory } from 'bulwark/memory';
     export default await loadPolicy({ state: memory(), routes: { '/x': { require: 'anyone' } } });`,
  );
  const { code, err } = bulwarkRoutes(file, '--policy', 'read.ts');
  assert.equal(code, 0, err);
});

test('a file that is none, or has no application or no policy, is wrong use', () => {
  const app = `import express from 'express';\nexport default express();`;
  for (const [argv, message] of [
    [['nowhere.ts'], /^There is no nowhere\.ts\.\n$/],
    [[write('none.mjs', 'export const app = 1;')], /^none\.mjs exports no application as "default" or "app"/],
    [[write('bare/app.mjs', app)], /name the file with --policy/],
    [['bare/app.mjs', '--policy', 'none.mjs'], /^none\.mjs exports no policy/],
    [['bare/app.mjs', '--policy', 'nowhere.ts'], /^There is no nowhere\.ts/],
    [[], /missing required argument 'file'/],
  ] as const) {
    const { code, out, err } = bulwarkRoutes(...argv);
    assert.deepEqual([code, out], [2, ''], argv.join(' '));
    assert.match(err, message);
  }
});

test('an application that does not load, never finishes or ends the process is no success', () => {
  for (const [name, text, message] of [
    ['throws.mjs', `throw new Error('no database');`, /throws\.mjs does not load: no database/],
    ['waits.mjs', `await new Promise(() => undefined);`, /^/],
    ['ends.mjs', `process.exit(0);`, /^/],
    [
      'refused.mjs',
      `import express from 'express'; export const policy = { rutes: {} }; export default express();`,
      /rutes/,
    ],
  ] as const) {
    const { code, out, err } = bulwarkRoutes(write(name, text));
    assert.deepEqual([code, out], [1, ''], name);
    assert.match(err, message);
  }
});
