/** Clients that ask for much and take little of it (Slow Read): Node.js itself would wait for ever. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { test } from 'node:test';
import { nodeHost } from '../hosts/hosts.ts';
import { writeRequest } from '../../src/testing/wire.ts';
import { makeCertificate } from '../support/certificate.ts';
import {
  connectionsOf,
  othersAreServed,
  pause,
  RawClient,
  SHORT,
  start,
  UNLIMITED,
  withServer,
} from './support.ts';
import { until } from '../support/until.ts';

/** Requests have their time: it is answers that are read too slowly here. */
const POLICY = {
  timeouts: { ...SHORT, headers: '20s', request: '20s' },
  rateLimit: UNLIMITED,
} as const;
const LARGE = 64 * 1024 * 1024;
/** A policy whose slow reader is nobody within a test: what is cut under SHORT stays under this. */
const PATIENT = { ...POLICY, timeouts: { ...POLICY.timeouts, slowReader: '10m' } } as const;

test('who asks for 64 MB and reads nothing of it is cut, and the memory is given back', async () => {
  const { port, server, events, stop } = await nodeHost(POLICY);
  try {
    const readers = await Promise.all([1, 2, 3].map(() => RawClient.open(port, { reads: false })));
    for (const reader of readers) reader.request({ target: '/large' });
    await until('the answers wait', () => process.memoryUsage().arrayBuffers > 2 * LARGE);
    await othersAreServed(port);
    await until('all are cut', async () => (await connectionsOf(server)) === 0);
    const cuts = events.filter(({ event }) => event === 'malicious_slow_client');
    assert.equal(cuts.length, 3);
    for (const reader of readers) reader.socket.destroy();
    await until('the buffers are free', async () => {
      // Makes garbage, so that the collector has a reason to look.
      Buffer.alloc(8 * 1024 * 1024);
      await pause(10);
      return process.memoryUsage().arrayBuffers < LARGE;
    });
  } finally {
    await stop();
  }
});

test('a server that was closed and listens once more cuts such a reader too', async () => {
  const { server, events, stop } = await nodeHost(POLICY);
  try {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const reader = await RawClient.open((server.address() as AddressInfo).port, { reads: false });
    reader.request({ target: '/large' });
    await until('it is cut', () => events.some(({ event }) => event === 'malicious_slow_client'));
    reader.socket.destroy();
  } finally {
    await stop();
  }
});

test('the same reader is kept where the policy gives it the time: it is the pace that cuts', async () => {
  const { port, server, stop } = await nodeHost(PATIENT);
  try {
    const reader = await RawClient.open(port, { reads: false });
    reader.request({ target: '/large' });
    await pause(2500);
    assert.equal(await connectionsOf(server), 1);
    reader.socket.destroy();
  } finally {
    await stop();
  }
});

/** Reads `bytes` of an answer every 50 ms until the server closes. Kernel buffers are made to matter little. */
async function sip(reader: RawClient, bytes: number, until: () => boolean): Promise<void> {
  while (!until() && !reader.socket.destroyed) {
    reader.socket.read(bytes);
    await pause(50);
  }
}

test('a few bytes a second are no progress: that reader is cut too', async () => {
  const { port, server, events, stop } = await nodeHost(POLICY);
  try {
    const reader = await RawClient.open(port, { reads: false });
    reader.request({ target: '/large' });
    let cut = false;
    const sipping = sip(reader, 1, () => cut);
    await until('it is cut', async () => (await connectionsOf(server)) === 0);
    cut = true;
    await sipping;
    reader.socket.destroy();
    assert.equal(events.filter(({ event }) => event === 'malicious_slow_client').length, 1);
  } finally {
    await stop();
  }
});

/** Whether 32 MB were read to their end, at a pace at which several periods of one second go by. */
async function readsSteadily(): Promise<boolean> {
  let isWhole = false;
  await withServer(
    POLICY,
    (_request, response) => void response.end(Buffer.alloc(32 * 1024 * 1024)),
    async ({ port, events }) => {
      const reader = await RawClient.open(port, { reads: false });
      reader.request({});
      let taken = 0;
      reader.socket.pause();
      reader.socket.on('data', (chunk: Buffer) => {
        taken += chunk.length;
        reader.socket.pause();
        setTimeout(() => reader.socket.resume(), 6);
      });
      reader.socket.resume();
      await reader.closed;
      const cuts = events.filter(({ event }) => event === 'malicious_slow_client');
      isWhole = taken > 32 * 1024 * 1024 && cuts.length === 0;
    },
  );
  return isWhole;
}

test('who reads slowly but steadily, above the pace, gets all of it', async () => {
  let tries = 1;
  // A process that stalls for a second reads nothing in it. It does not do so every time.
  while (!(await readsSteadily())) {
    assert.ok(tries < 5, 'cut every time');
    tries += 1;
  }
});

test('an idle connection and a handler that takes its time are no slow readers', async () => {
  await withServer(
    POLICY,
    async (_request, response) => {
      await pause(2500);
      response.end('at last');
    },
    async ({ port, events }) => {
      await othersAreServed(port);
      assert.deepEqual(
        events.filter(({ event }) => event === 'malicious_slow_client'),
        [],
      );
    },
  );
});

test('over TLS as well, where the answer waits above the connection', async () => {
  const running = await start(
    POLICY,
    (_request, response) => void response.end(Buffer.alloc(LARGE)),
    makeCertificate(),
  );
  const socket = connectTls({ port: running.port, host: '127.0.0.1', rejectUnauthorized: false });
  socket.on('error', () => socket.destroy());
  try {
    await new Promise<void>((resolve) => {
      socket.once('secureConnect', resolve);
    });
    socket.write(writeRequest({}));
    await until('the answer began', () => socket.readableLength > 0 || socket.read(1) !== null);
    await until('it is cut', async () => (await connectionsOf(running.server)) === 0);
    assert.equal(running.events.filter(({ event }) => event === 'malicious_slow_client').length, 1);
  } finally {
    socket.destroy();
    await running.stop();
  }
});
