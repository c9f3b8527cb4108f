import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { exchangeBytes } from '../testing/wire.ts';
import { ignoreUpgrades } from './ignored-upgrade.ts';

/** What each listener of a server is handed of bytes. */
async function send(
  bytes: string,
  limit = 100,
): Promise<{ requests: IncomingMessage[]; upgrades: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const upgrades: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.setHeader('connection', 'close').end();
  });
  server.maxHeadersCount = limit;
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    upgrades.push(request);
    socket.destroy();
  });
  ignoreUpgrades(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  await exchangeBytes((server.address() as AddressInfo).port, bytes).finally(() => server.close());
  return { requests, upgrades };
}

const get = (...lines: string[]): string => ['GET / HTTP/1.1', 'Host: a', ...lines, '', ''].join('\r\n');
const SETTINGS = 'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA';

test('h2c as Java asks for it: nobody is shown an upgrade, in any form that Node.js has of the lines', async () => {
  const { requests, upgrades } = await send(
    get('Connection: Upgrade, HTTP2-Settings', SETTINGS, 'Upgrade: h2c', 'X-Own: b'),
  );
  const [request] = requests;
  assert.deepEqual(upgrades, []);
  assert.deepEqual(request?.rawHeaders, ['Host', 'a', 'X-Own', 'b']);
  assert.deepEqual({ ...request?.headers }, { host: 'a', 'x-own': 'b' });
  assert.deepEqual({ ...request?.headersDistinct }, { host: ['a'], 'x-own': ['b'] });
});

test('TLS as Apache HttpClient asks for it; what Connection names beside it is left to the guards', async () => {
  const { requests } = await send(
    get('Upgrade: TLS/1.2', 'Connection: Upgrade, Cookie', 'connection: close', SETTINGS),
  );
  assert.deepEqual(requests[0]?.rawHeaders.slice(2, 6), ['Connection', 'Cookie', 'connection', 'close']);
  assert.equal(requests[0]?.headers.connection, 'Cookie, close');
  assert.deepEqual(requests[0]?.headersDistinct['connection'], ['Cookie', 'close']);
  // Nobody asked for h2c: these settings belong to nothing, and the framing guard says so.
  assert.notEqual(requests[0]?.headers['http2-settings'], undefined);
});

for (const names of ['websocket', 'h2c, websocket', 'websocket, h2c', 'h2cx', 'TLS', 'foo', 'h2c/1', ','])
  test(`an upgrade to "${names}" stays one, with every line it has`, async () => {
    const { requests, upgrades } = await send(get('Connection: Upgrade', `Upgrade: ${names}`));
    assert.deepEqual(requests, []);
    assert.equal(upgrades[0]?.headers.upgrade, names);
  });

test('an upgrade in two lines is one list', async () => {
  const { upgrades } = await send(get('Connection: Upgrade', 'Upgrade: h2c', 'Upgrade: websocket'));
  assert.equal(upgrades.length, 1);
});

test('where Node.js may have dropped lines, all that are left stay for the guard to count', async () => {
  const asking = ['Connection: Upgrade', 'Upgrade: h2c', ...Array.from({ length: 7 }, () => SETTINGS)];
  assert.equal((await send(get(...asking), 11)).requests.length, 1);
  assert.equal((await send(get(...asking), 10)).upgrades.length, 1);
});

test('a server that Node.js does not ask is left as it is', () => {
  const old = Object.create(Server.prototype) as Server;
  ignoreUpgrades(old);
  assert.deepEqual(Object.keys(old), []);
});
