/** Several upstreams, some of which come and go. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TestContext, test } from 'node:test';
import { TIMES } from '../../../test/support/byte-servers.ts';
import { freePort } from '../../../test/support/processes.ts';
import { until } from '../../../test/support/until.ts';
import type { HealthSettings } from '../options/health.options.ts';
import type { UpstreamRequest } from './connection.ts';
import { UpstreamGroup } from './group.ts';

const GET: UpstreamRequest = {
  method: 'GET',
  head: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  body: undefined,
  mayUpgrade: false,
};
const HEALTH: HealthSettings = { path: undefined, every: 100, timeout: 20_000, failures: 2 };

async function serve(t: TestContext, port: number, answer: (path: string) => number): Promise<Server> {
  const server = createServer((request, response) => {
    const status = answer(request.url ?? '');
    if (status === 0) return;
    response.statusCode = status;
    response.end(String((server.address() as AddressInfo).port));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

function groupOf(
  t: TestContext,
  ports: readonly number[],
  health: Partial<HealthSettings> = {},
): { group: UpstreamGroup; told: string[] } {
  const told: string[] = [];
  const group = new UpstreamGroup(
    ports.map((port) => ({ host: '127.0.0.1', port })),
    {
      pool: {
        times: TIMES,
        connections: 8,
        waiting: 8,
        wait: 60_000,
        keepAlive: 0,
      },
      health: { ...HEALTH, ...health },
      site: { host: 'notes.example.com', secure: true },
      onChange: (upstream, up) => told.push(`${upstream.split(':').at(-1)} ${up ? 'up' : 'down'}`),
    },
  );
  t.after(() => group.close());
  return { group, told };
}

async function ask(group: UpstreamGroup, request = GET): Promise<string> {
  const done = Promise.withResolvers<string>();
  let text = '';
  group.send(request, {
    information: () => undefined,
    head: () => undefined,
    data: (bytes) => (text += bytes.toString('latin1')),
    trailers: () => undefined,
    end: () => done.resolve(text),
    upgraded: (_head, _rest, socket) => void socket.destroy(),
    failed: ({ kind }) => done.resolve(kind),
  });
  return await done.promise;
}

test('those that have nothing to do get requests in turn, and one that is busy gets none', async (t) => {
  const ports = [await freePort(), await freePort()];
  const [one = 0, other = 0] = ports;
  await serve(t, one, () => 200);
  await serve(t, other, () => 200);
  const { group } = groupOf(t, ports);
  const turns = [await ask(group), await ask(group), await ask(group), await ask(group)];
  assert.equal(turns.filter((port) => port === String(one)).length, 2);

  const busy = await freePort();
  let held = 0;
  await serve(t, busy, () => {
    held += 1;
    return 0;
  });
  const second = groupOf(t, [busy, one]).group;
  const slow = [ask(second), ask(second)];
  await until('one request is held', () => held === 1);
  for (let asked = 0; asked < 6; asked += 1) assert.equal(await ask(second), String(one));
  assert.equal(held, 1);
  await Promise.race([...slow, sleep(0)]);
});

test('a request whose upstream takes no connection goes to another, with its body; then that one is left out until it is back', async (t) => {
  const ports = [await freePort(), await freePort()];
  const [gone = 0, there = 0] = ports;
  await serve(t, there, () => 200);
  const { group, told } = groupOf(t, ports);
  const post: UpstreamRequest = {
    ...GET,
    method: 'POST',
    head: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n',
    body: Buffer.from('hi'),
  };
  for (let asked = 0; asked < 6; asked += 1) assert.equal(await ask(group, post), String(there));
  assert.deepEqual(told, [`${gone} down`]);
  const state = group.states.find(({ upstream }) => upstream.endsWith(String(gone)));
  assert.equal(state?.up, false);
  assert.equal(state?.faults.connect, 1);
  await serve(t, gone, () => 200);
  await until('it is back', () => told.length === 2);
  assert.deepEqual(told, [`${gone} down`, `${gone} up`]);
  const answers = new Set([await ask(group), await ask(group), await ask(group)]);
  assert.deepEqual(answers, new Set([String(gone), String(there)]));
});

test('where all are gone each request is tried, and told at once', async (t) => {
  const { group } = groupOf(t, [await freePort(), await freePort()]);
  assert.equal(await ask(group), 'connect');
  assert.equal(await ask(group), 'connect');
  assert.equal(group.isUp, false);
});

test('what fails its checks gets no new request, and what answers them is used again', async (t) => {
  const ports = [await freePort(), await freePort()];
  const [sick = 0, well = 0] = ports;
  let status = 503;
  const hosts: string[] = [];
  const server = await serve(t, sick, (path) => (path === '/healthz' ? status : 200));
  server.on('request', ({ headers }) =>
    hosts.push(`${String(headers['x-forwarded-proto'])}://${headers.host}`),
  );
  await serve(t, well, () => 200);
  const { group, told } = groupOf(t, ports, { path: '/healthz' });
  await until('it is left out', () => told.length === 1);
  for (let asked = 0; asked < 4; asked += 1) assert.equal(await ask(group), String(well));
  status = 404;
  await until('it is back', () => told.length === 2);
  assert.deepEqual(told, [`${sick} down`, `${sick} up`]);
  assert.equal(hosts[0], 'https://notes.example.com');
});

test('an answer that is bad takes no upstream out: whoever knows how to cause one would take down all', async (t) => {
  const ports = [await freePort(), await freePort()];
  for (const port of ports) {
    const server = await serve(t, port, () => 200);
    server.prependListener('request', (request) => request.socket.destroy());
  }
  const { group, told } = groupOf(t, ports);
  for (let asked = 0; asked < 8; asked += 1) assert.equal(await ask(group), 'cut');
  assert.deepEqual(told, []);
  assert.ok(group.isUp);
});
