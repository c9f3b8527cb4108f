import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { planInit } from './plan-init.ts';
import { writeChanges } from './write-changes.ts';

type Files = Readonly<Record<string, string>>;

function project(t: TestContext, files: Files): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'bulwark-init-')));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const MODULE = '{ "type": "module" }';
const COMMON = '{ "scripts": { "start": "node server.js" } }';

interface Placed {
  readonly what: string;
  readonly files: Files;
  /** The file that the layer goes into, as it is then. */
  readonly into: string;
  readonly after: string;
  readonly policy: string;
}

const PLACED: readonly Placed[] = [
  {
    what: 'Express, as a module',
    files: {
      'package.json': MODULE,
      'src/server.js': `import express from 'express';
import { rooms } from './rooms.js';

const app = express();
app.use(express.json());
app.use('/rooms', rooms);
app.listen(3000, () => console.log('up'));
`,
      'src/rooms.js': `import { Router } from 'express';\nexport const rooms = Router();\n`,
    },
    into: 'src/server.js',
    after: `import express from 'express';
import { rooms } from './rooms.js';
import { bulwark } from 'bulwark/express';
import policy from '../bulwark.config.js';

const layer = bulwark(policy);
const app = express();
app.use(layer);
app.use(express.json());
app.use('/rooms', rooms);
layer.createServer(app).listen(3000, () => console.log('up'));
`,
    policy: 'bulwark.config.js',
  },
  {
    what: 'Express, by require, with a server of its own and without semicolons',
    files: {
      'package.json': COMMON,
      'server.js': `"use strict"
const http = require("http")
const express = require("express")

const app = module.exports = express()
app.get("/", (req, res) => res.send("hello"))
http.createServer(app).listen(3000)
`,
    },
    into: 'server.js',
    after: `"use strict"
const http = require("http")
const express = require("express")

const { bulwark } = require("bulwark/express")
const layer = bulwark(require("./bulwark.config.mjs").default)
const app = module.exports = express()
app.use(layer)
app.get("/", (req, res) => res.send("hello"))
layer.createServer(app).listen(3000)
`,
    policy: 'bulwark.config.mjs',
  },
  {
    what: 'Express in a function',
    files: {
      'package.json': COMMON,
      'server.js': `const express = require('express');
function main() {
  const app = express();
  app.listen(3000);
}
main();
`,
    },
    into: 'server.js',
    after: `const express = require('express');
function main() {
  const { bulwark } = require('bulwark/express');
  const layer = bulwark(require('./bulwark.config.mjs').default);
  const app = express();
  app.use(layer);
  layer.createServer(app).listen(3000);
}
main();
`,
    policy: 'bulwark.config.mjs',
  },
  {
    what: 'Express in TypeScript that Node.js runs',
    files: {
      'package.json': MODULE,
      'server.ts': `import express, { type Express } from 'express';\n\nconst app: Express = express();\napp.listen(3000);\n`,
    },
    into: 'server.ts',
    after: `import express, { type Express } from 'express';
import { bulwark } from 'bulwark/express';
import { loadPolicy } from 'bulwark';

const layer = bulwark(await loadPolicy('bulwark.config.ts'));
const app: Express = express();
app.use(layer);
layer.createServer(app).listen(3000);
`,
    policy: 'bulwark.config.ts',
  },
  {
    what: 'Fastify with options',
    files: {
      'package.json': COMMON,
      'server.js': `const fastify = require('fastify')({ logger: true });\nfastify.listen({ port: 3000 });\n`,
    },
    into: 'server.js',
    after: `const { bulwark } = require('bulwark/fastify');
const layer = bulwark(require('./bulwark.config.mjs').default);
const fastify = require('fastify')({ serverFactory: layer.serverFactory, logger: true });
fastify.listen({ port: 3000 });
`,
    policy: 'bulwark.config.mjs',
  },
  {
    what: 'Fastify without any',
    files: {
      'package.json': MODULE,
      'server.js': `import Fastify from 'fastify';\nconst app = Fastify();\nawait app.listen({ port: 3000 });\n`,
    },
    into: 'server.js',
    after: `import Fastify from 'fastify';
import { bulwark } from 'bulwark/fastify';
import policy from './bulwark.config.js';
const layer = bulwark(policy);
const app = Fastify({ serverFactory: layer.serverFactory });
await app.listen({ port: 3000 });
`,
    policy: 'bulwark.config.js',
  },
  {
    what: 'Hono on Node.js',
    files: {
      'package.json': MODULE,
      'server.js': `import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const app = new Hono();
serve({
  fetch: app.fetch,
  port: 3000,
});
`,
    },
    into: 'server.js',
    after: `import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { bulwark } from 'bulwark/hono';
import policy from './bulwark.config.js';

const app = new Hono();
const layer = bulwark(policy);
serve({
  createServer: layer.createServer,
  fetch: app.fetch,
  port: 3000,
});
`,
    policy: 'bulwark.config.js',
  },
  {
    what: 'node:http, with the ends of lines that it has',
    files: {
      'package.json': MODULE,
      'server.js': `import { createServer } from 'node:http';\r\n\r\nconst server = createServer((request, response) => response.end('hello'));\r\nserver.listen(3000);\r\n`,
    },
    into: 'server.js',
    after: `import { createServer } from 'node:http';\r
import { bulwark } from 'bulwark/node';\r
import policy from './bulwark.config.js';\r
\r
const layer = bulwark(policy);\r
const server = layer.createServer(layer.handler((request, response) => response.end('hello')));\r
server.listen(3000);\r
`,
    policy: 'bulwark.config.js',
  },
];

describe('places the layer', () => {
  for (const { what, files, into, after, policy } of PLACED) {
    test(what, async (t) => {
      const root = project(t, files);
      const plan = await planInit(root);
      assert.deepEqual(plan.byHand, []);
      assert.deepEqual(
        plan.changes.map(({ path }) => path),
        [policy, into],
      );
      assert.equal(plan.changes[1]?.after, after);
      assert.deepEqual(
        writeChanges(root, plan.changes).map(({ why }) => why),
        [undefined, undefined],
      );
      assert.equal(readFileSync(join(root, into), 'utf8'), after);
      const again = await planInit(root);
      assert.deepEqual(again.changes, [], 'a second run changes nothing');
    });
  }
});

interface LeftOut {
  readonly what: string;
  readonly files: Files;
  readonly where: RegExp;
  readonly line: string;
}

const LEFT_OUT: readonly LeftOut[] = [
  {
    what: 'an application that no variable holds',
    files: { 'server.js': `module.exports = require('express')().use(require('./routes'));\n` },
    where: /^server\.js:1$/,
    line: 'app.use(layer); // before everything else',
  },
  {
    what: 'options that stand elsewhere',
    files: { 'server.js': `const app = require('fastify')(require('./options'));\n` },
    where: /^server\.js:1$/,
    line: 'const app = Fastify({ serverFactory: layer.serverFactory });',
  },
  {
    what: 'a name that is taken',
    files: { 'server.js': `const express = require('express');\nconst layer = 1;\nconst app = express();\n` },
    where: /has a name layer of its own/,
    line: 'app.use(layer); // before everything else',
  },
  {
    what: 'TypeScript for a compiler',
    files: { 'server.ts': `import express from 'express';\nconst app = express();\napp.listen(1);\n` },
    where: /which a compiler has to take/,
    line: 'layer.createServer(app).listen(port);',
  },
  {
    what: 'a server that takes options',
    files: {
      'server.js': `require('http').createServer({ insecureHTTPParser: true }, listener).listen(1);\n`,
    },
    where: /^server\.js:1$/,
    line: 'layer.createServer(layer.handler(listener)).listen(port);',
  },
];

describe('guesses nothing, and prints the lines', () => {
  for (const { what, files, where, line } of LEFT_OUT) {
    test(what, async (t) => {
      const plan = await planInit(project(t, files));
      assert.deepEqual(
        plan.changes.map(({ path }) => path),
        ['bulwark.config.mjs'],
      );
      assert.match(plan.byHand[0]?.where ?? '', where);
      assert.ok(plan.byHand[0]?.lines.includes(line), JSON.stringify(plan.byHand));
    });
  }

  test('of several applications none, until one is named', async (t) => {
    const text = `const app = require('express')();\n`;
    const root = project(t, { 'a.js': text, 'b.js': text });
    const plan = await planInit(root);
    assert.deepEqual(plan.changes, []);
    assert.match(plan.notes[0] ?? '', /a\.js:1 \(express\), b\.js:1 \(express\)/);
    const named = await planInit(root, { entry: join(root, 'b.js') });
    assert.equal(named.changes[1]?.path, 'b.js');
  });

  test('of several the one that listens: the others are mounted in it', async (t) => {
    const sub = `const sub = require('express')();\nmodule.exports = sub;\n`;
    const main = `const app = require('express')();\napp.use(require('./sub'));\napp.listen(1);\n`;
    const { changes } = await planInit(project(t, { 'main.js': main, 'sub.js': sub }));
    assert.equal(changes[1]?.path, 'main.js');
  });

  test('a file that is broken is not changed, and named', async (t) => {
    const plan = await planInit(project(t, { 'server.js': `const app = require('express')(;\n` }));
    assert.deepEqual(plan.changes, []);
    assert.match(plan.notes.join('\n'), /server\.js could not be read/);
  });

  test("what is a test or was built is nobody's application", async (t) => {
    const text = `const app = require('express')();\napp.listen(1);\n`;
    const plan = await planInit(project(t, { 'app.js': text, 'test/app.js': text, 'dist/app.js': text }));
    assert.equal(plan.changes[1]?.path, 'app.js');
  });
});

test('Flask: the Procfile is what starts it, and nothing of the application changes', async (t) => {
  const root = project(t, {
    'shop/web.py': 'from flask import Flask\napp = Flask(__name__)\n',
    Procfile: 'worker: rq worker\nweb: gunicorn --workers 4 shop.web:app\n',
  });
  const { kind, changes, byHand, next } = await planInit(root);
  assert.deepEqual([kind, byHand], ['flask', []]);
  assert.equal(
    changes[1]?.after,
    'worker: rq worker\nweb: bulwark run --policy bulwark.config.mjs --listen 0.0.0.0:$PORT -- gunicorn --workers 4 shop.web:app\n',
  );
  assert.match(next[1] ?? '', /-- gunicorn shop\.web:app$/);
});

test('Flask: a command that says an address of its own is for a person', async (t) => {
  const root = project(t, {
    'app.py': 'import flask\napp = flask.Flask(__name__)\n',
    Procfile: 'web: gunicorn --bind 0.0.0.0:$PORT app:app\n',
  });
  const { changes, byHand } = await planInit(root);
  assert.deepEqual(
    changes.map(({ path }) => path),
    ['bulwark.config.mjs'],
  );
  assert.deepEqual(byHand[0]?.lines, ['bulwark run --policy bulwark.config.mjs -- gunicorn app:app']);
});

test('a sign-in that stands in the code gets its limit, a proxy and doubles are named', async (t) => {
  const root = project(t, {
    'package.json': '{ "dependencies": { "helmet": "8.3.0", "express": "5.3.0" } }',
    'server.js': `const app = require('express')();
app.set('trust proxy', 1);
app.post('/auth/login', (req, res) => res.end());
`,
  });
  const { changes, notes } = await planInit(root);
  assert.match(changes[0]?.after ?? '', /'POST \/auth\/login': \{ limit: '5\/minute' \}/);
  assert.match(notes.join('\n'), /helmet is here too/);
  assert.match(notes.join('\n'), /server\.js:2: a proxy stands in front/);
});

describe('writes nothing', () => {
  const files = { 'server.js': `const app = require('express')();\n` };

  test('over a policy that is there', async (t) => {
    const root = project(t, { ...files, 'bulwark.config.ts': 'export default {};\n' });
    assert.deepEqual((await planInit(root)).changes, []);
  });

  test('over a link of that name, wherever it leads, and then nothing else', async (t) => {
    const root = project(t, files);
    const { changes } = await planInit(root);
    symlinkSync(join(root, 'elsewhere.mjs'), join(root, 'bulwark.config.mjs'));
    assert.deepEqual(writeChanges(root, changes), [
      { path: 'bulwark.config.mjs', why: 'something of that name is there' },
    ]);
    assert.equal(readFileSync(join(root, 'server.js'), 'utf8'), files['server.js']);
  });

  test('into a file that is a link, or has changed since', async (t) => {
    const root = project(t, { 'package.json': COMMON, 'real.txt': files['server.js'] });
    symlinkSync(join(root, 'real.txt'), join(root, 'server.js'));
    assert.deepEqual((await planInit(root)).changes, [], 'a link is not read');
    const changed = project(t, files);
    const { changes } = await planInit(changed);
    writeFileSync(join(changed, 'server.js'), 'another text');
    assert.match(writeChanges(changed, changes)[1]?.why ?? '', /has changed/);
  });
});
