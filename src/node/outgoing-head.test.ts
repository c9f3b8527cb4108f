import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { bytesOf, goPlain, type Handler, page } from '../../test/support/either-way.ts';
import { type HeaderKey, HeaderLine } from '../core/header-line.ts';
import { TAKES_SHORTCUTS } from '../core/shortcuts.ts';
import { headOf, type NodeHead } from './outgoing-head.ts';
import { viewOf } from '../layer/view.ts';

const REFUSED: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  status: (response) => response.writeHead(99, { 'X-Own': 'a' }),
  reason: (response) => response.writeHead(200, 'two\nlines'),
  trailer: (response) => response.writeHead(200, { Trailer: 'X-Sum', 'Content-Length': '4' }),
};

for (const [what, write] of Object.entries(REFUSED)) {
  test(`after a ${what} that Node.js does not write, the next head is dressed anew and says nothing twice`, async () => {
    const answer = await bytesOf((request, response) => {
      assert.throws(() => write(response));
      // Set by setHeader they stay, and are set again to the same values.
      assert.equal(response.getHeader('X-Frame-Options'), TAKES_SHORTCUTS ? undefined : 'DENY');
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      response.statusCode = 200;
      response.statusMessage = 'OK';
      page(request, response);
    }, {});
    const [head = ''] = answer.split('\r\n\r\n');
    const names = head.split('\r\n').map((line) => line.split(':')[0]);
    assert.equal(new Set(names).size, names.length);
    assert.match(head, /^Content-Security-Policy: .*nonce/m);
    assert.ok(names.includes('X-Frame-Options'));
  });
}

test('the lines of the layer stand right behind the status line, and with BULWARK_PLAIN=1 where Node.js puts them', async () => {
  const first = TAKES_SHORTCUTS ? 'RateLimit-Policy' : 'Content-Type';
  assert.match(await bytesOf(page, {}), new RegExp(`^HTTP/1\\.1 200 OK\r\n${first}: `));
  assert.match(await bytesOf(page, { before: goPlain }), /^HTTP\/1\.1 200 OK\r\nContent-Type: /);
});

test('what Node.js frames a message by goes to Node.js, where a guard sets it', () => {
  const { response, head } = undressed();
  head.setHeader('Connection', 'close');
  head.setHeader('X-Own', 'a');
  assert.deepEqual(response.getHeaderNames(), TAKES_SHORTCUTS ? ['connection'] : ['connection', 'x-own']);
  assert.equal(head.getHeader('x-own'), 'a');
  assert.throws(() => head.setHeader('X-Own', 'a\r\nb: c'), TAKES_SHORTCUTS ? RangeError : TypeError);
  head.removeHeader('x-own');
  assert.equal(head.getHeader('x-own'), undefined);
  head.setHeader('X-Many', ['a', 'b']);
  assert.deepEqual(head.getHeader('x-many'), ['a', 'b']);
});

function undressed(): { readonly response: ServerResponse; readonly head: NodeHead } {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  return { response, head: headOf(response, Reflect.get(ServerResponse.prototype, 'writeHead')) };
}

/** What a response says of its headers once they are out. */
function readBack(response: ServerResponse): Record<string, unknown> {
  const names = response.getHeaderNames();
  const raw = (response as ServerResponse & { getRawHeaderNames(): string[] }).getRawHeaderNames();
  return {
    names: names.sort(),
    raw: raw.sort(),
    values: Object.fromEntries(names.map((name) => [name, response.getHeader(name.toUpperCase())])),
    all: { ...response.getHeaders() },
    has: names.map((name) => response.hasHeader(name.toUpperCase())),
    hasNot: [response.hasHeader('X-None'), response.getHeader('X-None')],
  };
}

test('what the layer added can be read back from the response, as if it had been set', async () => {
  const seen: Record<string, unknown>[] = [];
  const handler: Handler = (request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.setHeader('Content-Security-Policy', "default-src 'self'");
    response.end(viewOf(request, '').principal?.account);
    seen.push(readBack(response));
    assert.throws(() => response.setHeader('X-Late', 'a'), { code: 'ERR_HTTP_HEADERS_SENT' });
    assert.throws(() => response.removeHeader('X-Frame-Options'), { code: 'ERR_HTTP_HEADERS_SENT' });
    assert.throws(() => response.getHeader(undefined as never), { code: 'ERR_INVALID_ARG_TYPE' });
  };
  await bytesOf(handler, {});
  await bytesOf(handler, { before: goPlain });
  const [fast, plain] = seen.map(
    (one) => JSON.parse(JSON.stringify(one).replace(/nonce-[\w-]{22}/g, 'nonce')) as unknown,
  );
  assert.deepEqual(fast, plain);
  assert.match(JSON.stringify(fast), /"x-frame-options":"DENY"/);
});

const SPIES: Readonly<
  Record<string, (response: ServerResponse, seen: (names: readonly string[]) => void) => void>
> = {
  setHeader(response, seen) {
    const set = response.setHeader.bind(response);
    const names: string[] = [];
    response.setHeader = (name, value) => {
      names.push(name.toLowerCase());
      seen(names);
      return set(name, value);
    };
  },
  writeHead(response, seen) {
    const write: (...args: [number]) => ServerResponse = response.writeHead.bind(response);
    response.writeHead = (...args: [number]) => {
      seen(response.getHeaderNames());
      return write(...args);
    };
  },
  _storeHeader(response, seen) {
    const own = response as ServerResponse & { _storeHeader: (first: string, headers: object) => void };
    const store = own._storeHeader.bind(response);
    own._storeHeader = (first, headers) => {
      seen(Object.keys(headers));
      store(first, headers);
    };
  },
  getHeaders(response, seen) {
    const get = response.getHeaders.bind(response);
    response.getHeaders = () => {
      const headers = get();
      seen(Object.keys(headers));
      return headers;
    };
  },
};

for (const [method, spy] of Object.entries(SPIES)) {
  test(`middleware that a framework runs before the layer, with its own ${method}, sees every header`, async () => {
    let seen: readonly string[] = [];
    await bytesOf(
      (_request, response) => {
        response.setHeader('Content-Type', 'text/html');
        response.end('x');
        response.getHeaders();
      },
      { inside: true, before: (_request, response) => spy(response, (names) => (seen = names)) },
    );
    for (const name of ['content-security-policy', 'x-frame-options', 'ratelimit'])
      assert.ok(seen.includes(name), name);
  });
}

/** Middleware with a `writeHead` of its own that takes a header of the layer away. */
const takesAway: Handler = (_request, response) => {
  const write: (...args: [number]) => ServerResponse = response.writeHead.bind(response);
  response.writeHead = (...args: [number]) => {
    response.removeHeader('Cross-Origin-Resource-Policy');
    return write(...args);
  };
};

test('middleware that a framework runs before the layer has its way with a header', async () => {
  const answer = await bytesOf(page, { inside: true, before: takesAway });
  assert.doesNotMatch(answer, /Cross-Origin-Resource-Policy/i);
  assert.match(answer, /X-Frame-Options/i);
});

test('on a server of the layer no middleware takes a header away, wherever it stands', async () => {
  assert.match(await bytesOf(page, { before: takesAway }), /Cross-Origin-Resource-Policy/i);
});

test('removes of a long list what is there, whoever writes the head, and touches nothing else', () => {
  for (const plain of [false, true]) {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    if (plain) response.setHeader = response.setHeader.bind(response);
    response.setHeader('X-Joomla-Version', '5');
    response.setHeader('X-Keep', '1');
    response.setHeader('SERVER', 'x');
    const { writeHead } = response as unknown as { readonly writeHead: unknown };
    const head = headOf(response, writeHead);
    head.addLine(HeaderLine.of('X-Added', '1'));
    head.removeAll(new Set<HeaderKey>(['x-joomla-version', 'server', 'x-powered-by']));
    head.attach();
    assert.deepEqual(response.getHeaderNames().toSorted(), ['x-added', 'x-keep']);
  }
});

test('a guard is told what an answer says now, whoever changed it since it was asked', () => {
  for (const plain of [false, true]) {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    if (plain) response.setHeader = response.setHeader.bind(response);
    response.setHeader('Vary', 'a');
    response.setHeader('X-Own', 'b');
    const { writeHead } = response as unknown as { readonly writeHead: unknown };
    const head = headOf(response, writeHead);
    const said = (key: HeaderKey): readonly unknown[] => [head.getHeader(key), head.getHeader(key)];
    assert.deepEqual(said('vary'), ['a', 'a']);
    head.setHeader('Vary', ['a', 'c']);
    assert.deepEqual(said('vary'), [
      ['a', 'c'],
      ['a', 'c'],
    ]);
    assert.deepEqual(said('x-own'), ['b', 'b']);
    head.removeHeader('x-own');
    assert.deepEqual(said('x-own'), [undefined, undefined]);
    head.setHeader('Accept-Ranges', 'bytes');
    head.setHeader('X-Own', 'd');
    head.setHeader('X-Own', 'e');
    assert.deepEqual(said('x-own'), ['e', 'e']);
  }
});
