/** The gateway and the application, each killed and started again: who was signed in still is. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pythonEnvironment } from '../../tools/python-environment.ts';
import { endProgram, freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { Visitor } from './flask-visitor.ts';
import { RunningGateway } from './running.ts';

const NOTES = join(import.meta.dirname, '../../examples/flask/notes');

let port: number;
let gateway: RunningGateway;
let application: ReturnType<typeof startApplication>;

/** With a secret of its own that stays, as in production. */
function startApplication(): ReturnType<typeof spawn> {
  return spawn(
    join(pythonEnvironment(), 'gunicorn'),
    ['--bind', `127.0.0.1:${port}`, '--worker-class', 'gthread', '--threads', '4', 'app:app'],
    {
      cwd: NOTES,
      env: {
        ...process.env,
        NOTES_DATA: gateway.folder,
        NOTES_SECRET: 'of the test',
        PYTHONDONTWRITEBYTECODE: '1',
      },
      stdio: 'ignore',
    },
  );
}

before(async () => {
  port = await freePort();
  gateway = await RunningGateway.start(
    `rateLimit: { mode: 'off' }, gateway: { upstream: 'http://127.0.0.1:${port}', vault: true, health: { every: '200ms' }, LISTENS }`,
  );
  application = startApplication();
  const visitor = new Visitor(gateway.port);
  await until('the application is there', async () => (await visitor.ask('/login')).status === 200);
});
after(async () => {
  await endProgram(application, 'SIGKILL');
  await gateway.stop();
});

test('the gateway is killed and started again: who was signed in still is, and no worker is left behind', async () => {
  const ann = new Visitor(gateway.port);
  assert.equal((await ann.signIn('ann')).status, 302);
  await ann.ask('/notes', { method: 'POST', body: new URLSearchParams({ text: 'before the kill' }) });
  const workers = await gateway.workers();
  gateway.signal('SIGKILL');
  await gateway.ended();
  await until('its workers are gone', () =>
    workers.every((pid) => {
      try {
        return !process.kill(pid, 0);
      } catch {
        return true;
      }
    }),
  );
  await gateway.again();
  assert.match(await (await ann.ask('/notes')).text(), /before the kill/);
});

test('the application is gone for a while: each request hears so at once, and then all is as before', async () => {
  const ann = new Visitor(gateway.port);
  assert.equal((await ann.signIn('ann')).status, 302);
  await endProgram(application, 'SIGKILL');
  await until('it is not ready', async () => {
    await ann.ask('/notes');
    return (await gateway.ask('/-/ready')).status === 503;
  });
  const refused = await ann.ask('/notes');
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('retry-after'), '5');
  assert.match(refused.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  application = startApplication();
  await until('it is ready', async () => (await gateway.ask('/-/ready')).status === 200);
  assert.equal((await ann.ask('/notes')).status, 200);
  assert.match(gateway.log, /sys_upstream_unavailable/);
  assert.match(gateway.log, /sys_upstream_recovered/);
});
