/** Upgrades: they come past every middleware there is (past failure 31), and out of the hands of node:http. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';
import { type Running } from '../hosts/hosts.ts';
import { parseAnswer } from '../../src/testing/wire.ts';
import { acrossNetwork } from '../support/sessions.ts';
import {
  connectionsOf,
  countAnswers,
  othersAreServed,
  pause,
  RawClient,
  UNLIMITED,
  withServer,
} from './support.ts';
import { until } from '../support/until.ts';

const POLICY = { rateLimit: UNLIMITED };
const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
};
const OWN = { ...HANDSHAKE, origin: 'https://example.com' };
const CROSS_SITE = { ...HANDSHAKE, origin: 'https://evil.example' };

/** What is no upgrade here goes to a handler that says so. */
function withEcho(
  use: (running: Running, reached: string[]) => Promise<void>,
  policy: PolicyOptions = POLICY,
): Promise<void> {
  const reached: string[] = [];
  return withServer(
    policy,
    (_request, response) => void response.end('no upgrade'),
    async (running) => {
      running.server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
        reached.push(request.url ?? '');
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
        socket.pipe(socket);
      });
      await use(running, reached);
    },
  );
}

test('v5.0.0-4.4.2 a handshake of the site itself reaches the listener, and bytes go both ways', async () => {
  await withEcho(async ({ port }, reached) => {
    const client = await RawClient.open(port);
    client.request({ target: '/chat', headers: OWN });
    await until('it is upgraded', () => client.received.includes('101 Switching'));
    client.send('ping');
    await until('it echoes', () => client.received.endsWith('ping'));
    assert.deepEqual(reached, ['/chat']);
    client.reset();
  });
});

const REFUSED: readonly (readonly [name: string, headers: Record<string, string>, status: number])[] = [
  ['of another site', CROSS_SITE, 403],
  ['of the site over http', { ...HANDSHAKE, origin: 'http://example.com' }, 403],
  ['of an opaque origin', { ...HANDSHAKE, origin: 'null' }, 403],
  ['that says cross-site', { ...OWN, 'sec-fetch-site': 'cross-site' }, 403],
  ['for another host', { ...OWN, host: 'evil.example' }, 421],
  ['that came in over http', { ...OWN, 'x-forwarded-proto': 'http' }, 403],
  ['to h2c beside another', { ...OWN, upgrade: 'websocket, h2c' }, 400],
];

for (const [name, headers, status] of REFUSED) {
  test(`v5.0.0-4.4.2 a handshake ${name} does not reach the listener: ${status}`, async () => {
    await withEcho(async ({ port }, reached) => {
      const client = await RawClient.open(port);
      client.request({ headers }).send('GET /smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n');
      await client.closed;
      assert.equal(countAnswers(client.received), 1);
      const answer = parseAnswer(Buffer.from(client.received, 'latin1'));
      assert.equal(answer.status, status);
      hasTheHeaders(answer);
      assert.deepEqual(reached, []);
    });
  });
}

test('a handshake for members waits for a store across the network, and is refused without a session', async () => {
  const state = memory();
  const policy = { ...POLICY, state: { ...state, sessions: acrossNetwork(state.sessions) } };
  await withEcho(async ({ port }, reached) => {
    const client = await RawClient.open(port);
    const cookie = `__Host-sid=${'A'.repeat(32)}`;
    client.request({ target: '/members/chat', headers: { ...OWN, cookie } });
    await client.closed;
    assert.equal(parseAnswer(Buffer.from(client.received, 'latin1')).status, 401);
    assert.deepEqual(reached, []);
  }, policy);
});

test('without a listener an upgrade is a request like any other: judged as one, and answered', async () => {
  await withServer(
    POLICY,
    (_request, response) => void response.end('no upgrade'),
    async ({ port }) => {
      for (const [headers, status] of [
        [OWN, 200],
        [CROSS_SITE, 403],
      ] as const) {
        const client = await RawClient.open(port);
        client.request({ headers });
        await until('it is answered', () => countAnswers(client.received) === 1);
        const answer = parseAnswer(Buffer.from(client.received, 'latin1'));
        assert.equal(answer.status, status);
        hasTheHeaders(answer);
        client.reset();
      }
    },
  );
});

test('clients that reset while they are refused or upgraded do not end the process', async () => {
  await withEcho(async ({ port, server }) => {
    for (let round = 0; round < 60; round += 1) {
      const client = await RawClient.open(port, { reads: false });
      client.request({ headers: round % 2 === 0 ? CROSS_SITE : OWN });
      if (round % 3 === 0) await pause(5);
      client.reset();
    }
    await until('all are gone', async () => (await connectionsOf(server)) === 0);
    await othersAreServed(port);
  });
});

test('clients that reset while a store is asked about their handshake do not either', async () => {
  const state = memory();
  const policy = { ...POLICY, state: { ...state, sessions: acrossNetwork(state.sessions) } };
  await withEcho(async ({ port, server }) => {
    for (let round = 0; round < 30; round += 1) {
      const client = await RawClient.open(port, { reads: false });
      client.request({ headers: { ...OWN, cookie: `__Host-sid=${'A'.repeat(32)}` } });
      if (round % 3 === 0) await pause(5);
      client.reset();
    }
    await until('all are gone', async () => (await connectionsOf(server)) === 0);
    await othersAreServed(port);
  }, policy);
});

test('an upgrade behind a request whose answer has begun puts no second head on the wire', async () => {
  const gate = Promise.withResolvers<void>();
  await withServer(
    POLICY,
    async (_request, response) => {
      response.write('half');
      await gate.promise;
      response.end('whole');
    },
    async ({ port, server }) => {
      server.on('upgrade', (_request, socket: Duplex) => socket.destroy());
      const client = await RawClient.open(port);
      client.request({ headers: { connection: 'keep-alive' } });
      await until('the answer has begun', () => client.received.includes('half'));
      client.request({ headers: CROSS_SITE });
      await client.closed;
      gate.resolve();
      assert.equal(countAnswers(client.received), 1);
    },
  );
});

test('a handshake behind a refusal that closes does not reach the listener', async () => {
  await withEcho(async ({ port }, reached) => {
    const client = await RawClient.open(port);
    client.send('GET / HTTP/1.1\r\nHost: example.com\r\nHost: b\r\n\r\n').request({ headers: OWN });
    await client.closed;
    assert.equal(countAnswers(client.received), 1);
    assert.deepEqual(reached, []);
  });
});
