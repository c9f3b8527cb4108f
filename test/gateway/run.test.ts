/** `bulwark run -- COMMAND`: the application's own server on a private address, the gateway before it, and both gone together. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, type TestContext, test } from 'node:test';
import { pythonEnvironment } from '../../tools/python-environment.ts';
import { freePort } from '../support/processes.ts';
import { ask } from '../../src/testing/wire.ts';
import { until } from '../support/until.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const COMMAND = join(import.meta.dirname, '../../src/cli/bulwark.ts');
const ORIGIN = ['--origin', 'https://example.com', '--trust-proxy', '127.0.0.1'];

interface Run {
  readonly port: number;
  readonly child: ChildProcess;
  readonly said: () => string;
  /** The exit code, once it has ended. */
  readonly code: () => Promise<number | null>;
}

/** Starts the command in a folder of temporary files of its own, so that nothing of it is left unseen. */
async function run(
  t: TestContext,
  words: readonly string[],
  {
    folder = 'flask/notes',
    options = [],
    env = {},
  }: {
    readonly folder?: string;
    readonly options?: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
  } = {},
): Promise<Run & { readonly temporary: string }> {
  const temporary = mkdtempSync(join(tmpdir(), 'bulwark-run-test-'));
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [
      '--conditions=bulwark-source',
      COMMAND,
      'run',
      '--listen',
      `127.0.0.1:${port}`,
      ...options,
      '--',
      ...words,
    ],
    {
      cwd: join(EXAMPLES, folder),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: [pythonEnvironment(), dirname(process.execPath), process.env['PATH']].join(delimiter),
        PYTHONDONTWRITEBYTECODE: '1',
        TMPDIR: temporary,
        NOTES_DATA: temporary,
        GUESTBOOK_DATA: temporary,
        DJANGO_SECRET_KEY: 'for this test alone',
        BULWARK_SECRET: 'kV3nR8yQ0sXw5TzB1mJd7LfHc2Gp9eUo4iAaZxNqWvErYt6b',
        ...env,
      },
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (text += String(bytes)));
  // Not 'close': an orphan would hold its streams.
  const closed = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGTERM');
    await closed;
    rmSync(temporary, { recursive: true, force: true });
  });
  return {
    port,
    child,
    temporary,
    said: () => text,
    code: async () => {
      await closed;
      return child.exitCode;
    },
  };
}

async function serving({ child, said }: Run): Promise<void> {
  await until('the gateway says what it listens on', () => {
    if (child.exitCode !== null) return true;
    return /bulwark gateway/.test(said());
  });
  assert.equal(child.exitCode, null, said());
}

/** Ends it as a process manager does, and sees that nothing of it is left. */
async function endsWhole(started: Run & { readonly temporary: string }): Promise<void> {
  started.child.kill('SIGTERM');
  assert.equal(await started.code(), 0, started.said());
  assert.deepEqual(leftIn(started.temporary), []);
}

/** Processes, by the folder that only they have in their environment, and folders of sockets. */
function leftIn(temporary: string): readonly string[] {
  const folders = readdirSync(temporary).filter((name) => name.startsWith('bulwark-'));
  return [...folders, ...processesOf(temporary)];
}

function processesOf(temporary: string): readonly string[] {
  return readdirSync('/proc').filter(
    (id) => /^\d+$/.test(id) && Number(id) !== process.pid && has(id, temporary),
  );
}

function has(id: string, temporary: string): boolean {
  try {
    return readFileSync(`/proc/${id}/environ`, 'latin1').includes(`TMPDIR=${temporary}`);
  } catch {
    return false;
  }
}

/** By name: its words, and whether the application knows that it was asked by https without ProxyFix. */
const SERVERS: readonly (readonly [name: string, words: readonly string[], knowsHttps: boolean])[] = [
  ['gunicorn', ['gunicorn', 'app:app'], true],
  ['gunicorn as a module, with workers', ['python', '-m', 'gunicorn', '--workers', '2', 'app:app'], true],
  ['uvicorn', ['uvicorn', 'asgi:app'], true],
  ['hypercorn', ['hypercorn', 'asgi:app'], false],
  ['granian', ['granian', '--interface', 'wsgi', 'app:app'], false],
  ['waitress', ['waitress-serve', 'app:app'], true],
  ['uwsgi', ['uwsgi', '--module', 'app:app', '--master'], true],
  ['flask run', ['flask', 'run'], false],
];

describe('each server', { concurrency: 2 }, () => {
  for (const [name, words, knowsHttps] of SERVERS)
    test(`${name} serves behind the gateway alone, and ends with it`, async (t) => {
      const started = await run(t, words, { options: ORIGIN });
      await serving(started);
      const seen = JSON.parse((await ask(started.port, { target: '/seen' })).body) as { url: string };
      assert.equal(seen.url, `${knowsHttps ? 'https' : 'http'}://example.com/seen`);
      await endsWhole(started);
    });

  test("Django's own server", async (t) => {
    const started = await run(t, ['python', 'manage.py', 'runserver', '--skip-checks'], {
      folder: 'flask/guestbook',
    });
    await serving(started);
    const answer = await ask(started.port, {
      target: '/admin/',
      headers: { host: `localhost:${started.port}`, 'x-forwarded-proto': null, 'x-forwarded-for': null },
    });
    assert.equal(answer.status, 302);
    await endsWhole(started);
  });

  test('a server of Node.js, which takes PORT, and one that is told in its command line', async (t) => {
    const node = await run(t, ['node', 'server.js'], { folder: 'node' });
    const python = await run(t, ['python', '-m', 'http.server', '--bind', '127.0.0.1', '{port}'], {
      folder: 'flask/notes/static',
    });
    for (const [started, path] of [
      [node, '/login'],
      [python, '/notes.css'],
    ] as const) {
      await serving(started);
      const response = await fetch(`http://localhost:${started.port}${path}`);
      assert.equal(response.status, 200);
      await endsWhole(started);
    }
  });
});

const PROGRAM = `
import { createServer } from 'node:http';
const server = createServer((request, response) => {
  if (request.url === '/environment') response.end(JSON.stringify(process.env));
  else if (request.url === '/die') process.exit(3);
  else if (request.url === '/clean') process.exit(0);
  else if (request.url === '/abort') process.abort();
  else {
    console.log('asked for', request.url);
    setTimeout(() => response.end('late'), 500);
  }
});
server.listen(Number(process.env.PORT), '127.0.0.1');
`;

describe('a run', () => {
  let folder: string;
  let program: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bulwark-run-program-'));
    program = join(folder, 'program.mjs');
    writeFileSync(program, PROGRAM);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const answer = async ({ port }: Run, path: string): Promise<Response> =>
    await fetch(`http://localhost:${port}${path}`);

  test('the application has its address and nothing of the secrets of the gateway', async (t) => {
    const started = await run(t, ['node', program]);
    await serving(started);
    const env = (await (await answer(started, '/environment')).json()) as Record<string, string>;
    assert.deepEqual(
      Object.keys(env).filter((name) => name.startsWith('BULWARK_')),
      ['BULWARK_UPSTREAM'],
    );
    assert.equal(env['BULWARK_UPSTREAM'], `http://127.0.0.1:${env['PORT']}`);
    await endsWhole(started);
  });

  test('what is under way is answered before the application is told to end, however often it is told', async (t) => {
    const started = await run(t, ['node', program]);
    await serving(started);
    const late = answer(started, '/late');
    await until('it is under way', () => started.said().includes('asked for /late'));
    // Ctrl-C under npm comes from the terminal, and from npm as well.
    for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM'] as const) {
      started.child.kill(signal);
      await sleep(50);
    }
    const response = await late.catch((error: unknown) => error);
    assert.ok(response instanceof Response, String(response));
    assert.equal(await response.text(), 'late');
    assert.equal(await started.code(), 0);
  });

  test('an application that ends takes the gateway with it, which says why and passes its code on', async (t) => {
    for (const [path, code, said] of [
      ['/die', 3, /node ended with code 3, and the rest with it\./],
      ['/clean', 1, /node ended with code 0, and the rest with it\./],
      ['/abort', 134, /node was ended by SIGABRT, and the rest with it\./],
    ] as const) {
      const started = await run(t, ['node', program]);
      await serving(started);
      await answer(started, path);
      assert.equal(await started.code(), code);
      assert.match(started.said(), said);
      assert.deepEqual(leftIn(started.temporary), []);
    }
  });

  test('one that does not come up says so, and leaves nothing', async (t) => {
    for (const [words, code, said] of [
      [
        ['gunicorn', 'no_such_module:app'],
        3,
        /No module named 'no_such_module'[^]*gunicorn ended with code 3/,
      ],
      [[], 2, /The command line of the application goes behind --/],
      [['no-such-program'], 2, /There is no program no-such-program on the path\./],
      [['gunicorn', '--bind', '0.0.0.0:80', 'app:app'], 2, /Leave --bind away/],
      [['sleep', '30'], 1, /sleep did not listen on http:\/\/127\.0\.0\.1:\d+ within 1 s: [^]*\{socket\}/],
    ] as const) {
      const started = await run(t, words, { options: words[0] === 'sleep' ? ['--wait', '1'] : [] });
      assert.equal(await started.code(), code, started.said());
      assert.match(started.said(), said);
      assert.deepEqual(leftIn(started.temporary), []);
    }
  });

  test('a gateway that cannot listen, or has no policy, takes the application with it', async (t) => {
    const taken = await openServer(t);
    for (const options of [
      ['--listen', `127.0.0.1:${taken}`],
      ['--policy', '/no/such.ts'],
    ]) {
      const started = await run(t, ['node', program], { options });
      assert.equal(await started.code(), 1, started.said());
      assert.deepEqual(leftIn(started.temporary), []);
    }
  });

  test('what the application has started ends too, though it would have outlived it', async (t) => {
    const started = await run(t, ['sh', '-c', `sleep 100 & exec node ${program}`]);
    await serving(started);
    assert.ok(processesOf(started.temporary).length >= 3);
    await endsWhole(started);
  });

  test('a gateway that is killed leaves no orphan', async (t) => {
    const started = await run(t, ['gunicorn', '--workers', '2', 'app:app']);
    await serving(started);
    started.child.kill('SIGKILL');
    await started.code();
    await until('all of it is gone', () => leftIn(started.temporary).length === 0);
  });
});

async function openServer(t: TestContext): Promise<number> {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return port;
}
