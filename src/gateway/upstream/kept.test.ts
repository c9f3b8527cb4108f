/** Which connections are kept, for how long, and for whom. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { ANN, closed, GET, OK, poolOf, POST, send, upstream } from '../../../test/support/byte-servers.ts';
import { HANG_MS } from '../../../test/support/hang.ts';
import { until } from '../../../test/support/until.ts';
import type { Visitor } from './visitor.ts';

test('one connection carries one request of a visitor after another', async (t) => {
  const { address, connections } = await upstream(t, (socket) => socket.write(OK));
  const pool = poolOf(t, address);
  for (let round = 0; round < 5; round += 1) assert.equal(await send(pool, GET).done, '200 ok');
  assert.equal(connections.length, 1);
});

test('a connection that was kept for one visitor carries no request of another', async (t) => {
  const { address, connections, received } = await upstream(t, (socket) => socket.write(OK));
  const pool = poolOf(t, address, { connections: 16 });
  const others: readonly Visitor[] = [
    { ...ANN, line: { destroyed: false } },
    { ...ANN, address: '192.0.2.2' },
    { ...ANN, cookie: 'sid=b' },
    { ...ANN, cookie: undefined },
    { ...ANN, authorization: 'Bearer b' },
  ];
  for (const visitor of [ANN, ...others]) assert.equal(await send(pool, { ...GET, visitor }).done, '200 ok');
  assert.equal(connections.length, 1 + others.length);
  assert.ok(received.every((text) => text.split('GET /').length === 2));
});

test('what may change something, and what has no visitor, has a connection of its own, which is closed behind it', async (t) => {
  const { address, connections } = await upstream(t, (socket) => socket.write(OK));
  const pool = poolOf(t, address);
  assert.equal(await send(pool, GET).done, '200 ok');
  for (let round = 0; round < 2; round += 1) assert.equal(await send(pool, POST).done, '200 ok');
  assert.equal(connections.length, 3);
  await Promise.all(connections.slice(1).map(closed));
});

test('a connection is kept for less than its upstream says, and not where it says nothing', async (t) => {
  const says = (line: string): string => `HTTP/1.1 200 OK\r\n${line}Content-Length: 2\r\n\r\nok`;
  for (const [line, expected] of [
    ['Keep-Alive: timeout=60\r\n', 1],
    ['', 2],
    ['Connection: keep-alive\r\n', 2],
    ['Keep-Alive: timeout=60\r\nConnection: close\r\n', 2],
    ['Keep-Alive: timeout=60\r\nKeep-Alive: timeout=61\r\n', 2],
  ] as const) {
    const { address, connections } = await upstream(t, (socket) => socket.write(says(line)));
    const pool = poolOf(t, address, { keepAlive: 'stated' });
    for (let round = 0; round < 2; round += 1) assert.equal(await send(pool, GET).done, '200 ok');
    assert.equal(connections.length, expected, JSON.stringify(line));
  }
  const brief = await upstream(t, (socket) => socket.write(says('Keep-Alive: timeout=1\r\n')));
  const pool = poolOf(t, brief.address, { keepAlive: 'stated' });
  assert.equal(await send(pool, GET).done, '200 ok');
  const start = performance.now();
  await closed(brief.connections[0] ?? assert.fail('no connection'));
  assert.ok(performance.now() - start < HANG_MS);
});

test('an upstream that says nothing is not asked again for a while, and one answer without it does not end it', async (t) => {
  const silent = await upstream(t, (socket) => socket.write(OK));
  const pool = poolOf(t, silent.address, { keepAlive: 'stated' });
  assert.ok(pool.keeps);
  await send(pool, GET).done;
  assert.ok(!pool.keeps);
  let says = true;
  const saying = await upstream(t, (socket) => {
    socket.write(says ? OK.replace('Content', 'Keep-Alive: timeout=60\r\nContent') : OK);
  });
  const other = poolOf(t, saying.address, { keepAlive: 'stated' });
  await send(other, GET).done;
  says = false;
  await send(other, GET).done;
  assert.ok(other.keeps);
});

test('where nothing is kept alive, each request has a connection of its own, which is closed behind it', async (t) => {
  const { address, connections } = await upstream(t, (socket) => socket.write(OK));
  const pool = poolOf(t, address, { keepAlive: 0 });
  for (let round = 0; round < 3; round += 1) assert.equal(await send(pool, GET).done, '200 ok');
  assert.equal(connections.length, 3);
  await Promise.all(connections.map(closed));
});

test('what is kept makes room for who asks, goes with its visitor, and is a bounded number', async (t) => {
  const { address, connections } = await upstream(t, (socket) => socket.write(OK));
  const pool = poolOf(t, address, { connections: 1, keepAlive: 60_000 });
  assert.equal(await send(pool, GET).done, '200 ok');
  const line = { destroyed: false };
  assert.equal(await send(pool, { ...GET, visitor: { ...ANN, line } }).done, '200 ok');
  await closed(connections[0] ?? assert.fail('no connection'));
  line.destroyed = true;
  await closed(connections[1] ?? assert.fail('no connection'));

  const many = await upstream(t, (socket) => socket.write(OK));
  const wide = poolOf(t, many.address, { connections: 512, keepAlive: 60_000 });
  await Promise.all(
    Array.from(
      { length: 100 },
      async () => await send(wide, { ...GET, visitor: { ...ANN, line: {} as Visitor['line'] } }).done,
    ),
  );
  assert.equal(many.connections.length, 100);
  await Promise.race(many.connections.map(closed));
  const kept = (): Socket[] => many.connections.filter((one) => !one.destroyed && !one.readableEnded);
  await until('the others are closed', () => kept().length <= 64);
  await sleep(50);
  assert.equal(kept().length, 64);
  assert.equal(wide.busy, 0);
});

test('a kept connection is closed before the upstream would', async (t) => {
  const { address, connections } = await upstream(t, (socket) => socket.write(OK));
  const pool = poolOf(t, address, { keepAlive: 40 });
  assert.equal(await send(pool, GET).done, '200 ok');
  await once(connections[0] ?? assert.fail('no connection'), 'close');
  assert.equal(await send(pool, GET).done, '200 ok');
  assert.equal(connections.length, 2);
});
