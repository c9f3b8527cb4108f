/** An application that is killed, hangs, or is started anew, and clients that never end their requests: what visitors see of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, openSocket, type RawAnswer, valueOf, writeRequest } from '../../src/testing/wire.ts';
import { until } from '../support/until.ts';
import { gunicorn, type PythonApp, type RunningApp, startApp } from './python-app.ts';
import { record, watchedGateway } from './recorder.ts';

const APP: PythonApp = { command: gunicorn('halting:application') };

/** Waits until a client has the first half of an answer that will never be whole. */
async function halfAnswered(port: number, target: string): Promise<Awaited<ReturnType<typeof openSocket>>> {
  const client = await openSocket(port);
  client.socket.write(writeRequest({ target }));
  while (!client.received().includes('half')) await once(client.socket, 'data');
  return client;
}

function assertCut(answer: string): void {
  assert.ok(!answer.endsWith('\r\n0\r\n\r\n'), answer);
  assert.match(answer, /\r\n(?:transfer-encoding: chunked|content-length: 8)\r\n/i);
}

/** Asks until the application is back. Until then it is told as gone, and never as anything else. */
async function whenBack(port: number): Promise<RawAnswer> {
  for (;;) {
    const answer = await ask(port, {});
    if (answer.status === 200) return answer;
    assert.ok([502, 503].includes(answer.status), String(answer.status));
    await sleep(20);
  }
}

describe('an application under gunicorn', () => {
  test('that is killed within its answers leaves them cut, is told as gone, and is asked again once it is back', async (t) => {
    let app: RunningApp = await startApp(APP);
    t.after(() => app.stop());
    const site = await watchedGateway(t, app.port, { keepAlive: '10s' });
    assert.equal((await ask(site.port, {})).status, 200);
    const clients = await Promise.all(
      ['/halting', '/halting?declared'].map((target) => halfAnswered(site.port, target)),
    );
    await app.stop();
    for (const { received, closed } of clients) {
      await closed;
      assertCut(received());
    }
    const gone = await ask(site.port, {});
    assert.deepEqual([gone.status, valueOf(gone, 'retry-after')], [503, '5']);
    app = await startApp({ ...APP, port: app.port });
    assert.match((await whenBack(site.port)).body, /^\d+$/);
  });

  test('whose worker is killed loses what that worker did, and nothing else', async (t) => {
    const app = await startApp(APP);
    t.after(() => app.stop());
    const site = await watchedGateway(t, app.port, { keepAlive: '10s' });
    const worker = Number((await ask(site.port, {})).body);
    const client = await halfAnswered(site.port, '/halting');
    process.kill(worker, 'SIGKILL');
    await client.closed;
    assertCut(client.received());
    assert.notEqual(Number((await whenBack(site.port)).body), worker);
  });

  test('that hangs is answered for in its time, and asked again once it goes on', async (t) => {
    const app = await startApp(APP);
    t.after(() => app.stop());
    const site = await watchedGateway(t, app.port, { times: { firstByte: '300ms', idle: '300ms' } });
    // Within an answer.
    const client = await halfAnswered(site.port, '/halting');
    await client.closed;
    assertCut(client.received());
    // Before one.
    app.signal('SIGSTOP');
    const late = await ask(site.port, {});
    assert.equal(late.status, 504);
    assert.match(late.body, /urn:bulwark:problem:late-answer/);
    app.signal('SIGCONT');
    for (;;) {
      const { status } = await ask(site.port, {});
      if (status === 200) break;
      assert.equal(status, 504);
    }
  });
});

test('an application that is gone for long is told as gone to everybody, at once, and all is well when it is back', async (t) => {
  const start = async (port: number): Promise<Server> => {
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.end('in'));
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const first = await start(0);
  const { port } = first.address() as AddressInfo;
  const site = await watchedGateway(t, port, { health: { every: '100ms' } });
  const page = { target: '/' };
  const form = { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' }, body: 'a=1' };
  const handshake = {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      origin: 'https://example.com',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    },
  };
  assert.equal((await ask(site.port, page)).status, 200);
  first.closeAllConnections();
  first.close();
  await once(first, 'close');
  // Thirty looks of the gateway at it, of which a minute has as many by default.
  const end = performance.now() + 3_000;
  let asked = 0;
  while (performance.now() < end || asked <= 30) {
    const answers = await Promise.all([page, form, handshake].map((one) => ask(site.port, one)));
    for (const answer of answers) {
      asked += 1;
      assert.deepEqual([answer.status, valueOf(answer, 'retry-after')], [503, '5']);
    }
    await sleep(20);
  }
  const told = (name: string): number => site.events.filter(({ event }) => event === name).length;
  assert.deepEqual([told('sys_upstream_unavailable'), told('sys_upstream_recovered')], [1, 0]);
  const second = await start(port);
  t.after(() => {
    second.closeAllConnections();
    second.close();
  });
  await until('it is known to be back', () => told('sys_upstream_recovered') === 1);
  for (const one of [page, form]) assert.equal((await ask(site.port, one)).status, 200);
  assert.ok(site.gateway.figures().held.upstreams.every(({ up, busy }) => up && busy === 0));
});

test('a thousand connections that begin a request and never end it keep nobody waiting, and the application hears of none', async (t) => {
  const recorder = await record(t);
  const site = await watchedGateway(t, recorder.port, {}, { timeouts: { connectionsPerClient: 5_000 } });
  const begun = await Promise.all(
    Array.from({ length: 1_000 }, async (_, index) => {
      const socket = connect(site.port, '127.0.0.1');
      socket.on('error', () => socket.destroy());
      await once(socket, 'connect');
      const whole = writeRequest({
        method: 'POST',
        headers: { 'content-length': '100', 'sec-fetch-site': 'same-origin' },
      });
      // Some end within their head, some within their body.
      socket.write(index % 2 === 0 ? whole.slice(0, -2) : `${whole}half`);
      return socket;
    }),
  );
  assert.equal((await ask(site.port, {})).status, 200);
  assert.equal(recorder.connections.length, 1);
  for (const socket of begun) socket.destroy();
});
