/** The packed tarball, installed as its users install it, in each set-up they have: what is published is what is tried. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { rolldown } from 'rolldown';
import { ask, valueOf } from '../../src/testing/wire.ts';
import { TEST_SECRET } from '../support/secrets.ts';
import { describeCreate } from './create.ts';
import { run, Tarball } from './tarball.ts';

const ROOT = join(import.meta.dirname, '../..');
const tarball = new Tarball();

before(() => tarball.pack());
after(() => tarball.remove());

/** The policy of every consumer. */
const POLICY = `{
  environment: 'production',
  origin: 'https://example.com',
  state: memory(),
  proxy: { trusted: ['127.0.0.1'] },
  audit: { sink: () => undefined },
  routes: { '/members/**': { require: 'signed-in' } },
}`;

/** Ends a consumer: the port goes to whoever started it. */
const TELL = `(server) => server.once('listening', () => console.log(server.address().port))`;

const MOST_AT_START = 1_500_000;
/** What it reads when somebody asks for it. What pages of errors say is said by the layer, in each language. */
const NOT_AT_START =
  /\.check\.ts$|^(?:check|cli|account-pages|testing)\/|^accounts\/words\/(?:mail|forms)\.(?:ar|de|es|fr)\.ts$/;

interface Consumer {
  /** What is installed beside the tarball, at exact versions. */
  readonly packages: readonly string[];
  readonly file: string;
  readonly source: string;
}

const CONSUMERS: Readonly<Record<string, Consumer>> = {
  'node:http': {
    packages: [],
    file: 'app.mjs',
    source: `
import { bulwark } from 'bulwark/node';
import { memory } from 'bulwark/memory';
const layer = bulwark(${POLICY});
const server = layer.createServer(layer.handler((request, response) => response.end('hello ' + bulwark.of(request).nonce.length)));
(${TELL})(server.listen(0, '127.0.0.1'));
`,
  },
  'CommonJS, by require': {
    packages: [],
    file: 'app.cjs',
    source: `
const { bulwark } = require('bulwark/node');
const { memory } = require('bulwark/memory');
const layer = bulwark(${POLICY});
const server = layer.createServer(layer.handler((request, response) => response.end('hello ' + bulwark.of(request).nonce.length)));
(${TELL})(server.listen(0, '127.0.0.1'));
`,
  },
  'Express 4': { packages: ['express@4.22.1'], file: 'app.mjs', source: expressApp() },
  'Express 5': { packages: ['express@5.3.0'], file: 'app.mjs', source: expressApp() },
  Fastify: {
    packages: ['fastify@5.12.8'],
    file: 'app.mjs',
    source: `
import Fastify from 'fastify';
import { bulwark } from 'bulwark/fastify';
import { memory } from 'bulwark/memory';
const layer = bulwark(${POLICY});
const app = Fastify({ serverFactory: layer.serverFactory });
app.get('/', (request) => 'hello ' + bulwark.of(request).nonce.length);
app.get('/members/page', () => 'members');
await app.ready();
(${TELL})(app.server.listen(0, '127.0.0.1'));
`,
  },
  Hono: {
    packages: ['hono@4.13.19', '@hono/node-server@2.1.9'],
    file: 'app.mjs',
    source: `
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { bulwark } from 'bulwark/hono';
import { memory } from 'bulwark/memory';
const layer = bulwark(${POLICY});
const app = new Hono();
app.get('/', (context) => context.text('hello ' + bulwark.of(context).nonce.length));
app.get('/members/page', (context) => context.text('members'));
(${TELL})(serve({ fetch: app.fetch, createServer: layer.createServer, port: 0, hostname: '127.0.0.1' }));
`,
  },
};

/** A file, and all that it imports, however far. */
function readAtStart(file: string, read = new Map<string, string>()): ReadonlyMap<string, string> {
  if (read.has(file)) return read;
  const text = readFileSync(file, 'utf8');
  read.set(file, text);
  for (const [, to = ''] of text.matchAll(/^(?:import|export) (?:[^;"]*? from )?"(\.[^"]+)";$/gm))
    readAtStart(join(dirname(file), to), read);
  return read;
}

function expressApp(): string {
  return `
import express from 'express';
import { bulwark } from 'bulwark/express';
import { memory } from 'bulwark/memory';
const layer = bulwark(${POLICY});
const app = express();
app.use(layer);
app.get('/', (request, response) => response.send('hello ' + response.locals.bulwark.nonce.length));
app.get('/members/page', (_request, response) => response.send('members'));
(${TELL})(layer.createServer(app).listen(0, '127.0.0.1'));
`;
}

describe('applications that installed the tarball', { concurrency: 2 }, () => {
  for (const [name, { packages, file, source }] of Object.entries(CONSUMERS)) {
    test(`${name}: a page has its headers, and a rule holds`, async () => {
      const home = tarball.install(name, packages);
      writeFileSync(join(home, file), source);
      await asksIt(home, file);
    });
  }

  test('an application reads a bounded file as it starts, in ASCII, with no rule of the checker and no page of accounts in it', () => {
    for (const name of [
      'index',
      ...['express', 'fastify', 'hono', 'node', 'web'].map((one) => `adapters/${one}`),
    ]) {
      const read = readAtStart(join(tarball.dist, `${name}.js`));
      const sizes = [...read].map(([file, text]) => `${relative(tarball.dist, file)}: ${text.length}`);
      // Each is a millisecond or two of every start, and so are 100 KB. What only some applications need is imported when it is used.
      assert.ok(read.size <= 4, sizes.join(', '));
      const all = [...read.values()].join('\n');
      assert.ok(all.length < MOST_AT_START, sizes.join(', '));
      // One letter of another script, and V8 keeps all of it at two bytes a character, and compiles it more slowly.
      assert.match(all, /^[\0-\x7f]*$/);
      const modules = [...all.matchAll(/^\/\/ src\/(.+\.ts)$/gm)].map(([, module = '']) => module);
      assert.ok(modules.includes('layer/layer.ts') && modules.includes('policy/read-policy.ts'));
      assert.deepEqual(
        modules.filter((module) => NOT_AT_START.test(module)),
        [],
      );
    }
  });

  test('on a Node.js that is too old, whatever is imported says so in one sentence', () => {
    const home = tarball.install('old', []);
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      readonly engines: { readonly node: string };
    };
    const [, oldest = ''] = /^>=(\d+\.\d+)\.0$/.exec(engines.node) ?? [];
    for (const [named, expected] of [
      ["node: '24.6.9'", `Bulwark needs Node.js ${oldest} or later, and this is 24.6.9: https://nodejs.org`],
      [
        "node: '22.21.0'",
        `Bulwark needs Node.js ${oldest} or later, and this is 22.21.0: https://nodejs.org`,
      ],
      [`node: '${oldest}.0'`, 'bulwark'],
      ["node: '24.3.0', bun: '1.3.4'", 'bulwark'],
    ] as const) {
      writeFileSync(
        join(home, 'old.mjs'),
        `Object.defineProperty(process, 'versions', { value: { ...process.versions, ${named} } });
// Older ones have no such thing.
if (${expected !== 'bulwark'}) process.getBuiltinModule = undefined;
const import_ = (name) => import(name).then(() => 'bulwark', (error) => error.message);
for (const name of ['bulwark/current', 'bulwark/express', 'bulwark']) console.log(await import_(name));`,
      );
      assert.equal(run(home, 'node', ['old.mjs']).trim(), `${expected}\n`.repeat(3).trim());
    }
  });

  test('a bundled application: the layer is in the one file, and holds', async () => {
    const home = tarball.install('bundled', ['express@5.3.0']);
    writeFileSync(join(home, 'app.mjs'), expressApp());
    const build = await rolldown({ input: join(home, 'app.mjs'), platform: 'node', cwd: home });
    await build.write({ file: join(home, 'out', 'bundle.mjs'), format: 'esm', codeSplitting: false });
    await build.close();
    rmSync(join(home, 'node_modules'), { recursive: true });
    await asksIt(home, 'out/bundle.mjs');
  });

  test('a bundled application has the pages of accounts, with their scripts', async () => {
    const home = tarball.install('bundled-pages', ['express@5.3.0']);
    writeFileSync(join(home, 'app.mjs'), ACCOUNTS);
    const build = await rolldown({ input: join(home, 'app.mjs'), platform: 'node', cwd: home });
    await build.write({ file: join(home, 'out', 'bundle.mjs'), format: 'esm', codeSplitting: false });
    await build.close();
    rmSync(join(home, 'node_modules'), { recursive: true });
    // Passkeys and authenticator apps would need a package each.
    const flags = ['--disable-warning=ERR_BULWARK_PACKAGE_MISSING'];
    await asks(home, [...flags, 'out/bundle.mjs'], async (port) => {
      const page = await ask(port, { target: '/login', headers: { accept: 'text/html' } });
      assert.equal(page.status, 200);
      for (const script of ['passkeys', 'proof-of-work']) {
        const { status, body } = await ask(port, { target: `/account/${script}.js` });
        assert.deepEqual([status, body], [200, scriptOf(script)], script);
      }
    });
  });

  test('passwords are hashed in a thread that gives way, and in the pool where a bundle has lost its file', async () => {
    const home = tarball.install('hashing', []);
    writeFileSync(join(home, 'app.mjs'), HASHING);
    assert.equal(run(home, 'node', ['app.mjs']), process.platform === 'linux' ? 'thread\n' : 'pool\n');
    const build = await rolldown({ input: join(home, 'app.mjs'), platform: 'node', cwd: home });
    await build.write({ file: join(home, 'out', 'bundle.mjs'), format: 'esm', codeSplitting: false });
    await build.close();
    assert.equal(run(home, 'node', ['out/bundle.mjs', '3']), 'pool\n');
  });
});

const ACCOUNTS = `
import express from 'express';
import { bulwark } from 'bulwark/express';
import { accountPages } from 'bulwark/account-pages';
import { consolePages } from 'bulwark/console';
import { memory } from 'bulwark/memory';
const layer = bulwark({ ...${POLICY}, console: true, challenge: { when: 'always' },
  accounts: { name: 'Files', mail: { send: () => Promise.resolve() } } });
const app = express();
app.use(layer);
app.use(accountPages(layer));
app.use(consolePages(layer));
(${TELL})(layer.createServer(app).listen(0, '127.0.0.1'));
`;

function scriptOf(name: string): string {
  const [file = ''] = globSync(`src/identity/*/${name}.browser.js`, { cwd: ROOT });
  return readFileSync(join(ROOT, file), 'utf8');
}

/** Hashes until a thread with a priority of its own is there, or so many times. */
const HASHING = `
import { readdirSync, readFileSync } from 'node:fs';
import { Passwords } from 'bulwark/passwords';
const [, , most = '200'] = process.argv;
const nicenesses = () => process.platform !== 'linux' ? [] : readdirSync('/proc/self/task')
  .map((id) => readFileSync('/proc/self/task/' + id + '/stat', 'utf8').split(') ')[1].split(' ')[16]);
const passwords = Passwords.of({});
const isThere = () => new Set(nicenesses()).size > 1;
for (let hash = 0; hash < Number(most) && !isThere(); hash += 1) await passwords.hash('correct horse battery staple');
console.log(isThere() ? 'thread' : 'pool');
`;

describe('what others add, tested by bulwark/testing of the tarball', () => {
  test('a guard, a store and a host that nobody has heard of pass as they do beside the sources', () => {
    const home = tarball.install('what-others-add', []);
    const files = ['guard.test.ts', 'store.test.ts', 'host.test.ts'];
    for (const file of [...files, 'file-store.ts'])
      cpSync(join(ROOT, 'test/made-up', file), join(home, file));
    const report = run(home, 'node', ['--test', '--test-reporter=tap', ...files]);
    assert.match(report, /^# fail 0$/m);
    const [, passed] = /^# pass (\d+)$/m.exec(report) ?? [];
    assert.ok(Number(passed) > 100, report);
  });
});

const TYPED = `
import { createServer } from 'node:http';
import { definePolicy } from 'bulwark';
import { bulwark, type Protector } from 'bulwark/express';
import { bulwark as onNode } from 'bulwark/node';
import { memory } from 'bulwark/memory';
const policy = definePolicy({ state: memory(), routes: { '/members/**': { require: 'signed-in' } } });
const layer: Protector = bulwark(policy);
layer.secure(createServer());
export const nonce: string = onNode.of({} as Parameters<typeof onNode.of>[0]).nonce;
// @ts-expect-error a misspelt option is no policy
definePolicy({ orgin: 'https://example.com' });
`;

describeCreate(tarball);

describe('types of the tarball', { concurrency: 2 }, () => {
  test('every kind of importer finds them', () => {
    // ESM only: `require` works on every Node.js that Bulwark runs on, but older type resolution does not see exports.
    run(ROOT, 'attw', [tarball.file, '--profile', 'esm-only', '--no-emoji']);
  });

  for (const version of ['5.9.3', '7.0.2']) {
    test(`TypeScript ${version} finds them by node16, nodenext and bundler, under strict`, () => {
      const home = tarball.install(`typescript-${version}`, [`typescript@${version}`, '@types/node@24.19.2']);
      writeFileSync(join(home, 'app.mts'), TYPED);
      for (const [module, resolution] of [
        ['node16', 'node16'],
        ['nodenext', 'nodenext'],
        ['esnext', 'bundler'],
      ]) {
        const options = {
          module,
          moduleResolution: resolution,
          target: 'es2024',
          lib: ['es2024'],
          types: ['node'],
        };
        const compilerOptions = { ...options, strict: true, noEmit: true, skipLibCheck: false };
        writeFileSync(join(home, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.mts'] }));
        run(home, 'node', ['node_modules/typescript/bin/tsc', '-p', '.']);
      }
    });
  }
});

async function asksIt(home: string, file: string): Promise<void> {
  await asks(home, [file], async (port) => {
    const page = await ask(port, {});
    assert.deepEqual([page.status, page.body], [200, 'hello 22']);
    assert.equal(valueOf(page, 'x-frame-options'), 'DENY');
    assert.equal(valueOf(page, 'x-powered-by'), undefined);
    assert.equal((await ask(port, { target: '/members/page' })).status, 401);
  });
}

/** Starts it, and asks it something. It has nothing to complain of. */
async function asks(
  home: string,
  args: readonly string[],
  work: (port: number) => Promise<void>,
): Promise<void> {
  const child = spawn('node', args, {
    cwd: home,
    env: { PATH: process.env['PATH'], BULWARK_SECRET: TEST_SECRET },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  try {
    const port = await new Promise<number>((resolve, reject) => {
      child.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
      child.once('exit', () => reject(new Error(`it ended: ${errors}`)));
    });
    await work(port);
    assert.equal(errors, '');
  } finally {
    child.kill();
  }
}
