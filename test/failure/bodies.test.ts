/** Bodies that are larger than they say, say nothing, or are not what they say (past failure 15). */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';
import { makeCertificate } from '../support/certificate.ts';
import { ask, parseAnswer, type RawAnswer, type RawRequest, writeRequest } from '../../src/testing/wire.ts';
import {
  countAnswers,
  type Handle,
  othersAreServed,
  OWN_PAGE,
  RawClient,
  start,
  UNLIMITED,
  withServer,
} from './support.ts';
import { until } from '../support/until.ts';

const LIMIT = 64 * 1024;
const POLICY = { rateLimit: UNLIMITED, body: { limit: '64KB' } } as const;
/** What kernels hold on both ends of a connection of loopback, and a good deal more. */
const IN_FLIGHT = 12 * 1024 * 1024;
const CHUNKED: RawRequest = {
  method: 'POST',
  headers: { ...OWN_PAGE, 'transfer-encoding': 'chunked', connection: 'keep-alive' },
};

/** What handlers read: the bytes, and whether the body came to an end. */
interface Reading {
  bytes: number;
  ended: boolean;
  error: string;
}

function reader(readings: Reading[]): Handle {
  return async (request: IncomingMessage, response) => {
    if (request.method === 'GET') return void response.end();
    const reading: Reading = { bytes: 0, ended: false, error: '' };
    readings.push(reading);
    try {
      for await (const chunk of request) reading.bytes += (chunk as Buffer).length;
      reading.ended = true;
    } catch (error) {
      reading.error = String((error as { code?: unknown }).code);
    }
    response.end(`read ${reading.bytes}`);
    return undefined;
  };
}

function chunk(bytes: number, extension = ''): string {
  return `${bytes.toString(16)}${extension}\r\n${'a'.repeat(bytes)}\r\n`;
}

/** Sends for as long as the server takes it, 200 MB at most. Returns how much it took. */
async function pour(client: RawClient, piece: Buffer): Promise<number> {
  const { socket } = client;
  while (!client.isClosed && socket.bytesWritten < 200 * 1024 * 1024) {
    if (socket.write(piece)) continue;
    await Promise.race([client.closed, new Promise((resolve) => socket.once('drain', resolve))]);
  }
  await client.closed;
  return socket.bytesWritten - socket.writableLength;
}

function answerOf(client: RawClient): RawAnswer {
  assert.equal(countAnswers(client.received), 1, client.received);
  const answer = parseAnswer(Buffer.from(client.received, 'latin1'));
  hasTheHeaders(answer);
  return answer;
}

test('a chunked body over the limit is answered at once and not read on', async () => {
  const readings: Reading[] = [];
  await withServer(POLICY, reader(readings), async ({ port }) => {
    const client = await RawClient.open(port);
    const taken = await pour(client.request(CHUNKED), Buffer.from(chunk(LIMIT)));
    assert.equal(answerOf(client).status, 413);
    assert.ok(taken < IN_FLIGHT, `${taken} bytes were taken`);
    await until('the handler is told', () => readings[0]?.error !== '');
    assert.equal(readings[0]?.ended, false, 'a cut body must not look like a whole one');
    assert.ok((readings[0]?.bytes ?? 0) <= LIMIT);
    assert.equal(readings[0]?.error, 'ERR_BULWARK_BODY_TOO_LARGE');
    await othersAreServed(port);
  });
});

/** All that comes from now on, until the connection is closed. */
async function readLate(socket: Duplex): Promise<string> {
  let text = '';
  socket.on('data', (piece: Buffer) => {
    text += piece.toString('latin1');
  });
  await until('it is closed', () => socket.closed);
  return text;
}

for (const secure of [false, true]) {
  test(`a 413 ${secure ? 'over our own TLS ' : ''}reaches a client that was still sending when it came`, async () => {
    const tls = secure ? makeCertificate() : undefined;
    const readings: Reading[] = [];
    const running = await start(POLICY, reader(readings), tls);
    const { port } = running;
    try {
      for (let count = 0; count < 4; count += 1) {
        const socket: Duplex =
          tls === undefined
            ? connect(port, '127.0.0.1')
            : connectTls({ port, host: '127.0.0.1', ca: tls.cert, servername: 'localhost' });
        let failed = '';
        socket.on('error', ({ message }: Error) => {
          failed = message;
        });
        // More than the server takes: at its end there are bytes that nobody has read, and a reset comes of those.
        socket.write(writeRequest(CHUNKED) + chunk(LIMIT).repeat(128));
        await until('the handler is told', () => (readings[count]?.error ?? '') !== '');
        const received = await readLate(socket);
        assert.match(received, /^HTTP\/1\.1 413 /, failed);
        assert.match(received, /"status":413/);
        socket.destroy();
      }
    } finally {
      await running.stop();
    }
  });
}

test('what is too large while a guard looks at it reaches no handler, and is answered', async () => {
  let handled = 0;
  const routes = { 'POST /login': { limit: '1000/1s', by: ['account'] } } as const;
  await withServer(
    { ...POLICY, rateLimit: { ...UNLIMITED, mode: 'observe' }, routes },
    (_request, response) => {
      handled += 1;
      response.end();
    },
    async ({ port }) => {
      const client = await RawClient.open(port);
      const headers = { ...CHUNKED.headers, 'content-type': 'application/x-www-form-urlencoded' };
      await pour(client.request({ ...CHUNKED, target: '/login', headers }), Buffer.from(chunk(LIMIT)));
      assert.equal(answerOf(client).status, 413);
      assert.equal(handled, 0);
    },
  );
});

test('a body that declares more than the limit is not read at all', async () => {
  const readings: Reading[] = [];
  await withServer(POLICY, reader(readings), async ({ port }) => {
    const client = await RawClient.open(port);
    client.request({ method: 'POST', headers: { ...OWN_PAGE, 'content-length': String(40 * 1024 ** 2) } });
    const taken = await pour(client, Buffer.alloc(LIMIT));
    assert.equal(answerOf(client).status, 413);
    assert.ok(taken < IN_FLIGHT, `${taken} bytes were taken`);
    assert.deepEqual(readings, []);
  });
});

test('a chunked body that goes on after an early answer is not drained: Node.js would read it to no end', async () => {
  await withServer(
    POLICY,
    (_request, response) => void response.end('early'),
    async ({ port }) => {
      const client = await RawClient.open(port);
      const taken = await pour(client.request(CHUNKED), Buffer.from(chunk(LIMIT)));
      assert.equal(answerOf(client).body, 'early');
      assert.ok(taken < IN_FLIGHT, `${taken} bytes were taken`);
    },
  );
});

test('a body at the limit is whole, whatever the pieces; one byte more is none', async () => {
  const readings: Reading[] = [];
  await withServer(POLICY, reader(readings), async ({ port }) => {
    for (const piece of [7, 1000, LIMIT]) {
      const whole = chunk(piece).repeat(Math.floor(LIMIT / piece)) + tail(LIMIT % piece);
      const headers = { ...CHUNKED.headers, connection: 'close' };
      const answer = await ask(port, { method: 'POST', headers, body: `${whole}0\r\n\r\n` });
      assert.equal(answer.body, `read ${LIMIT}`);
      const over = await ask(port, { method: 'POST', headers, body: `${whole}${chunk(1)}0\r\n\r\n` });
      assert.equal(over.status, 413);
    }
    assert.deepEqual(
      readings.map(({ ended }) => ended),
      [true, false, true, false, true, false],
    );
  });
});

function tail(bytes: number): string {
  return bytes === 0 ? '' : chunk(bytes);
}

test('trailers are no headers: what they claim is not believed', async () => {
  await withServer(
    POLICY,
    async (request, response, view) => {
      for await (const piece of request) void piece;
      response.end(JSON.stringify({ client: view.client.address, cookie: request.headers.cookie ?? null }));
    },
    async ({ port }) => {
      const trailers = 'X-Forwarded-For: 203.0.113.9\r\nCookie: __Host-sid=planted\r\nHost: evil.example\r\n';
      const headers = { ...CHUNKED.headers, connection: 'close' };
      const answer = await ask(port, { method: 'POST', headers, body: `${chunk(5)}0\r\n${trailers}\r\n` });
      assert.deepEqual(JSON.parse(answer.body), { client: '192.0.2.1', cookie: null });
    },
  );
});

test('chunk extensions are bounded, and a few of them are no body', async () => {
  const readings: Reading[] = [];
  await withServer(POLICY, reader(readings), async ({ port }) => {
    const headers = { ...CHUNKED.headers, connection: 'close' };
    const few = `${chunk(5, ';name=value')}0\r\n\r\n`;
    assert.equal((await ask(port, { method: 'POST', headers, body: few })).body, 'read 5');
    const client = await RawClient.open(port);
    client.request(CHUNKED).send(`5;${'a'.repeat(64 * 1024)}`);
    await client.closed;
    assert.equal(answerOf(client).status, 413);
  });
});

test('a chunk size that is none is refused, and no piece of it is a body', async () => {
  const readings: Reading[] = [];
  await withServer(POLICY, reader(readings), async ({ port }) => {
    for (const size of ['-5', '0x5', 'five', '5 ', '5\n', 'ffffffffffffffffff', '+5']) {
      const client = await RawClient.open(port);
      client.request(CHUNKED).send(`${size}\r\nhello\r\n0\r\n\r\n`);
      await client.closed;
      assert.ok([400, 413].includes(answerOf(client).status), size);
    }
    await until('every handler is told', () => readings.every(({ error }) => error !== ''));
    assert.ok(readings.every(({ ended }) => !ended));
  });
});

test('a length that is too long for its body ends in an error, one that is too short ends the connection', async () => {
  const readings: Reading[] = [];
  await withServer(POLICY, reader(readings), async ({ port }) => {
    const long = await RawClient.open(port);
    long.request({ method: 'POST', headers: { ...OWN_PAGE, 'content-length': '100' }, body: 'hello' });
    await until('it has arrived', () => readings.length === 1);
    long.socket.end();
    await until('its handler is told', () => readings[0]?.error !== '');
    assert.equal(readings[0]?.ended, false);

    const short = await RawClient.open(port);
    const headers = { ...OWN_PAGE, 'content-length': '5', connection: 'keep-alive' };
    short.request({ method: 'POST', headers, body: 'hello, this is more' });
    await short.closed;
    // What is left over is no request. Where the first has its answer already it is refused, else it could only be
    // answered in the first one's place, and is not.
    const [first = '', second = ''] = short.received.split(/(?=HTTP\/1\.1 400)/);
    assert.ok(first === '' || first.endsWith('read 5'), short.received);
    assert.ok(countAnswers(short.received) <= 2 && !second.includes('read'));
  });
});

test('a gzip bomb is not unpacked: it is not taken', async () => {
  const readings: Reading[] = [];
  await withServer(POLICY, reader(readings), async ({ port }) => {
    const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024)).subarray(0, 60 * 1024);
    for (const coding of ['gzip', 'br', 'gzip, gzip', 'x-gzip', 'zstd']) {
      const client = await RawClient.open(port);
      client.request({
        method: 'POST',
        headers: { ...OWN_PAGE, 'content-encoding': coding, 'content-length': String(bomb.length) },
      });
      client.send(bomb);
      await client.closed;
      assert.equal(answerOf(client).status, 415, coding);
    }
    assert.deepEqual(readings, []);
  });
});
