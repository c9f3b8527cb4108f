import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { exchangeBytes } from '../testing/wire.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { viewOf } from '../layer/view.ts';
import { memory } from '../stores/memory/state.ts';
import { protect, type Protector } from './protector.ts';

const HANDSHAKE =
  'GET /chat HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const SWITCH = 'HTTP/1.1 101 Of My Own\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
const COOKIES = 'Set-Cookie: a=1\r\nX-Powered-By: ws\r\nset-cookie: b=2; Domain=example.com\r\n\r\n';

/** Everything that comes back over the wire, and what the log says of it. */
async function upgraded(
  listener: (socket: Duplex, request: IncomingMessage, layer: Protector) => unknown,
  options: PolicyOptions = {},
): Promise<{ readonly wire: string; readonly events: readonly AuditEvent[]; readonly layer: Protector }> {
  const events: AuditEvent[] = [];
  const layer = protect({
    environment: 'development',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    ...options,
    audit: { sink: (_line, event) => void events.push(event) },
  });
  const server = layer.createServer((_request, response) => response.end());
  server.on('upgrade', (request, socket) => void listener(socket, request, layer));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  try {
    const host = `localhost:${port}`;
    const bytes = await exchangeBytes(port, HANDSHAKE.replaceAll('localhost', host));
    return { wire: bytes.toString('latin1'), events, layer };
  } finally {
    server.closeAllConnections();
    server.close();
    await layer.close();
  }
}

test('a 101 brings its cookies raised, tells nothing of the server, and has no header of a page', async () => {
  const { wire } = await upgraded((socket) => {
    socket.write(`${SWITCH}${COOKIES}`);
    socket.end('frames');
  });
  assert.match(wire, /^HTTP\/1\.1 101 Of My Own\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n/);
  assert.match(wire, /Set-Cookie: a=1; Path=\/; Secure; HttpOnly; SameSite=Lax\r\n/);
  assert.match(wire, /Set-Cookie: b=2; Path=\/; Secure; HttpOnly; SameSite=Lax\r\n/);
  assert.doesNotMatch(wire, /powered|Content-Security|X-Frame/i);
  assert.match(wire, /\r\n\r\nframes$/);
});

test('a session that begins at a handshake has its cookie in the 101', async () => {
  const { wire } = await upgraded(async (socket, request) => {
    await viewOf(request, '').session.signIn({ account: 'ada' });
    socket.end(`${SWITCH}\r\n`);
  });
  assert.match(wire, /^HTTP\/1\.1 101 [^]*\r\nSet-Cookie: __Host-sid=[\w-]{32}; /);
});

test('a session that ended while its handshake was looked at has no channel', async () => {
  const { wire } = await upgraded(async (socket, request, { sessions }) => {
    await viewOf(request, '').session.signIn({ account: 'ada' });
    await sessions.revokeAccount('ada');
    socket.write(`${SWITCH}\r\n`, () => socket.end('frames'));
  });
  assert.match(wire, /^HTTP\/1\.1 401 /);
  assert.doesNotMatch(wire, /101|frames/);
});

test('a no of the application has the headers of every answer, in however many pieces it is written', async () => {
  const { wire } = await upgraded((socket) => {
    for (const piece of ['HT', 'TP/1.1 404 Not F', 'ound\r\nContent-Length: 2\r', '\n\r', '\nno'])
      socket.write(piece);
    socket.end();
  });
  assert.match(wire, /^HTTP\/1\.1 404 Not Found\r\nContent-Length: 2\r\n/);
  assert.match(wire, /\r\nX-Frame-Options: DENY\r\n[^]*\r\n\r\nno$/);
});

test('what is said ahead of the answer is looked at by itself', async () => {
  const { wire } = await upgraded((socket) => {
    socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nSet-Cookie: a=1\r\n\r\nHTTP/1.1 101 Of`);
    socket.end(` My Own\r\nUpgrade: websocket\r\nSet-Cookie: b=2\r\n\r\nframes`);
  });
  assert.match(
    wire,
    /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>\r\n\r\nHTTP\/1\.1 101 Of My Own\r\nUpgrade: websocket\r\n/,
  );
  assert.match(wire, /Set-Cookie: b=2; Path=[^]*frames$/);
});

test('observed, a 101 is counted and leaves as it was written', async () => {
  const { wire, layer, events } = await upgraded((socket) => socket.end(`${SWITCH}${COOKIES}frames`), {
    cookies: { mode: 'observe' },
    headers: { mode: 'observe' },
    rateLimit: { mode: 'off' },
  });
  assert.equal(
    wire,
    `${SWITCH}Set-Cookie: a=1\r\nSet-Cookie: b=2; Domain=example.com\r\nX-Powered-By: ws\r\n\r\nframes`,
  );
  assert.equal(layer.counts.get('cookies')?.observed, 1);
  assert.equal(layer.counts.get('headers')?.observed, 1);
  assert.ok(events.some(({ guard, event }) => event === 'sys_observed' && guard === 'cookies'));
});

test('what is no head passes as it was written, at once', async () => {
  const { wire } = await upgraded((socket) => {
    socket.write('SSH-2.0-of another protocol\r\n');
    socket.end('HTTP/1.1 and no end');
  });
  assert.equal(wire, 'SSH-2.0-of another protocol\r\nHTTP/1.1 and no end');
});
