/** Handlers whose parameters have names of their own: what comes in is known by its place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn } from '../../../../test/support/made-tree.ts';
import { loadSourceRules } from '../load-source-rules.ts';

const rules = (await loadSourceRules()).filter(({ id }) =>
  /^javascript\.(?:redirect|path|command|html)$/.test(id),
);

const EXPRESS = "import express from 'express';\nconst site = express();\n";
const FASTIFY = "import Fastify from 'fastify';\nconst site = Fastify();\n";
const HONO = "import { Hono } from 'hono';\nconst site = new Hono();\n";
const KOA = "import Router from '@koa/router';\nconst site = new Router();\n";

for (const [what, bad, good] of [
  [
    'Express, in place',
    `${EXPRESS}site.get('/a', (a, b) => b.redirect(a.query.to));`,
    `${EXPRESS}site.get('/a', (a, b) => b.redirect(b.query.to));`,
  ],
  [
    'Express, by name, behind a step',
    `${EXPRESS}function show(question, answer) { answer.redirect(question.query.to); }\nsite.post('/a', [signedIn], show);`,
    `${EXPRESS}function show(question, answer) { answer.redirect(question.query.to); }\nshow(one, other);`,
  ],
  [
    'a router that is handed in',
    "import { Router } from 'express';\nexport default (r) => r.get('/a', (a, b) => b.redirect(a.query.to));",
    "import { Router } from 'express';\nexport default (r) => r.get('a', (a, b) => b.redirect(a.query.to));",
  ],
  [
    'a step without a path',
    `${EXPRESS}site.use((a, b, go) => b.redirect(a.query.to));`,
    `${EXPRESS}bus.use((a, b, go) => b.redirect(a.query.to));`,
  ],
  [
    'a handler of errors',
    `${EXPRESS}site.use((e, a, b, go) => b.redirect(a.query.to));`,
    `${EXPRESS}site.use((e, a, b, go) => b.redirect(e.query.to));`,
  ],
  [
    'Fastify, in options',
    `${FASTIFY}site.route({ method: 'GET', url: '/a', handler: (a, b) => b.redirect(a.query.to) });`,
    `${FASTIFY}site.route({ method: 'GET', url: '/a', other: (a, b) => b.redirect(a.query.to) });`,
  ],
  [
    'Hono',
    `${HONO}site.get('/a', (x) => x.redirect(x.req.query('to')));`,
    `${HONO}site.get('/a', (x) => x.redirect(x.env.query('to')));`,
  ],
  [
    'Koa',
    `${KOA}site.get('/a', (x) => x.redirect(x.query.to));`,
    `${KOA}site.get('/a', (x) => x.redirect(x.state.to));`,
  ],
] as const) {
  test(`${what}: a request is one whatever it is called, and nothing else is`, async () => {
    const said = await findingsIn(
      { 'a.mjs': bad, 'b.mjs': good, 'c.mjs': 'export const x = 1;\n' },
      { rules },
    );
    const line = bad.split('\n').findIndex((one) => one.includes('redirect')) + 1;
    assert.deepEqual(said, [`javascript.redirect a.mjs:${line}`]);
  });
}

test('the get of a map, a bus or a client makes no request of what it is given', async () => {
  const text = [
    EXPRESS,
    "import fs from 'node:fs';",
    "cache.get('users', (a, b) => fs.readFileSync(a.body.name));",
    "bus.on('/a', (a, b) => fs.readFileSync(a.body.name));",
    'client.get(`${base}/a`, (a, b) => fs.readFileSync(a.body.name));',
    '[one].map((a, b) => fs.readFileSync(a.body.name));',
  ].join('\n');
  assert.deepEqual(await findingsIn({ 'a.mjs': text }, { rules }), []);
});

test('what a handler hands to a function of another file is followed there', async () => {
  const said = await findingsIn(
    {
      'site.mjs': `${EXPRESS}import { go } from './go.mjs';\nsite.get('/a', (a, b) => go(a.query.name));\n`,
      'go.mjs': "import fs from 'node:fs';\nexport function go(name) {\n  return fs.readFileSync(name);\n}\n",
    },
    { rules },
  );
  assert.deepEqual(said, ['javascript.path go.mjs:3']);
});
