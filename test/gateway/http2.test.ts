/** HTTP/2 to the gateway: what differs from HTTP/1.1, and what must not. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { until } from '../support/until.ts';
import { askHttp2, closed, tlsSite, type TlsSite } from './tls-site.ts';

const OWN = { origin: 'https://site.example' };

test('trailers and early hints of the application come, and what belongs to a connection does not', async (t) => {
  const { connect } = await tlsSite(t, (_request, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.writeHead(200, { trailer: 'x-sum', 'keep-alive': 'timeout=5', 'content-type': 'text/plain' });
    response.write('one ');
    response.addTrailers([['x-sum', '7']]);
    response.end('two');
  });
  const session = await connect();
  const hints: unknown[] = [];
  session.on('stream', (_stream, headers) => hints.push(headers));
  const stream = session.request({ ':authority': 'site.example', ':path': '/' });
  stream.on('headers', (headers) => hints.push([headers[':status'], headers['link']]));
  stream.resume();
  await closed(stream);
  assert.deepEqual(hints, [[103, '</a.css>; rel=preload']]);
  const answer = await askHttp2(session, {});
  assert.equal(String(answer.body), 'one two');
  assert.equal(answer.trailers?.['x-sum'], '7');
  for (const name of ['connection', 'keep-alive', 'transfer-encoding', 'trailer'])
    assert.equal(answer.headers[name], undefined, name);
});

test('bodies go through whole both ways, with a length and without one', async (t) => {
  const { connect } = await tlsSite(
    t,
    (request, response) => {
      const hash = createHash('sha256');
      request.on('data', (piece: Buffer) => hash.update(piece));
      request.on('end', () => {
        const body = Buffer.alloc(5_000_000, hash.digest('hex'));
        if (request.url === '/length') response.writeHead(200, { 'content-length': body.length });
        response.end(body);
      });
    },
    { body: { limit: '20MB' } },
  );
  const session = await connect();
  const sent = Buffer.alloc(6_000_000, 'abcdefg');
  const hash = createHash('sha256').update(sent).digest('hex');
  for (const path of ['/length', '/chunks']) {
    const length = path === '/length' ? { 'content-length': sent.length } : {};
    const answer = await askHttp2(session, { ':method': 'POST', ':path': path, ...OWN, ...length }, sent);
    assert.deepEqual([answer.status, answer.code], [200, 0]);
    assert.ok(answer.body.equals(Buffer.alloc(5_000_000, hash)), path);
  }
});

test('answers without a body are without one: HEAD, 204 and 304', async (t) => {
  const { connect } = await tlsSite(t, (request, response) => {
    response.writeHead(Number(request.url?.slice(1)), { etag: '"a"' });
    response.end();
  });
  const session = await connect();
  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ] as const) {
    const answer = await askHttp2(session, { ':method': method, ':path': `/${status}` });
    assert.deepEqual([answer.status, answer.body.length, answer.code], [status, 0, 0]);
  }
});

test('an answer that was cut is seen as cut, and others on the connection go on', async (t) => {
  const { connect } = await tlsSite(t, (request, response) => {
    if (request.url === '/cut') response.write('half', () => request.socket.destroy());
    else response.end('whole');
  });
  const session = await connect();
  const [cut, whole] = await Promise.all([askHttp2(session, { ':path': '/cut' }), askHttp2(session, {})]);
  assert.notEqual(cut.code, 0);
  assert.equal(String(cut.body), 'half');
  assert.deepEqual([String(whole.body), whole.code], ['whole', 0]);
});

test('a request that is called off is called off at the application', async (t) => {
  const seen: string[] = [];
  const { connect } = await tlsSite(t, (_request, response) => {
    seen.push('asked');
    response.on('close', () => seen.push(response.writableFinished ? 'whole' : 'gone'));
    response.write('a');
  });
  const session = await connect();
  const stream = session.request({ ':authority': 'site.example', ':path': '/' });
  stream.on('error', () => undefined);
  await once(stream, 'response');
  stream.close(8);
  await until('the application hears of it', () => seen.includes('gone'));
  assert.deepEqual(seen, ['asked', 'gone']);
});

test('two hosts, a path that climbs and a CONNECT get the answers that HTTP/1.1 has for them', async (t) => {
  const { connect } = await tlsSite(t, (_request, response) => response.end('in'));
  const session = await connect();
  for (const [headers, status] of [
    [{ host: 'evil.example' }, 400],
    [{ ':authority': 'evil.example' }, 421],
    [{ ':path': '/a/%2e%2e/b' }, 400],
    [{ ':method': 'TRACE' }, 405],
    [{ 'x-long': 'a'.repeat(20_000) }, 431],
  ] as const) {
    const answer = await askHttp2(session, headers);
    assert.equal(answer.status, status, JSON.stringify(headers).slice(0, 60));
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.match(String(answer.headers['content-type']), /problem\+json/);
  }
  const stream = session.request({ ':method': 'CONNECT', ':authority': 'site.example:443' });
  const [answered] = (await once(stream, 'response')) as [Record<string, unknown>];
  assert.equal(answered[':status'], 400);
  assert.equal(String((await askHttp2(session, {})).body), 'in');
});

test('https is what the exchange says, by its own socket: HSTS, Secure cookies, and what the application is told', async (t) => {
  const told: unknown[] = [];
  const { connect } = await tlsSite(t, ({ headers }, response) => {
    told.push([headers['x-forwarded-proto'], headers['x-forwarded-for'], headers.host]);
    response.setHeader('set-cookie', 'a=1');
    response.end('in');
  });
  const { headers } = await askHttp2(await connect(), {
    'x-forwarded-for': '6.6.6.6',
    'x-forwarded-proto': 'http',
  });
  assert.match(String(headers['strict-transport-security']), /max-age=/);
  assert.match(String(headers['set-cookie']), /Secure/);
  assert.deepEqual(told, [['https', '127.0.0.1', 'site.example']]);
});

test('a client that does not read is cut by the pace of the policy, and others on its connection are not', async (t) => {
  const { connect, events } = await tlsSite(
    t,
    (request, response) => void response.end(request.url === '/big' ? Buffer.alloc(20_000_000) : 'small'),
    { timeouts: { slowReader: '1s', checkEvery: '100ms' } },
  );
  const session = await connect({ settings: { initialWindowSize: 65_535 } });
  const stalled = session.request({ ':authority': 'site.example', ':path': '/big' });
  stalled.on('error', () => undefined);
  const cut = closed(stalled);
  await once(stalled, 'response');
  await until('it is cut', () => JSON.stringify(events).includes('does not read'));
  stalled.resume();
  await cut;
  assert.notEqual(stalled.rstCode, 0);
  assert.equal(String((await askHttp2(session, {})).body), 'small');
});

test('a connection without a request is let go, and one that is told to go takes no other request', async (t) => {
  const { connect, gateway } = await tlsSite(t, (_request, response) => response.end('in'), {
    timeouts: { keepAlive: '200ms', checkEvery: '50ms' },
  });
  const session = await connect();
  await askHttp2(session, {});
  await once(session, 'close');
  const other = await connect();
  const closed = once(other, 'close');
  gateway.server.close();
  await closed;
});

test('a connection has 128 streams, and a client four times as many streams as connections at a time', async (t) => {
  const waiting: ServerResponse[] = [];
  const { connect } = await tlsSite(t, (_request, response) => void waiting.push(response), {
    timeouts: { connectionsPerClient: 2 },
    proxy: { trusted: [] },
  });
  const sessions = [await connect(), await connect()];
  assert.deepEqual(
    sessions.map(({ remoteSettings }) => remoteSettings.maxConcurrentStreams),
    [128, 128],
  );
  const answers = sessions.flatMap((session) => Array.from({ length: 5 }, () => askHttp2(session, {})));
  const refused = Promise.all(answers.map(async (one) => (await one).code));
  await until('eight are served', () => waiting.length === 8);
  for (const response of waiting) response.end('in');
  const codes = await refused;
  // REFUSED_STREAM: browsers ask again by themselves.
  assert.deepEqual(
    codes.toSorted((one, other) => one - other),
    [...Array<number>(8).fill(0), 7, 7],
  );
});

test('an answer that is under way ends whole where the gateway is told to end', async (t) => {
  const answers: ServerResponse[] = [];
  const { connect, gateway } = await tlsSite(t, (_request, response) => {
    answers.push(response);
    response.write('first ');
  });
  const session = await connect();
  const answer = askHttp2(session, {});
  await until('it is under way', () => answers.length === 1);
  const closed = once(gateway.server, 'close');
  gateway.server.close();
  answers[0]?.end('and last');
  assert.equal(String((await answer).body), 'first and last');
  await closed;
});

/** An application that says back what it is sent, over what looks like a WebSocket. */
async function echoSite(t: TestContext, isHonest = true): Promise<TlsSite & { readonly asked: string[] }> {
  const asked: string[] = [];
  const site = await tlsSite(t, (_request, response) => response.end('no WebSocket'));
  site.application.on('upgrade', (request, socket) => {
    asked.push(`${request.url} ${request.headers.origin}`);
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        `Sec-WebSocket-Accept: ${isHonest ? accept : 'AAAA'}\r\nSec-WebSocket-Protocol: chat\r\n\r\n`,
    );
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  return { ...site, asked };
}

const SHAKE = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'https',
  ':authority': 'site.example',
  ':path': '/live',
  'sec-websocket-version': '13',
};

test('a WebSocket opens over HTTP/2, carries bytes both ways, and ends with either end', async (t) => {
  const { connect, asked } = await echoSite(t);
  const session = await connect();
  assert.equal(session.remoteSettings.enableConnectProtocol, true);
  const stream = session.request({ ...SHAKE, ...OWN }, { endStream: false });
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  assert.equal(headers[':status'], 200);
  assert.equal(headers['sec-websocket-protocol'], 'chat');
  for (const name of ['upgrade', 'connection', 'sec-websocket-accept'])
    assert.equal(headers[name], undefined);
  let text = '';
  stream.on('data', (bytes: Buffer) => (text += bytes.toString()));
  stream.write('hello');
  await until('it comes back', () => text === 'hello');
  stream.end(' again');
  await closed(stream);
  assert.equal(text, 'hello again');
  assert.deepEqual(asked, ['/live https://site.example']);
});

test('a WebSocket of another site is refused, and so are other protocols and false answers', async (t) => {
  const { connect, asked } = await echoSite(t);
  const session = await connect();
  const refusal = async (headers: object): Promise<unknown> => {
    const stream = session.request({ ...SHAKE, ...OWN, ...headers }, { endStream: false });
    stream.resume();
    const [answered] = (await once(stream, 'response')) as [Record<string, unknown>];
    return answered[':status'];
  };
  assert.equal(await refusal({ origin: 'https://evil.example' }), 403);
  assert.equal(await refusal({ ':protocol': 'connect-udp' }), 400);
  assert.deepEqual(asked, []);
  const liar = await echoSite(t, false);
  const stream = (await liar.connect()).request({ ...SHAKE, ...OWN }, { endStream: false });
  stream.on('error', () => undefined);
  await closed(stream);
  assert.notEqual(stream.rstCode, 0);
});
