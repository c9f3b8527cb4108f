/** Connections: so many for one client, so many for all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionsOf, hello, othersAreServed, RawClient, SHORT, UNLIMITED, withServer } from './support.ts';
import { until } from '../support/until.ts';

const CAP = 8;
/** Nobody is trusted, so that every address of loopback is a client of its own; and all of them come over http. */
const DIRECT = {
  timeouts: { ...SHORT, headers: '20s', request: '20s', connectionsPerClient: CAP },
  rateLimit: UNLIMITED,
  proxy: { trusted: [] },
  https: { mode: 'off' },
} as const;

function openFrom(port: number, from: string, count: number): Promise<RawClient[]> {
  return Promise.all(Array.from({ length: count }, () => RawClient.open(port, { from })));
}

/** Whether a request on this connection is answered. */
async function isServed(client: RawClient): Promise<boolean> {
  client.request({});
  await client.closed;
  return client.received.startsWith('HTTP/1.1 200 ');
}

test('v5.0.0-15.2.2 one more connection than a client may have is refused, and another client is served', async () => {
  await withServer(DIRECT, hello, async ({ port, server, events }) => {
    const mine = await openFrom(port, '127.0.0.1', CAP);
    await until('all are counted', async () => (await connectionsOf(server)) === CAP);
    for (let count = 0; count < 3; count += 1) {
      const [extra] = await openFrom(port, '127.0.0.1', 1);
      assert.ok(extra !== undefined);
      assert.equal(await isServed(extra), false);
      assert.equal(extra.received, '');
    }
    assert.equal(events.filter(({ event }) => event === 'excess_rate_limit_exceeded').length, 3);
    const [other] = await openFrom(port, '127.0.0.2', 1);
    assert.ok(other !== undefined);
    assert.equal(await isServed(other), true);

    const [first, ...rest] = mine;
    assert.ok(first !== undefined);
    assert.equal(await isServed(first), true, 'those inside are served');
    await until('its place is free', async () => (await connectionsOf(server)) === CAP - 1);
    const [next] = await openFrom(port, '127.0.0.1', 1);
    assert.ok(next !== undefined);
    assert.equal(await isServed(next), true);
    for (const client of rest) client.reset();
  });
});

test('places are given back however a connection ends', async () => {
  await withServer(DIRECT, hello, async ({ port, server }) => {
    const endings: ((client: RawClient) => unknown)[] = [
      (client) => client.reset(),
      (client) => client.socket.end(),
      (client) => client.send('no HTTP\r\n\r\n'),
      (client) => client.request({ headers: { host: 'evil.example' } }),
      (client) => client.request({}),
    ];
    for (const end of endings) {
      const clients = await openFrom(port, '127.0.0.1', CAP);
      await until('all are counted', async () => (await connectionsOf(server)) === CAP);
      for (const client of clients) end(client);
      await until('all are gone', async () => (await connectionsOf(server)) === 0);
    }
    const [last] = await openFrom(port, '127.0.0.1', 1);
    assert.ok(last !== undefined);
    assert.equal(await isServed(last), true);
  });
});

test('a trusted proxy stands for all its clients, and is not capped as one of them', async () => {
  const policy = { ...DIRECT, proxy: { trusted: ['127.0.0.1'] } };
  await withServer(policy, hello, async ({ port, server }) => {
    const clients = await openFrom(port, '127.0.0.1', CAP * 4);
    await until('all are inside', async () => (await connectionsOf(server)) === CAP * 4);
    await othersAreServed(port);
    for (const client of clients) client.reset();
  });
});

test('over all clients there is a cap as well, which holds for proxies too', async () => {
  const timeouts = { ...DIRECT.timeouts, maxConnections: 20 };
  const policy = { ...DIRECT, timeouts, proxy: { trusted: ['127.0.0.1'] } };
  await withServer(policy, hello, async ({ port, server }) => {
    const inside = await openFrom(port, '127.0.0.1', 20);
    await until('all are inside', async () => (await connectionsOf(server)) === 20);
    const [extra] = await openFrom(port, '127.0.0.2', 1);
    assert.ok(extra !== undefined);
    assert.equal(await isServed(extra), false);
    for (const client of inside) client.reset();
    await until('all are gone', async () => (await connectionsOf(server)) === 0);
    await othersAreServed(port);
  });
});
