/** Programs that would do something else behind the move: each stays as it is. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Script } from 'node:vm';
import { isDeclaredTwice } from './declared-twice.ts';
import { type InitPlan, planInit } from './plan-init.ts';
import { readModule } from './read-module.ts';

const HEAD = `const express = require('express');
const session = require('express-session');
const app = express();
app.use(session({ secret: process.env.S, resave: false }));
`;

async function plan(t: TestContext, inside: string, express: string): Promise<InitPlan> {
  const root = mkdtempSync(join(tmpdir(), 'bulwark-same-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ dependencies: { express } }));
  const text = inside.includes('app.') ? inside : `app.post('/', (req, res, next) => {\n${inside}\n});`;
  writeFileSync(join(root, 'server.js'), `${HEAD}${text}\n`);
  return await planInit(root, { from: ['express-session'], keepsRequestSession: false });
}

/** What is decided or found in a callback is not there yet where `signIn` would be. */
const SIGN_INS: readonly string[] = [
  'req.session.regenerate((err) => {\n  if (err) return next(err);\n  if (user.blocked) return res.end();\n  req.session.userId = user.id;\n  res.end();\n});',
  'req.session.regenerate(() => { if (user.isIn) req.session.userId = user.id; res.end(); });',
  'req.session.regenerate(() => { if (user.isIn) { req.session.userId = user.id; } res.end(); });',
  'req.session.regenerate(() => { const user = find(); req.session.userId = user.id; res.end(); });',
  'req.session.regenerate((user) => { req.session.userId = user.id; res.end(); });',
  'req.session.regenerate(() => { req.session.userId = user.id; const user = find(); res.end(); });',
  'req.session.regenerate(() => {\n  // req.session.userId = user.id;\n  req.session.user = user;\n  res.end();\n});',
  'req.session.regenerate(() => {\n  // req.session.userId = user.id;\n  res.end();\n});',
  'req.session.regenerate(() => { req.session.userId = user?.id; res.end(); });',
  'req.session.regenerate(() => { req.session.userId = req.body.id; res.end(); });',
  'const body = req.body;\nreq.session.regenerate(() => { req.session.userId = body.id; res.end(); });',
  'const { user } = req.body;\nreq.session.regenerate(() => { req.session.userId = user.id; res.end(); });',
  'req.session.regenerate(() => { req.session.userId ??= user.id; res.end(); });',
  // A new session is empty, and signIn keeps what was there.
  'req.session.a = req.session.b = req.session.c = req.session.d = req.session.e = req.session.f = 1;\nreq.session.regenerate(() => { req.session.userId = user.id; res.end(); });',
  'req.session.at = 1;\nreq.session.regenerate((err) => { if (err) next(err); req.session.userId = user.id; res.end(); });',
];

/** A callback is called later, and its names are its own. */
const CALLBACKS: readonly string[] = [
  "req.session.destroy(() => { res.redirect('/'); });\nres.clearCookie('theme');",
  "req.session.destroy(() => res.redirect('/'));\nlog('out');",
  "req.session.save(() => { res.redirect('/'); });\nlog('kept');",
  "req.session.regenerate(() => { req.session.userId = user.id; res.end(); });\nlog('in');",
  "if (req.query.out) { req.session.destroy(() => { res.end(); }); }\nlog('out');",
  'for (const one of list) { req.session.save(() => { log(one); }); }',
  'try { req.session.destroy(() => { res.end(); }); } catch (error) { res.sendStatus(500); }',
  'req.session.destroy((err) => { if (err) return next(err); });\nres.end();',
  'req.session.save((err) => { if (err) return next(err); });\nres.end();',
  'const x = 1;\nreq.session.save(function () { var x = 2; res.send(String(x)); });',
  'req.session.destroy(() => { if (one) { var x = 2; } res.end(); });',
  'req.session.destroy(() => { function last() { res.end(); } last(); });',
  "req.session.destroy(function () { 'use strict'; res.end(); });",
  'req.session.destroy(async () => { await gone(); res.end(); });',
  'req.session.destroy(({ message }) => { res.end(message); });',
  'req.session.destroy((req) => { res.end(req); });',
];

/** By another name, or before or behind: express-session stores what it is at the end. */
const CHANGED: readonly string[] = [
  "const cart = { items: [] };\nconst shown = cart;\nreq.session.cart = cart;\nshown.items.push('x');\nres.end();",
  'let cart;\nreq.session.cart = cart = [];\ncart.push(1);\nres.end();',
  "const cart = { items: [] };\nconst add = (item) => { cart.items.push(item); };\nreq.session.cart = cart;\nadd('x');\nres.end();",
  'const cart = [];\nlater(() => cart.push(1));\nreq.session.cart = cart;\nnext();',
  'const cart = [];\nreq.session.cart = [cart];\nlater();\nres.end();\ncart.push(1);',
  'const cart = [];\nfor (const x of list) { req.session.cart = cart; cart.push(1); }\nres.end();',
  'const cart = [];\nfor (const x of list) { cart.push(1); if (x) req.session.cart = cart; }\nres.end();',
  'let cart = [];\nreq.session.cart = cart;\ncart = other;\nlater();\nres.end();',
  'const one = { n: 1 };\nconst cart = [one];\nreq.session.cart = cart;\none.n = 2;\nres.end();',
  'const one = { n: 1 };\nconst cart = [];\ncart.push(one);\nreq.session.cart = cart;\none.n = 2;\nres.end();',
  'const one = { n: 1 };\nreq.session.a = one;\nreq.session.b = one;\nreq.session.b.n = 2;\nres.end();',
  'req.session.a = req.session.b;\nreq.session.b.n = 2;\nres.end();',
  'const item = { n: 1 };\nconst same = item;\nreq.session.cart.push(item);\nsame.n = 2;\nres.end();',
  'const cart = req.session.cart;\ncart.push(item);\nreq.session.cart = cart;\nitem.n = 2;\nres.end();',
  'req.session.cart = req.app.locals.cart;\nreq.app.locals.cart.n = 2;\nres.end();',
  'req.session.user = this.user;\nthis.user.seen = 1;\nres.end();',
  'req.session.body = req.body;\nreq.body.seen = 1;\nres.end();',
  'req.session.body = req.body.at;\nnext();',
  'res.locals.user = { n: 0 };\nreq.session.user = res.locals.user;\nres.locals.user.n++;\nres.end();',
  'req.session.cart = cart.items.slice();\ncart.items[0].n = 2;\nres.end();',
  'req.session.cart = makeCart(items);\nitems.push(2);\nres.end();',
  'req.session.list = list.filter(Boolean);\nlist[0].n = 2;\nres.end();',
  "req.session.copy = { ...user };\nuser.roles.push('x');\nres.end();",
  'req.session.user = user;\ntouch();\nres.end();',
  'req.session.user = user;\nres.json(touch());',
  'req.session.user = user;\nif (one) res.end();',
  'for (const user of users) { req.session.user = user; res.end(); }',
  'const user = { get name() { return 1; } };\nreq.session.user = user;\nlook();',
  // What somebody sent may be an object, whatever it is called by.
  'const body = req.body;\nreq.session.at = body.id;\nfill(req.session.at);\nres.end();',
  'const { user } = req.query;\nreq.session.at = user.id;\nfill(req.session.at);\nres.end();',
  // A Date is a text once it was stored.
  'req.session.at = new Date();\nlook(req.session.at.toISOString());\nres.end();',
];

/** Without it the cookie has another name, and nobody would be signed out. */
const COOKIES: readonly string[] = [
  "res.clearCookie('connect.sid');\nres.redirect('/');",
  "res.clearCookie('connect.sid', { path: '/' }).end();",
  "res.setHeader('Set-Cookie', 'connect.sid=; Max-Age=0');\nres.end();",
  "if (req.cookies['connect.sid']) res.end();",
];

/** A method of an object of the program gives back what it likes: that could be changed where it lies. */
const OWN_METHODS: readonly string[] = [
  'const draft = { words: [], trim() { return this; } };\nreq.session.draft = draft.trim();\nlook(req.session.draft);\nres.end();',
  'const draft = new Draft();\nreq.session.draft = draft.trim();\nlook(req.session.draft);\nres.end();',
];

const OTHERS: readonly (readonly [string, string])[] = [
  [
    "app.get('/', function (req, res, next) {\n// hi\n'use strict';\nreq.session.a = 1; next();\n});",
    '^4.18.0',
  ],
];

describe('stays', () => {
  const all = [...SIGN_INS, ...CALLBACKS, ...CHANGED, ...OWN_METHODS, ...COOKIES].map(
    (inside) => [inside, '^5.0.0'] as const,
  );
  for (const [inside, express] of [...all, ...OTHERS]) {
    test(inside, async (t) => {
      const planned = await plan(t, inside, express);
      assert.ok(planned.notes.includes('As it is: express-session.'), JSON.stringify(planned.changes));
      assert.ok(planned.byHand.some(({ where }) => where.includes('express-session')));
    });
  }

  test('with where to put it in', async (t) => {
    const planned = await plan(t, CHANGED[0] ?? '', '^5.0.0');
    assert.match(
      JSON.stringify(planned.byHand),
      /set\('cart', cart\);","\/\/ behind the last line that may change it/,
    );
  });

  test('with the values that a new session has not', async (t) => {
    const planned = await plan(t, SIGN_INS.at(-1) ?? '', '^5.0.0');
    assert.match(JSON.stringify(planned.byHand), /session\.delete\('at'\); \/\/ regenerate drops it/);
  });
});

/** So much is certain: what differs from those above by one thing. */
const GOES: readonly (readonly [string, string, string?])[] = [
  // A new session is empty, and signIn keeps what was there.
  [
    'req.session.at = 1;\nreq.session.regenerate(() => { req.session.userId = user.id; req.session.isAdmin = true; res.end(); });',
    "session.delete('at'); await bulwark.of(req).session.delete('isAdmin'); await bulwark.of(req).session.signIn({ account: String(user.id) });",
  ],
  [
    'req.session.regenerate((err) => { if (err) return next(err); req.session.userId = user.id; if (user.blocked) return res.end(); res.json(1); });',
    'signIn({ account: String(user.id) });',
  ],
  [
    'req.session.regenerate((err) => { if (err) next(err); req.session.userId = user.id; req.session.save((e) => { if (e) return next(e); res.end(); }); });',
    'const err = await bulwark.of(req).session.signIn({ account: String(user.id) }).then(',
  ],
  [
    'const cart = { n: [1] };\ncart.n.push(2);\nreq.session.cart = cart;\nlook();\nres.json(cart);',
    "set('cart', cart)",
  ],
  [
    'for (const x of list) { const one = { n: 1 }; req.session.cart.push(one); }\nlook();',
    'stored.push(one);',
  ],
  ["const at = 'x';\nreq.session.at = { at };\nlook();", "set('at', { at })"],
  [
    'req.session.user = user;\nif (user.blocked) return res.sendStatus(403);\nres.status(201).json({ user });',
    "change('user', () => user)",
  ],
  ['if (one) { req.session.user = user; return res.end(); }\nlook();', "change('user', () => user)"],
  ['req.session.cart.push(req.body.item);\nreq.session.n = 1;\nres.end();', 'stored.push(req.body.item);'],
  ['req.session.a = req.session.b;\nres.end();', "change('a', () => bulwark.of(req).session.get('b'))"],
  ['if (out) { req.session.destroy(() => { res.end(); }); return; }\nlog();', 'session.signOut();'],
  ['if (out) { req.session.destroy(() => { res.end(); }); } else log();', 'session.signOut();'],
  [
    "app.get('/', (req, res, error) => { req.session.a = 1; error(); });",
    'catch (reason) { error(reason); }',
    '^4.18.0',
  ],
];

describe('goes', () => {
  for (const [inside, part, express = '^5.0.0'] of GOES) {
    test(inside, async (t) => {
      const planned = await plan(t, inside, express);
      assert.ok(planned.next.includes('npm uninstall express-session'), JSON.stringify(planned.byHand));
      assert.ok(
        planned.changes.some(({ after }) => after.includes(part)),
        JSON.stringify(planned.changes),
      );
    });
  }
});

/** What the language refuses is not offered: Node.js is asked whether it is so. */
describe('a name that is declared twice', () => {
  const TEXTS: readonly (readonly [string, boolean])[] = [
    ['const x = 1; { var x = 2; }', true],
    ['const x = 1; { for (var x of []) {} }', true],
    ['{ var x = 2; } let x = 1;', true],
    ['let { x, y } = {}; class x {}', true],
    ['for (let x of []) { var x = 1; }', true],
    ['const f = () => { const [x] = []; if (x) { var { x } = {}; } };', true],
    ['const x = 1; { const x = 2; { let x = 3; } }', false],
    ['const x = 1; const f = (x) => { var x = 2; };', false],
    ['for (let x of []) { let x = 1; }', false],
    ['var x = 1; { var x = 2; }', false],
    ['try { f(); } catch (x) { var x = 1; }', false],
    ['function f({ x }) { let y = x; } const x = 1;', false],
    ['switch (1) { case 1: { let x; } case 2: { let x; } }', false],
  ];
  for (const [text, isTwice] of TEXTS) {
    test(text, () => {
      assert.equal(isDeclaredTwice(readModule('a.js', text) ?? assert.fail('not read')), isTwice);
      if (isTwice) assert.throws(() => new Script(text), SyntaxError);
      else assert.ok(new Script(text));
    });
  }
});
