import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { openSocket } from '../testing/wire.ts';
import { bodyServer, readBody } from '../../test/support/body-server.ts';
import { until } from '../../test/support/until.ts';
import { flowOf } from './body-flow.ts';
import { expectContinue } from './expectation.ts';
import { IncomingBody } from './incoming-body.ts';

const on = bodyServer((listener) => (request, response) => {
  expectContinue(request, response);
  listener(request, response);
});

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  let body = '';
  for await (const piece of pieces) body += Buffer.from(piece).toString();
  return body;
}

/** Sends bytes on one connection and waits until what came back ends so. */
async function answerTo(bytes: string, end: RegExp): Promise<string> {
  const { socket, received } = await openSocket(on.port);
  socket.write(bytes);
  await until(`an answer that ends in ${end}`, () => end.test(received()));
  socket.destroy();
  return received();
}

test('counting stops at the limit: what is over it never comes, and neither does an end', async () => {
  let seen = 0;
  let ended = false;
  const { promise, resolve } = Promise.withResolvers<void>();
  on.handle = (request) => {
    flowOf(request).count(
      () => 10,
      () => {
        resolve();
        return true;
      },
    );
    request.on('data', (chunk: Buffer) => {
      seen += chunk.length;
    });
    request.on('end', () => {
      ended = true;
    });
    return new Promise(() => undefined);
  };
  const { socket } = await openSocket(on.port);
  socket.write(
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n',
  );
  await promise;
  socket.destroy();
  assert.equal(seen, 10);
  assert.equal(ended, false);
});

test('what is judged and refused never comes, nor what follows it, nor an end', async () => {
  let seen = '';
  let ended = false;
  const { promise, resolve } = Promise.withResolvers<void>();
  on.handle = (request) => {
    flowOf(request).judge((piece) => {
      if (piece?.includes('bad') !== true) return false;
      resolve();
      return true;
    });
    request.on('data', (chunk: Buffer) => (seen += String(chunk)));
    request.on('end', () => (ended = true));
    return new Promise(() => undefined);
  };
  const { socket } = await openSocket(on.port);
  socket.write(
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nbad\r\n4\r\ngood\r\n0\r\n\r\n',
  );
  await promise;
  await new Promise(setImmediate);
  socket.destroy();
  assert.equal(seen, 'hello');
  assert.equal(ended, false);
});

test('counting without stopping lets all of it through', async () => {
  on.handle = (request) => {
    flowOf(request).count(
      () => 3,
      () => false,
    );
    return readBody(request);
  };
  const { socket, received, closed } = await openSocket(on.port);
  socket.write(
    'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  );
  await closed;
  assert.match(received(), /hello/);
});

test('a body that is taken is whole, and its handler reads a request that has none', async () => {
  on.handle = async (request, response) => {
    const taken = await textOf(new IncomingBody(request, response).take());
    const { headers, rawHeaders } = request;
    assert.equal(headers['content-length'] ?? headers['content-type'], undefined);
    assert.doesNotMatch(rawHeaders.join(), /content-(?:length|type)/i);
    return `${taken}|${await readBody(request)}`;
  };
  for (const body of ['a', 'a'.repeat(70_000), 'a'.repeat(900_000)])
    assert.equal(await on.send(body), `${body}|`);
});

test('so it is for a handler that reads while the body is still coming, by whatever event', async () => {
  on.handle = async (request, response) => {
    const taking = textOf(new IncomingBody(request, response).take());
    const ended = new Promise<string>((resolve) => {
      let seen = '';
      request.on('data', (piece) => (seen += String(piece)));
      request.on('end', () => resolve(seen));
    });
    return `${await ended}|${(await taking).length}`;
  };
  assert.equal(await on.send('a'.repeat(900_000)), '|900000');
});

test('what was looked at before is there for whoever takes it', async () => {
  on.handle = async (request, response) => {
    const body = new IncomingBody(request, response);
    const peeked = await body.peek(1000);
    return `${peeked?.toString()}|${await textOf(body.take())}|${await readBody(request)}`;
  };
  assert.equal(await on.send('abc'), 'abc|abc|');
});

test('is taken once, and not looked at after that', async () => {
  on.handle = async (request, response) => {
    const body = new IncomingBody(request, response);
    const taken = body.take();
    assert.throws(() => body.take(), { code: 'ERR_BULWARK_BODY_TAKEN' });
    await assert.rejects(body.peek(10), { code: 'ERR_BULWARK_BODY_TAKEN' });
    return await textOf(taken);
  };
  assert.equal(await on.send('abc'), 'abc');
  assert.equal(await on.send(''), '');
  on.handle = async (request, response) => {
    const body = new IncomingBody(request, response);
    const peeking = body.peek(10);
    assert.throws(() => body.take(), { code: 'ERR_BULWARK_BODY_TAKEN' });
    return `${(await peeking)?.toString()}`;
  };
  assert.equal(await on.send('abc'), 'abc');
});

test('is not taken from a parser that has begun to read it', async () => {
  on.handle = async (request, response) => {
    const body = new IncomingBody(request, response);
    const first = text(request);
    assert.equal(body.begun, true);
    assert.throws(() => body.take(), { code: 'ERR_BULWARK_BODY_READ' });
    return await first;
  };
  assert.equal(await on.send('abc'), 'abc');
});

test('comes as fast as it is read: a taker that waits makes its client wait', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let incoming: IncomingMessage | undefined;
  on.handle = async (request, response) => {
    incoming = request;
    const pieces = new IncomingBody(request, response).take()[Symbol.asyncIterator]();
    let size = (await pieces.next()).value?.byteLength ?? 0;
    await promise;
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next())
      size += next.value.byteLength;
    return String(size);
  };
  const size = 60_000_000;
  const sent = on.send('a'.repeat(size));
  await until('it has begun', () => (incoming?.socket.bytesRead ?? 0) > 0);
  await sleep(300);
  assert.ok(
    (incoming?.socket.bytesRead ?? size) < 2_000_000,
    `${incoming?.socket.bytesRead} bytes were read`,
  );
  resolve();
  assert.equal(await sent, String(size));
});

for (const how of ['destroy', 'end'] as const)
  test(`a client that goes by ${how} makes the reading fail, whenever it is begun`, async () => {
    for (const waits of [false, true]) {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      on.handle = async (request, response) => {
        const taken = new IncomingBody(request, response).take();
        if (waits) await new Promise((gone) => void request.once('close', gone));
        await textOf(taken).then(resolve, resolve);
        return '';
      };
      const { socket } = await openSocket(on.port);
      socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf');
      setTimeout(() => socket[how](), 20);
      assert.equal(((await promise) as { code?: string }).code, 'ERR_BULWARK_CLIENT_GONE');
    }
  });

test('so does an application that destroys its request without a reason', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  on.handle = async (request, response) => {
    const taking = textOf(new IncomingBody(request, response).take());
    setTimeout(() => request.destroy(), 20);
    await taking.then(resolve, resolve);
    return '';
  };
  const { socket } = await openSocket(on.port);
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf');
  assert.equal(((await promise) as { code?: string }).code, 'ERR_BULWARK_CLIENT_GONE');
});

test('one that nobody reads of what he has taken ends no process when its client goes', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  on.handle = async (request, response) => {
    new IncomingBody(request, response).take();
    request.once('close', resolve);
    return new Promise(() => undefined);
  };
  const { socket } = await openSocket(on.port);
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf');
  setTimeout(() => socket.destroy(), 20);
  await promise;
  await sleep(10);
});

const POST = 'POST / HTTP/1.1\r\nHost: a\r\n';
const NEXT = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';

test('requests behind a taken body are answered, in their turn and as themselves', async () => {
  on.handle = async (request, response) =>
    `[${request.url} ${(await textOf(new IncomingBody(request, response).take())).length}]`;
  const large = 'a'.repeat(300_000);
  const bodies = [`Content-Length: ${large.length}\r\n\r\n${large}`, 'Content-Length: 0\r\n\r\n'];
  const chunked = `Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`;
  for (const [body, size] of [
    [bodies[0], large.length],
    [bodies[1], 0],
    [chunked, 5],
  ] as const) {
    const received = await answerTo(`${POST}${body}${NEXT}`, /\[\/next 0\]$/);
    assert.match(received, new RegExp(`\\[/ ${size}\\]HTTP/1\\.1 200 OK`));
  }
});

test('what is left of one that was not read to its end is no request, and no body of the next one', async () => {
  const takers: ((body: AsyncIterable<Uint8Array>) => Promise<void>)[] = [
    async () => undefined,
    async (body) => {
      for await (const piece of body) if (piece.byteLength > 0) break;
    },
  ];
  const large = NEXT.repeat(200_000);
  for (const taker of takers) {
    on.handle = async (request, response) => {
      if (request.url === '/next') return '[next]';
      await taker(new IncomingBody(request, response).take());
      // One handler that looks for a body, and one that does not.
      return request.headers['x-look'] === undefined ? '[]' : `[${await readBody(request)}]`;
    };
    for (const body of [
      `Content-Length: ${large.length}\r\n\r\n${large}`,
      `Content-Length: ${large.length}\r\nX-Look: yes\r\n\r\n${large}`,
      `Transfer-Encoding: chunked\r\n\r\n${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`,
    ]) {
      const received = await answerTo(`${POST}${body}${NEXT}`, /\[next\]$/);
      assert.equal(received.split('HTTP/1.1 200 OK').length, 3, received.slice(0, 2000));
      assert.match(received, /\[\]HTTP/);
    }
  }
});

test('says 100 Continue once it is read, and never for one that nobody reads', async () => {
  const expecting = `${POST}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n`;
  on.handle = async (request, response) => `[${await textOf(new IncomingBody(request, response).take())}]`;
  const { socket, received } = await openSocket(on.port);
  socket.write(expecting);
  await until('it is asked for', () => received().endsWith('100 Continue\r\n\r\n'));
  socket.write('hello');
  await until('it is answered', () => received().endsWith('[hello]'));
  socket.destroy();
  assert.equal(received().split('100 Continue').length, 2);
  on.handle = async (request, response) => {
    new IncomingBody(request, response).take();
    return '[none]';
  };
  assert.doesNotMatch(await answerTo(expecting, /\[none\]$/), /100 Continue/);
});

test('a body on a GET is taken as any other, and so is one of HTTP/1.0', async () => {
  on.handle = async (request, response) => `[${await textOf(new IncomingBody(request, response).take())}]`;
  const body = 'Host: a\r\nContent-Length: 5\r\n\r\nhello';
  await answerTo(`GET / HTTP/1.1\r\n${body}`, /\[hello\]$/);
  await answerTo(`POST / HTTP/1.0\r\n${body}`, /\[hello\]$/);
});
