/** Answers wait until the vault has kept what they set: byte by byte, from an upstream of raw connections. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { BulwarkError } from '../../src/core/errors.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { memory } from '../../src/stores/memory/state.ts';
import type { SessionStore } from '../../src/stores/ports/sessions.ts';
import { testPolicy } from '../hosts/hosts.ts';
import { ask, openSocket, valueOf } from '../../src/testing/wire.ts';
import { acrossNetwork } from '../support/sessions.ts';

const USER = Buffer.from('{"user":"ann"}').toString('base64url');
const SET = `Set-Cookie: session=${USER}.aSyH1w.signature; Path=/\r\n`;

async function siteOf(
  t: TestContext,
  sessions: SessionStore,
  answer: (socket: Socket, head: string) => void,
): Promise<{ readonly port: number; readonly events: readonly AuditEvent[] }> {
  const sockets = new Set<Socket>();
  const upstream = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', (bytes) => answer(socket, bytes.toString('latin1')));
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const events: AuditEvent[] = [];
  const { port } = upstream.address() as AddressInfo;
  const gateway = createGateway(testPolicy(events, { state: { ...memory(), sessions } }), {
    upstream: `http://127.0.0.1:${port}`,
    vault: ['session'],
  });
  gateway.server.listen(0, '127.0.0.1');
  await once(gateway.server, 'listening');
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    upstream.close();
    gateway.server.closeAllConnections();
    gateway.server.close();
    await gateway.close();
  });
  return { port: (gateway.server.address() as AddressInfo).port, events };
}

function failing(method: keyof SessionStore): SessionStore {
  const { sessions } = memory();
  const broken = async (): Promise<never> => {
    throw new BulwarkError('ERR_BULWARK_STORE', 'gone');
  };
  return { ...sessions, [method]: broken };
}

test('a body that came with a head that waits is whole and in order, however it is framed', async (t) => {
  const body = Array.from({ length: 20_000 }, (_, at) => `line ${at}\n`).join('');
  for (const [framing, bytes] of [
    [`Content-Length: ${body.length}\r\n`, body],
    ['Transfer-Encoding: chunked\r\n', `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`],
    ['', body],
    ['Content-Length: 2\r\n', 'ok'],
  ] as const) {
    const site = await siteOf(t, acrossNetwork(memory().sessions), (socket) =>
      socket.end(`HTTP/1.1 200 OK\r\n${SET}${framing}Connection: close\r\n\r\n${bytes}`),
    );
    const answer = await ask(site.port, {});
    assert.equal(answer.status, 200);
    assert.match(valueOf(answer, 'set-cookie') ?? '', /^__Host-vault=[\w-]{43};/);
    assert.equal(valueOf(answer, 'cache-control'), 'no-store');
    assert.ok(answer.body.includes(bytes === 'ok' ? 'ok' : 'line 19999'));
    assert.ok(!answer.body.includes(USER));
  }
});

test('an answer that is cut behind a head that waits is cut for the client too', async (t) => {
  const site = await siteOf(t, acrossNetwork(memory().sessions), (socket) =>
    socket.end(`HTTP/1.1 200 OK\r\n${SET}Content-Length: 100\r\n\r\nsome`),
  );
  const client = await openSocket(site.port);
  client.socket.write('GET / HTTP/1.1\r\nHost: example.com\r\nX-Forwarded-Proto: https\r\n\r\n');
  await once(client.socket, 'close');
  assert.match(client.received(), /^HTTP\/1\.1 200 OK[^]*Content-Length: 100[^]*\r\n\r\nsome$/i);
});

test('where a cookie cannot be kept the answer is a 503, with nothing of what the application said', async (t) => {
  const site = await siteOf(t, failing('create'), (socket) =>
    socket.end(`HTTP/1.1 200 OK\r\n${SET}X-Secret: 1\r\nContent-Length: 6\r\n\r\nsecret`),
  );
  const answer = await ask(site.port, {});
  assert.deepEqual([answer.status, valueOf(answer, 'retry-after')], [503, '5']);
  assert.deepEqual([valueOf(answer, 'set-cookie'), valueOf(answer, 'x-secret')], [undefined, undefined]);
  assert.ok(!answer.body.includes('secret'));
  assert.equal(site.events.filter(({ event }) => event === 'sys_store_unavailable').length, 1);
});

test('where entries cannot be looked up, who brings a handle is answered with 503, and others are served', async (t) => {
  let asked = 0;
  const site = await siteOf(t, failing('use'), (socket) => {
    asked += 1;
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  const cookie = `__Host-vault=${'A'.repeat(43)}`;
  assert.equal((await ask(site.port, { headers: { cookie } })).status, 503);
  assert.equal(asked, 0);
  assert.equal((await ask(site.port, { headers: { cookie: 'a=1' } })).status, 200);
});

const HANDSHAKE =
  'GET /echo HTTP/1.1\r\nHost: example.com\r\nX-Forwarded-Proto: https\r\nOrigin: https://example.com\r\n' +
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

test('a cookie of the answer to a handshake is kept too, and what was sent meanwhile arrives', async (t) => {
  for (const [sessions, expected] of [
    [acrossNetwork(memory().sessions), /^HTTP\/1\.1 101 [^]*Set-Cookie: __Host-vault=[^]*\r\n\r\nhello/i],
    [failing('create'), /^HTTP\/1\.1 503 /],
  ] as const) {
    const site = await siteOf(t, sessions, (socket) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${SET}\r\nhello`,
      );
      socket.once('data', (bytes) => socket.end(bytes));
    });
    const client = await openSocket(site.port);
    client.socket.write(HANDSHAKE);
    await once(client.socket, 'data');
    client.socket.write(' and back');
    await once(client.socket, 'close');
    assert.match(client.received(), expected);
    assert.ok(!client.received().includes(USER));
    if (expected.source.includes('101')) assert.ok(client.received().endsWith('hello and back'));
  }
});
