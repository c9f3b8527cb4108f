/** Answers that two readers may understand differently end at the gateway, and what was cut behind it is never whole before it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import type { GatewayOptions } from '../../src/gateway/options/gateway.options.ts';
import { ask, exchangeBytes, writeRequest } from '../../src/testing/wire.ts';
import { type WatchedGateway, watchedGateway } from './recorder.ts';

/** An upstream that says these bytes to the head of a request. `then` is what it does next; it ends, unless it is said. */
async function answering(
  t: TestContext,
  bytes: string,
  then: (socket: Socket) => void = (socket) => socket.end(),
  options: Omit<GatewayOptions, 'upstream'> = {},
): Promise<WatchedGateway & { connections: () => number }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (piece) => {
      if (!piece.includes('\r\n\r\n')) return;
      socket.write(bytes, 'latin1');
      then(socket);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const site = await watchedGateway(t, (server.address() as AddressInfo).port, options);
  return { ...site, connections: () => sockets.length };
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

/** Nothing of these may reach a client. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'status lines': [
    'HTTP/2.0 200 OK\r\n\r\n',
    'HTTP/1.2 200 OK\r\n\r\n',
    'HTTP/0.9 200 OK\r\n\r\n',
    'HTTP/1.1  200 OK\r\n\r\n',
    'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 000 OK\r\n\r\n',
    'HTTP/1.1 099 OK\r\n\r\n',
    'HTTP/1.1 600 OK\r\n\r\n',
    'HTTP/1.1 2x0 OK\r\n\r\n',
    'HTTP/1.1 +20 OK\r\n\r\n',
    'HTTP/1.1 200OK\r\n\r\n',
    'HTTP/1.1\t200\tOK\r\n\r\n',
    'http/1.1 200 OK\r\n\r\n',
    ' HTTP/1.1 200 OK\r\n\r\n',
    '\r\nHTTP/1.1 200 OK\r\n\r\n',
    'HTTP/1.1 200 O\u0000K\r\n\r\n',
    'HTTP/1.1 200 O\rK\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n',
  ],
  'field lines': [
    'X: a\rb',
    'X: a\nSet-Cookie: b=c',
    'X: a\u0000b',
    'X: a\u007fb',
    'X : a',
    ' X: a',
    'X: a\r\n b',
    'X: a\r\n\tb',
    'X',
    ': a',
    'X\u0000: a',
    'X\u00e4: a',
    'X(a): b',
  ].map((line) => `${OK}${line}\r\nContent-Length: 2\r\n\r\nok`),
  lengths: [
    'Content-Length: 2\r\nContent-Length: 3',
    'Content-Length: 2, 2',
    'Content-Length: 2,3',
    'Content-Length: +2',
    'Content-Length: -2',
    'Content-Length: 0x2',
    'Content-Length: ',
    'Content-Length: 2a',
    `Content-Length: ${'9'.repeat(20)}`,
    'Content-Length: 2\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked\r\nContent-Length: 2',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding: identity',
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: ',
  ].map((lines) => `${OK}${lines}\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
  'a coding under HTTP/1.0': ['HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
  'heads without an end': [
    `${OK}X: ${'a'.repeat(70_000)}\r\n\r\n`,
    `${OK}${'X: a\r\n'.repeat(300)}\r\n`,
    `${OK}X: a`,
    OK,
    '',
    'HTTP/1.1 200 OK\n\n',
  ],
  'too many interim answers': ['HTTP/1.1 100 Continue\r\n\r\n'.repeat(20)],
};

/** The head of each is good, and its body is not: what came may go out, and never with the end of a whole one. */
const CUT: readonly string[] = [
  `${OK}Content-Length: 10\r\n\r\nhalf`,
  `${CHUNKED}4\r\nhalf\r\n`,
  `${CHUNKED}4\r\nhalf`,
  `${CHUNKED}4\r\nhalf\r\n0`,
  `${CHUNKED}4\r\nhalf\r\n0\r\n`,
  `${CHUNKED}4\r\nhalf!\r\n0\r\n\r\n`,
  `${CHUNKED}4\r\nhalf\n0\r\n\r\n`,
  `${CHUNKED}4\nhalf\r\n0\r\n\r\n`,
  `${CHUNKED}4\r\nhalf\r\n+0\r\n\r\n`,
  `${CHUNKED}4\r\nhalf\r\n0x0\r\n\r\n`,
  `${CHUNKED}4\r\nhalf\r\n 0\r\n\r\n`,
  `${CHUNKED}4\r\nhalf\r\ng\r\n\r\n`,
  `${CHUNKED}4\r\nhalf\r\nfffffffffffffffff\r\n\r\n`,
  `${CHUNKED}4\r\nhalf\r\n0;a=\u0000\r\n\r\n`,
  `${CHUNKED}4\r\nhalf\r\n0;${'a'.repeat(300)}\r\n\r\n`,
  `${CHUNKED}4\r\nhalf\r\n0\r\nX : a\r\n\r\n`,
  `${CHUNKED}4\r\nhalf\r\n0\r\nX: a\nY: b\r\n\r\n`,
  `${CHUNKED}4\r\nhalf\r\n0\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
];

describe('an answer that two readers may understand differently is a 502, and nothing of it goes out', () => {
  for (const [kind, answers] of Object.entries(REFUSED))
    test(`${kind}: ${answers.length} of them`, async (t) => {
      for (const answer of answers) {
        const site = await answering(t, answer);
        const { status, body } = await ask(site.port, {});
        assert.equal(status, 502, JSON.stringify(answer.slice(0, 100)));
        assert.match(body, /urn:bulwark:problem:bad-answer/);
        assert.equal(site.events.filter(({ event }) => event === 'sys_service_unavailable').length, 1);
      }
    });
});

describe('what was cut behind the gateway is cut before it', () => {
  test(`under HTTP/1.1: ${CUT.length} bodies without a good end`, async (t) => {
    for (const answer of CUT) {
      const site = await answering(t, answer);
      const bytes = (await exchangeBytes(site.port, writeRequest({}))).toString('latin1');
      const shown = `${JSON.stringify(answer.slice(0, 120))} -> ${JSON.stringify(bytes.slice(-60))}`;
      if (bytes.startsWith('HTTP/1.1 502 ')) continue;
      assert.ok(!bytes.endsWith('\r\n0\r\n\r\n'), shown);
      const declared = /\r\ncontent-length: (\d+)/i.exec(bytes)?.[1];
      if (declared !== undefined)
        assert.ok(bytes.length - bytes.indexOf('\r\n\r\n') - 4 < Number(declared), shown);
      else assert.match(bytes, /\r\ntransfer-encoding: chunked\r\n/i, shown);
    }
  });

  test('under HTTP/1.0, where the end of the connection is the end of a body, it is a reset', async (t) => {
    for (const answer of [`${CHUNKED}4\r\nhalf\r\n`, `${CHUNKED}4\r\nhalf\r\nnonsense\r\n`]) {
      const site = await answering(t, answer);
      const socket = connect(site.port, '127.0.0.1');
      const failed = once(socket, 'error');
      socket.write('GET / HTTP/1.0\r\nHost: example.com\r\nX-Forwarded-Proto: https\r\n\r\n');
      socket.resume();
      assert.equal(((await failed) as [NodeJS.ErrnoException])[0].code, 'ECONNRESET');
    }
  });

  test('a whole one is whole under HTTP/1.0 too', async (t) => {
    const site = await answering(t, `${CHUNKED}5\r\nwhole\r\n0\r\n\r\n`);
    const request = 'GET / HTTP/1.0\r\nHost: example.com\r\nX-Forwarded-Proto: https\r\n\r\n';
    const bytes = (await exchangeBytes(site.port, request)).toString('latin1');
    assert.match(bytes, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nwhole$/);
  });
});

test("bytes behind an answer are nobody else's, on a connection that could be kept", async (t) => {
  const surplus = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';
  for (const [answer, method] of [
    [`${OK}Content-Length: 2\r\n\r\nok`, 'GET'],
    [`${CHUNKED}2\r\nok\r\n0\r\n\r\n`, 'GET'],
    ['HTTP/1.1 204 No Content\r\n\r\n', 'GET'],
    ['HTTP/1.1 304 Not Modified\r\nContent-Length: 44\r\n\r\n', 'GET'],
    [`${OK}Content-Length: 44\r\n\r\n`, 'HEAD'],
  ] as const) {
    const site = await answering(t, answer + surplus, () => undefined, { keepAlive: '10s' });
    for (const round of [1, 2, 3]) {
      const bytes = (await exchangeBytes(site.port, writeRequest({ method }))).toString('latin1');
      assert.ok(!bytes.includes('evil'), `${answer}, ${round}: ${bytes}`);
    }
    assert.equal(site.connections(), 3);
  }
});

test('a body where none may be goes nowhere: HEAD, 204 and 304', async (t) => {
  for (const [answer, method] of [
    [`${OK}Content-Length: 4\r\n\r\nbody`, 'HEAD'],
    [`${CHUNKED}4\r\nbody\r\n0\r\n\r\n`, 'HEAD'],
    ['HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nbody', 'GET'],
    ['HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n', 'GET'],
    ['HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody', 'GET'],
    ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nbody', 'GET'],
  ] as const) {
    const site = await answering(t, answer);
    const bytes = (await exchangeBytes(site.port, writeRequest({ method }))).toString('latin1');
    assert.match(bytes, /^HTTP\/1\.1 (?:200|204|304) [^]*\r\n\r\n$/, JSON.stringify(answer));
    if (bytes.startsWith('HTTP/1.1 204')) assert.ok(!/content-length|transfer-encoding/i.test(bytes), bytes);
  }
});

test('an answer that comes before the body was read is the answer, and the body is sent to nobody else', async (t) => {
  // More than the sockets between them hold, so that the upstream cannot have taken it.
  const body = 'x'.repeat(9_000_000);
  for (const then of [
    (socket: Socket): void => void socket.pause().end(),
    (socket: Socket): void => void socket.pause(),
  ]) {
    const site = await answering(t, 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno!', then, {
      keepAlive: '10s',
    });
    const headers = { 'sec-fetch-site': 'same-origin' };
    const answer = await ask(site.port, { method: 'POST', headers, body });
    assert.equal(answer.status, 413);
    assert.equal(answer.body, 'no!');
    assert.equal((await ask(site.port, {})).status, 413);
    assert.equal(site.connections(), 2);
  }
});

test('interim answers are passed on where a browser has use for them, and swallowed where not', async (t) => {
  const site = await answering(
    t,
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nX: a\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`,
  );
  const bytes = (await exchangeBytes(site.port, writeRequest({}))).toString('latin1');
  assert.match(
    bytes,
    /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload\r\n\r\nHTTP\/1\.1 200 OK\r\n/i,
  );
  const old = 'GET / HTTP/1.0\r\nHost: example.com\r\nX-Forwarded-Proto: https\r\n\r\n';
  // HTTP/1.0 has none (RFC 9110 15.2).
  assert.match((await exchangeBytes(site.port, old)).toString('latin1'), /^HTTP\/1\.1 200 OK\r\n/);
});
