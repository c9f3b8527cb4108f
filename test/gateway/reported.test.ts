/**
 * What users of other proxies reported since 2024, asked of this gateway: each case names its thread. One upstream answers by path,
 * byte by byte, and keeps what it hears.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { ask, exchangeBytes, openSocket, valueOf, valuesOf, writeRequest } from '../../src/testing/wire.ts';
import { testPolicy } from '../hosts/hosts.ts';
import { until } from '../support/until.ts';
import { askHttp2, tlsSite } from './tls-site.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
/** By path. What is not here is answered with OK, and undefined ends the connection without a word. */
const ANSWERS: Readonly<Record<string, string | undefined>> = {
  '/length': 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4321\r\n\r\n',
  '/chunked': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  '/dies': undefined,
  '/upgrade-required':
    'HTTP/1.1 426 Upgrade Required\r\nConnection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 4\r\n\r\nneed',
  '/forbidden': 'HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno',
};

const heard: string[] = [];
const sockets = new Set<Socket>();
const upstream = createServer((socket) => {
  sockets.add(socket);
  const number = heard.push('') - 1;
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    const isFirst = heard[number] === '';
    const request = (heard[number] ?? '') + bytes.toString('latin1');
    heard[number] = request;
    if (!isFirst) return;
    const path = request.split(' ')[1] ?? '';
    socket.end(path in ANSWERS ? (ANSWERS[path] ?? '') : OK);
  });
});
let gateway: Gateway;
let port: number;

before(async () => {
  await once(upstream.listen(0, '127.0.0.1'), 'listening');
  const events: AuditEvent[] = [];
  const routes = { '/public': {}, '/admin/**': { require: 'signed-in' as const } };
  gateway = createGateway(testPolicy(events, { routes }), {
    upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
  });
  await once(gateway.server.listen(0, '127.0.0.1'), 'listening');
  ({ port } = gateway.server.address() as AddressInfo);
});
after(async () => {
  for (const socket of sockets) socket.destroy();
  upstream.close();
  gateway.server.closeAllConnections();
  gateway.server.close();
  await gateway.close();
});
beforeEach(() => {
  heard.length = 0;
});

test('HEAD has the length that the upstream says, and none where it says none (http-proxy-middleware#1121, traefik#11507)', async () => {
  const said = await ask(port, { method: 'HEAD', target: '/length' });
  assert.deepEqual([said.status, valueOf(said, 'content-length'), said.body], [200, '4321', '']);
  const silent = await ask(port, { method: 'HEAD', target: '/chunked' });
  assert.deepEqual([silent.status, valueOf(silent, 'content-length'), silent.body], [200, undefined, '']);
});

test('whoever names another address in a header is asked for the rule of the one they want (oauth2-proxy#3506)', async () => {
  for (const name of [
    'x-forwarded-uri',
    'x-forwarded-path',
    'x-original-url',
    'x-rewrite-url',
    'x_forwarded_uri',
  ]) {
    const { status } = await ask(port, { target: '/admin/users', headers: { [name]: '/public' } });
    assert.ok(status === 401 || status === 400, `${name}: ${status}`);
    assert.equal(
      (await ask(port, { target: '/public', headers: { [name]: '/admin/users' } })).body.includes('/admin'),
      false,
    );
  }
  assert.ok(
    heard.every((request) => !request.includes('/admin')),
    heard.join(),
  );
});

test('an underscore in a name of ours reaches nobody, in capitals or not (oauth2-proxy, CVE-2025-64484)', async () => {
  for (const name of ['X_Forwarded_User', 'x_forwarded_for', 'X-Forwarded_Email', 'X_BULWARK_NONCE'])
    await ask(port, { headers: { [name]: 'forged' } });
  assert.ok(!heard.join('').includes('forged'), heard.join());
});

test('a body that breaks off before its first byte is a 502 that says so, and not a connection that ends in silence (caddy#7845)', async () => {
  const silent = await ask(port, { target: '/length' });
  assert.equal(silent.status, 502);
  assert.match(silent.body, /urn:bulwark:problem:bad-answer/);
  // Of events and the like the head is out already: they are cut, and look it.
  const bytes = (await exchangeBytes(port, writeRequest({ target: '/chunked' }))).toString();
  assert.match(bytes, /^HTTP\/1\.1 200 [^]*\r\ntransfer-encoding: chunked\r\n/i);
  assert.ok(!bytes.endsWith('0\r\n\r\n'), bytes);
});

test('what may change something is sent once, with a body or without one, however its connection ends (varnish#4413, pingora#979)', async () => {
  const headers = { 'sec-fetch-site': 'same-origin' };
  for (const method of ['POST', 'DELETE', 'PATCH']) {
    assert.equal((await ask(port, { method, target: '/dies', headers, body: '' })).status, 502, method);
    assert.equal((await ask(port, { method, target: '/dies', headers, body: 'a=1' })).status, 502, method);
  }
  assert.equal(heard.length, 6);
});

test('a request without a body has no chunks behind the gateway, and a form without fields says that it is empty (reactor-netty#3548)', async () => {
  const headers = { 'sec-fetch-site': 'same-origin' };
  for (const method of ['GET', 'DELETE', 'POST']) await ask(port, { method, headers });
  await ask(port, { method: 'PUT', headers: { ...headers, 'content-length': '0' } });
  const framing = heard.map((request) => /^(?:content-length|transfer-encoding): .*$/im.exec(request)?.[0]);
  assert.deepEqual(framing, [undefined, undefined, 'Content-Length: 0', 'Content-Length: 0']);
});

test('addresses that sites have come as they are: signs, letters of other scripts, escapes that hide nothing (traefik#12623)', async () => {
  const targets = [
    '/api/v1/repositories/git%40github.com%3Aorg/apps?revision=&appName=',
    '/caf%C3%A9/a%20b',
    "/a;v=1/b,c/(d)!*'/@e/:f/+g",
    '/a%3Fb%23c%3Bd%7Ce',
    '/100%25',
    '/search?q=http%3A%2F%2Fexample.com%2Fa%2F..%2Fb&x=[1]|2',
  ];
  for (const target of targets) assert.equal((await ask(port, { target })).status, 200, target);
  assert.deepEqual(
    heard.map((request) => request.split(' ')[1]),
    targets,
  );
});

test('a slash in disguise is refused, since servers in Python take it for one (traefik#12395)', async () => {
  assert.equal((await ask(port, { target: '/public%2Fadmin' })).status, 400);
  assert.deepEqual(heard, []);
});

test('a body that is too large is refused before it is asked for, and one that fits is asked for once (haproxy#3316)', async () => {
  const head = (length: number): string =>
    writeRequest({
      method: 'POST',
      headers: { expect: '100-continue', 'content-length': String(length), 'sec-fetch-site': 'same-origin' },
    });
  const refused = (await exchangeBytes(port, head(11 * 1024 * 1024))).toString();
  assert.match(refused, /^HTTP\/1\.1 413 /);
  const { socket, received, closed } = await openSocket(port);
  socket.write(head(5));
  await until('it is asked for', () => received().startsWith('HTTP/1.1 100 Continue\r\n\r\n'));
  assert.deepEqual(heard, []);
  socket.write('hello');
  await closed;
  assert.match(received(), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  assert.match(heard[0] ?? '', /\r\n\r\nhello$/);
  assert.doesNotMatch(heard[0] ?? '', /expect:/i);
});

test('an answer that asks for an upgrade is an answer, and a handshake that is refused ends with what was said (haproxy#1997)', async () => {
  const wanted = await ask(port, { target: '/upgrade-required' });
  assert.deepEqual([wanted.status, wanted.body], [426, 'need']);
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    origin: 'https://example.com',
  };
  const refused = await ask(port, { target: '/forbidden', headers });
  assert.deepEqual([refused.status, refused.body, valuesOf(refused, 'upgrade')], [403, 'no', []]);
  assert.equal((await ask(port, { target: '/dies', headers })).status, 502);
});

test('events that the application breaks off are broken off for HTTP/2 too, and what a client leaves is left (vite#20712, httpxy#85)', async (t) => {
  const seen: string[] = [];
  const { connect } = await tlsSite(t, (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    response.on('close', () => seen.push(request.url ?? ''));
    if (request.url === '/broken') setImmediate(() => request.socket.destroy());
  });
  const session = await connect();
  const broken = await askHttp2(session, { ':path': '/broken' });
  assert.notEqual(broken.code, 0);
  const stream = session.request({ ':authority': 'site.example', ':path': '/left' });
  stream.on('error', () => undefined);
  await once(stream, 'data');
  stream.close(8);
  await until('the application hears of it', () => seen.includes('/left'));
});
