import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { openSocket } from '../testing/wire.ts';
import { peekBody } from './request-body.ts';

let server: Server;
let port: number;
let handle: (request: IncomingMessage) => Promise<string>;

before(async () => {
  server = createServer((request, response) => {
    void handle(request).then((text) => response.end(text));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  port = (server.address() as AddressInfo).port;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

function send(body: string): Promise<string> {
  return fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body }).then((answer) => answer.text());
}

test('a body that was looked at is whole for whoever reads it next', async () => {
  handle = async (request) => {
    const peeked = await peekBody(request, 1_000_000);
    return `${peeked?.toString()}|${await read(request)}`;
  };
  for (const body of ['a', 'a'.repeat(70_000), 'a'.repeat(900_000)])
    assert.equal(await send(body), `${body}|${body}`);
});

test('nobody has read it yet, as far as the next one can tell: some refuse a body that was begun', async () => {
  handle = async (request) => {
    await peekBody(request, 1000);
    const before = request.readableDidRead;
    return `${before}|${await read(request)}|${request.readableDidRead}`;
  };
  assert.equal(await send('abc'), 'false|abc|true');
});

test('a body that was looked at twice is whole as well', async () => {
  handle = async (request) => {
    await peekBody(request, 1000);
    return `${(await peekBody(request, 1000))?.toString()}|${await read(request)}`;
  };
  assert.equal(await send('abc'), 'abc|abc');
});

test('one larger than the limit is not told of, and still whole', async () => {
  handle = async (request) => {
    const peeked = await peekBody(request, 10);
    return `${peeked === undefined}|${(await read(request)).length}`;
  };
  assert.equal(await send('a'.repeat(11)), 'true|11');
  assert.equal(await send('a'.repeat(500_000)), 'true|500000');
});

test('one that comes byte by byte is waited for', async () => {
  handle = async (request) => `${(await peekBody(request, 100))?.toString()}|${await read(request)}`;
  const { socket, received, closed } = await openSocket(port);
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
  handle = async (request) => {
    resolve(await peekBody(request, 100));
    return '';
  };
  const { socket } = await openSocket(port);
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf');
  setTimeout(() => socket.destroy(), 20);
  assert.equal(await promise, undefined);
});
