/** Every way in which Node.js and its middlewares write an answer: none goes past the layer, and none loses its form. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { bulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';
import { listen, testPolicy } from '../hosts/hosts.ts';
import {
  exchangeBytes,
  parseAnswer,
  type RawAnswer,
  valueOf,
  valuesOf,
  writeRequest,
} from '../../src/testing/wire.ts';
import { countAnswers, type Handle, RawClient, UNLIMITED, withServer } from './support.ts';
import { until } from '../support/until.ts';

const POLICY = { rateLimit: UNLIMITED };

async function bytesOf(port: number, method = 'GET', headers: Record<string, string> = {}): Promise<Buffer> {
  return exchangeBytes(port, writeRequest({ method, headers }));
}

/** The answer to one request, with the headers that none is without. */
async function answerOf(handle: Handle, method = 'GET'): Promise<RawAnswer> {
  return withServer(POLICY, handle, async ({ port }) => {
    const bytes = await bytesOf(port, method);
    assert.equal(countAnswers(bytes.toString('latin1')), 1);
    const answer = parseAnswer(bytes);
    // A 304 renews what a cache has: it leaves the policy of the page that is there, and its nonce with it.
    if (answer.status !== 304) hasTheHeaders(answer);
    return answer;
  });
}

const HEADS: readonly (readonly [name: string, write: (response: ServerResponse) => unknown])[] = [
  ['a status alone', (response) => response.writeHead(201)],
  ['an object', (response) => response.writeHead(201, { 'X-Own': 'a', 'Set-Cookie': ['a=1', 'b=2'] })],
  ['a reason and an object', (response) => response.writeHead(201, 'Made', { 'X-Own': 'a' })],
  [
    'a flat list',
    (response) => response.writeHead(201, ['X-Own', 'a', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']),
  ],
  [
    'a list of pairs',
    (response) =>
      response.writeHead(201, [
        ['X-Own', 'a'],
        ['Set-Cookie', 'a=1'],
      ] as never),
  ],
  ['a reason and a list', (response) => response.writeHead(201, 'Made', ['X-Own', 'a'])],
  [
    'an object of no prototype',
    (response) => response.writeHead(201, Object.assign(Object.create(null), { 'X-Own': 'a' })),
  ],
];

for (const [name, write] of HEADS) {
  test(`a head written with ${name}`, async () => {
    const answer = await answerOf((_request, response) => {
      response.setHeader('X-Powered-By', 'Own');
      write(response);
      response.end('body');
    });
    assert.equal(answer.status, 201);
    assert.equal(answer.body, 'body');
    for (const cookie of valuesOf(answer, 'set-cookie'))
      assert.match(cookie, /Secure.*HttpOnly|HttpOnly.*Secure/i);
    if (name !== 'a status alone') assert.equal(valueOf(answer, 'x-own'), 'a');
  });
}

test('what the head is given goes over what was set before, in either form', async () => {
  for (const headers of [{ 'X-Own': 'new' }, ['X-Own', 'new']]) {
    const answer = await answerOf((_request, response) => {
      response.setHeader('X-Own', 'old');
      response.writeHead(200, headers as never).end();
    });
    assert.deepEqual(valuesOf(answer, 'x-own'), ['new']);
  }
});

test('v5.0.0-4.2.2 (in part) HEAD has the length and no body', async () => {
  const answer = await answerOf((_request, response) => {
    response.setHeader('Content-Length', 11);
    response.end('hello world');
  }, 'HEAD');
  assert.equal(answer.status, 200);
  assert.equal(valueOf(answer, 'content-length'), '11');
  assert.equal(answer.body, '');
});

test('HEAD that is refused or fails has no body either', async () => {
  const failed = await answerOf((_request, response) => {
    response.statusCode = 500;
    response.end('Error: at /srv/app');
  }, 'HEAD');
  assert.equal(failed.status, 500);
  assert.equal(failed.body, '');
  await withServer(
    POLICY,
    () => undefined,
    async ({ port }) => {
      const refused = parseAnswer(await bytesOf(port, 'HEAD', { host: 'evil.example' }));
      assert.equal(refused.status, 421);
      assert.equal(refused.body, '');
      hasTheHeaders(refused);
    },
  );
});

for (const status of [204, 304]) {
  test(`${status} stays without a body and without a length`, async () => {
    const answer = await answerOf((_request, response) => {
      response.statusCode = status;
      response.setHeader('ETag', '"a"');
      response.end();
    });
    assert.equal(answer.status, status);
    assert.equal(valueOf(answer, 'etag'), '"a"');
    assert.equal(valueOf(answer, 'content-length'), undefined);
    assert.equal(valueOf(answer, 'transfer-encoding'), undefined);
    assert.equal(answer.body, '');
  });
}

test('the next answer on a connection is whole after each of these', async () => {
  const handle: Handle = (request, response) => {
    response.statusCode = Number(request.url?.slice(1));
    response.end(response.statusCode === 200 ? 'whole' : undefined);
  };
  await withServer(POLICY, handle, async ({ port }) => {
    const client = await RawClient.open(port);
    for (const target of ['/204', '/304', '/500', '/404'])
      client.request({ target, headers: { connection: 'keep-alive' } });
    client.request({ method: 'HEAD', target: '/500', headers: { connection: 'keep-alive' } });
    client.request({ target: '/200' });
    await client.closed;
    assert.equal(countAnswers(client.received), 6);
    assert.ok(client.received.endsWith('whole'));
  });
});

test('flushHeaders sends the head that the guards want, before there is a body', async () => {
  const gate = Promise.withResolvers<void>();
  const handle: Handle = async (_request, response) => {
    response.setHeader('Content-Type', 'text/event-stream');
    response.flushHeaders();
    await gate.promise;
    response.end('data: 1\n\n');
  };
  await withServer(POLICY, handle, async ({ port }) => {
    const client = await RawClient.open(port);
    client.request({});
    await until('the head is there', () => client.received.includes('\r\n\r\n'));
    const head = parseAnswer(Buffer.from(client.received, 'latin1'));
    hasTheHeaders(head);
    gate.resolve();
    await client.closed;
    assert.match(client.received, /data: 1/);
  });
});

test('flushHeaders of a server error sends our answer, and what comes after it nowhere', async () => {
  const answer = await answerOf((_request, response) => {
    response.statusCode = 500;
    response.flushHeaders();
    response.end('Error: at /srv/app');
  });
  assert.equal(answer.status, 500);
  assert.match(answer.body, /urn:bulwark:problem/);
  assert.ok(!answer.body.includes('/srv/app'));
});

test('early hints and processing go ahead of an answer that has its headers all the same', async () => {
  const handle: Handle = (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
    response.writeProcessing();
    response.end('page');
  };
  await withServer(POLICY, handle, async ({ port }) => {
    const text = (await bytesOf(port)).toString('latin1');
    const [hints = '', processing = '', final = ''] = text.split(/(?=HTTP\/1\.1 \d{3} )/);
    assert.match(hints, /^HTTP\/1\.1 103 [^]*rel=preload/);
    assert.match(processing, /^HTTP\/1\.1 102 /);
    const answer = parseAnswer(Buffer.from(final, 'latin1'));
    assert.equal(answer.status, 200);
    assert.equal(answer.body, 'page');
    hasTheHeaders(answer);
  });
});

test('a pipeline, a cork and trailers come through whole', async () => {
  const piped = await answerOf((_request, response) => pipeline(Readable.from(['a', 'b', 'c']), response));
  assert.equal(piped.body, 'abc');
  const corked = await answerOf((_request, response) => {
    response.cork();
    response.write('a');
    response.write('b', 'utf8', () => response.uncork());
    response.uncork();
    response.end('c');
  });
  assert.equal(corked.body, 'abc');
  const trailed = await answerOf((_request, response) => {
    response.writeHead(200, { Trailer: 'X-Sum' });
    response.write('abc');
    response.addTrailers({ 'X-Sum': '3' });
    response.end();
  });
  assert.equal(trailed.body, 'abc');
});

test('callbacks of write and end are called, also where the answer was replaced', async () => {
  for (const statusCode of [200, 500]) {
    let called = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    await answerOf((_request, response) => {
      response.statusCode = statusCode;
      response.write('a', () => {
        called += 1;
      });
      response.end('b', 'utf8', () => {
        called += 1;
        resolve();
      });
    });
    await promise;
    assert.equal(called, 2);
  }
});

type Middleware = (request: IncomingMessage, response: ServerResponse) => void;

/** Gathers the body and sends it compressed at the end, as compressors do: by wrapping `write` and `end`. */
const compress: Middleware = (_request, response) => {
  const end = response.end.bind(response) as (chunk: Buffer) => ServerResponse;
  const pieces: Buffer[] = [];
  response.write = ((chunk: string | Buffer) =>
    pieces.push(Buffer.from(chunk)) > 0) as ServerResponse['write'];
  response.end = ((chunk?: string | Buffer) => {
    if (chunk !== undefined) pieces.push(Buffer.from(chunk));
    const zipped = gzipSync(Buffer.concat(pieces));
    if (!response.headersSent) {
      response.setHeader('Content-Length', zipped.length);
      response.setHeader('Content-Encoding', 'gzip');
    }
    return end(zipped);
  }) as ServerResponse['end'];
};

/** Runs middleware before the layer, after it, or mounts the layer twice. */
async function mounted(
  where: { before?: Middleware; after?: Middleware; twice?: boolean },
  handle: Handle,
  look: (bytes: Buffer) => void,
): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  const layer = bulwark(testPolicy(events, { rateLimit: { perClient: '3/1h' } }));
  const server = layer.createServer((request, response) => {
    where.before?.(request, response);
    const inner = (): void => {
      where.after?.(request, response);
      handle(request, response, bulwark.of(request));
    };
    layer(request, response, () => (where.twice === true ? layer(request, response, inner) : inner()));
  });
  const running = await listen(layer, server, events);
  try {
    look(await bytesOf(running.port));
    for (let count = 0; count < 2; count += 1) parseAnswer(await bytesOf(running.port));
    // Three were allowed: a request that was counted twice would have been refused before this one.
    assert.equal(parseAnswer(await bytesOf(running.port)).status, 429);
    return events;
  } finally {
    await running.stop();
  }
}

const page: Handle = (_request, response) => {
  response.setHeader('Content-Type', 'text/html');
  response.write('<p>one</p>');
  response.end('<p>two</p>');
};

function bodyBytes(bytes: Buffer): Buffer {
  const answer = parseAnswer(bytes);
  hasTheHeaders(answer);
  return Buffer.from(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4));
}

for (const where of ['before', 'after'] as const) {
  test(`a compressor mounted ${where} the layer: the answer is compressed and has the headers`, async () => {
    await mounted({ [where]: compress }, page, (bytes) => {
      assert.equal(valueOf(parseAnswer(bytes), 'content-encoding'), 'gzip');
      assert.equal(gunzipSync(bodyBytes(bytes)).toString(), '<p>one</p><p>two</p>');
    });
  });

  test(`a compressor mounted ${where} the layer: an error that is replaced tells nothing`, async () => {
    const broken: Handle = (_request, response) => {
      response.statusCode = 500;
      response.write('Error: ');
      response.end('at /srv/app');
    };
    await mounted({ [where]: compress }, broken, (bytes) => {
      const answer = parseAnswer(bytes);
      assert.equal(answer.status, 500);
      const zipped = valueOf(answer, 'content-encoding') === 'gzip';
      const body = zipped ? gunzipSync(bodyBytes(bytes)).toString() : answer.body;
      assert.equal((JSON.parse(body) as { status: number }).status, 500);
    });
  });
}

test('mounted twice, the layer judges and counts each request once', async () => {
  const events = await mounted({ twice: true }, page, (bytes) => {
    const answer = parseAnswer(bytes);
    assert.equal(answer.status, 200);
    assert.equal(answer.body, '<p>one</p><p>two</p>');
    hasTheHeaders(answer);
    assert.equal(valuesOf(answer, 'ratelimit').length, 1);
  });
  assert.equal(events.filter(({ event }) => event === 'excess_rate_limit_exceeded').length, 1);
});
