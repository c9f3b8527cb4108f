/** What becomes of answers that an upstream gives badly, or not at all: byte by byte, from behind and before the gateway. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { SESSION_COOKIE } from '../../src/controls/sessions/session-cookie.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { testPolicy } from '../hosts/hosts.ts';
import { ask, exchangeBytes, openSocket, valueOf, writeRequest } from '../../src/testing/wire.ts';

interface Site {
  readonly port: number;
  readonly received: () => string;
  readonly events: readonly AuditEvent[];
}

/** A gateway before a server of raw connections. */
async function siteOf(t: TestContext, answer: (socket: Socket, head: string) => void): Promise<Site> {
  const sockets = new Set<Socket>();
  let received = '';
  const upstream = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', (bytes) => {
      received += bytes.toString('latin1');
      answer(socket, bytes.toString('latin1'));
      socket.on('data', (more) => (received += more.toString('latin1')));
    });
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const events: AuditEvent[] = [];
  const { port: upstreamPort } = upstream.address() as AddressInfo;
  const gateway = createGateway(testPolicy(events), { upstream: `http://127.0.0.1:${upstreamPort}` });
  gateway.server.listen(0, '127.0.0.1');
  await once(gateway.server, 'listening');
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    upstream.close();
    gateway.server.closeAllConnections();
    gateway.server.close();
    await gateway.close();
  });
  return { port: (gateway.server.address() as AddressInfo).port, received: () => received, events };
}

test('an answer that can be read in two ways is a 502, and the log says why', async (t) => {
  for (const answer of [
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX: a\nSet-Cookie: b=c\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n',
    'no http at all\r\n\r\n',
  ]) {
    const site = await siteOf(t, (socket) => socket.end(answer));
    const { status, body } = await ask(site.port, {});
    assert.equal(status, 502, answer);
    assert.match(body, /bad-answer/);
    assert.equal(site.events.filter(({ event }) => event === 'sys_service_unavailable').length, 1);
  }
});

test('an upstream that is gone is a 503 that says when to come back, and one without an answer a 502', async (t) => {
  const site = await siteOf(t, (socket) => socket.destroy());
  assert.equal((await ask(site.port, {})).status, 502);
  const events: AuditEvent[] = [];
  const gateway = createGateway(testPolicy(events), { upstream: 'unix:/nowhere/app.sock' });
  gateway.server.listen(0, '127.0.0.1');
  await once(gateway.server, 'listening');
  t.after(async () => {
    gateway.server.close();
    await gateway.close();
  });
  const answer = await ask((gateway.server.address() as AddressInfo).port, {
    headers: { accept: 'text/html' },
  });
  assert.deepEqual([answer.status, valueOf(answer, 'retry-after')], [503, '5']);
  assert.match(answer.body, /Unavailable for the moment/);
});

test('a body that was cut behind the gateway is cut before it, and never completed', async (t) => {
  for (const answer of [
    'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nnonsense\r\n',
  ]) {
    const site = await siteOf(t, (socket) => socket.end(answer));
    const bytes = (await exchangeBytes(site.port, writeRequest({}))).toString();
    assert.match(bytes, /half/);
    assert.ok(!bytes.endsWith('0\r\n\r\n'), bytes);
    assert.ok(!/content-length: 4\r\n/i.test(bytes));
  }
});

test('a body that ends with its connection goes on in chunks, whole', async (t) => {
  const site = await siteOf(t, (socket) =>
    socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it'),
  );
  const answer = await ask(site.port, {});
  assert.deepEqual(
    [answer.status, answer.body, valueOf(answer, 'transfer-encoding')],
    [200, 'all of it', 'chunked'],
  );
});

test('early hints, trailers, HEAD, 204 and 304 are passed on as what they are', async (t) => {
  const hints = await siteOf(t, (socket) =>
    socket.end(
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nSet-Cookie: no=1\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\nSet-Cookie: no=2\r\n\r\n',
    ),
  );
  const bytes = (await exchangeBytes(hints.port, writeRequest({}))).toString();
  assert.match(bytes, /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload\r\n\r\nHTTP\/1\.1 200/i);
  assert.match(bytes, /0\r\nX-Sum: 7\r\n\r\n$/i);
  assert.ok(!bytes.includes('no='));

  const head = await siteOf(t, (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n'));
  const asked = (await exchangeBytes(head.port, writeRequest({ method: 'HEAD' }))).toString();
  assert.match(asked, /content-length: 1234/i);

  for (const status of ['204 No Content', '304 Not Modified']) {
    const site = await siteOf(t, (socket) => socket.end(`HTTP/1.1 ${status}\r\nETag: "a"\r\n\r\nsurplus`));
    const answer = (await exchangeBytes(site.port, writeRequest({}))).toString();
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status}\r\n`));
    assert.ok(!answer.includes('surplus'));
  }
});

test('a request is with the upstream only once its body is whole, and a cut one never', async (t) => {
  const site = await siteOf(t, (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  const { socket, closed } = await openSocket(site.port);
  socket.write(
    writeRequest({ method: 'POST', headers: { 'content-length': '10', 'sec-fetch-site': 'same-origin' } }),
  );
  socket.write('half');
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
  assert.equal(site.received(), '');
  socket.destroy();
  await closed;
  assert.equal((await ask(site.port, { target: '/next' })).status, 200);
  assert.ok(!site.received().includes('POST'));
});

test('the client that leaves takes its request from the upstream', async (t) => {
  const left = Promise.withResolvers<void>();
  const site = await siteOf(t, (socket) => void socket.once('close', () => left.resolve()));
  const { socket } = await openSocket(site.port);
  socket.write(writeRequest({}));
  while (!site.received().includes('GET /')) await new Promise(setImmediate);
  socket.destroy();
  await left.promise;
});

test('a handshake keeps every line of its answer, and its cookies are raised', async (t) => {
  const site = await siteOf(t, (socket) =>
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nSec-WebSocket-Accept: x\r\n\r\nframe',
    ),
  );
  const { socket, received } = await openSocket(site.port);
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    origin: 'https://example.com',
  };
  socket.write(writeRequest({ headers }));
  while (!received().includes('frame')) await once(socket, 'data');
  assert.match(
    received(),
    /^HTTP\/1\.1 101 [^]*set-cookie: a=1; Path=\/; Secure; HttpOnly; SameSite=Lax\r\nset-cookie: b=2; /i,
  );
  assert.match(site.received(), /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n/);
  socket.write('back');
  while (!site.received().endsWith('back')) await new Promise(setImmediate);
  socket.destroy();
});

test('a connection changes to no protocol but WebSocket', async (t) => {
  const site = await siteOf(t, (socket) => socket.end());
  const answer = await ask(site.port, {
    headers: { connection: 'Upgrade', upgrade: 'foo', origin: 'https://example.com' },
  });
  assert.equal(answer.status, 400);
  assert.equal(site.received(), '');
});

test('whatever a client says in the name of the gateway, in any spelling, is not what the upstream hears', async (t) => {
  const site = await siteOf(t, (socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
  const forged = Object.fromEntries(
    [
      'forwarded',
      'x-forwarded-port',
      'x-real-ip',
      'x-request-id',
      'traceparent',
      'tracestate',
      'proxy',
      'x-bulwark-nonce',
      'remote-user',
      'x-script-name',
      'x-original-url',
      'content-security-policy',
    ].map((name) => [name, 'forged']),
  );
  assert.equal(
    (await ask(site.port, { headers: { ...forged, cookie: `a=1; ${SESSION_COOKIE}=x; b=2` } })).status,
    204,
  );
  const heard = site.received();
  assert.ok(!heard.includes('forged') && !heard.includes(SESSION_COOKIE), heard);
  assert.match(heard, /\r\nCookie: a=1; b=2\r\n/);
  assert.match(
    heard,
    /\r\nX-Forwarded-For: 192\.0\.2\.1\r\n[^]*X-Forwarded-Proto: https\r\nX-Forwarded-Host: example\.com\r\n/,
  );
  assert.match(heard, /\r\nForwarded: for=192\.0\.2\.1;host=example\.com;proto=https\r\n/);
});
