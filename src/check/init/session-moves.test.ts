/** Uses of the session, one by one: what each becomes, and which are nobody's to change but a person's. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { type InitPlan, planInit } from './plan-init.ts';

const HEAD = `const express = require('express');
const session = require('express-session');
const app = express();
app.use(session({ secret: process.env.S, resave: false }));
`;
/** For less to read: what each request has is written shortly here. */
const S = 'bulwark.of(req).session';

async function plan(
  t: TestContext,
  text: string,
  {
    express = '^5.0.0',
    more = {},
  }: { readonly express?: string; readonly more?: Record<string, string> } = {},
): Promise<InitPlan> {
  const root = mkdtempSync(join(tmpdir(), 'bulwark-moves-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const files = { 'package.json': JSON.stringify({ dependencies: { express } }), 'server.js': HEAD + text };
  for (const [path, content] of Object.entries({ ...files, ...more }))
    writeFileSync(join(root, path), content);
  return await planInit(root, { from: ['express-session'], keepsRequestSession: false });
}

/** The file behind what the layer brings and the package took. */
function rest({ changes }: InitPlan): string {
  return (changes.find(({ path }) => path === 'server.js')?.after ?? '')
    .split('\n')
    .filter(
      (line) => !/bulwark\/express|const layer|use\(layer\)|require\('express'\)|express\(\)/.test(line),
    )
    .join('\n');
}

interface Moved {
  readonly what: string;
  readonly before: string;
  readonly after: string;
  readonly express?: string;
}

const inside = (what: string, before: string, after: string, isAsync = true): Moved => ({
  what,
  before: `app.get('/', (req, res) => {\n${before}\n});\n`,
  after: `app.get('/', ${isAsync ? 'async ' : ''}(req, res) => {\n${after}\n});\n`,
});

const MOVED: readonly Moved[] = [
  inside(
    'a text goes to templates, helpers and other names: nobody can change it where it lies',
    'req.session.at = req.originalUrl;\nres.locals.at = req.session.at;\nlook(req.session.at);\nconst at = req.session.at;\nres.render("page", { at, again: req.session.at });',
    `await ${S}.change('at', () => req.originalUrl);\nres.locals.at = ${S}.get('at');\nlook(${S}.get('at'));\nconst at = ${S}.get('at');\nres.render("page", { at, again: ${S}.get('at') });`,
  ),
  inside(
    'a name that is given another one of the session, and a constant',
    'const one = 1;\nreq.session.a = one;\nreq.session.b = req.session.a;\nlook(req.session.b);',
    `const one = 1;\nawait ${S}.set('a', one);\nawait ${S}.change('b', () => ${S}.get('a'));\nlook(${S}.get('b'));`,
  ),
  inside(
    'the id of an account',
    'req.session.user = row.id;\nfind(req.session.user);',
    `await ${S}.change('user', () => row.id);\nfind(${S}.get('user'));`,
  ),
  inside(
    'names out of the session',
    'const { user, step: at } = req.session;\nres.send(`${user} ${at}`);',
    `const user = ${S}.get('user'), at = ${S}.get('step');\nres.send(\`\${user} \${at}\`);`,
    false,
  ),
  inside(
    'whether there is a session: there always is',
    "if (!req.session) return res.end();\nif (req.session && req.session.user) res.send('in');",
    `if (!${S}) return res.end();\nif (${S} && ${S}.get('user')) res.send('in');`,
    false,
  ),
  inside(
    'counts and sums',
    'req.session.n++;\n--req.session.m;\nreq.session.sum += 2;\nreq.session.list ??= [];',
    `await ${S}.set('n', Number(${S}.get('n')) + 1);\nawait ${S}.set('m', Number(${S}.get('m')) - 1);\nawait ${S}.set('sum', ${S}.get('sum') + (2));\nawait ${S}.set('list', ${S}.get('list') ?? ([]));`,
  ),
  inside(
    'what may be nothing: the layer stores no undefined, and asks for a value once',
    'req.session.a = undefined;\nreq.session.d = String(x);\nreq.session.e = JSON.stringify(y);\nreq.session.c = await find();\nreq.session.b = req.query.b;\nres.end();',
    `await ${S}.delete('a');\nawait ${S}.set('d', String(x));\n{ const stored = JSON.stringify(y); await ${S}.change('e', () => stored); };\n{ const stored = await find(); await ${S}.change('c', () => stored); };\nawait ${S}.change('b', () => req.query.b);\nres.end();`,
  ),
  inside(
    'what is changed where it lies is put back',
    "req.session.cart.push(1);\ndelete req.session.cart[3]\nreq.session.user.name = 'x';\nreq.session.many[at] = (req.session.many[at] || 0) + 1;",
    `{ const stored = ${S}.get('cart'); stored.push(1); await ${S}.change('cart', () => stored); }\n{ const stored = ${S}.get('cart'); delete stored[3]; await ${S}.change('cart', () => stored); }\n{ const stored = ${S}.get('user'); stored.name = 'x'; await ${S}.change('user', () => stored); }\n{ const stored = ${S}.get('many'); stored[at] = (${S}.get('many')[at] || 0) + 1; await ${S}.change('many', () => stored); }`,
  ),
  inside('an end with nothing behind', 'req.session.destroy(() => {});', `await ${S}.signOut();`),
  inside(
    'where to go on',
    "res.redirect(303, req.session.next || '/');",
    `res.redirect(303, ${S}.get('next') || '/');`,
    false,
  ),
  inside(
    'a callback that asks whether something went wrong, at the end',
    "req.session.destroy((err) => {\n  if (err) return res.sendStatus(500);\n  res.redirect('/');\n});",
    `{ const err = await ${S}.signOut().then(() => undefined, (reason) => reason);\n  if (err) return res.sendStatus(500);\n  res.redirect('/');\n}`,
  ),
  {
    what: 'an end that is all of a function',
    before:
      "app.get('/', (req, res) => req.session.destroy(() => res.redirect('/')));\napp.get('/b', (req, res, next) => req.session.destroy((err) => { if (err) return next(err); res.end(); }));\n",
    after: `app.get('/', async (req, res) => { await ${S}.signOut(); res.redirect('/'); });\napp.get('/b', async (req, res, next) => { await ${S}.signOut(); {  res.end(); } });\n`,
  },
  {
    what: 'the same on Express 4',
    express: '^4.0.0',
    before: "app.get('/', (req, res) => req.session.destroy(() => res.redirect('/')));\n",
    after: `app.get('/', async (req, res, next) => { try { await ${S}.signOut(); res.redirect('/'); } catch (error) { next(error); } });\n`,
  },
  {
    what: 'a function of the file that routes alone are handed',
    before:
      'function mark(req, res) {\n  req.session.a = 1;\n  res.end();\n}\napp.get("/", mark);\napp.post("/", mark);\n',
    after: `async function mark(req, res) {\n  await ${S}.set('a', 1);\n  res.end();\n}\napp.get("/", mark);\napp.post("/", mark);\n`,
  },
  {
    what: 'Express 4 waits for no promise: what is thrown goes to next',
    express: '~4.16.1',
    before:
      'app.use(function (req, res, done) {\n  req.session.a = 1;\n  done();\n});\napp.get("/", (req, res) => { req.session.a = 2; res.end(); });\n',
    after: `app.use(async function (req, res, done) { try {\n  await ${S}.set('a', 1);\n  done();\n} catch (error) { done(error); }\n});\napp.get("/", async (req, res, next) => { try { await ${S}.set('a', 2); res.end(); } catch (error) { next(error); } });\n`,
  },
  {
    what: 'a handler of errors on Express 4',
    express: '^4.18.0',
    before: 'app.use((err, req, res, next) => { req.session.a = 1; next(err); });\n',
    after: `app.use(async (err, req, res, next) => { try { await ${S}.set('a', 1); next(err); } catch (error) { next(error); } });\n`,
  },
];

describe('moves', () => {
  for (const { what, before, after, express } of MOVED) {
    test(what, async (t) => {
      const planned = await plan(t, before, express === undefined ? {} : { express });
      assert.deepEqual(
        planned.byHand.filter(({ where }) => where.includes('express-session')),
        [],
      );
      assert.equal(rest(planned), after);
      assert.ok(planned.next.includes('npm uninstall express-session'));
    });
  }
});

const CONTROLLERS: readonly (readonly [string, string])[] = [
  ['exports.mark = FUNCTION;', "const users = require('./users');\napp.post('/', users.mark);"],
  ['export const mark = FUNCTION;', "const { mark } = require('./users');\napp.post('/', mark);"],
  [
    'export function mark(req, res) { req.session.a = 1; res.end(); }',
    "const users = require('./users');\napp.post('/', users.mark);",
  ],
  ['module.exports.mark = FUNCTION;', "const { mark } = require('./users');\napp.post('/', first, mark);"],
  ['module.exports = { mark: FUNCTION };', "const users = require('./users');\napp.post('/', users.mark);"],
  [
    'function mark(req, res) { req.session.a = 1; res.end(); }\nmodule.exports = { mark };',
    "const users = require('./users');\napp.post('/', users.mark);",
  ],
];
const FUNCTION = 'function (req, res) { req.session.a = 1; res.end(); }';

describe('a function of another file', () => {
  for (const [text, mounted] of CONTROLLERS) {
    test(`that routes alone are handed: ${text.split('\n').at(-1)}`, async (t) => {
      const more = { 'users.js': `${text.replace('FUNCTION', FUNCTION)}\n` };
      const planned = await plan(t, `${mounted}\n`, { more });
      assert.ok(planned.next.includes('npm uninstall express-session'), JSON.stringify(planned.byHand));
      const after = planned.changes.find(({ path }) => path === 'users.js')?.after ?? '';
      assert.match(after, /async function (?:mark)?\(req, res\)|async function \(req, res\)/);
      assert.ok(after.includes(`await ${S}.set('a', 1);`));
      assert.match(after, /'bulwark\/express'/);
    });
  }

  const ELSEWHERE: readonly (readonly [string, string])[] = [
    [
      'exports.mark = FUNCTION;',
      "const users = require('./users');\napp.post('/', users.mark);\nusers.mark(one, two);",
    ],
    [
      'exports.mark = FUNCTION;',
      "const users = require('./users');\napp.post('/', users.mark);\nkeep(users);",
    ],
    [
      'exports.mark = FUNCTION;\nexports[some](a, b);',
      "const users = require('./users');\napp.post('/', users.mark);",
    ],
    ['exports.mark = FUNCTION;', "app.post('/', require('./users').mark);"],
    ['exports.mark = FUNCTION;', "const users = require('./users');\nqueue.post('/', users.mark);"],
    [
      'exports.mark = FUNCTION;\nexports.mark(a, b);',
      "const users = require('./users');\napp.post('/', users.mark);",
    ],
    [
      'function mark(req, res) { req.session.a = 1; }\nmark(a, b);\nmodule.exports = { mark };',
      "const users = require('./users');\napp.post('/', users.mark);",
    ],
    [
      'exports.mark = FUNCTION;',
      "const { mark } = require('./users');\napp.post('/', mark);\nqueue.each(mark);",
    ],
  ];
  for (const [text, mounted] of ELSEWHERE) {
    test(`that may be called by others: ${text} ${mounted}`, async (t) => {
      const more = { 'users.js': `${text.replace('FUNCTION', FUNCTION)}\n` };
      assert.ok((await plan(t, `${mounted}\n`, { more })).notes.includes('As it is: express-session.'));
    });
  }
});

const OBJECT = {
  'other.js':
    "const { Router } = require('express');\nconst r = Router();\nr.get('/', (req, res) => { req.session.at = { to: 1 }; res.end(); });\nmodule.exports = r;\n",
};

const STAYS: readonly {
  readonly what: string;
  readonly line: string;
  readonly express?: string;
  readonly more?: Record<string, string>;
  readonly said?: RegExp;
}[] = [
  {
    what: 'a text that another file gives an object in the place of',
    line: "app.use(require('./other'));\napp.get('/', (req, res) => { req.session.at = 'x'; look(req.session.at); });",
    more: OBJECT,
  },
  ...[
    'req.session.at = req.body.at; look(req.session.at);',
    'req.session.at = req.body.id; look(req.session.at);',
    'let at = 1; at = find(); req.session.at = at; look(req.session.at);',
    'req.session.at = String && find(); look(req.session.at);',
    'req.session.at = req.session.at; look(req.session.at);',
    'req.session.at = 1; for (req.session.at of list) look();',
    'req.session.at = parse(1); look(req.session.at);',
  ].map((line) => ({
    what: `what may be an object where it goes: ${line}`,
    line: `app.get('/', (req, res) => { ${line} });`,
  })),
  {
    what: 'a function that is called String here',
    line: "const String = (x) => ({ x });\napp.get('/', (req, res) => { req.session.at = String(1); look(req.session.at); });",
  },
  ...[
    'req.session.cart.push(item); item.count = 2;',
    'req.session.cart.push({ item }); mark(item);',
    'req.session.cart.items = list; list.push(1);',
    'req.session.user = user; mark(user);',
    'req.session.list = [one, { of: two }]; const three = two; three.x = 1;',
    'req.session.items = order.items; order.items.pop();',
    'if (one) req.session.cart.push(1);',
    'const size = req.session.cart.push(1);',
    'const stored = 1; req.session.cart.push(stored);',
    'later(() => { req.session.cart.push(1); });',
    'const { cart } = req.session; cart.push(1);',
    'const { cart = [] } = req.session; res.json(cart);',
    'const { user, ...others } = req.session; res.json(others);',
    'const { cookie } = req.session; res.json(cookie);',
    'const {} = req.session;',
    'const kept = req.session || {};',
    'req.session.a &&= find();',
    'req.session.a ??= find();',
    'if (one) req.session.a = await find();',
    'const old = req.session.n++;',
    'req.session.destroy((err) => { if (err) return res.end(); res.send(1); }); more();',
    'req.session.save(function (err) { if (err) return this.end(); });',
  ].map((line) => ({ what: line, line: `app.get('/', async (req, res) => { ${line} });` })),
  ...[
    "function mark(req, res) { req.session.a = 1; }\napp.get('/', mark);\nmark(one, two);",
    "function mark(req, res) { req.session.a = 1; }\napp.get('/', mark);\nqueue.each(mark);",
    "function mark(req, res) { req.session.a = 1; }\napp.get('/', mark);\nmodule.exports = { mark };",
  ].map((line) => ({ what: `a function that others call too: ${line.split('\n').at(-1)}`, line })),
  ...[
    "app.get('/', (req, { send }) => req.session.destroy(() => send()));",
    "app.get('/', (req, res) => later(() => req.session.destroy(() => res.end())));",
    "app.get('/', (req, res) => { req.session.a = 1; next(); });",
    "app.get('/', (req, res, next) => { req.session.a = 1; next = 2; });",
    "app.get('/', function (req, res) { 'use strict'; req.session.a = 1; });",
    "app.get('/', (req, res, next = later) => { req.session.a = 1; });",
    "app.get('/', (req, { send }) => { req.session.a = 1; });",
  ].map((line) => ({ what: `on Express 4: ${line}`, line, express: '^4.0.0' })),
  {
    what: 'a secret in a file, of which the line is not shown',
    line: "function note(req, res) { req.session.apiKey = 'made-up-0123456789abcdef'; }",
    said: /^(?![^]*made-up)[^]*set\('apiKey', value\)/,
  },
  {
    what: 'an id of sessions',
    line: "app.get('/', (req, res) => res.send(req.session.id));",
    said: /bulwark\.of\(req\)\.requestId for a log/,
  },
];

describe('leaves, and says where', () => {
  for (const { what, line, said = /express-session/, ...options } of STAYS) {
    test(what, async (t) => {
      const planned = await plan(t, `${line}\n`, options);
      assert.ok(planned.notes.includes('As it is: express-session.'), rest(planned));
      assert.match(
        planned.byHand.map(({ where, lines }) => `${where}\n${lines.join('\n')}`).join('\n'),
        said,
      );
    });
  }
});
