import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { runToEnd, startProgram, temporaryDirectory } from './testing/running.ts';
import { TEST_SECRET } from '../../test/support/secrets.ts';
import { Visitor } from '../../test/support/visitor.ts';
import { openWire, refusesConnections } from './testing/wire.ts';
import { until } from '../../test/support/until.ts';

const PASSWORD = 'four quiet words in a row';

test('started twice, it keeps accounts, sessions and notes, and closes when told to', async (t) => {
  const directory = temporaryDirectory();
  t.after(directory.remove);
  const first = await startProgram(directory.path);
  const anna = new Visitor(first.url);
  await anna.register('anna@example.com', PASSWORD);
  await anna.submit('/notes', '/notes', { text: 'still here' });
  assert.equal(await first.stop(), 0);

  const second = await startProgram(directory.path);
  const cookie = anna.cookies.join('; ');
  assert.match((await new Visitor(second.url).get('/notes', { cookie })).text, /still here/);
  assert.equal((await new Visitor(second.url).signIn('anna@example.com', PASSWORD)).status, 303);
  assert.equal(await second.stop(), 0);
});

test('told to close, it takes nothing new and finishes the form that is on its way in', async (t) => {
  const directory = temporaryDirectory();
  t.after(directory.remove);
  const program = await startProgram(directory.path);
  t.after(program.stop);
  const port = Number(new URL(program.url).port);
  const wire = await openWire(port);
  const lines = ['POST /login HTTP/1.1', `Host: localhost:${port}`, 'Sec-Fetch-Site: same-origin'];
  lines.push('Content-Type: application/x-www-form-urlencoded', 'Content-Length: 29', 'Expect: 100-continue');
  wire.socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  // The answer to Expect: the request is in the hands of the application.
  await until('the body is asked for', () => wire.received().includes('100 Continue'));
  const code = program.stop();
  await until('the port is closed', () => refusesConnections(port));
  wire.socket.write('email=anna&password=too+short');
  assert.match(await wire.closed, /HTTP\/1\.1 401 [^]*Connection: close/);
  assert.equal(await code, 0);
});

test('SIGTERM to `npm start` ends the server too, through the shell that npm puts between', async (t) => {
  const directory = temporaryDirectory();
  const data = join(directory.path, 'data');
  const child = spawn('npm', ['start'], {
    cwd: join(import.meta.dirname, '../..'),
    env: { ...process.env, PORT: '0', STRONGROOM_DATA: data, NODE_ENV: 'development' },
    stdio: ['ignore', 'pipe', 'ignore'],
    // A group of its own: where this test fails, what is left of it can be found.
    detached: true,
  });
  t.after(() => {
    try {
      process.kill(-Number(child.pid), 'SIGKILL');
    } catch (error) {
      assert.equal((error as { code?: unknown }).code, 'ESRCH');
    }
    directory.remove();
  });
  let said = '';
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString();
  });
  await until('it is ready', () => said.includes('Strongroom is ready at '));
  const port = Number(/ready at http:\/\/localhost:(\d+)/.exec(said)?.[1]);
  assert.equal(await refusesConnections(port), false);
  child.kill('SIGTERM');
  await until('its port is free', () => refusesConnections(port));
});

test('told to close, it ends in time even where something never lets go of the process', async (t) => {
  const directory = temporaryDirectory();
  t.after(directory.remove);
  const hanging = `
    const wait = globalThis.setTimeout;
    globalThis.setTimeout = (then, ms, ...rest) => wait(then, ms === 10_000 ? 50 : ms, ...rest);
    setInterval(() => undefined, 600_000);`;
  const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(hanging)}`;
  const program = await startProgram(directory.path, { NODE_OPTIONS });
  assert.equal(await program.stop(), 1);
});

test('lets an operator made on the command line sign in to a running server', async (t) => {
  const directory = temporaryDirectory();
  t.after(directory.remove);
  const program = await startProgram(directory.path);
  t.after(program.stop);
  const args = ['create-account', '--email', 'ops@example.com', '--password-stdin', '--role', 'operator'];
  const made = await runToEnd('cli.ts', args, { STRONGROOM_DATA: directory.path }, `${PASSWORD}\n`);
  assert.deepEqual(made, { code: 0, out: 'Made an account for ops@example.com (operator).\n', err: '' });
  const ops = new Visitor(program.url);
  assert.equal((await ops.signIn('ops@example.com', PASSWORD)).status, 303);
  assert.match((await ops.get('/api/me')).text, /"roles":\["operator"\]/);
});

test('says which port is taken, and what to type instead', async (t) => {
  const directory = temporaryDirectory();
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => {
    other.close();
    directory.remove();
  });
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const ended = await runToEnd('main.ts', [], { PORT: String(port), STRONGROOM_DATA: directory.path });
  assert.equal(ended.code, 1);
  assert.match(ended.err, new RegExp(`Port ${port} is in use .*PORT=${port + 1} npm start`));
  assert.doesNotMatch(ended.err, /\n\s+at /);
});

test('says what PORT must be', async () => {
  const ended = await runToEnd('main.ts', [], { PORT: 'eighty' });
  assert.deepEqual([ended.code, ended.out], [1, '']);
  assert.match(ended.err, /^PORT is not a port number/);
  assert.doesNotMatch(ended.err, /\n\s+at /);
});

test('in production it refuses to start without https and a secret, and tells both at once', async (t) => {
  const directory = temporaryDirectory();
  t.after(directory.remove);
  const ended = await runToEnd('main.ts', [], {
    PORT: '0',
    NODE_ENV: 'production',
    STRONGROOM_ORIGIN: 'http://localhost:3000',
    STRONGROOM_DATA: directory.path,
  });
  assert.equal(ended.code, 1);
  assert.match(ended.err, /ERR_BULWARK_ORIGIN_INSECURE/);
  assert.match(ended.err, /ERR_BULWARK_SECRET_MISSING/);
  assert.doesNotMatch(ended.err, /\n\s+at /);
});

test('in production it refuses to start without a way to send mail, and says how to name one', async (t) => {
  const directory = temporaryDirectory();
  t.after(directory.remove);
  const ended = await runToEnd('main.ts', [], {
    PORT: '0',
    NODE_ENV: 'production',
    BULWARK_SECRET: TEST_SECRET,
    STRONGROOM_ORIGIN: 'https://files.example.com',
    STRONGROOM_TRUSTED_PROXIES: '127.0.0.1',
    STRONGROOM_DATA: directory.path,
  });
  assert.equal(ended.code, 1);
  assert.match(ended.err, /^SMTP_URL is missing.*SMTP_URL=smtps:.*SMTP_URL_FILE/m);
  assert.doesNotMatch(ended.err, /\n\s+at /);
});
