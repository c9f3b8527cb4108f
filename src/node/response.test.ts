import assert from 'node:assert/strict';
import type { IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ask, type RawAnswer, valueOf, valuesOf } from '../testing/wire.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { memory } from '../stores/memory/state.ts';
import { protect } from './protector.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** One request to a handler under the layer. `before` wraps the response first, as middleware mounted ahead would. */
async function answerOf(handler: Handler, before?: Handler): Promise<RawAnswer> {
  const layer = protect({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    proxy: { trusted: ['127.0.0.1'] },
    audit: { sink: () => undefined },
  });
  const server: Server = layer.createServer((request, response) => {
    before?.(request, response);
    layer(request, response, () => void handler(request, response));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    return await ask((server.address() as AddressInfo).port, {});
  } finally {
    server.closeAllConnections();
    server.close();
    await layer.close();
  }
}

/** Sets a cookie at the last moment, as session middlewares do by wrapping writeHead. */
function setCookieLate(response: ServerResponse): void {
  const writeHead: (...args: [number]) => ServerResponse = response.writeHead.bind(response);
  response.writeHead = (...args: [number]) => {
    response.setHeader('Set-Cookie', 'late=1');
    return writeHead(...args);
  };
}

test('a cookie that other middleware sets at the last moment is raised like any other', async () => {
  const handlers: Handler[] = [
    (_request, response) => {
      setCookieLate(response);
      response.end('x');
    },
    (_request, response) => {
      setCookieLate(response);
      response.write('x');
      response.end();
    },
    (_request, response) => {
      setCookieLate(response);
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      response.end('x');
    },
  ];
  for (const handler of handlers) {
    const answer = await answerOf(handler);
    assert.equal(answer.status, 200);
    assert.match(valueOf(answer, 'set-cookie') ?? '', /^late=1;.*Secure/);
  }
});

test('headers handed to writeHead go out as those that were set one by one, whatever their shape', async () => {
  const handed: readonly OutgoingHttpHeaders[] = [
    { 'Content-Type': 'text/plain', 'X-Count': 7, 'Content-Length': '2', 'X-Powered-By': 'x' },
    { 'X-Twice': 'a', 'x-twice': 'b' },
    { 'X-List': ['a', 'b'], 'Set-Cookie': 'own=1' },
    { 'X-Frame-Options': 'SAMEORIGIN', Date: 'Mon, 30 Nov 2026 11:00:00 GMT', 'X-None': undefined },
    Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`X-${at}`, String(at)])),
  ];
  for (const headers of handed) {
    const [together, singly] = await Promise.all([
      answerOf((_request, response) => response.writeHead(200, headers).end('ok')),
      answerOf((_request, response) => {
        for (const [name, value] of Object.entries(headers))
          if (value !== undefined) response.setHeader(name, value);
        response.writeHead(200).end('ok');
      }),
    ]);
    assert.deepEqual(linesOf(together), linesOf(singly));
  }
});

/** The head without what is new each time, sorted. */
function linesOf({ status, headers }: RawAnswer): readonly string[] {
  const lines = headers.map(([name, value]) => `${name}: ${value}`.replaceAll(/nonce-[\w-]+/g, 'nonce'));
  return [String(status), ...lines.filter((line) => !/^(?:date|x-request-id):/i.test(line)).toSorted()];
}

test('headers that Node.js refuses are refused in its own words', async () => {
  const answer = await answerOf((_request, response) => {
    assert.throws(() => response.writeHead(200, { 'X-Bad': 'a\r\nX-More: b' }), { code: 'ERR_INVALID_CHAR' });
    assert.throws(() => response.writeHead(200, { 'X Bad': 'a' }), { code: 'ERR_INVALID_HTTP_TOKEN' });
    response.end('ok');
  });
  assert.equal(answer.status, 200);
});

test('after its head is out, a response answers for the headers that it was handed', async () => {
  const seen: unknown[] = [];
  await answerOf((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    seen.push(response.getHeader('content-type'), response.hasHeader('x-frame-options'));
    assert.throws(() => response.setHeader('X-Late', '1'), { code: 'ERR_HTTP_HEADERS_SENT' });
    response.end('ok');
  });
  assert.deepEqual(seen, ['text/plain', true]);
});

test('a body that ends at once keeps its length, and one in pieces needs none', async () => {
  const whole = await answerOf((_request, response) => response.end('hello'));
  assert.equal(valueOf(whole, 'content-length'), '5');
  assert.equal(whole.body, 'hello');
});

test('an answer that is replaced goes past what wrapped the response since', async () => {
  const answer = await answerOf((_request, response) => {
    const writeHead: (...args: [number]) => ServerResponse = response.writeHead.bind(response);
    response.writeHead = (...args: [number]) => {
      response.setHeader('Content-Encoding', 'gzip');
      return writeHead(...args);
    };
    response.statusCode = 500;
    response.end('Error: at /srv/app/index.js');
  });
  assert.equal(answer.status, 500);
  assert.equal(valueOf(answer, 'content-encoding'), undefined);
  assert.equal((JSON.parse(answer.body) as { status: number }).status, 500);
});

test('an answer that is replaced while it is written in pieces is whole, and nothing of the old one is in it', async () => {
  const answer = await answerOf(async (_request, response) => {
    response.writeHead(500, 'Oh no', { 'Set-Cookie': 'a=1', Location: '/elsewhere' });
    response.write('Error: at ');
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    response.write('/srv/app/index.js');
    response.end('the end');
  });
  assert.ok(!answer.body.includes('/srv/app'));
  assert.equal(Number(valueOf(answer, 'content-length')), Buffer.byteLength(answer.body));
  assert.deepEqual(valuesOf(answer, 'set-cookie'), []);
  assert.equal(valueOf(answer, 'location'), undefined);
});

test('the handler of a replaced answer is told when it is out', async () => {
  const told: string[] = [];
  await answerOf(async (_request, response) => {
    response.statusCode = 500;
    response.write('x', () => told.push('write'));
    await new Promise<void>((resolve) => {
      response.end(() => {
        told.push('end');
        resolve();
      });
    });
  });
  assert.deepEqual(told, ['write', 'end']);
});

test('what a failing framework destroys is its own answer: ours is still on its way, and arrives', async () => {
  const destroyed: boolean[] = [];
  const answer = await answerOf((request, response) => {
    response.statusCode = 500;
    response.end('Error: at /srv/app/index.js');
    response.destroy(new Error('and that was that'));
    destroyed.push(request.socket.destroyed);
  });
  assert.equal(answer.status, 500);
  assert.equal(Number(valueOf(answer, 'content-length')), Buffer.byteLength(answer.body));
  assert.deepEqual(destroyed, [false]);
});

test('a flushed head is dressed as well', async () => {
  const answer = await answerOf((_request, response) => {
    response.setHeader('X-Powered-By', 'x');
    response.flushHeaders();
    setTimeout(() => response.end('later'), 5);
  });
  assert.equal(valueOf(answer, 'x-powered-by'), undefined);
  assert.equal(valueOf(answer, 'x-frame-options'), 'DENY');
  assert.equal(answer.body, 'later');
});

test('middleware that wrapped the response before the layer still sees head and body', async () => {
  let seen = '';
  const answer = await answerOf(
    (_request, response) => response.end('hello'),
    (_request, response) => {
      const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
      response.end = ((...args: unknown[]) => {
        seen = String(args[0]);
        return end(...args);
      }) as ServerResponse['end'];
    },
  );
  assert.equal(seen, 'hello');
  assert.equal(answer.body, 'hello');
  assert.equal(valueOf(answer, 'x-frame-options'), 'DENY');
});
