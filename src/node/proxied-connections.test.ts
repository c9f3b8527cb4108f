import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { AuditEvent } from '../audit/audit-event.ts';
import { makeCertificate } from '../../test/support/certificate.ts';
import { HANG_MS } from '../../test/support/hang.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { until } from '../../test/support/until.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { memory } from '../stores/memory/state.ts';
import { attachedView, View } from '../layer/view.ts';
import { protect, type Protector } from './protector.ts';

interface Site {
  readonly layer: Protector;
  readonly server: Server;
  readonly port: number;
  readonly events: AuditEvent[];
  readonly stop: () => Promise<void>;
}

const tls = makeCertificate('example.com');

/** Answers with who it takes for the client, and what it was sent. */
async function start(options: PolicyOptions, secure = false): Promise<Site> {
  const events: AuditEvent[] = [];
  const layer = protect({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    proxy: { trusted: ['127.0.0.1'], protocol: true },
    audit: { sink: (_line, event) => void events.push(event) },
    ...options,
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const view = attachedView(request);
    assert.ok(view !== undefined);
    const { client, secure: isSecure } = View.exchangeOf(view);
    const sent = await text(request);
    const { remoteAddress, remotePort } = request.socket;
    response.end(JSON.stringify([client.address, isSecure, remoteAddress, remotePort, sent.length]));
  };
  const server = layer.createServer(
    (request, response) => void answer(request, response),
    secure ? tls : undefined,
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    layer,
    server,
    port: (server.address() as AddressInfo).port,
    events,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await layer.close();
    },
  };
}

function lines(target: string, body = '', more = ''): string {
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\nSec-Fetch-Site: same-origin\r\n`;
  const method = body === '' ? 'GET' : 'POST';
  return `${method} ${target} HTTP/1.1\r\nHost: example.com\r\n${more}${length}Connection: close\r\n\r\n${body}`;
}

/** A head of version 2 for 192.0.2.7:4711 over IPv4, with the field of a client that came by TLS. */
const OVER_TLS = Buffer.concat([
  Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, 0, 20]),
  Buffer.from([192, 0, 2, 7, 127, 0, 0, 1, 0x12, 0x67, 0x01, 0xbb, 0x20, 0, 5, 1, 0, 0, 0, 0]),
]);

function said(answer: string): unknown {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
}

async function askAll(socket: Socket, pieces: readonly (string | Buffer)[]): Promise<string> {
  socket.setNoDelay(true);
  const answer = text(socket);
  for (const piece of pieces) {
    socket.write(piece);
    // Each is a piece of its own to the server.
    await new Promise(setImmediate);
  }
  return answer;
}

let site: Site;
before(async () => {
  site = await start({});
});
after(async () => {
  await site.stop();
});

async function ask(...pieces: readonly (string | Buffer)[]): Promise<string> {
  return askAll(connect(site.port, '127.0.0.1'), pieces);
}

test('the client is who the head names, over TLS where the proxy says so, however the bytes are cut', async () => {
  const expected = ['192.0.2.7', true, '192.0.2.7', 4711, 0];
  assert.deepEqual(said(await ask(Buffer.concat([OVER_TLS, Buffer.from(lines('/'))]))), expected);
  assert.deepEqual(said(await ask(OVER_TLS, lines('/'))), expected);
  const whole = Buffer.concat([OVER_TLS, Buffer.from(lines('/'))]);
  for (const cut of [1, 13, 30, 36, 40])
    assert.deepEqual(said(await ask(whole.subarray(0, cut), whole.subarray(cut))), expected, String(cut));
});

test('a body that is far longer than one piece comes whole behind a head', async () => {
  const body = 'x'.repeat(900_000);
  const answer = await ask(Buffer.concat([OVER_TLS, Buffer.from(lines('/', body))]));
  assert.deepEqual(said(answer), ['192.0.2.7', true, '192.0.2.7', 4711, body.length]);
});

test('what a client writes into headers of proxies counts for nothing', async () => {
  const forged = lines('/', '', 'X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Proto: http\r\n');
  assert.deepEqual(said(await ask(OVER_TLS, forged)), ['192.0.2.7', true, '192.0.2.7', 4711, 0]);
  // Over plain http it is plain http, whatever the client says.
  const plain = await ask(
    'PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n',
    lines('/', '', 'X-Forwarded-Proto: https\r\n'),
  );
  assert.match(plain, /^HTTP\/1\.1 308 /);
});

test('a proxy that asks for itself is itself, and one that hides its client is believed nothing', async () => {
  const local = Buffer.from(OVER_TLS);
  local[12] = 0x20;
  const forwarded = lines('/', '', 'X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Proto: https\r\n');
  const [address] = said(await ask(local, forwarded)) as string[];
  assert.equal(address, '198.51.100.1');
  const hidden = Buffer.from(OVER_TLS.subarray(0, 16));
  hidden[13] = 0x00;
  hidden[15] = 8;
  const behind = Buffer.concat([hidden, OVER_TLS.subarray(28)]);
  assert.deepEqual(said(await ask(behind, forwarded)), ['unknown', true, 'unknown', 0, 0]);
});

test('a trusted proxy without a good head is cut off unanswered, and told once', async () => {
  const before = site.events.length;
  for (const bytes of [
    lines('/'),
    'PROXY TCP4 192.0.2.7\r\n',
    'PROXY TCP4 192.0.2.7 127.0.0.1 1',
    '\r\n\r\n\0\r\nQUAT\n',
  ])
    assert.equal(await endOf(bytes), '', bytes);
  const told = site.events.slice(before);
  assert.deepEqual([...new Set(told.map(({ event }) => event))], ['input_validation_fail']);
  assert.equal(told[0]?.details?.['client'], '127.0.0.1');
});

test('who only looks whether we live is no event', async () => {
  const before = site.events.length;
  assert.equal(await endOf(''), '');
  assert.deepEqual(said(await ask(OVER_TLS, lines('/'))), ['192.0.2.7', true, '192.0.2.7', 4711, 0]);
  assert.equal(site.events.length, before);
});

/** Sends some bytes and ends; returns what came. */
async function endOf(bytes: string): Promise<string> {
  const socket = connect(site.port, '127.0.0.1');
  const answer = text(socket);
  socket.end(bytes, 'latin1');
  return answer;
}

test('a head that does not come is waited for as long as other headers, and no longer', async () => {
  const slow = await start({ timeouts: { headers: '100ms' } });
  try {
    const socket = connect(slow.port, '127.0.0.1', () => socket.write('PROXY '));
    assert.equal(await text(socket), '');
    await until('it is told', () =>
      slow.events.some(({ details }) => /in time/.test(String(details?.['reason']))),
    );
  } finally {
    await slow.stop();
  }
});

test('whoever is not trusted needs no head, and has a broken request of one', async () => {
  const open = await start({ proxy: { trusted: ['192.0.2.200'], protocol: true } });
  try {
    const answer = async (...pieces: readonly (string | Buffer)[]): Promise<string> =>
      askAll(connect(open.port, '127.0.0.1'), pieces);
    assert.match(await answer(lines('/')), /^HTTP\/1\.1 308 /);
    for (const head of ['PROXY TCP4 192.0.2.7 127.0.0.1 4711 443\r\n', OVER_TLS])
      assert.match(await answer(head, lines('/')), /^HTTP\/1\.1 400 /);
    const told = open.events.filter(({ event }) => event === 'sys_misconfigured');
    assert.equal(told.length, 1, 'with the line to write, in case it is ours');
    assert.match(
      String(told[0]?.details?.['message']),
      /proxy: \{ trusted: \['127\.0\.0\.1'\], protocol: true \}/,
    );
  } finally {
    await open.stop();
  }
});

test('the head stands before TLS that ends here, and connections are counted by its client', async () => {
  const secure = await start({ timeouts: { connectionsPerClient: 1 } }, true);
  const open = async (client: string): Promise<Socket> => {
    const line = connect(secure.port, '127.0.0.1');
    await once(line, 'connect');
    line.write(`PROXY TCP6 ${client} 2001:db8::1 4711 443\r\n`);
    const socket = connectTls({ socket: line, servername: 'example.com', ca: tls.cert });
    await once(socket, 'secureConnect');
    return socket;
  };
  try {
    const first = await open('2001:db8:0:1::7');
    await assert.rejects(open('2001:db8:0:1::8'), 'the same network has one connection open');
    const [one, other] = await Promise.all([
      askAll(first, [lines('/')]),
      askAll(await open('2001:db8:0:2::7'), [lines('/')]),
    ]);
    assert.deepEqual(said(one), ['2001:db8:0:1::7', true, '2001:db8:0:1::7', 4711, 0]);
    assert.deepEqual(said(other), ['2001:db8:0:2::7', true, '2001:db8:0:2::7', 4711, 0]);
  } finally {
    await secure.stop();
  }
});

test('a client of a proxy that begins with a head of its own is no proxy, and is recommended to nobody', async () => {
  const before = site.events.length;
  assert.match(
    await ask(OVER_TLS, 'PROXY TCP4 192.0.2.9 127.0.0.1 1 443\r\n', lines('/')),
    /^HTTP\/1\.1 400 /,
  );
  assert.ok(!site.events.slice(before).some(({ event }) => event === 'sys_misconfigured'));
});

test('who still waits for its head goes with the server, and is not answered later', async () => {
  for (const name of ['close', 'closeAllConnections'] as const) {
    const one = await start({ timeouts: { headers: '60s' } });
    const { server } = one;
    const sockets = ['', 'PROXY '].map((begun) =>
      connect(one.port, '127.0.0.1', function (this: Socket) {
        this.write(begun);
      }),
    );
    const answers = sockets.map(() => '');
    const gone = Promise.all(
      sockets.map(async (socket, index) => {
        // Whether it ends or is reset is the kernel's choice.
        socket.on('error', () => undefined);
        socket.on('data', (piece) => (answers[index] += String(piece)));
        await new Promise((resolve) => socket.once('close', resolve));
      }),
    );
    const count = promisify(server.getConnections.bind(server));
    while ((await count()) < 2) await new Promise(setImmediate);
    const closed = once(server, 'close');
    if (name === 'close') server.close();
    else server.closeAllConnections();
    try {
      const late = new Promise((resolve) => setTimeout(resolve, HANG_MS, 'late').unref());
      assert.notEqual(await Promise.race([gone, late]), 'late', name);
      assert.deepEqual(answers, ['', '']);
      if (name === 'close') assert.notEqual(await Promise.race([closed, late]), 'late');
    } finally {
      for (const socket of sockets) socket.destroy();
      await one.stop();
    }
  }
});

test('a server that nobody speaks the protocol to has nothing on its way for it', async () => {
  const plain = await start({ proxy: { trusted: ['127.0.0.1'] } });
  const { server } = plain;
  try {
    // One function stands over the events of the server, that of the gate.
    assert.equal(server.emit.name, 'guardedEmit');
    const answer = await askAll(connect(plain.port, '127.0.0.1'), [OVER_TLS, lines('/')]);
    assert.match(answer, /^HTTP\/1\.1 400 /);
  } finally {
    await plain.stop();
  }
});
