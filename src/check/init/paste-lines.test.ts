/** Lines that `init` prints for a person: pasted where they say, the policy has each key once, and the layer takes it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { parseRoutePattern } from '../../policy/route-pattern.ts';
import { type InitPlan, planInit } from './plan-init.ts';
import { whyRefused } from './try-policy.ts';

const HEAD = "const express = require('express');\nconst app = express();\n";

async function plan(t: TestContext, from: string, text: string): Promise<InitPlan> {
  const root = mkdtempSync(join(tmpdir(), 'bulwark-paste-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ dependencies: { express: '^5.0.0' } }));
  writeFileSync(join(root, 'server.js'), text);
  return await planInit(root, { from: [from] });
}

/** Of a package, in the order of its places. */
function saidOf({ byHand }: InitPlan, name: string): readonly string[] {
  return byHand.filter(({ where }) => where.includes(name)).flatMap(({ lines }) => lines);
}

const SECTION = /^ {0,2}(\w+): \{/;

/** The written policy with the lines in the places that they name, as a person would do it who does no more than that. */
function pasted({ changes }: InitPlan, said: readonly string[]): string {
  const named = said.flatMap(
    (line) => /in the place of the ([\w, ]+) lines? there/.exec(line)?.[1]?.split(/, | and /) ?? [],
  );
  const kept = (changes[0]?.after ?? '').split('\n').filter((line) => {
    const name = /^ {2}(\w+): \{/.exec(line)?.[1];
    return name === undefined || !named.includes(name);
  });
  return kept.join('\n').replace('export default definePolicy({', (head) => [head, ...said].join('\n'));
}

function assertPastes(planned: InitPlan, said: readonly string[]): string {
  const text = pasted(planned, said);
  const keys = text.split('\n').flatMap((line) => SECTION.exec(line)?.[1] ?? []);
  assert.deepEqual(
    keys.filter((key, at) => keys.indexOf(key) !== at),
    [],
    text,
  );
  assert.doesNotMatch(text, /(?:headers|csp|https): \{.*(?:headers|csp|https): \{/);
  assert.equal(whyRefused(text), undefined, text);
  return text;
}

const CSP =
  "contentSecurityPolicy: { directives: { imgSrc: [\"'self'\", 'https://images.example.com'] } }, frameguard: { action: 'sameorigin' }";

describe('helmet that stays: one object for each section, in the mode of the line in whose place it comes', () => {
  for (const [options, ...lines] of [
    [
      `${CSP}, referrerPolicy: { policy: 'same-origin' }, hsts: { maxAge: 31536000 }`,
      /^csp: \{ mode: 'observe', .*'img-src': \["'self'", "https:\/\/images\.example\.com"\].*'frame-ancestors': \["'self'"\] \} \},$/m,
      /^headers: \{ mode: 'observe', frameOptions: 'SAMEORIGIN', referrerPolicy: 'same-origin' \},$/m,
      /^https: \{ mode: 'observe', hsts: \{ maxAge: '365d' \} \},$/m,
      /in the place of the csp, headers and https lines there/,
    ],
    [
      "contentSecurityPolicy: false, xFrameOptions: { action: 'sameorigin' }",
      /^csp: \{ mode: 'observe', directives: \{ 'frame-ancestors': \["'self'"\] \} \},$/m,
    ],
    [
      "frameguard: { action: 'sameorigin' }",
      /^csp: \{ mode: 'observe', .*'script-src': .*'frame-ancestors': /m,
    ],
    ['contentSecurityPolicy: false, hsts: false', /in the place of the csp line there/],
    ['originAgentCluster: false, crossOriginOpenerPolicy: false', /^headers: \{ mode: 'observe', /m],
  ] as const)
    test(options, async (t) => {
      const planned = await plan(t, 'helmet', `${HEAD}app.use(require('helmet')({ ${options} }));\n`);
      const said = saidOf(planned, 'helmet');
      const text = assertPastes(planned, said);
      for (const line of lines) assert.match(text, line);
      assert.ok(planned.notes.includes('As it is: helmet.'));
    });
});

test('lines of a package whose layer is put in by hand are as much in observe as those that they replace', async (t) => {
  // A name of the layer's own is taken: nothing is wired.
  const text = `const layer = 1;\n${HEAD}app.use(require('helmet')({ referrerPolicy: { policy: 'same-origin' } }));\n`;
  const planned = await plan(t, 'helmet', text);
  const said = saidOf(planned, 'in the place of helmet');
  const whole = assertPastes(planned, said);
  assert.match(whole, /^ *csp: \{\n +mode: 'observe',\n +trustedTypes: false,$/m);
  assert.match(whole, /^ *headers: \{ mode: 'observe', referrerPolicy: 'same-origin' \},$/m);
});

const LIMITS = `const limit = require('express-rate-limit');
${HEAD}const few = limit({ max: 5 });
app.use(limit({ windowMs: 15 * 60 * 1000, limit: 300 }));
`;

test('a limit that could go, where another one cannot, is not passed over', async (t) => {
  const planned = await plan(
    t,
    'express-rate-limit',
    `${LIMITS}app.post('/a', few, done);\napp.post('/b', few, done);\n`,
  );
  const own = planned.byHand.find(({ where }) => where === 'server.js:5 (express-rate-limit)');
  assert.match(own?.lines[0] ?? '', /^\/\/ It could go, and stays, since the package goes as a whole/);
  assert.ok(own?.lines.includes("rateLimit: { mode: 'observe', perClient: '300/15m' },"));
  assertPastes(planned, own?.lines ?? []);
  assert.ok(planned.byHand.some(({ where }) => where === 'server.js:4 (express-rate-limit)'));
});

describe('a limit of a router: below the path of the router, and no guess where that is not seen', () => {
  const ROUTER = 'const router = express.Router();\n';
  for (const [what, lines, patterns] of [
    ['of its root', "app.use('/notes', router);\nrouter.post('/', few, done);", ['POST /notes']],
    ['of a path', "app.use('/notes/', router);\nrouter.get('/:id', few, done);", ['GET /notes/:id']],
    ['of all of it', "app.use('/notes', router);\nrouter.use(few);", ['/notes/**']],
    [
      'at two places',
      "app.use('/a', router);\napp.use('/b', router);\nrouter.post('/', few, done);",
      ['POST /a', 'POST /b'],
    ],
    [
      'in another one',
      "const outer = express.Router();\napp.use('/v1', outer);\nouter.use('/notes', router);\nrouter.post('/new', few, done);",
      ['POST /v1/notes/new'],
    ],
    ['by route()', "app.use('/notes', router);\nrouter.route('/new').post(few, done);", ['POST /notes/new']],
    ['in front of everything', "app.use(router);\nrouter.post('/new', few, done);", ['POST /new']],
    ['that another file mounts', "module.exports = router;\nrouter.post('/', few, done);", undefined],
    ['below a name', "app.use(prefix, router);\nrouter.post('/', few, done);", undefined],
    ['in itself', "router.use('/a', router);\nrouter.post('/', few, done);", undefined],
    ['by a path that is a name', "app.use('/notes', router);\nrouter.post(path, few, done);", undefined],
    ['that was handed over', 'module.exports = (routes) => { routes.use(few); };', undefined],
  ] as const)
    test(what, async (t) => {
      const planned = await plan(t, 'express-rate-limit', `${LIMITS}${ROUTER}${lines}\n`);
      const said = saidOf(planned, 'server.js:4 (express-rate-limit)');
      const shown = said.flatMap((line) =>
        [...line.matchAll(/'([^']+)': \{ limit: '5\/minute' \}/g)].map((one) => one[1] ?? ''),
      );
      if (patterns !== undefined) assert.deepEqual(shown, patterns);
      else
        assert.ok(
          shown.length > 0 && shown.every((one) => parseRoutePattern(one) === undefined),
          said.join('\n'),
        );
      assert.ok(!said.some((line) => line.startsWith('rateLimit:')));
      const place = said.filter((line) => line.includes('In the policy, into the routes there'));
      assert.equal(place.length, 1);
    });
});
