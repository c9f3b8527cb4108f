/** The pool against servers that write and close as they please, byte by byte. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import {
  ANN,
  closed,
  GET,
  OK,
  poolOf,
  POST,
  send,
  TIMES,
  upstream,
} from '../../../test/support/byte-servers.ts';

/** A pool that looks at its connections every 5 ms, as one does that keeps them for so short a time. */
const OFTEN = { keepAlive: 40 };

/** The clock of the pool, which can be put forward. */
function clockOf(t: TestContext): { ahead: number } {
  const now = performance.now.bind(performance);
  const clock = { ahead: 0 };
  t.mock.method(performance, 'now', () => now() + clock.ahead);
  return clock;
}

test('an aborted request ends its connection, and no connection takes its place', async (t) => {
  const { address, connections, received } = await upstream(t, () => undefined);
  const pool = poolOf(t, address);
  const calls = [send(pool, GET), send(pool, GET), send(pool, GET), send(pool, GET)];
  while (received.filter((text) => text !== '').length < 4) await sleep(5);
  for (const { call } of calls) call.abort();
  await Promise.all(connections.map(closed));
  await sleep(50);
  assert.equal(connections.length, 4);
  assert.equal(pool.busy, 0);
});

test('a request that is aborted while its connection is made leaves no connection behind', async (t) => {
  const { address, connections } = await upstream(t, (socket) => socket.write(OK));
  const pool = poolOf(t, address);
  const { call } = send(pool, GET);
  await setImmediate();
  call.abort();
  await sleep(50);
  assert.ok(connections.every((socket) => socket.closed || socket.destroyed || socket.readableEnded));
  assert.equal(pool.busy, 0);
});

test('where a kept connection was closed without a word, a request that changes nothing is sent once more', async (t) => {
  const { address, connections, received } = await upstream(t, (socket, request, connection) => {
    if (connection === 0 && request === 1) socket.destroy();
    else socket.write(OK);
  });
  const pool = poolOf(t, address);
  assert.equal(await send(pool, GET).done, '200 ok');
  assert.equal(await send(pool, GET).done, '200 ok');
  assert.equal(connections.length, 2);
  assert.equal(received.join('').split('GET /').length - 1, 3);
});

test('a request that may have changed something is never sent twice', async (t) => {
  const { address, received } = await upstream(t, (socket, request) => {
    if (request === 1) socket.destroy();
    else socket.write(OK);
  });
  const pool = poolOf(t, address);
  assert.equal(await send(pool, GET).done, '200 ok');
  assert.equal(await send(pool, { ...POST, visitor: ANN }).done, 'cut');
  assert.equal(received.join('').split('POST /').length - 1, 1);
});

test('a request on a new connection that is cut is not sent again, and one that nobody takes is a fault', async (t) => {
  const { address, connections } = await upstream(t, (socket) => socket.destroy());
  assert.equal(await send(poolOf(t, address), GET).done, 'cut');
  assert.equal(connections.length, 1);
  const gone = await upstream(t, () => undefined);
  const shut = createServer().listen(0, '127.0.0.1');
  await once(shut, 'listening');
  const { port } = shut.address() as AddressInfo;
  shut.close();
  await once(shut, 'close');
  assert.equal(await send(poolOf(t, { host: '127.0.0.1', port }), POST).done, 'connect');
  assert.equal(gone.connections.length, 0);
});

test('what one connection has read stays what it was while others read', async (t) => {
  const sockets: Socket[] = [];
  const { address } = await upstream(t, (socket) => sockets.push(socket));
  const pool = poolOf(t, address);
  const kept: Buffer[] = [];
  for (let count = 0; count < 2; count += 1)
    pool.send(GET, { ...NO_SINK, data: (bytes) => void kept.push(bytes) });
  while (sockets.length < 2) await sleep(5);
  for (const [at, text] of ['mine', 'yours'].entries()) {
    sockets[at]?.write(`HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n${text}`);
    while (kept.length <= at) await sleep(5);
  }
  assert.deepEqual(kept.map(String), ['mine', 'yours']);
});

test('what comes before a request has left is no answer to it', async (t) => {
  const { address, connections, received } = await upstream(t, (socket) => socket.write(OK));
  const pool = poolOf(t, address);
  assert.equal(await send(pool, GET).done, '200 ok');
  // In the turn of a timer: what the server writes now is read before the next request is written.
  await sleep(5);
  connections[0]?.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
  assert.equal(await send(pool, GET).done, '200 ok');
  assert.deepEqual(
    received.map((text) => text.split('GET /').length - 1),
    [1, 1],
  );
});

test('a request that is aborted before it has left is never written', async (t) => {
  const { address, connections, received } = await upstream(t, (socket) => socket.write(OK));
  const pool = poolOf(t, address);
  assert.equal(await send(pool, GET).done, '200 ok');
  send(pool, GET).call.abort();
  await closed(connections[0] ?? assert.fail('no connection'));
  assert.equal(received.join('').split('GET /').length - 1, 1);
});

test('what comes behind an answer is never the next answer', async (t) => {
  for (const late of [false, true]) {
    const { address, connections } = await upstream(t, (socket, _request, connection) => {
      if (connection > 0) return void socket.write(OK);
      const surplus = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';
      if (!late) return void socket.write(OK + surplus);
      socket.write(OK);
      setTimeout(() => socket.write(surplus), 20);
    });
    const pool = poolOf(t, address);
    assert.equal(await send(pool, GET).done, '200 ok');
    await sleep(60);
    assert.equal(await send(pool, GET).done, '200 ok');
    assert.equal(connections.length, 2);
  }
});

test('requests wait for a connection in turn, and too many of them fail at once', async (t) => {
  const open: Socket[] = [];
  const { address, connections } = await upstream(t, (socket) => void open.push(socket));
  const pool = poolOf(t, address, { connections: 1, waiting: 1 });
  const first = send(pool, GET);
  const second = send(pool, GET);
  assert.equal(await send(pool, GET).done, 'busy');
  while (open.length < 1) await sleep(5);
  open[0]?.write(OK);
  assert.equal(await first.done, '200 ok');
  while (open.length < 2) await sleep(5);
  open[1]?.write(OK);
  assert.equal(await second.done, '200 ok');
  assert.equal(connections.length, 1);
});

test('a body that no connection was free for is let go', async (t) => {
  const { address } = await upstream(t, () => undefined);
  const pool = poolOf(t, address, { connections: 1, waiting: 0 });
  const holder = send(pool, GET);
  const body = Readable.from([Buffer.from('hi')]);
  assert.equal(await send(pool, { ...POST, body }).done, 'busy');
  assert.ok(body.destroyed);
  holder.call.abort();
});

test('a request waits no longer than it may, and one that was aborted waits no more', async (t) => {
  const { address } = await upstream(t, () => undefined);
  const pool = poolOf(t, address, { connections: 1, waiting: 1, wait: 30 });
  const holder = send(pool, GET);
  assert.equal(await send(pool, GET).done, 'busy');
  const { call } = send(pool, GET);
  await setImmediate();
  call.abort();
  assert.equal(await send(pool, GET).done, 'busy');
  holder.call.abort();
});

test('an upstream that falls silent is late: before its answer, and within it', async (t) => {
  const { address } = await upstream(t, (socket, _request, connection) => {
    if (connection === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe');
  });
  assert.equal(await send(poolOf(t, address, { times: { ...TIMES, firstByte: 60 } }), GET).done, 'late');
  assert.equal(await send(poolOf(t, address, { times: { ...TIMES, idle: 60 } }), GET).done, '200 helate');
});

test('an answer that has begun may pause for longer than it took to begin, as events do', async (t) => {
  const { address, connections } = await upstream(t, (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'),
  );
  const clock = clockOf(t);
  const fared = send(poolOf(t, address, { ...OFTEN, times: { ...TIMES, idle: 10 * TIMES.idle } }), GET);
  await fared.begun;
  clock.ahead = 2 * TIMES.firstByte;
  await sleep(50);
  connections[0]?.write('hello');
  assert.equal(await fared.done, '200 hello');
});

test('a slow client holds the upstream back, and does not make it late', async (t) => {
  const size = 64 * 1024 * 1024;
  let sent = 0;
  const { address } = await upstream(t, (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
    const piece = Buffer.alloc(1024 * 1024);
    const more = (): void => {
      while (sent < size) {
        sent += piece.length;
        if (!socket.write(piece)) return void socket.once('drain', more);
      }
    };
    more();
  });
  const clock = clockOf(t);
  const pool = poolOf(t, address, OFTEN);
  const fared = send(pool, GET, () => {
    if (fared.bytes < 1024 * 1024) fared.call.pause();
  });
  await fared.begun;
  clock.ahead = 10 * TIMES.idle;
  await sleep(200);
  assert.ok(sent < size / 2, `${sent} bytes were sent to a client that reads none`);
  fared.bytes = 2 * 1024 * 1024;
  fared.call.resume();
  assert.equal(await fared.done, '200 ');
  assert.ok(fared.bytes >= size);
});

test('a body from a stream is sent whole, and an early answer to it ends the connection', async (t) => {
  const body = (bytes: number): Readable =>
    Readable.from([Buffer.alloc(bytes / 2, 'a'), Buffer.alloc(bytes / 2, 'b')]);
  const head = (bytes: number): string => `PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\n`;
  const whole = await upstream(t, (socket, _request, connection) => {
    const poll = setInterval(() => {
      if (!whole.received[connection]?.endsWith('b'.repeat(1000))) return;
      clearInterval(poll);
      socket.write(OK);
    }, 5);
  });
  const pool = poolOf(t, whole.address);
  assert.equal(
    await send(pool, { method: 'PUT', head: head(2000), body: body(2000), mayUpgrade: false }).done,
    '200 ok',
  );
  assert.equal(whole.received[0]?.length, head(2000).length + 2000);
  assert.equal(whole.connections.length, 1);

  const early = await upstream(t, (socket) => {
    socket.pause();
    socket.end('HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\nlarge');
    setTimeout(() => socket.destroy(), 20);
  });
  const large = 40_000_000;
  const request = { method: 'PUT', head: head(large), body: body(large), mayUpgrade: false };
  assert.equal(await send(poolOf(t, early.address), request).done, '413 large');
});

test('a connection that became another protocol is let go, with what came behind its head', async (t) => {
  const { address } = await upstream(t, (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nframe'),
  );
  const pool = poolOf(t, address);
  assert.equal(await send(pool, { ...GET, mayUpgrade: true }).done, '101 upgraded frame');
  assert.equal(pool.busy, 0);
  assert.equal(await send(pool, GET).done, 'malformed');
});

test('serves by a socket of the file system', async (t) => {
  const path = `/tmp/bulwark-upstream-${process.pid}.sock`;
  const server = createServer((socket) =>
    socket.on('data', () => socket.write(OK)).on('error', () => undefined),
  ).listen(path);
  t.after(() => server.close());
  await once(server, 'listening');
  const pool = poolOf(t, { path });
  assert.equal(await send(pool, GET).done, '200 ok');
  pool.close();
});

const nothing = (): void => undefined;
const NO_SINK = {
  information: nothing,
  head: nothing,
  data: nothing,
  trailers: nothing,
  end: nothing,
  upgraded: nothing,
  failed: nothing,
};
