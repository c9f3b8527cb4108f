/** `requestSession()` in the place of express-session: what it takes, and what it leaves with a reason. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { type InitOptions, type InitPlan, planInit } from './plan-init.ts';

const HEAD = `const express = require('express');
const session = require('express-session');
const app = express();
app.use(session({ secret: process.env.S, cookie: { maxAge: 3600000 } }));
`;
const PASSPORT = `const passport = require('passport');
passport.serializeUser((user, done) => done(null, user.id));
passport.deserializeUser((id, done) => users.find(id, done));
app.use(passport.session());
app.post('/login', passport.authenticate('local', { failureFlash: true }), (req, res) => res.redirect('/'));
app.post('/logout', (req, res, next) => req.logout((error) => (error ? next(error) : res.redirect('/'))));
`;

interface Project {
  readonly files: Readonly<Record<string, string>>;
  readonly packages?: readonly string[];
  readonly type?: string;
  readonly options?: InitOptions;
}

async function plan(t: TestContext, project: Project): Promise<InitPlan> {
  const { files, packages = [], type = 'commonjs', options = {} } = project;
  const root = mkdtempSync(join(tmpdir(), 'bulwark-request-session-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const dependencies = Object.fromEntries(
    ['express', 'express-session', ...packages].map((name) => [name, '1']),
  );
  const all = { 'package.json': JSON.stringify({ type, dependencies }), ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return await planInit(root, { from: ['express-session'], ...options });
}

const fileOf = ({ changes }: InitPlan, name = 'server.js'): string =>
  changes.find(({ path }) => path === name)?.after ?? '';

const KNOWN = ['passport', 'passport-local', 'connect-flash', 'connect-ensure-login'];

describe('goes, and all else stays as it is', () => {
  test('with passport and what stands on it', async (t) => {
    const planned = await plan(t, { files: { 'server.js': HEAD + PASSPORT }, packages: KNOWN });
    assert.deepEqual(
      planned.byHand.filter(({ where }) => where.includes('express-session')),
      [],
    );
    assert.ok(planned.next.includes('npm uninstall express-session'));
    assert.match(fileOf(planned, 'bulwark.config.mjs'), /session: \{ idle: '1h', absolute: '1h' \}/);
    const text = fileOf(planned);
    assert.match(text, /^const \{ requestSession \} = require\('bulwark\/request-session'\);$/m);
    assert.match(text, /app\.use\(layer\);\napp\.use\(requestSession\(\)\);\n/);
    assert.ok(text.endsWith(PASSPORT));
    assert.ok(
      planned.notes.some((note) => note.includes('requestSession() has the place of express-session')),
    );
  });

  test('with passport that keeps an object of one id', async (t) => {
    for (const own of ['id', '_id']) {
      const server = HEAD + PASSPORT.replace('done(null, user.id)', `done(null, { ${own}: user.${own} })`);
      const text = fileOf(await plan(t, { files: { 'server.js': server }, packages: KNOWN }));
      assert.match(text, /app\.use\(requestSession\(\)\);/);
    }
  });

  test('files behind it are named, since no cache keeps them; those in front are not', async (t) => {
    const files = "app.use(express.static('public'));\n";
    const said = async (server: string): Promise<readonly string[]> => {
      const { notes } = await plan(t, { files: { 'server.js': server }, packages: KNOWN });
      return notes.filter((note) => note.includes('express.static'));
    };
    const behind = await said(HEAD + PASSPORT + files);
    assert.match(behind.join('\n'), /^server\.js:\d+ has express\.static behind requestSession\(\)/);
    assert.deepEqual(await said(HEAD.replace('app.use(', `${files}app.use(`) + PASSPORT), []);
    assert.deepEqual(await said(HEAD + PASSPORT), []);
  });

  test('in a module, and where the session has a name of its own', async (t) => {
    const server = `import express from 'express';
import session from 'express-session'
const app = express();
const kept = session({ secret: process.env.S });
app.use(kept);
app.get('/', (req, res) => { bump(req.session.cart); res.end(); });
`;
    const text = fileOf(await plan(t, { files: { 'server.js': server }, type: 'module' }));
    assert.match(text, /^import \{ requestSession \} from 'bulwark\/request-session'$/m);
    assert.match(text, /^const kept = requestSession\(\);\napp\.use\(kept\);$/m);
  });

  test('in another file that is handed the application', async (t) => {
    const files = {
      'server.js':
        "const express = require('express');\nconst app = express();\nrequire('./sessions')(app);\n",
      'sessions.js':
        "module.exports = (app) => {\n  app.use(require('express-session')({ secret: process.env.S }));\n  app.get('/', (req, res) => res.render('home', req.session));\n};\n",
    };
    const text = fileOf(await plan(t, { files }), 'sessions.js');
    assert.match(text, /app\.use\(require\('bulwark\/request-session'\)\.requestSession\(\)\);/);
  });

  test('where a function has a name of its own that is the same', async (t) => {
    const line = 'const { session } = req; session.cart = []; bump(session.cart);';
    assert.match(fileOf(await plan(t, { files: { 'server.js': get(line) } })), /use\(requestSession\(\)\);/);
  });

  test('in the callback that listens, where own files alone are handed the application', async (t) => {
    const files = { 'server.js': CONNECTED, 'routes.js': ROUTES };
    assert.match(fileOf(await plan(t, { files })), /\.requestSession\(\)\);/);
  });

  test('not where it is sure of each place: those are written as they are in the layer', async (t) => {
    const server = `${HEAD}app.get('/', (req, res) => res.json(req.session.count));\n`;
    const text = fileOf(await plan(t, { files: { 'server.js': server } }));
    assert.match(text, /bulwark\.of\(req\)\.session\.get\('count'\)/);
    assert.doesNotMatch(text, /requestSession/);
  });

  test('not where nobody wants it', async (t) => {
    const options = { keepsRequestSession: false };
    const planned = await plan(t, { files: { 'server.js': HEAD + PASSPORT }, packages: KNOWN, options });
    assert.match(fileOf(planned), /app\.use\(session\(/);
    assert.ok(planned.notes.includes('As it is: express-session.'));
  });
});

/** In the place of what can only be done by hand, so that the other way is asked for at all. */
const UNSURE = "app.get('/', (req, res) => { bump(req.session.cart); res.end(); });\n";
const get = (line: string): string =>
  `${HEAD}${UNSURE}app.get('/x', (req, res) => { ${line} res.end(); });\n`;

const CONNECTED = `const express = require('express');
const routes = require('./routes');
const app = express();
connect(() => {
  app.use(require('express-session')({ secret: process.env.S }));
  routes(app);
  app.listen(3000);
});
`;
const ROUTES = `module.exports = (app) => {
  // They listen to nobody.
  app.get('/', (req, res) => { bump(req.session.cart); res.end(); });
};
`;

const STAYS: Readonly<Record<string, Project & { readonly why: RegExp }>> = {
  ...Object.fromEntries(
    [
      'log(req.sessionID);',
      'log(req.session.id);',
      'req.session.cookie.maxAge = 1;',
      'const { cookie } = req.session;',
      'const kept = req.session; log(kept.id);',
      'const { session: kept } = req; kept.cookie.expires = false;',
      'req.session.touch();',
      'req.session.reload(() => {});',
      'req.sessionStore.all(list);',
      'const { sessionID } = req;',
      'req.session = other;',
      'delete req.session;',
      // Who signs out by it alone would sign nobody out.
      "res.clearCookie('connect.sid');",
      "log(req.cookies['connect.sid']);",
    ].map((line) => [line, { files: { 'server.js': get(line) }, why: /asks for what it does not have/ }]),
  ),
  'a cookie of its own name that is dropped': {
    files: {
      'server.js': `${HEAD.replace('secret:', "name: 'basket', secret:")}${UNSURE}app.post('/out', (req, res) => { res.clearCookie('basket'); res.end(); });\n`,
    },
    why: /asks for what it does not have/,
  },
  'a cookie whose name is worked out': {
    files: { 'server.js': HEAD.replace('secret:', 'name: config.name, secret:') + UNSURE },
    why: /cookie has a name/,
  },
  'packages of which nobody knows what they ask for': {
    files: { 'server.js': HEAD + PASSPORT },
    packages: ['passport', 'lusca'],
    why: /lusca may ask it for more/,
  },
  'an answer that is posted back by another site': {
    files: { 'server.js': get("start({ response_mode: 'form_post' });") },
    why: /posted back/,
  },
  'a test that looks into the store': {
    files: { 'server.js': HEAD + UNSURE, 'test/app.test.js': 'sessionStore.all(list);\n' },
    why: /app\.test\.js speaks of it/,
  },
  'types of a session': {
    files: {
      'server.js': HEAD + UNSURE,
      'types.ts': 'export const of = (req: Request) => req.session.user;\n',
    },
    why: /types\.ts has its types/,
  },
  'a store': {
    files: { 'server.js': HEAD.replace('secret:', 'store: new Store(), secret:') + UNSURE },
    why: /options or its place/,
  },
  'a file that another program imports too': {
    files: {
      'server.js':
        "const express = require('express');\nconst app = express();\nrequire('./sessions')(app);\n",
      'sessions.js':
        "module.exports = (app) => {\n  app.use(require('express-session')({ secret: process.env.S }));\n  app.get('/', (req, res) => res.render('home', req.session));\n};\n",
      'other.js': "require('./sessions')(other);\n",
    },
    why: /options or its place/,
  },
  'a file that is handed the application, and may listen': {
    files: { 'server.js': CONNECTED, 'routes.js': ROUTES.replace('};', '  app.listen(1);\n};') },
    why: /options or its place/,
  },
  'another package that is handed the application': {
    files: { 'server.js': CONNECTED.replace('./routes', 'routes') + UNSURE },
    why: /options or its place/,
  },
  'a name that may stand for something else': {
    files: {
      'server.js': (HEAD + UNSURE)
        .replace('const session', 'var session')
        .replace('app.use', 'if (one) { var session = two; }\napp.use'),
    },
    why: /options or its place/,
  },
  'a name of its own': {
    files: { 'server.js': `${HEAD}${UNSURE}const requestSession = 1;\n` },
    why: /name requestSession of its own/,
  },
  ...Object.fromEntries(
    [
      '(user, done) => done(null, user)',
      '(user, done) => done(null, user.profile)',
      '(user, done) => done(null, { name: user.name })',
      '(user, done) => done(null, { id: user.id, ...user })',
      // A user and an admin of the same number would be one account.
      "(user, done) => done(null, { id: user.id, type: 'user' })",
      '(user, done) => done(null, { id: user.id, [user.kind]: 1 })',
      '(user, done) => done(null, { id: user.id, get type() { return 1; } })',
      '(user, done) => later(done, user.id)',
      '(user, done) => (user.ok ? done(null, user.id) : done(null, user.token))',
      '(user, done) => { later(done); done(null, user.id); }',
      '(user, done) => done(null, user.id)); const serialize = passport.serializeUser; serialize((user, done) => done(null, user)',
      'async (user) => user.id',
      'User.serializeUser()',
      'keep',
    ].map((own) => [
      `serializeUser(${own})`,
      {
        files: {
          'server.js': `${HEAD}const passport = require('passport');\npassport.serializeUser(${own});\n${UNSURE}`,
        },
        packages: ['passport'],
        why: /names? no account|no call that is understood/,
      },
    ]),
  ),
};

describe('stays, with the reason', () => {
  for (const [what, { why, ...project }] of Object.entries(STAYS))
    test(what, async (t) => {
      const planned = await plan(t, project);
      assert.ok(planned.notes.includes('As it is: express-session.'));
      assert.ok(!planned.changes.some(({ after }) => after.includes('requestSession()')));
      const said = planned.byHand
        .flatMap(({ lines }) => lines)
        .filter((line) => line.includes('requestSession()'));
      assert.match(said.join('\n'), why);
    });
});

test('a cookie is dropped beside the end of its session', async (t) => {
  const line = "req.session.destroy(() => { bump(); res.clearCookie('connect.sid'); });";
  assert.match(fileOf(await plan(t, { files: { 'server.js': get(line) } })), /requestSession\(\)/);
});
