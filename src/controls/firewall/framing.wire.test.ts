/** The same guard on bytes as they come: what the parser of Node.js lets through, and what of it we refuse. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, test } from 'node:test';
import { readFraming } from './framing.ts';

let verdicts: string[] = [];

function judge(request: IncomingMessage): void {
  const { method = '', url = '', httpVersion, rawHeaders, headers } = request;
  const facts = {
    method,
    target: url,
    httpVersion,
    rawHeaders,
    headers,
    peer: '127.0.0.1',
    encrypted: false,
  };
  verdicts.push(readFraming(facts, 100)?.flaw ?? 'passed');
}

const server = createServer({ requireHostHeader: false }, (request, response) => {
  judge(request);
  response.setHeader('connection', 'close').end();
});
server.on('upgrade', (request, socket) => {
  judge(request);
  socket.destroy();
});
server.on('clientError', (_error, socket) => {
  verdicts.push('unparsed');
  socket.destroy();
});

before(() => once(server.listen(0, '127.0.0.1'), 'listening'));
after(() => server.close());

/** The first verdict over raw bytes. */
async function send(raw: string): Promise<string | undefined> {
  verdicts = [];
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => verdicts.push('reset'));
  socket.resume().end(raw, 'latin1');
  await once(socket, 'close');
  return verdicts[0];
}

const get = (...lines: string[]): string =>
  `GET / HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
const post = (lines: string[], body: string): string =>
  `POST / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n${body}`;
const CHUNKS = '0\r\n\r\n';

test('passes an ordinary request', async () => {
  assert.equal(await send(get('Host: a')), 'passed');
  assert.equal(await send(post(['Transfer-Encoding: chunked'], CHUNKS)), 'passed');
});

/** Node.js hands each of these to the application. */
const LET_THROUGH: readonly [raw: string, reason: string][] = [
  [get('Host: a', 'Host: b'), 'two Host lines'],
  [get(), 'no Host'],
  [get('Host: '), 'Host is no host'],
  [get('Host: a,b'), 'Host is no host'],
  [get('Host: user@a/x'), 'Host is no host'],
  [get('Host: a\u00ff'), 'Host is no host'],
  ['GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n', 'absolute target for another host than Host'],
  ['GET * HTTP/1.1\r\nHost: a\r\n\r\n', 'target is of no form that this method has'],
  ['GET / HTTP/0.9\r\nHost: a\r\n\r\n', 'HTTP version is neither 1.1 nor 1.0'],
  ['GET / HTTP/2.0\r\nHost: a\r\n\r\n', 'HTTP version is neither 1.1 nor 1.0'],
  ['GET /\r\n\r\n', 'HTTP version is neither 1.1 nor 1.0'],
  [
    'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'Transfer-Encoding on HTTP/1.0',
  ],
  [post(['Transfer-Encoding: Chunked'], CHUNKS), 'Transfer-Encoding other than chunked'],
  [post(['Transfer-Encoding: gzip, chunked'], CHUNKS), 'Transfer-Encoding other than chunked'],
  [post(['Transfer-Encoding: identity'], ''), 'Transfer-Encoding other than chunked'],
  [post(['Content-Length: 003'], 'abc'), 'Content-Length is not plain digits'],
  [post(['Content_Length: 3'], ''), 'header name folds into another'],
  [
    get('Host: a', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AA'),
    'upgrade to h2c',
  ],
];

for (const [raw, reason] of LET_THROUGH) {
  test(`refuses what Node.js lets through: ${reason}, ${JSON.stringify(raw).slice(0, 60)}`, async () => {
    assert.equal(await send(raw), reason);
  });
}

/** Its parser refuses each of these; should that change, this test says so. */
const UNPARSED: readonly string[] = [
  post(['Transfer-Encoding: chunked', 'Content-Length: 3'], CHUNKS),
  post(['Transfer-Encoding: chunked', 'Transfer-Encoding: x'], CHUNKS),
  post(['Transfer-Encoding : chunked'], CHUNKS),
  post(['Transfer-Encoding: chunked, chunked'], CHUNKS),
  post(['Content-Length: 3', 'Content-Length: 3'], 'abc'),
  post(['Content-Length: +3'], 'abc'),
  post(['Content-Length: 1 3'], 'abc'),
  get('Host: a', 'X: a\u0000b'),
  get('Host: a', ' folded: b'),
  'GET / HTTP/1.1\nHost: a\n\n',
  'GET /\u0001 HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET / HTTP/1.2\r\nHost: a\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
];

for (const raw of UNPARSED) {
  test(`leaves to the parser of Node.js: ${JSON.stringify(raw).slice(0, 90)}`, async () => {
    assert.equal(await send(raw), 'unparsed');
  });
}
