/** `bulwark init --yes` on a small project of each kind, and what came of it started: it answers under the layer, and refuses nothing yet. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pythonEnvironment } from '../../tools/python-environment.ts';
import { endProgram, freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Inside of the repository, where packages are found; named by the process, since several may run at once. */
const FOLDER = join(ROOT, 'test/.init', String(process.pid));
const SOURCE = '--conditions=bulwark-source';

after(() => rmSync(FOLDER, { recursive: true, force: true }));

const PROJECTS: Readonly<Record<string, { readonly type: string; readonly server: string }>> = {
  express: {
    type: 'commonjs',
    server: `const express = require('express');
const app = express();
app.post('/login', (request, response) => response.send('posted'));
app.get('/', (request, response) => response.send('<p>hello'));
app.listen(process.env.PORT, '127.0.0.1');
`,
  },
  fastify: {
    type: 'module',
    server: `import Fastify from 'fastify';
const app = Fastify({ logger: false });
app.post('/login', () => 'posted');
app.get('/', (request, reply) => reply.type('text/html').send('<p>hello'));
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
`,
  },
  hono: {
    type: 'module',
    server: `import { serve } from '@hono/node-server';
import { Hono } from 'hono';
const app = new Hono();
app.post('/login', (context) => context.text('posted'));
app.get('/', (context) => context.html('<p>hello'));
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
`,
  },
  node: {
    type: 'module',
    server: `import http from 'node:http';
const server = http.createServer((request, response) => {
  response.setHeader('Content-Type', 'text/html');
  response.end(request.method === 'POST' ? 'posted' : '<p>hello');
});
server.listen(Number(process.env.PORT), '127.0.0.1');
`,
  },
};

const FLASK = `from flask import Flask
app = Flask(__name__)

@app.get('/')
def home():
    return '<p>hello'

@app.post('/login')
def login():
    return 'posted'
`;

/** A program that answers on a port, with what it wrote. */
interface Running {
  readonly port: number;
  readonly log: () => string;
}

function init(root: string): void {
  execFileSync(process.execPath, [SOURCE, join(ROOT, 'src/cli/bulwark.ts'), 'init', root, '--yes'], {
    stdio: 'pipe',
  });
}

async function running(
  root: string,
  use: (program: Running) => Promise<void>,
  [program = '', ...args]: readonly string[] = [process.execPath, SOURCE, 'server.js'],
  more: NodeJS.ProcessEnv = {},
): Promise<void> {
  const port = await freePort();
  let log = '';
  const child: ChildProcess = spawn(program, args, {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'development', PORT: String(port), ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: Buffer) => {
      log += text.toString();
    });
  try {
    await until('it listens', async () => {
      if (child.exitCode !== null) throw new Error(log);
      return (await ask(port, '/')).status === 200;
    });
    await use({ port, log: () => log });
  } finally {
    await endProgram(child);
  }
}

interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function ask(port: number, path: string, init?: RequestInit): Promise<Said> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

async function observesForgery({ port, log }: Running): Promise<void> {
  const page = await ask(port, '/');
  assert.equal(page.text, '<p>hello');
  assert.match(page.headers.get('content-security-policy-report-only') ?? '', /script-src 'nonce-/);
  // A form of another site: in the first run it is let pass, and told.
  const forged = {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
  };
  assert.equal((await ask(port, '/login', forged)).text, 'posted');
  await until('it is told', () => log().includes('"malicious_cors"') && log().includes('"observed":true'));
}

describe('what init has written starts', () => {
  for (const [kind, { type, server }] of Object.entries(PROJECTS)) {
    test(kind, async () => {
      const root = join(FOLDER, kind);
      mkdirSync(root, { recursive: true });
      writeFileSync(join(root, 'package.json'), JSON.stringify({ name: kind, type }));
      writeFileSync(join(root, 'server.js'), server);
      init(root);
      await running(root, observesForgery);
    });
  }
});

test('what init has written for Flask starts, by the line of its Procfile', async () => {
  const root = join(FOLDER, 'flask');
  const programs = join(FOLDER, 'programs');
  for (const folder of [root, programs]) mkdirSync(folder, { recursive: true });
  const command = [process.execPath, SOURCE, join(ROOT, 'src/cli/bulwark.ts')].map((word) => `'${word}'`);
  writeFileSync(join(programs, 'bulwark'), `#!/bin/sh\nexec ${command.join(' ')} "$@"\n`, { mode: 0o755 });
  writeFileSync(join(root, 'Procfile'), 'web: gunicorn app:app\n');
  writeFileSync(join(root, 'app.py'), FLASK);
  init(root);
  const line = readFileSync(join(root, 'Procfile'), 'utf8')
    .replace(/^web: /, '')
    .trim();
  assert.match(line, /^bulwark run --policy bulwark\.config\.mjs .* -- gunicorn app:app$/);
  const path = [programs, pythonEnvironment(), dirname(process.execPath), process.env['PATH']].join(
    delimiter,
  );
  const program = ['/bin/sh', '-c', `exec ${line}`];
  await running(root, observesForgery, program, { PATH: path, PYTHONDONTWRITEBYTECODE: '1' });
});
