/** The shipped nginx.conf, in a real nginx, in front of a real application. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { connect, type ConnectionOptions } from 'node:tls';
import { valueOf, valuesOf } from '../../src/testing/wire.ts';
import { type Nginx, startNginx } from './nginx.ts';
import { Behind, proxySuite } from './proxy-suite.ts';
import { askPlain, openTls, writeClientRequest } from './tls-client.ts';
import { until } from '../support/until.ts';

proxySuite(startNginx);

let site: Behind;
let nginx: Nginx;
before(async () => {
  site = await Behind.start(async (port) => (nginx = await startNginx(port)));
});
after(async () => {
  await site.stop();
});

test('it says nothing against its own configuration', async () => {
  const fresh = await startNginx(site.app.port);
  try {
    // Started by anyone but root, it cannot be anyone else, and says so.
    assert.deepEqual(
      fresh
        .said()
        .split('\n')
        .filter((line) => line !== '' && !line.includes('"user" directive makes sense only')),
      [],
    );
  } finally {
    await fresh.stop();
  }
});

test('v5.0.0-15.2.2 a request that is only half there does not reach the application, in its head or its body', async () => {
  const request = writeClientRequest(site.proxy, {
    method: 'POST',
    target: '/half',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: 'x'.repeat(1000),
  });
  const [inHead, inBody] = [await openTls(site.proxy), await openTls(site.proxy)];
  inHead.write(request.slice(0, 40));
  inBody.write(request.slice(0, -1));
  assert.equal((await site.ask({ target: '/whole' })).status, 200);
  assert.ok(!site.reached.includes('/half'));
  inHead.destroy();
  let answer = '';
  inBody.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  inBody.write('x');
  await until('the whole of it is answered', () => answer.includes('"bytes":1000'));
  inBody.destroy();
  assert.equal(site.reached.filter((path) => path === '/half').length, 1);
});

test('v5.0.0-12.1.1 v5.0.0-12.1.2 TLS is 1.2 or 1.3, and encrypts and authenticates in one', async () => {
  const handshake = (options: ConnectionOptions): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const { host: servername, certificate: ca, httpsPort: port } = site.proxy;
    const socket = connect({ port, host: '127.0.0.1', servername, ca, ...options }, () => {
      resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
      socket.destroy();
    });
    socket.once('error', reject);
    return promise;
  };
  assert.match(await handshake({ minVersion: 'TLSv1.3' }), /^TLSv1\.3 /);
  assert.match(await handshake({ maxVersion: 'TLSv1.2' }), /^TLSv1\.2 ECDHE-.*(GCM|POLY1305)/);
  // Old versions and suites are on this side's list, so that it is the server that refuses them.
  const old = { ciphers: 'ALL:@SECLEVEL=0' };
  await assert.rejects(handshake({ ...old, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }), /alert/i);
  for (const ciphers of ['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-CCM8', 'AES128-GCM-SHA256']) {
    await assert.rejects(handshake({ ciphers: `${ciphers}:@SECLEVEL=0`, maxVersion: 'TLSv1.2' }), /alert/i);
  }
});

test('HTTP/2 arrives under the same policy, with the address of its client', async () => {
  const socket = await openTls(site.proxy, { from: '127.0.0.4', protocols: ['h2'] });
  const connection = connectHttp2(`https://${site.proxy.host}`, { createConnection: () => socket });
  try {
    const stream = connection.request({ ':path': '/two', 'x-forwarded-for': '198.51.100.1' });
    const body = JSON.parse(await text(stream)) as { client: string; lines: string[] };
    assert.equal(body.client, '127.0.0.4');
    assert.ok(body.lines.includes('host: files.example.com'));
  } finally {
    connection.close();
    socket.destroy();
  }
});

test('v5.0.0-15.2.2 one client has a hundred requests under way and no more, and others are served', async () => {
  const form = { method: 'POST', target: '/', headers: { 'sec-fetch-site': 'same-origin' }, body: 'xy' };
  const half = writeClientRequest(site.proxy, form).slice(0, -1);
  const open = async (): Promise<Awaited<ReturnType<typeof openTls>>> => {
    const socket = await openTls(site.proxy, { from: '127.0.0.5' });
    socket.write(half);
    return socket;
  };
  const sockets = await Promise.all(Array.from({ length: 100 }, open));
  await until('the client has no more', async () => {
    // On a slow machine nginx gives up the first of them before the last is there.
    for (const [index, socket] of sockets.entries()) if (socket.closed) sockets[index] = await open();
    return (await site.ask({}, { from: '127.0.0.5' })).status === 429;
  });
  assert.equal((await site.ask({}, { from: '127.0.0.6' })).status, 200);
  for (const socket of sockets) socket.destroy();
});

test("nginx's own refusals say nothing of nginx but its name, and are kept by nobody", async () => {
  const requests = {
    400: 'GET / HTTP/1.1\r\nHost: files.example.com\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    405: 'TRACE / HTTP/1.1\r\nHost: files.example.com\r\nConnection: close\r\n\r\n',
    414: `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: files.example.com\r\nConnection: close\r\n\r\n`,
    404: 'GET /-nginx-/refused HTTP/1.1\r\nHost: files.example.com\r\nConnection: close\r\n\r\n',
  };
  for (const [status, request] of Object.entries(requests)) {
    const answer = await site.ask(request);
    assert.equal(answer.status, Number(status));
    assert.equal(valueOf(answer, 'server'), 'nginx');
    assert.doesNotMatch(answer.body, /nginx/);
    assert.equal(valueOf(answer, 'cache-control'), 'no-store');
  }
});

test('what it stops itself does not arrive: other upgrades, look-alikes of headers, bodies past the limit', async () => {
  const upgrade = { connection: 'Upgrade, close', upgrade: 'h2c' };
  const seen = await site.seen({ headers: { ...upgrade, x_forwarded_for: '198.51.100.1' } });
  assert.deepEqual(
    seen.lines.filter((line) => /^(upgrade|connection|x_)/.test(line)),
    [],
  );
  const body = { 'content-length': String(10 * 1024 * 1024 + 1), 'sec-fetch-site': 'same-origin' };
  const answer = await site.ask({ method: 'POST', target: '/large', headers: body });
  assert.equal(answer.status, 413);
  assert.match(answer.body, /refused before it reached the application/);
  assert.ok(!site.reached.includes('/large'));
});

test('answers of the application are not compressed on the way, and errors of its own pass as they are', async () => {
  const missing = await site.ask({ method: 'POST', headers: { 'accept-encoding': 'gzip' } });
  assert.equal(missing.status, 200);
  assert.deepEqual(valuesOf(missing, 'content-encoding'), []);
  const refused = await site.ask({ method: 'DELETE', headers: { origin: 'https://evil.example' } });
  assert.equal(refused.status, 403);
  assert.match(refused.body, /urn:bulwark:problem/);
});

test('certificates can be asked for by plain http, and the log has no query', async () => {
  // Where the program that proves the name puts it.
  const folder = join(nginx.folder, 'acme/.well-known/acme-challenge');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'token'), 'proof');
  const answer = await askPlain(site.proxy, { target: '/.well-known/acme-challenge/token' });
  assert.deepEqual([answer.status, answer.body], [200, 'proof']);
  await site.ask({ target: '/reset?token=s3cr3t' });
  await until('it is logged', () => nginx.accessLog().includes('GET /reset HTTP/1.1'));
  assert.doesNotMatch(nginx.accessLog(), /s3cr3t/);
});
