import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyServer, readBody } from '../../test/support/body-server.ts';
import { openSocket } from '../testing/wire.ts';
import { peekBody } from './request-body.ts';

const on = bodyServer();

test('a body that was looked at is whole for whoever reads it next', async () => {
  on.handle = async (request) => {
    const peeked = await peekBody(request, 1_000_000);
    return `${peeked?.toString()}|${await readBody(request)}`;
  };
  for (const body of ['a', 'a'.repeat(70_000), 'a'.repeat(900_000)])
    assert.equal(await on.send(body), `${body}|${body}`);
});

test('nobody has read it yet, as far as the next one can tell: some refuse a body that was begun', async () => {
  on.handle = async (request) => {
    await peekBody(request, 1000);
    const before = request.readableDidRead;
    return `${before}|${await readBody(request)}|${request.readableDidRead}`;
  };
  assert.equal(await on.send('abc'), 'false|abc|true');
});

test('a body that was looked at twice is whole as well', async () => {
  on.handle = async (request) => {
    await peekBody(request, 1000);
    return `${(await peekBody(request, 1000))?.toString()}|${await readBody(request)}`;
  };
  assert.equal(await on.send('abc'), 'abc|abc');
});

test('one larger than the limit is not told of, and still whole', async () => {
  on.handle = async (request) => {
    const peeked = await peekBody(request, 10);
    return `${peeked === undefined}|${(await readBody(request)).length}`;
  };
  assert.equal(await on.send('a'.repeat(11)), 'true|11');
  assert.equal(await on.send('a'.repeat(500_000)), 'true|500000');
});

test('one that comes byte by byte is waited for', async () => {
  on.handle = async (request) => `${(await peekBody(request, 100))?.toString()}|${await readBody(request)}`;
  const { socket, received, closed } = await openSocket(on.port);
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\n');
  for (const letter of 'hello') {
    socket.write(letter);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
  await closed;
  assert.match(received(), /hello\|hello$/);
});

test('a client that goes away in the middle is no body, never half a one', async () => {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  on.handle = async (request) => {
    resolve(await peekBody(request, 100));
    return '';
  };
  const { socket } = await openSocket(on.port);
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf');
  setTimeout(() => socket.destroy(), 20);
  assert.equal(await promise, undefined);
});
