/** TLS by the command line: what it says, what it refuses, and that it does as it says. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { certificateFiles } from '../support/certificate-files.ts';
import { endProgram, freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { ask, valueOf } from '../../src/testing/wire.ts';

const COMMAND = join(import.meta.dirname, '../../src/cli/bulwark.ts');

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
}

function start(t: TestContext, ...options: readonly string[]): Started {
  const args = [
    '--conditions=bulwark-source',
    COMMAND,
    'gateway',
    '--upstream',
    'http://127.0.0.1:9',
    ...options,
  ];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: '', BULWARK_ORIGIN: undefined },
  });
  t.after(() => endProgram(child, 'SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += String(bytes)));
  return { child, said: () => said };
}

test('a certificate and its key end TLS, and plain http is sent there', async (t) => {
  const files = certificateFiles('localhost');
  t.after(() => files.remove());
  const [port, plain] = [await freePort(), await freePort()];
  const { child, said } = start(
    t,
    ...['--listen', `127.0.0.1:${port}`, '--http-listen', `127.0.0.1:${plain}`],
    ...['--tls-cert', files.cert, '--tls-key', files.key],
  );
  await until('it listens', () => said().includes('bulwark gateway') && said().includes('for this machine'));
  assert.match(said(), new RegExp(`TLS +ended here, by ${files.cert}`));
  assert.match(said(), new RegExp(`it answers at https://localhost:${port}`));
  const agent = new Agent({ rejectUnauthorized: false });
  const asked = get({ port, host: '127.0.0.1', agent, headers: { host: `localhost:${port}` } });
  const [response] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();
  assert.equal(response.statusCode, 503);
  agent.destroy();
  const sent = await ask(plain, { headers: { host: `localhost:${port}` } });
  assert.deepEqual([sent.status, valueOf(sent, 'location')], [308, `https://localhost:${port}/`]);
  child.kill('SIGTERM');
  await once(child, 'exit');
  assert.equal(child.exitCode, 0);
});

for (const [what, options, said] of [
  ['one of the two alone', ['--tls-cert', 'a.pem'], /--tls-cert and --tls-key go together/],
  ['a place of plain http without TLS', ['--http-listen', '127.0.0.1:80'], /--http-listen sends to https/],
  ['a place that is none', ['--http-listen', 'nowhere'], /--http-listen takes HOST:PORT/],
] as const)
  test(`it refuses ${what}`, async (t) => {
    const started = start(t, ...options);
    await once(started.child, 'close');
    assert.equal(started.child.exitCode, 2);
    assert.match(started.said(), said);
  });

test('files that are none are told of by their field, before it listens', async (t) => {
  const { child, said } = start(t, '--tls-cert', '/nowhere.pem', '--tls-key', '/nowhere.key');
  await once(child, 'close');
  assert.equal(child.exitCode, 1);
  assert.match(said(), /gateway\.tls\.cert: the file cannot be read \(ENOENT\)/);
});
