/** Clients that send a request drop by drop, or half of one (Slowloris, R-U-Dead-Yet; past failure 25). */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';
import { parseAnswer } from '../../src/testing/wire.ts';
import { makeCertificate } from '../support/certificate.ts';
import {
  connectionsOf,
  countAnswers,
  hello,
  othersAreServed,
  OWN_PAGE,
  pause,
  RawClient,
  SHORT,
  start,
  UNLIMITED,
  withServer,
} from './support.ts';
import { until } from '../support/until.ts';

const POLICY = { timeouts: SHORT, rateLimit: UNLIMITED };
/** For clients that leave before anybody is slow. */
const HURRIED_BY_NOBODY = { rateLimit: UNLIMITED };
async function bodyOf(request: IncomingMessage): Promise<number> {
  let bytes = 0;
  for await (const chunk of request) bytes += (chunk as Buffer).length;
  return bytes;
}

function opened(port: number, count: number): Promise<RawClient[]> {
  return Promise.all(Array.from({ length: count }, () => RawClient.open(port)));
}

test('v5.0.0-15.2.2 a hundred half-sent requests stop nobody else, and each is answered and closed', async () => {
  await withServer(POLICY, hello, async ({ port, server, events }) => {
    const slow = await opened(port, 100);
    for (const client of slow) client.request({}, 60);
    for (let round = 0; round < 5; round += 1) await othersAreServed(port);
    // At the limit of the policy, not of Node.js, which comes later than they wait.
    await Promise.all(slow.map((client) => client.closed));
    for (const client of slow) {
      const answer = parseAnswer(Buffer.from(client.received, 'latin1'));
      assert.equal(answer.status, 408);
      hasTheHeaders(answer);
    }
    assert.ok(events.filter(({ event }) => event === 'malicious_slow_client').length >= 100);
    await until('every connection is given back', async () => (await connectionsOf(server)) === 0);
  });
});

test('a header that comes one letter at a time is cut, however busy it looks', async () => {
  await withServer(POLICY, hello, async ({ port }) => {
    const client = await RawClient.open(port);
    client.send('GET / HTTP/1.1\r\nHost: example.com\r\nX-Slow: ');
    const dripping = setInterval(() => client.send('a'), 20);
    await client.closed;
    clearInterval(dripping);
    assert.match(client.received, /^HTTP\/1\.1 408 /);
    assert.equal(countAnswers(client.received), 1);
  });
});

test('a connection on which nothing is ever sent is closed as well, over TLS too', async () => {
  for (const tls of [undefined, makeCertificate()]) {
    const running = await start(POLICY, hello, tls);
    try {
      const silent = await opened(running.port, 5);
      await Promise.all(silent.map((client) => client.closed));
    } finally {
      await running.stop();
    }
  }
});

test('memory is given back: rounds of half-sent requests leave nothing behind', async () => {
  await withServer(POLICY, hello, async ({ port, server }) => {
    const round = async (): Promise<void> => {
      const slow = await opened(port, 100);
      for (const client of slow) client.request({ headers: { 'x-fill': 'a'.repeat(8000) } }, 8100);
      for (const client of slow) client.reset();
      await until('all are gone', async () => (await connectionsOf(server)) === 0);
    };
    await round();
    const before = process.memoryUsage().heapUsed;
    for (let count = 0; count < 20; count += 1) await round();
    // 2,000 requests of 8 KB: kept, they would be 16 MB of strings and far more of sockets.
    assert.ok(process.memoryUsage().heapUsed - before < 48 * 1024 ** 2);
    await othersAreServed(port);
  });
});

test('a body that comes one byte at a time is cut at the time for a whole request', async () => {
  await withServer(
    POLICY,
    async (request, response) => {
      if (request.method === 'POST') await bodyOf(request);
      response.end('whole');
    },
    async ({ port, events }) => {
      const client = await RawClient.open(port);
      client.request({ method: 'POST', headers: { ...OWN_PAGE, 'content-length': '100000' } });
      while (!client.isClosed) {
        client.send('a');
        await Promise.race([client.closed, pause(20)]);
        await othersAreServed(port);
      }
      const answer = parseAnswer(Buffer.from(client.received, 'latin1'));
      assert.equal(answer.status, 408);
      hasTheHeaders(answer);
      assert.ok(!client.received.includes('whole'), 'a cut body is never a whole one');
      assert.ok(events.some(({ event }) => event === 'malicious_slow_client'));
    },
  );
});

test('a chunked body that stops half-way is cut, and its handler never sees an end', async () => {
  let ended = false;
  let failed = false;
  await withServer(
    POLICY,
    async (request, response) => {
      try {
        await bodyOf(request);
        ended = true;
      } catch {
        failed = true;
      }
      response.end();
    },
    async ({ port }) => {
      const client = await RawClient.open(port);
      client.request({ method: 'POST', headers: { ...OWN_PAGE, 'transfer-encoding': 'chunked' } });
      client.send('5\r\nhello\r\n');
      await client.closed;
      await until('the handler is told', () => failed);
      assert.equal(ended, false);
      assert.equal(countAnswers(client.received), 1);
      assert.match(client.received, /^HTTP\/1\.1 408 /);
    },
  );
});

test('a client gone in the middle of its body is an error to the handler, and to nobody else', async () => {
  const outcomes: string[] = [];
  await withServer(
    HURRIED_BY_NOBODY,
    async (request, response) => {
      if (request.method === 'GET') return void response.end();
      try {
        outcomes.push(`whole ${await bodyOf(request)}`);
      } catch {
        outcomes.push('cut');
      }
      return void response.end();
    },
    async ({ port, server }) => {
      for (const headers of [{ 'content-length': '100' }, { 'transfer-encoding': 'chunked' }]) {
        const client = await RawClient.open(port);
        client.request({ method: 'POST', headers: { ...OWN_PAGE, ...headers } }).send('5\r\nhello\r\n');
        await pause(50);
        client.reset();
      }
      await until('both handlers are told', () => outcomes.length === 2);
      assert.deepEqual(outcomes, ['cut', 'cut']);
      await othersAreServed(port);
      await until('no connection is left', async () => (await connectionsOf(server)) === 0);
    },
  );
});

test('a client gone while the handler works harms nobody', async () => {
  const gate = Promise.withResolvers<void>();
  let arrived = 0;
  let finished = 0;
  await withServer(
    HURRIED_BY_NOBODY,
    async (request, response, view) => {
      if (request.url !== '/work') return void response.end();
      arrived += 1;
      await gate.promise;
      response.setHeader('Set-Cookie', 'late=1');
      response.write('a'.repeat(100_000));
      view.audit('sensitive_create');
      response.end();
      finished += 1;
      return undefined;
    },
    async ({ port, server }) => {
      const clients = await opened(port, 20);
      for (const client of clients) client.request({ target: '/work' });
      await until('all have arrived', () => arrived === 20);
      for (const client of clients) client.reset();
      await until('all are gone', async () => (await connectionsOf(server)) === 0);
      gate.resolve();
      await until('all handlers are through', () => finished === 20);
      await othersAreServed(port);
    },
  );
});
