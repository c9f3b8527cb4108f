/** Requests that two programs in a row read differently, sent to a real server: one answer each, and the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';
import { parseAnswer } from '../../src/testing/wire.ts';
import {
  countAnswers,
  type Handle,
  othersAreServed,
  pause,
  RawClient,
  SHORT,
  UNLIMITED,
  withServer,
} from './support.ts';
import { until } from '../support/until.ts';

/** Time enough for anything that is left to be read: it is not the clock that closes these connections. */
const POLICY = {
  timeouts: { ...SHORT, headers: '20s', request: '20s', keepAlive: '20s' },
  rateLimit: UNLIMITED,
} as const;

const HOST = 'Host: example.com\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n';
const OWN = `${HOST}Sec-Fetch-Site: same-origin\r\n`;
/** What an attacker wants to be read as a request of its own, perhaps of the next visitor. */
const SMUGGLED = `GET /smuggled HTTP/1.1\r\n${HOST}\r\n`;

function recorder(seen: string[]): Handle {
  return async (request, response) => {
    seen.push(request.url ?? '');
    try {
      for await (const piece of request) void piece;
    } catch {
      seen.push('cut');
    }
    response.end('answered');
  };
}

function post(lines: string, body: string): string {
  return `POST / HTTP/1.1\r\n${OWN}${lines}\r\n${body}`;
}

/** Each is followed by a request that must never be answered. */
const SHAPES: readonly (readonly [name: string, bytes: string])[] = [
  ['CL.TE', post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
  ['TE.CL', post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', '5\r\nhello\r\n0\r\n\r\n')],
  ['TE.TE', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', '0\r\n\r\n')],
  ['xchunked', post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n')],
  ['a space before the colon', post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n')],
  ['a tab before the value', post('Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n', '0\r\n\r\n')],
  ['a vertical tab before the value', post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n')],
  ['a capital letter', post('Transfer-Encoding: Chunked\r\n', '0\r\n\r\n')],
  ['identity', post('Transfer-Encoding: identity\r\n', '')],
  ['gzip before chunked', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n')],
  ['chunked twice', post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n')],
  ['a folded line', post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n')],
  ['a folded header', post('X-A: b\r\n Transfer-Encoding: chunked\r\n', '0\r\n\r\n')],
  ['two equal lengths', post('Content-Length: 3\r\nContent-Length: 3\r\n', 'abc')],
  ['two lengths', post('Content-Length: 3\r\nContent-Length: 30\r\n', 'abc')],
  ['a list of lengths', post('Content-Length: 3, 3\r\n', 'abc')],
  ['a length with a sign', post('Content-Length: +3\r\n', 'abc')],
  ['a length with a zero before it', post('Content-Length: 003\r\n', 'abc')],
  ['a length in hex', post('Content-Length: 0x3\r\n', 'abc')],
  ['a negative length', post('Content-Length: -1\r\n', '')],
  ['a length past 2^64', post('Content-Length: 18446744073709551617\r\n', 'a')],
  ['an underscore for the dash', post('Content_Length: 3\r\n', '')],
  ['bare line feeds', `GET / HTTP/1.1\nHost: example.com\n\n`],
  ['one bare line feed', `GET / HTTP/1.1\r\n${HOST}X-A: b\nX-C: d\r\n\r\n`],
  ['a bare carriage return', `GET / HTTP/1.1\r\n${HOST}X-A: b\rTransfer-Encoding: chunked\r\n\r\n`],
  ['a NUL in a value', `GET / HTTP/1.1\r\n${HOST}X-A: b\0c\r\n\r\n`],
  ['a NUL in a name', `GET / HTTP/1.1\r\n${HOST}X\0A: b\r\n\r\n`],
  ['an empty name', `GET / HTTP/1.1\r\n${HOST}: b\r\n\r\n`],
  ['two hosts', `GET / HTTP/1.1\r\n${HOST}Host: evil.example\r\n\r\n`],
  ['chunked on HTTP/1.0', `POST / HTTP/1.0\r\n${OWN}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['a chunk that ends too soon', post('Transfer-Encoding: chunked\r\n', '5\r\nhel\r\n0\r\n\r\n')],
  ['a chunk that ends in a line feed', post('Transfer-Encoding: chunked\r\n', '5\r\nhello\n0\r\n\r\n')],
  [
    'a Connection that takes away the cookie',
    `GET / HTTP/1.1\r\n${HOST}Connection: keep-alive, Cookie\r\n\r\n`,
  ],
];

for (const [name, bytes] of SHAPES) {
  test(`v5.0.0-4.2.1 ${name}: one refusal, and nothing behind it is read`, async () => {
    const seen: string[] = [];
    await withServer(POLICY, recorder(seen), async ({ port }) => {
      const client = await RawClient.open(port);
      client.send(Buffer.from(bytes + SMUGGLED, 'latin1'));
      await client.closed;
      assert.equal(countAnswers(client.received), 1, client.received);
      const answer = parseAnswer(Buffer.from(client.received, 'latin1'));
      assert.equal(answer.status, 400);
      hasTheHeaders(answer);
      await pause(20);
      assert.ok(!seen.includes('/smuggled'), 'it was carried out, though nobody was told');
      await othersAreServed(port);
    });
  });
}

test('what comes after a refusal that closes is not carried out, in the same packet or a later one', async () => {
  const seen: string[] = [];
  await withServer(POLICY, recorder(seen), async ({ port }) => {
    for (const later of [false, true]) {
      const client = await RawClient.open(port);
      const twoHosts = `GET /first HTTP/1.1\r\n${HOST}Host: evil.example\r\n\r\n`;
      if (later) {
        client.send(twoHosts);
        await until('the refusal is there', () => client.received.includes('\r\n\r\n{'));
        client.send(SMUGGLED);
      } else client.send(twoHosts + SMUGGLED + SMUGGLED);
      await client.closed;
      assert.equal(countAnswers(client.received), 1);
    }
    assert.deepEqual(seen, []);
  });
});

test('a refusal that leaves no doubt about the next request lets it be answered', async () => {
  const seen: string[] = [];
  await withServer(POLICY, recorder(seen), async ({ port }) => {
    const client = await RawClient.open(port);
    client.send(
      `GET / HTTP/1.1\r\nHost: evil.example\r\n\r\nGET /next HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
    );
    await client.closed;
    assert.match(client.received, /^HTTP\/1\.1 421 [^]*HTTP\/1\.1 200 [^]*answered$/);
    assert.deepEqual(seen, ['/next']);
  });
});

test('good requests in one packet are answered in their order, up to the bad one', async () => {
  const seen: string[] = [];
  const handle: Handle = async (request, response) => {
    seen.push(request.url ?? '');
    // The first one takes longest.
    if (request.url === '/1') await pause(100);
    response.end(`<${request.url}>`);
  };
  await withServer(POLICY, handle, async ({ port }) => {
    const client = await RawClient.open(port);
    const good = (target: string): string => `GET ${target} HTTP/1.1\r\n${HOST}\r\n`;
    client.send(
      `${good('/1')}${good('/2')}GET /bad HTTP/1.1\r\n${HOST}Host: b\r\n\r\n${good('/3')}no HTTP\r\n\r\n`,
    );
    await client.closed;
    assert.deepEqual(seen, ['/1', '/2']);
    assert.equal(countAnswers(client.received), 3, client.received);
    assert.match(client.received, /^[^]*<\/1>[^]*<\/2>HTTP\/1\.1 400 /);
  });
});

test('a parser error in the middle of an answer cuts it: there is no second head on the wire', async () => {
  const handle: Handle = async (request, response) => {
    response.write('the first half');
    try {
      for await (const piece of request) void piece;
      response.end('the second half');
    } catch {
      response.end();
    }
  };
  await withServer(POLICY, handle, async ({ port, events }) => {
    const client = await RawClient.open(port);
    client.send(post('Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n'));
    await until('the answer has begun', () => client.received.includes('first half'));
    client.send('this is no chunk\r\n');
    await client.closed;
    assert.equal(countAnswers(client.received), 1);
    assert.ok(!client.received.includes('second half'));
    assert.ok(!client.received.endsWith('0\r\n\r\n'), 'a cut answer does not look like a whole one');
    assert.ok(events.some(({ event }) => event === 'input_validation_fail'));
  });
});
