/**
 * Connections to the upstream that are kept: where it says for how long, for the visitor who was answered on them, and for
 * nobody else, whatever an upstream or a client tries.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer as createHttpServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, type TestContext, test } from 'node:test';
import type { GatewayOptions } from '../../src/gateway/options/gateway.options.ts';
import { openSocket, writeRequest } from '../../src/testing/wire.ts';
import { FLASK_SERVERS, startNotes } from './flask-servers.ts';
import { watchedGateway } from './recorder.ts';
import { askHttp2, tlsSite } from './tls-site.ts';

async function listen(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** What lies between the gateway and a server, and counts. */
interface Counted {
  readonly port: number;
  /** What came on each connection. */
  readonly received: string[];
}

async function counting(t: TestContext, port: number): Promise<Counted> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const between = createServer((near) => {
    const number = received.push('') - 1;
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    near.on('data', (bytes) => (received[number] += bytes.toString('latin1')));
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroySoon());
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  return { port: await listen(t, between), received };
}

interface Asked {
  readonly status: number;
  readonly body: string;
}

/** A client that keeps one connection, with headers of its own. */
function client(
  t: TestContext,
  port: number,
): (
  target: string,
  options?: { method?: string; body?: string; headers?: Record<string, string> },
) => Promise<Asked> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  return async (path, { method = 'GET', body, headers = {} } = {}) => {
    const asking = httpRequest({
      port,
      path,
      method,
      agent,
      headers: {
        host: 'example.com',
        'x-forwarded-for': '192.0.2.1',
        'x-forwarded-proto': 'https',
        'sec-fetch-site': 'same-origin',
        ...headers,
      },
    });
    asking.end(body);
    const [response] = (await once(asking, 'response')) as [AsyncIterable<Buffer> & { statusCode?: number }];
    let text = '';
    for await (const piece of response) text += String(piece);
    return { status: response.statusCode ?? 0, body: text };
  };
}

/** Requests that came on each connection. */
function requestsOn(received: readonly string[]): readonly number[] {
  return received.map((text) => text.split(' HTTP/1.1\r\n').length - 1);
}

async function nodeServer(t: TestContext, keepAliveTimeout = 5_000): Promise<Counted> {
  const server = createHttpServer({ keepAliveTimeout }, (request, response) => {
    request.resume().on('end', () => response.end(`${request.method} ${request.url}`));
  });
  return await counting(t, await listen(t, server));
}

test('Node.js says for how long: requests of one visitor go over one connection, and what may change something has its own', async (t) => {
  const upstream = await nodeServer(t);
  const site = await watchedGateway(t, upstream.port);
  const ask = client(t, site.port);
  for (let round = 0; round < 10; round += 1) assert.equal((await ask(`/${round}`)).body, `GET /${round}`);
  assert.deepEqual(requestsOn(upstream.received), [10]);
  assert.equal((await ask('/form', { method: 'POST', body: 'a=1' })).body, 'POST /form');
  assert.equal((await ask('/11')).body, 'GET /11');
  assert.deepEqual(requestsOn(upstream.received), [11, 1]);
  assert.equal((await ask('/head', { method: 'HEAD' })).status, 200);
  assert.equal((await client(t, site.port)('/other')).body, 'GET /other');
  assert.deepEqual(requestsOn(upstream.received), [11, 1, 1, 1]);
});

test('requests of one connection of HTTP/2 go over one connection, and another one has its own', async (t) => {
  const site = await tlsSite(t, (_request, response) => response.end('in'), { proxy: { trusted: [] } });
  let connections = 0;
  site.application.on('connection', () => (connections += 1));
  const [one, other] = [await site.connect(), await site.connect()];
  for (let round = 0; round < 5; round += 1) assert.equal((await askHttp2(one, {})).status, 200);
  assert.equal(connections, 1);
  assert.equal((await askHttp2(other, {})).status, 200);
  assert.equal(connections, 2);
});

test("with keepAlive 'none' each request has a connection of its own, whatever the upstream says", async (t) => {
  const upstream = await nodeServer(t);
  const site = await watchedGateway(t, upstream.port, { keepAlive: 'none' });
  const ask = client(t, site.port);
  for (let round = 0; round < 3; round += 1) assert.equal((await ask('/')).status, 200);
  assert.deepEqual(requestsOn(upstream.received), [1, 1, 1]);
  assert.ok(upstream.received.every((text) => /\r\nconnection: close\r\n/i.test(text)));
});

test('a kept connection is given up before its upstream closes it: no request meets its end', async (t) => {
  const upstream = await nodeServer(t, 1_000);
  const site = await watchedGateway(t, upstream.port);
  const ask = client(t, site.port);
  for (const pause of [0, 450, 550, 950, 1_000, 1_050]) {
    await sleep(pause);
    assert.equal((await ask('/')).status, 200, `after ${pause} ms`);
  }
  const requests = requestsOn(upstream.received);
  assert.equal(
    requests.reduce((sum, one) => sum + one),
    6,
  );
  assert.ok(requests.length >= 4, requests.join());
});

describe('servers of Python applications say nothing of it', () => {
  for (const [name, server] of Object.entries(FLASK_SERVERS))
    test(`${name}: each request has a connection of its own, and none is left open or opened in vain`, async (t) => {
      const notes = await startNotes(server);
      t.after(() => notes.stop());
      const upstream = await counting(t, notes.port);
      const site = await watchedGateway(t, upstream.port);
      const [ann, bob] = [client(t, site.port), client(t, site.port)];
      for (let round = 0; round < 10; round += 1) {
        assert.equal((await ann('/login')).status, 200);
        // A server of one worker would wait for the other's bytes.
        assert.equal((await bob('/login', { headers: { 'x-forwarded-for': '192.0.2.2' } })).status, 200);
        assert.equal((await ann('/count', { method: 'POST', body: 'x'.repeat(1_000) })).status, 200);
      }
      assert.deepEqual(
        requestsOn(upstream.received),
        Array.from({ length: 30 }, () => 1),
      );
      const asked = upstream.received.filter((text) => /\r\nconnection: keep-alive\r\n/i.test(text));
      assert.equal(asked.length, 1, 'it is asked once, and then for a minute no more');
    });
});

/** An upstream that says it keeps connections, and on each of them what it likes: told apart by how many requests came on it. */
async function hostile(
  t: TestContext,
  answerOf: (number: number, head: string, socket: Socket) => void,
  options: Omit<GatewayOptions, 'upstream'> = {},
): Promise<{ port: number; received: string[] }> {
  const received: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const connection = received.push('') - 1;
    let requests = 0;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      received[connection] += bytes.toString('latin1');
      const heads = (received[connection] ?? '').split('\r\n\r\n');
      for (; requests < heads.length - 1; requests += 1) answerOf(requests, heads[requests] ?? '', socket);
    });
  });
  const port = await listen(t, server);
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const site = await watchedGateway(t, port, options);
  return { port: site.port, received };
}

const KEPT = 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=60\r\n';
const GOOD = `${KEPT}Content-Length: 4\r\n\r\ngood`;
const EVIL = `${KEPT}Content-Length: 4\r\n\r\nevil`;

describe('an answer that is left over on a kept connection reaches nobody but who caused it', () => {
  const others: Readonly<Record<string, Record<string, string>>> = {
    'another address behind the same proxy': { 'x-forwarded-for': '192.0.2.2' },
    'another session': { cookie: 'session=victim' },
    'another token': { authorization: 'Bearer victim' },
  };
  for (const [who, headers] of Object.entries(others))
    for (const keepAlive of ['stated', '10s'] as const)
      test(`${who}, on the very same connection of the proxy (${keepAlive})`, async (t) => {
        // The second answer on each connection is what the first request left there.
        const site = await hostile(
          t,
          (number, _head, socket) => void socket.write(number === 0 ? GOOD : EVIL),
          { keepAlive },
        );
        const ask = client(t, site.port);
        const attacker = { cookie: 'session=attacker' };
        assert.equal((await ask('/attack', { headers: attacker })).body, 'good');
        assert.equal((await ask('/', { headers: { ...attacker, ...headers } })).body, 'good');
        assert.ok(requestsOn(site.received).every((requests) => requests === 1));
      });

  test('another connection', async (t) => {
    const site = await hostile(t, (number, _head, socket) => void socket.write(number === 0 ? GOOD : EVIL));
    const attacker = client(t, site.port);
    assert.equal((await attacker('/')).body, 'good');
    for (let round = 0; round < 5; round += 1) assert.equal((await client(t, site.port)('/')).body, 'good');
    // Whoever caused it has it.
    assert.equal((await attacker('/')).body, 'evil');
  });
});

describe('what may leave something over is not kept at all', () => {
  const CASES: Readonly<Record<string, { answer: string; method?: string; later?: string }>> = {
    'more than its length, at once': { answer: GOOD + EVIL },
    'more than its length, a moment later': { answer: GOOD, later: EVIL },
    'a body to HEAD': { answer: GOOD, method: 'HEAD' },
    'a body under 204': {
      answer: `HTTP/1.1 204 No Content\r\nKeep-Alive: timeout=60\r\nContent-Length: 4\r\n\r\n`,
    },
    'a body under 304': { answer: `HTTP/1.1 304 Not Modified\r\nKeep-Alive: timeout=60\r\n\r\n` },
    'an answer to the head of a form, whose body it has not read': { answer: GOOD, method: 'POST' },
    'HTTP/1.0': { answer: GOOD.replace('1.1', '1.0') },
    'a close beside it': { answer: GOOD.replace('\r\n', '\r\nConnection: close\r\n') },
    'bytes behind the last chunk': {
      answer: `${KEPT}Transfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n${EVIL}`,
    },
    'an interim answer behind it': { answer: `${GOOD}HTTP/1.1 103 Early Hints\r\n\r\n` },
  };
  for (const [name, { answer, method = 'GET', later }] of Object.entries(CASES))
    test(name, async (t) => {
      const site = await hostile(t, (_number, _head, socket) => {
        socket.write(answer);
        if (later !== undefined) setTimeout(() => socket.write(later), 30);
      });
      const ask = client(t, site.port);
      for (let round = 0; round < 3; round += 1) {
        const body = method === 'POST' ? { body: 'a=1' } : {};
        const { body: text } = await ask('/', { method, ...body });
        assert.ok(text === '' || text === 'good', text);
        if (later !== undefined) await sleep(90);
      }
      assert.deepEqual(requestsOn(site.received), [1, 1, 1]);
    });
});

test('what a client sends behind its request is a request of its own, judged as such, on a kept connection too', async (t) => {
  const site = await hostile(t, (number, head, socket) => {
    const text = `${number} ${head.split(' ')[1] ?? ''}`;
    socket.write(`${KEPT}Content-Length: ${text.length}\r\n\r\n${text}`);
  });
  const { socket, received, closed } = await openSocket(site.port);
  const kept = { connection: 'keep-alive' };
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n';
  socket.write(
    writeRequest({ target: '/1', headers: kept }) + writeRequest({ target: '/2', headers: kept }) + smuggled,
  );
  await closed;
  assert.match(received(), /0 \/1HTTP\/1\.1 200 OK[^]*0 \/2HTTP\/1\.1 421 /);
  assert.ok(!site.received.join('').includes('smuggled'));
  // A body where none belongs takes a connection of its own, and its bytes are never a request.
  const second = await openSocket(site.port);
  second.socket.write(writeRequest({ target: '/3', headers: kept }));
  while (!second.received().includes('/3')) await once(second.socket, 'data');
  second.socket.write(
    writeRequest({
      target: '/4',
      headers: { ...kept, 'content-length': String(smuggled.length) },
      body: smuggled,
    }),
  );
  second.socket.end(writeRequest({ target: '/5', headers: { connection: 'close' } }));
  await second.closed;
  for (const text of site.received.filter((all) => all.includes('smuggled')))
    assert.match(text, /^GET \/4 HTTP\/1\.1\r\n[^]*content-length: 68\r\n/i);
});
