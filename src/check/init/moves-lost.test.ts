/** What would be lost or let in by a move that looks right: such a package stays, with a line for each place. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { type InitPlan, planInit } from './plan-init.ts';

const HEAD = `const express = require('express');
const app = express();
`;

async function plan(t: TestContext, from: string, text: string): Promise<InitPlan> {
  const root = mkdtempSync(join(tmpdir(), 'bulwark-lost-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ dependencies: { express: '^5.0.0' } }));
  writeFileSync(join(root, 'server.js'), text);
  return await planInit(root, { keepsRequestSession: false, from: [from] });
}

const fileOf = ({ changes }: InitPlan): string =>
  changes.find(({ path }) => path === 'server.js')?.after ?? '';
const policyOf = ({ changes }: InitPlan): string => changes[0]?.after ?? '';

const SESSIONS = "app.use(require('express-session')({ secret: process.env.S }));\n";
const handler = (line: string): string => `${SESSIONS}app.get('/', (req, res) => { ${line} res.end(); });`;

const STAYS: readonly { readonly what: string; readonly from: string; readonly line: string }[] = [
  ...[
    'bump(req.session.cart);',
    'Object.assign(req.session.prefs, { a: 1 });',
    'for (const one of req.session.items) one.seen = true;',
    'let kept; kept = req.session.items; kept.push(1);',
    'const { items } = { items: req.session.items }; items.push(1);',
    'const [items] = [req.session.items]; items.push(1);',
    'req.session.items.find((one) => one.id === 1).count = 2;',
    'req.session.items.map((one) => { one.count = 1; });',
    'req.session.items.at(-1).count = 2;',
    'const codes = req.session.codes; consume(codes, req.body.code);',
    'const codes = req.session.codes ?? []; codes.shift(); if (late) return; req.session.codes = codes;',
    'const codes = req.session.codes; if (one) { codes.shift(); } if (other) { req.session.codes = codes; }',
    'const codes = req.session.codes; consume(codes); req.session.codes = codes;',
    'const kept = (isNew ? [] : req.session.items) || []; kept.push(1);',
    'return req.session.user;',
    'mark`${req.session.user}`;',
    'res.locals.user = req.session.user;',
    'const last = () => req.session.items; last().push(1);',
    'function String(of) { of.push(1); } String(req.session.items);',
    'const cart = []; req.session.cart = cart; cart.push(1);',
  ].map((line) => ({
    what: `a value that something may change where it goes: ${line}`,
    from: 'express-session',
    line: handler(line),
  })),
  ...['max: 50000, max: 5', 'max: 100_000, limit: 5', 'windowMs: 1000, max: 5, windowMs: 60_000'].map(
    (options) => ({
      what: `a limit of two numbers: ${options}`,
      from: 'express-rate-limit',
      line: `app.use(require('express-rate-limit')({ ${options} }));`,
    }),
  ),
  ...[
    ["app.use('/api', few);", "app.post('/api/search', many, done);"],
    ["app.post('/x/:a', few, done);", "app.post('/x/:b', many, done);"],
    ["app.get('/:a/x', few, done);", "app.all('/y/:b', many, done);"],
    ["app.use('/', few);", "app.use('/api', many);"],
  ].map(([one = '', other = '']) => ({
    what: `a limit that counts requests of another one too: ${one} ${other}`,
    from: 'express-rate-limit',
    line: `const limit = require('express-rate-limit');\nconst few = limit({ max: 5 });\nconst many = limit({ max: 500 });\n${one}\n${other}`,
  })),
  ...[
    "scriptSrc: ['https:']",
    "workerSrc: ['blob:']",
    'defaultSrc: ["\'none\'", "\'self\'"]',
    'fooSrc: ["\'self\'"]',
    "imgSrc: [\"'self'\"], imgSrc: ['https:']",
  ].map((directives) => ({
    what: `helmet with a policy that the layer would not start with: ${directives}`,
    from: 'helmet',
    line: `app.use(require('helmet')({ contentSecurityPolicy: { directives: { ${directives} } } }));`,
  })),
];

describe('leaves a package where what it did would be lost, or more let in', () => {
  for (const { what, from, line } of STAYS) {
    test(what, async (t) => {
      const planned = await plan(t, from, `${HEAD}${line}\n`);
      assert.ok(fileOf(planned).includes(line.split('\n').at(-1) ?? ''), fileOf(planned));
      assert.ok(planned.byHand.some(({ where }) => where.endsWith(`(${from})`)));
      assert.ok(planned.notes.includes(`As it is: ${from}.`), planned.notes.join('\n'));
    });
  }
});

test('what the layer refuses is said in its own words', async (t) => {
  const line =
    "app.use(require('helmet')({ contentSecurityPolicy: { directives: { scriptSrc: ['https:'] } } }));";
  const { byHand } = await plan(t, 'helmet', `${HEAD}${line}\n`);
  const said = byHand.flatMap(({ lines }) => lines).join('\n');
  assert.match(said, /^\/\/ It stays, since the layer refuses .*csp\.directives\.script-src: /m);
  assert.match(said, /^ +'script-src': \["https:"\],$/m);
});

describe('a limit that a sign-in has, and no looser one in its place', () => {
  for (const mount of ["app.use('/login', few)", "app.all('/login', few, done)", "app.use('/', few)"])
    test(mount, async (t) => {
      const text = `const limit = require('express-rate-limit');
${HEAD}const few = limit({ windowMs: 15 * 60 * 1000, max: 5 });
${mount};
app.post('/login', done);
app.post('/staff/login', done);
`;
      const policy = policyOf(await plan(t, 'express-rate-limit', text));
      assert.match(policy, /'[^']+': \{ limit: '5\/15m' \}/);
      assert.doesNotMatch(policy, /'POST \/login'/);
      // The other one has none of its own.
      assert.equal(policy.includes("'POST /staff/login': { limit: '5/minute' }"), !mount.includes("'/',"));
    });
});

test('reads from which nothing leads back to what is stored go by name', async (t) => {
  const before = `app.get('/', async (req, res) => {
  const { cart } = req.session.cart === undefined ? {} : req.body;
  const name = req.session.user?.name;
  if (!req.session.user || name !== 'ann' || typeof req.session.cart === 'string') return res.end();
  const size = req.session.cart.items.slice(1).length;
  if (req.session.roles && req.session.roles.includes('staff')) res.set('X-Size', String(size));
  const seen = req.session.seen || [];
  seen.push(words[req.session.language], \`\${req.session.step}\`);
  req.session.seen = seen;
  res.json({ seen: req.session.seen, cart });
});
`;
  const planned = await plan(t, 'express-session', `${HEAD}${SESSIONS}${before}`);
  assert.ok(planned.next.includes('npm uninstall express-session'));
  assert.ok(
    fileOf(planned).includes(`app.get('/', async (req, res) => {
  const { cart } = bulwark.of(req).session.get('cart') === undefined ? {} : req.body;
  const name = bulwark.of(req).session.get('user')?.name;
  if (!bulwark.of(req).session.get('user') || name !== 'ann' || typeof bulwark.of(req).session.get('cart') === 'string') return res.end();
  const size = bulwark.of(req).session.get('cart').items.slice(1).length;
  if (bulwark.of(req).session.get('roles') && bulwark.of(req).session.get('roles').includes('staff')) res.set('X-Size', String(size));
  const seen = bulwark.of(req).session.get('seen') || [];
  seen.push(words[bulwark.of(req).session.get('language')], \`\${bulwark.of(req).session.get('step')}\`);
  await bulwark.of(req).session.set('seen', seen);
  res.json({ seen: bulwark.of(req).session.get('seen'), cart });
});
`),
    fileOf(planned),
  );
});
