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
     import { bulwark } from 'bulwark/fastify';
     import { memory } from 'bulwark/memory';
     export const app = Fastify({ serverFactory: bulwark({ state: memory() }).serverFactory });
     app.register(async (plugin) => { plugin.get('/:id', () => 'x'); }, { prefix: '/notes' });`,
  );
  write(
    'fastify/bulwark.config.mjs',
    `export default { routes: { '/notes/*': { require: { role: 'a' } } } };`,
  );
  const { code, out, err } = bulwarkRoutes(file);
  assert.equal(code, 0, err);
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
     const { bulwark } = require('bulwark/express');
     app.use(bulwark({ state: require('bulwark/memory').memory() }));
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

test('routes above the layer have no rule that is seen to hold, whatever the policy says', () => {
  const file = write(
    'above.ts',
    `import express from 'express';
     import { bulwark } from 'bulwark/express';
     import { memory } from 'bulwark/memory';
     export const policy = { routes: { '/**': { require: 'signed-in' } }, access: { otherwise: 'nobody' } } as const;
     export const app = express();
     app.use(function logging(_request, _response, next) { next(); });
     app.use('/files', express.static('.'));
     app.get('/early', (_request, response) => void response.end());
     app.use('/api', bulwark({ ...policy, state: memory() }), express.Router().get('/late', (_request, response) => void response.end()));
     app.get('/beside', (_request, response) => void response.end());`,
  );
  const { code, out } = bulwarkRoutes(file);
  assert.equal(code, 1);
  assert.ok(!out.includes('Every route has a rule'), out);
  assert.match(out, /^! GET {2}\/files\/\*\* +signed-in +all below, by serveStatic; above the layer$/m);
  assert.match(out, /^! GET {2}\/early +signed-in +above the layer$/m);
  assert.match(out, /^ {2}GET {2}\/api\/late +signed-in$/m);
  assert.match(out, /^! GET {2}\/beside +signed-in +above the layer$/m);
  assert.match(
    out,
    /^3 above the layer: a rule holds there only where the server is the layer's\. Mount it first: app\.use\(layer\)\.$/m,
  );
});

test('where there is no layer no rule holds, and where none can be seen none is claimed', () => {
  const policy = `export const policy = { routes: { '/x': { require: 'signed-in' } } };`;
  for (const [name, code, text] of [
    [
      'none-express.mjs',
      1,
      `import express from 'express'; export const app = express(); app.get('/x', (q, s) => s.end());`,
    ],
    [
      'none-fastify.mjs',
      1,
      `import Fastify from 'fastify'; export const app = Fastify(); app.get('/x', () => 'x');`,
    ],
    [
      'unseen-router.mjs',
      0,
      `import { Router } from 'express'; export const app = Router(); app.get('/x', (q, s) => s.end());`,
    ],
    [
      'unseen-hono.mjs',
      0,
      `import { Hono } from 'hono'; export const app = new Hono().get('/x', (c) => c.text('x'));`,
    ],
  ] as const) {
    const answer = bulwarkRoutes(write(name, `${text}\n${policy}`));
    assert.equal(answer.code, code, answer.err);
    assert.ok(!answer.out.includes('Every route has a rule'), answer.out);
    const said =
      code === 1
        ? /There is no layer in this application/
        : /Whether a layer stands before them cannot be seen/;
    assert.match(answer.out, said);
    const listing = JSON.parse(bulwarkRoutes(name, '--json').out) as Listing;
    assert.equal(listing.layer, code === 1 ? 'none' : 'unseen');
  }
  const seen = write(
    'seen-hono.ts',
    `import { Hono } from 'hono';
     import { bulwark } from 'bulwark/hono';
     import { memory } from 'bulwark/memory';
     export const app = new Hono().get('/x', (context) => context.text('x'));
     app.use(bulwark({ state: memory() }));
     ${policy}`,
  );
  assert.match(bulwarkRoutes(seen).out, /Every route has a rule\./);
});

test('a middleware that changes the method is named beside the rules that it gets round (expressjs/method-override)', () => {
  const file = write(
    'override.mjs',
    `import express from 'express';
     export const policy = { routes: { '/admin/**': { require: 'signed-in' }, 'DELETE /admin/**': { require: { role: 'a' } } } };
     export const app = express();
     app.use(function methodOverride(_request, _response, next) { next(); });
     app.delete('/admin/:id', (_request, response) => response.end());`,
  );
  assert.match(
    bulwarkRoutes(file).out,
    /a POST gets round DELETE \/admin\/\*\*\. Write rules without a method/,
  );
});

test('what a framework answers beside its pages is listed, with the rule that holds there', () => {
  write(
    'framework/package.json',
    JSON.stringify({ dependencies: { '@react-router/node': '8', next: '16' } }),
  );
  const file = write(
    'framework/app.mjs',
    `import { Hono } from 'hono';
     export const policy = { routes: { '/x': { require: 'signed-in' } } };
     export const app = new Hono().get('/x', (context) => context.text('x'));`,
  );
  const { out } = bulwarkRoutes(file);
  assert.match(
    out,
    /React Router: \/account\.data: the rule of \/account, and opened by a rule of its own only/,
  );
  assert.match(out, /Next\.js: a POST with the header Next-Action, .*: refused/);
});
