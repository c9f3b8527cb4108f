import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Drain, watchForDrain } from './drain.ts';
import { openWire, refusesConnections } from './testing/wire.ts';
import { until } from '../../test/support/until.ts';

/** Longer than any test waits. */
const NEVER_MS = 600_000;
const PASSED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

/** A server that answers `/held` when a test does, everything else at once, and upgrades whoever asks. */
async function start(t: TestContext): Promise<{ port: number; drain: Drain; held: ServerResponse[] }> {
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/held') held.push(response);
    else response.end('quick');
  });
  const drain = watchForDrain(server);
  server.on('upgrade', (_request, socket) => socket.write(PASSED));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.closeAllConnections());
  return { port: (server.address() as AddressInfo).port, drain, held };
}

function get(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;
}

test('takes no more connections, finishes the answer under way, and says that it is the last', async (t) => {
  const { port, drain, held } = await start(t);
  const wire = await openWire(port);
  wire.socket.write(get('/held'));
  await until('the request arrives', () => held.length === 1);
  const drained = drain(NEVER_MS);
  await until('the port is closed', () => refusesConnections(port));
  held[0]?.end('worth the wait');
  assert.match(await wire.closed, /^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n[^]*worth the wait$/);
  await drained;
});

test('an answer whose head is out already is finished, and its connection takes no other request', async (t) => {
  const { port, drain, held } = await start(t);
  const wire = await openWire(port);
  wire.socket.write(get('/held'));
  await until('the request arrives', () => held.length === 1);
  held[0]?.writeHead(200, { 'Content-Length': '10' }).write('first');
  await until('the head is out', () => wire.received().includes('first'));
  const drained = drain(NEVER_MS);
  held[0]?.end('-last');
  assert.match(await wire.closed, /Connection: keep-alive[^]*first-last$/);
  await drained;
});

test('requests that were in the pipe behind another are answered too, and only the last one says so', async (t) => {
  const { port, drain, held } = await start(t);
  const wire = await openWire(port);
  wire.socket.write(get('/held') + get('/held'));
  await until('both arrive', () => held.length === 2);
  const drained = drain(NEVER_MS);
  held[1]?.end('two');
  held[0]?.end('one');
  assert.match(await wire.closed, /Connection: keep-alive[^]*one[^]*Connection: close[^]*two$/);
  await drained;
});

test('connections that wait for nothing are closed at once', async (t) => {
  const { port, drain } = await start(t);
  const wire = await openWire(port);
  wire.socket.write(get('/quick'));
  await until('the answer is there', () => wire.received().endsWith('quick'));
  await drain(NEVER_MS);
  assert.match(await wire.closed, /Connection: keep-alive/);
});

test('what is not over when the grace is, is cut: answers, half requests and upgraded connections', async (t) => {
  const { port, drain, held } = await start(t);
  const wires = [await openWire(port), await openWire(port), await openWire(port)];
  wires[0]?.socket.write(get('/held'));
  wires[1]?.socket.write(get('/half').slice(0, 20));
  wires[2]?.socket.write(get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'));
  await until('all are there', () => held.length === 1 && wires[2]?.received() === PASSED);
  await drain(50);
  assert.deepEqual(await Promise.all(wires.map(({ closed }) => closed)), ['', '', PASSED]);
});

test('a server that never listened is drained already', async () => {
  await watchForDrain(createServer())(NEVER_MS);
});
