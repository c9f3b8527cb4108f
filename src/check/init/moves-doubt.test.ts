/** A package that is taken out takes nothing else with it, and goes only where all of what it did is taken over. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { growthOf, LINEAR_AT_MOST } from '../../../test/support/growth.ts';
import { type InitPlan, planInit } from './plan-init.ts';

type Files = Readonly<Record<string, string | Buffer>>;

const EXPRESS = { express: '^5.0.0' };

function project(t: TestContext, files: Files, dependencies: object = EXPRESS): string {
  const root = mkdtempSync(join(tmpdir(), 'bulwark-doubt-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries({ 'package.json': JSON.stringify({ dependencies }), ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const LISTEN = 'app.listen(3000);\n';
const server = (head: string, body: string): string =>
  `const express = require('express');\n${head}const app = express();\n${body}${LISTEN}`;
const helmet = (body: string): Files => ({
  'server.js': server("const helmet = require('helmet');\n", body),
});
const csurf = (body: string): Files => ({ 'server.js': server("const csurf = require('csurf');\n", body) });
const limit = (body: string): Files => ({
  'server.js': server("const { rateLimit } = require('express-rate-limit');\n", body),
});
const session = (body: string, options = "secret: 's'"): Files => ({
  'server.js': server(
    "const sessions = require('express-session');\n",
    `app.use(sessions({ ${options} }));\n${body}`,
  ),
});

interface Doubt {
  readonly what: string;
  readonly from: string;
  readonly files: Files;
  readonly entry?: string;
  readonly dependencies?: object;
  /** Where it says so: in a place for a person, or in a note. */
  readonly said?: RegExp;
}

const DOUBTS: readonly Doubt[] = [
  {
    what: 'tokens beside sessions of express-session, to which none of the layer could be bound',
    from: 'csurf',
    files: csurf('app.use(csurf());\n'),
    dependencies: { ...EXPRESS, 'express-session': '^1.18.0' },
    said: /It stays while the sessions of express-session do/,
  },
  {
    what: 'behind an if without braces, whose else would go with it',
    from: 'helmet',
    files: helmet('if (open) app.use(helmet());\nelse app.use(closed);\n'),
  },
  {
    what: 'in a loop',
    from: 'helmet',
    files: helmet("for (const path of ['/a']) app.use(helmet());\n"),
  },
  {
    what: 'in a case of a switch',
    from: 'helmet',
    files: helmet('switch (mode) {\n  case 1:\n    app.use(staff);\n    app.use(helmet());\n}\n'),
  },
  {
    what: 'under a condition, in a block',
    from: 'helmet',
    files: helmet('if (open) {\n  app.use(helmet());\n}\n'),
  },
  {
    what: 'in a declaration that has another variable',
    from: 'csurf',
    files: csurf('const protect = csurf(), auth = checked;\napp.use(protect);\napp.use(auth);\n'),
  },
  {
    what: 'in an import that brings something else',
    from: 'csurf',
    files: {
      'server.js': server("const csurf = require('csurf'), other = 1;\n", 'app.use(csurf(), other);\n'),
    },
  },
  {
    what: 'in the application that gets no layer',
    from: 'csurf',
    entry: 'server.js',
    files: { 'server.js': server('', ''), 'admin.js': csurf('app.use(csurf());\n')['server.js'] ?? '' },
    said: /Packages stay, since several applications are made here.*admin\.js:3/,
  },
  {
    what: 'in a file that the application is not seen to import',
    from: 'csurf',
    files: {
      'server.js': server('', "for (const name of names) app.use(require('./' + name));\n"),
      'admin.js':
        "const { Router } = require('express');\nconst router = Router();\nrouter.use(require('csurf')());\nmodule.exports = router;\n",
    },
  },
  {
    what: 'in a file that another program imports too',
    from: 'csurf',
    files: {
      'server.js': server('', "app.use(require('./rooms'));\n"),
      'worker.js': "require('./rooms').listen();\n",
      'rooms.js':
        "const { Router } = require('express');\nconst router = Router();\nrouter.use(require('csurf')());\nmodule.exports = router;\n",
    },
  },
  {
    what: 'a limit on a name that is bound again',
    from: 'express-rate-limit',
    files: limit(
      "function routes(app) {\n  app.post('/otp', rateLimit({ max: 3 }), done);\n}\nroutes(express.Router());\n",
    ),
  },
  {
    what: 'a limit on a name that is given something else',
    from: 'express-rate-limit',
    files: {
      'server.js': `const express = require('express');\nconst { rateLimit } = require('express-rate-limit');\nlet app = express();\napp.listen(3000);\napp = express.Router();\napp.post('/otp', rateLimit({ max: 3 }), done);\n`,
    },
  },
  {
    what: 'a limit that two routes share, and that counts them together',
    from: 'express-rate-limit',
    files: limit(
      "const few = rateLimit({ max: 3 });\napp.post('/a', few, done);\napp.post('/b', few, done);\n",
    ),
  },
  {
    what: 'a limit that is mounted by whoever imports it',
    from: 'express-rate-limit',
    files: {
      'server.js': server("const { few } = require('./limits');\n", "app.post('/a', few, done);\n"),
      'limits.js':
        "const { rateLimit } = require('express-rate-limit');\nexports.few = rateLimit({ max: 3 });\n",
    },
  },
  {
    what: 'the same of a module',
    from: 'express-rate-limit',
    files: {
      'server.js': server("const { few } = require('./limits.mjs');\n", "app.post('/a', few, done);\n"),
      'limits.mjs':
        "import { rateLimit } from 'express-rate-limit';\nexport const few = rateLimit({ max: 3 });\n",
    },
  },
  {
    what: "a router's own policy for content, looser than the site's",
    from: 'helmet',
    files: {
      'server.js': server(
        "const helmet = require('helmet');\n",
        "app.use(helmet());\napp.use('/x', require('./embed'));\n",
      ),
      'embed.js':
        "const router = require('express').Router();\nrouter.use(require('helmet')({ contentSecurityPolicy: { directives: { scriptSrc: ['https:'] } } }));\nmodule.exports = router;\n",
    },
    said: /embed\.js:2 \(helmet\)/,
  },
  {
    what: 'two policies for content',
    from: 'helmet',
    files: helmet('app.use(helmet());\napp.use(helmet());\n'),
  },
  {
    what: 'beside a file that is no UTF-8',
    from: 'csurf',
    files: {
      ...csurf('app.use(csurf());\n'),
      'admin.js': Buffer.from("// caf\xe9\nrequire('csurf');\n", 'latin1'),
    },
    said: /admin\.js was not looked at: it is no UTF-8/,
  },
  {
    what: 'beside a file that is too long',
    from: 'csurf',
    files: { ...csurf('app.use(csurf());\n'), 'admin.js': `// ${'x'.repeat(400_001)}\n` },
    said: /admin\.js was not looked at: longer/,
  },
  {
    what: 'named in a folder that is otherwise passed over',
    from: 'csurf',
    files: { ...csurf('app.use(csurf());\n'), 'assets/routes.js': "const csurf = require('csurf');\n" },
    said: /assets\/routes\.js:1 \(csurf\)/,
  },
  {
    what: 'named in a file for a compiler',
    from: 'express-session',
    files: { ...session(''), 'page.tsx': 'export const page = (req) => req.session.user;\n' },
    said: /page\.tsx:1 \(express-session\)/,
  },
  ...[
    "app.get('/', (req, res) => { const { session } = req; res.send(session.user); });",
    "app.get('/', (req, res) => { const { session: kept } = req; res.send(kept.user); });",
    "app.get('/', ({ session }, res) => res.send(session.user));",
    "app.get('/', (r, s) => s.send(r.session.user));",
    "app.get('/', (req, res) => res.send(req['session'].user));",
    "app.get('/', (req, res) => res.send(req[name].user));",
    "app.get('/', (req, res) => res.send(get(req, 'session.user')));",
    "app.get('/', (req, res) => res.send(req.sessionID));",
    'const help = (context) => context.req.session.user;',
    'io.use((socket, next) => { const req = socket.request; next(req.session.user); });',
    'app.use(passport.session());',
  ].map((line) => ({
    what: `a use of the session that is not understood: ${line}`,
    from: 'express-session',
    files: session(`${line}\n`),
    said: /server\.js:5 \(express-session\)/,
  })),
  {
    what: 'sessions that another package keeps something in',
    from: 'express-session',
    files: session(''),
    dependencies: { ...EXPRESS, passport: '0.7.0' },
    said: /it may be asked for by passport/,
  },
  {
    what: 'sessions beside csurf, which looks for its secret there',
    from: 'express-session',
    files: session("app.use(require('csurf')());\n"),
    said: /it may be asked for by csurf/,
  },
  ...[
    "app.get('/', (r, s) => s.send(r.csrfToken()));",
    'app.use((req, res, next) => { res.locals.token = req.csrfToken; next(); });',
    "app.get('/', ({ csrfToken }, res) => res.send(csrfToken()));",
  ].map((line) => ({
    what: `a token that is asked for in another way: ${line}`,
    from: 'csurf',
    files: csurf(`app.use(csurf());\n${line}\n`),
    said: /server\.js:5 \(csurf\)/,
  })),
  ...[
    "db.get('SELECT', (err, row) => { req.session.user = row.id; res.end(); });",
    'setTimeout(() => { req.session.seen = 1; }, 10);',
    "res.on('finish', async () => { req.session.seen = 1; });",
    'if (req.body) req.session.destroy(() => { a(); b(); });',
  ].map((line) => ({
    what: `a change that nobody would wait for: ${line}`,
    from: 'express-session',
    files: session(`app.get('/', (req, res) => { ${line} });\n`),
    said: /server\.js:5 \(express-session\)/,
  })),
  ...[
    'function audit(req, res) { req.session.last = 1; }',
    'async function logIn(req, user) { req.session.user = user.id; }',
    'const handlers = [(req, res) => { req.session.last = 1; }];',
    'later((req, res) => { req.session.last = 1; });',
    "app.get('/', (req, res) => { list.map((req) => { req.session.last = 1; }); });",
  ].map((line) => ({
    what: `a change in a function that Express may not be who calls: ${line}`,
    from: 'express-session',
    files: session(`${line}\n`),
    said: /server\.js:5 \(express-session\)/,
  })),
  ...[
    'const whoIs = (req) => req.session.name;\nio.use((socket) => whoIs(socket.request));',
    "const whoIs = (req) => req.session.name;\nmodule.exports = { whoIs };\napp.get('/', (req, res) => res.send(whoIs(req)));",
    "export function whoIs(req) { return req.session.name; }\napp.get('/', (req, res) => res.send(whoIs(req)));",
    "const whoIs = (req) => req.session.name;\napp.get('/', (req, res) => res.send(whoIs(req.upstream)));",
    "proxy.on('proxyRes', (answer, req, res) => { answer.name = req.session.name; });",
    'queue.each((req) => { console.log(req.session.name); });',
  ].map((line) => ({
    what: `a parameter that is called so and may be the request of something else: ${line.split('\n').at(-1)}`,
    from: 'express-session',
    files: session(`${line}\n`),
    said: /server\.js:5 \(express-session\)/,
  })),
  ...[
    'cookie: { maxAge: days * 5 }',
    'cookie: { maxAge: 500 }',
    "cookie: { sameSite: 'none' }",
    "cookie: { domain: 'example.com' }",
    "cookie: { path: '/admin' }",
    'cookie: { httpOnly: false }',
    'cookie: { ...shared }',
    'cookie: options',
    'rolling: isRolling',
    'genid: own',
    '...shared',
  ].map((option) => ({
    what: `an option of sessions that has no word here: ${option}`,
    from: 'express-session',
    files: session('', `secret: 's', ${option}`),
  })),
  {
    what: 'sessions below a path alone',
    from: 'express-session',
    files: {
      'server.js': server('', "app.use('/admin', require('express-session')({ secret: 's' }));\n"),
    },
  },
];

/** Every file as it is then, without what the layer itself brings. */
function without({ changes }: InitPlan, path: string, before: string): string {
  return (changes.find((change) => change.path === path)?.after ?? before)
    .split('\n')
    .filter((line) => !/bulwark\/express|const layer|app\.use\(layer\)/.test(line))
    .join('\n')
    .replace('layer.createServer(app).listen', 'app.listen');
}

describe('stays where it is', () => {
  for (const { what, from, files, entry, dependencies, said = /./ } of DOUBTS) {
    test(what, async (t) => {
      const root = project(t, files, dependencies);
      const planned = await planInit(root, {
        keepsRequestSession: false,
        from: [from],
        ...(entry !== undefined && { entry }),
      });
      for (const [path, text] of Object.entries(files))
        assert.equal(without(planned, path, String(text)), String(text));
      assert.ok(planned.notes.includes(`As it is: ${from}.`), planned.notes.join('\n'));
      assert.ok(!planned.next.some((line) => line.includes('uninstall')));
      const words = [...planned.byHand.flatMap(({ where, lines }) => [where, ...lines]), ...planned.notes];
      assert.match(words.join('\n'), said);
    });
  }

  test('beside a link that nobody follows', async (t) => {
    const root = project(t, csurf('app.use(csurf());\n'));
    symlinkSync(tmpdir(), join(root, 'shared'));
    const planned = await planInit(root, { from: ['csurf'] });
    assert.match(planned.notes.join('\n'), /shared was not looked at: a link/);
    assert.match(without(planned, 'server.js', ''), /app\.use\(csurf\(\)\);/);
  });
});

const SESSION_LINES: readonly (readonly [string, RegExp])[] = [
  [
    "cookie: { maxAge: 5 * 60 * 1000, sameSite: 'strict' }, rolling: true",
    /^ {2}session: \{ idle: '5m', absolute: '12h', sameSite: 'strict' \},$/m,
  ],
  ['cookie: { maxAge: 60_000 }', /^ {2}session: \{ idle: '1m', absolute: '1m', touchEvery: '30s' \},$/m],
  [
    "cookie: { maxAge: null, secure: 'auto', httpOnly: true, path: '/' }, unset: 'keep'",
    /^(?![^]*session: \{ idle)/,
  ],
];

describe('what sessions were told stands in the policy', () => {
  for (const [options, line] of SESSION_LINES) {
    test(options, async (t) => {
      const planned = await planInit(project(t, session('', `secret: 's', ${options}`)), {
        from: ['express-session'],
      });
      assert.deepEqual(planned.byHand, []);
      assert.match(planned.changes[0]?.after ?? '', line);
      assert.ok(planned.next.includes('npm uninstall express-session'));
    });
  }
});

test('a statement that ended the one before it leaves its semicolon', async (t) => {
  const files = csurf('const a = b\napp.use(csurf());\n// a list\n[1].forEach(a)\n');
  const planned = await planInit(project(t, files), { from: ['csurf'] });
  assert.match(without(planned, 'server.js', ''), /^const a = b\n;\n\/\/ a list\n\[1\]/m);
});

test('a file with thousands of uses takes no more than its length', async (t) => {
  const uses = (count: number): Files =>
    session(`app.get('/', (req, res) => {${'req.session.a = 1;'.repeat(count)}});\n`);
  const factor = await growthOf(
    (count) => project(t, uses(count)),
    async (root) =>
      assert.deepEqual(
        (await planInit(root, { keepsRequestSession: false, from: ['express-session'] })).byHand,
        [],
      ),
    1500,
  );
  assert.ok(factor < LINEAR_AT_MOST, `${factor}`);
});

test('a name of a file writes on no terminal, and into no shell', async (t) => {
  const names = { 'a\x1b[2J\u202e$(touch x).js': server('', "app.set('trust proxy', 1);\n") };
  const odd = { 'b\x1b[31m.js': 'express ((('.repeat(2) };
  const planned = await planInit(project(t, { ...names, ...odd }));
  const { byHand, notes, next } = planned;
  assert.doesNotMatch(JSON.stringify({ byHand, notes, next }), /\\u001b|\u202e/);
  assert.ok(next.includes('NODE_ENV=development node FILE'), next.join('\n'));
  assert.equal(notes.length, 2);
  const flask = await planInit(project(t, { 'x;sh #/web.py': 'app = Flask(__name__)\n' }));
  assert.match(flask.next.join('\n'), /gunicorn MODULE:APP$/);
});
