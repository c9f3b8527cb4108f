/** What every host must do, as data: a request, and what its answer has to be. */
import assert from 'node:assert/strict';
import { type RawAnswer, type RawRequest, valueOf, valuesOf } from '../wire.ts';

/** One case. Nobody in it is signed in. */
export interface Case {
  readonly name: string;
  readonly request: RawRequest | string;
  readonly status: number;
  readonly look?: (answer: RawAnswer) => void;
  /** The parser gave up on it, so that behind a proxy nobody knows whom to count it for. */
  readonly unread?: true;
  /** Only who owns the connection sees it: of a `Request` it is no part. */
  readonly ofServer?: true;
}

const FORM = 'application/x-www-form-urlencoded';

function problem(answer: RawAnswer): { type: string; status: number; requestId: string } {
  assert.equal(valueOf(answer, 'content-type'), 'application/problem+json');
  return JSON.parse(answer.body) as { type: string; status: number; requestId: string };
}

/** The headers that no answer is without, whoever wrote it. */
export function hasTheHeaders(answer: RawAnswer): void {
  assert.equal(valueOf(answer, 'x-content-type-options'), 'nosniff');
  assert.equal(valueOf(answer, 'x-frame-options'), 'DENY');
  assert.equal(valueOf(answer, 'cross-origin-opener-policy'), 'same-origin');
  assert.ok(
    valuesOf(answer, 'content-security-policy').some((value) => value.includes("frame-ancestors 'none'")),
  );
  assert.deepEqual(valuesOf(answer, 'x-powered-by'), []);
  assert.deepEqual(valuesOf(answer, 'server'), []);
}

/** What a client is told of its limit, so that it need not find out. */
export function hasTheLimit(answer: RawAnswer): void {
  assert.match(valueOf(answer, 'ratelimit') ?? '', /^"(?:default|route)";r=\d+;t=\d+$/);
}

/** Every case. All are sent to the host, and to another one whose answers must be the same. */
export const CASES: readonly Case[] = [
  {
    name: 'a page',
    request: { headers: { accept: 'text/html' } },
    status: 200,
    look: (answer) => {
      const nonce = /nonce="([^"]+)"/.exec(answer.body)?.[1];
      assert.ok(
        nonce !== undefined && valueOf(answer, 'content-security-policy')?.includes(`'nonce-${nonce}'`),
      );
      assert.deepEqual(valuesOf(answer, 'set-cookie'), []);
      assert.match(valueOf(answer, 'strict-transport-security') ?? '', /max-age=63072000/);
    },
  },
  { name: 'JSON', request: { target: '/json' }, status: 200 },
  { name: 'HEAD', request: { method: 'HEAD', target: '/json' }, status: 200 },
  { name: 'absolute-form for our own host', request: { target: 'https://example.com/json' }, status: 200 },
  { name: 'a path nobody serves', request: { target: '/nowhere' }, status: 404 },
  {
    name: 'a handler that throws tells nothing',
    request: { target: '/throw' },
    status: 500,
    look: (answer) => {
      assert.equal(problem(answer).status, 500);
      assert.ok(!/hunter2|at .*:\d+/.test(answer.body));
    },
  },
  {
    name: 'an error body of the application is replaced, and its headers with it',
    request: { target: '/broken' },
    status: 500,
    look: (answer) => {
      problem(answer);
      assert.ok(!answer.body.includes('/srv/app'));
      assert.equal(valueOf(answer, 'etag'), undefined);
    },
  },
  {
    name: 'so is one whose head went past the framework',
    request: { target: '/broken-head' },
    status: 500,
    look: (answer) => {
      problem(answer);
      assert.ok(!answer.body.includes('/srv/app'));
    },
  },
  {
    name: 'what an application does badly is made good',
    request: { target: '/sloppy' },
    status: 200,
    look: (answer) => {
      const cookies = valuesOf(answer, 'set-cookie');
      assert.equal(cookies.length, 2);
      for (const cookie of cookies)
        assert.match(cookie, /Secure.*HttpOnly.*SameSite=Lax|HttpOnly.*Secure.*SameSite=Lax/i);
      assert.ok(!cookies.some((cookie) => /planted|Domain=/i.test(cookie)));
    },
  },
  {
    name: 'a head written with an array and two cookies',
    request: { target: '/raw-head' },
    status: 200,
    look: (answer) => {
      assert.equal(answer.body, 'two pieces');
      assert.equal(valuesOf(answer, 'set-cookie').length, 2);
    },
  },
  {
    name: 'a private answer is cached nowhere',
    request: { target: '/download' },
    status: 404,
    look: (answer) => assert.equal(valueOf(answer, 'cache-control'), 'no-store'),
  },
  {
    name: 'a page for members asks for a sign-in',
    request: { target: '/members/page' },
    status: 401,
    look: problem,
  },
  { name: 'a rule holds in any case and with a slash', request: { target: '/MEMBERS/page/' }, status: 401 },
  {
    name: 'another site posts a form',
    request: { method: 'POST', target: '/echo', headers: { 'sec-fetch-site': 'cross-site' }, body: 'a=1' },
    status: 403,
    look: problem,
  },
  {
    name: 'another site posts, from an old browser',
    request: { method: 'POST', target: '/echo', headers: { origin: 'https://evil.example' }, body: 'a=1' },
    status: 403,
  },
  {
    name: 'its own page posts, under Referrer-Policy: no-referrer',
    request: {
      method: 'POST',
      target: '/echo',
      headers: { origin: 'null', 'sec-fetch-site': 'same-origin', 'content-type': FORM },
      body: 'a=1',
    },
    status: 200,
    look: (answer) => assert.deepEqual(JSON.parse(answer.body), { bytes: 3 }),
  },
  {
    name: 'another site opens a WebSocket',
    request: {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        origin: 'https://evil.example',
        'sec-websocket-version': '13',
      },
    },
    status: 403,
  },
  {
    name: 'the site itself opens one where nobody listens',
    request: {
      target: '/json',
      headers: {
        connection: 'Upgrade, close',
        upgrade: 'websocket',
        origin: 'https://example.com',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      },
    },
    status: 200,
  },
  {
    name: 'a host that is not ours',
    request: { headers: { host: 'evil.example' } },
    status: 421,
    look: problem,
  },
  { name: 'no host at all', request: { headers: { host: null } }, status: 400, ofServer: true },
  { name: 'two hosts', request: { headers: { host: ['example.com', 'evil.example'] } }, status: 400 },
  {
    name: 'plain http is sent home, not to the Host it names',
    request: { target: '/a?b=1', headers: { 'x-forwarded-proto': 'http' } },
    status: 308,
    look: (answer) => assert.equal(valueOf(answer, 'location'), 'https://example.com/a?b=1'),
  },
  {
    name: 'a post over plain http is refused, not redirected',
    request: { method: 'POST', target: '/echo', headers: { 'x-forwarded-proto': 'http' }, body: 'a=1' },
    status: 403,
  },
  {
    name: 'a method nobody needs',
    request: { method: 'TRACE' },
    status: 405,
    look: (answer) => assert.match(valueOf(answer, 'allow') ?? '', /GET.*POST/),
  },
  // In a URL it has climbed already.
  {
    name: 'a path that climbs',
    request: { target: '/a/%2e%2e/members/page' },
    status: 400,
    ofServer: true,
  },
  { name: 'a path with an encoded slash', request: { target: '/members%2fpage' }, status: 400 },
  { name: 'a path with a NUL', request: { target: '/a%00b' }, status: 400 },
  {
    name: 'a body that says it is too large',
    request: {
      method: 'POST',
      target: '/echo',
      headers: { 'sec-fetch-site': 'same-origin', 'content-length': '20000000' },
    },
    status: 413,
    look: (answer) => assert.equal(valueOf(answer, 'connection'), 'close'),
  },
  {
    name: 'a compressed body',
    request: {
      method: 'POST',
      target: '/echo',
      headers: { 'sec-fetch-site': 'same-origin', 'content-encoding': 'gzip' },
      body: 'abc',
    },
    status: 415,
  },
  {
    name: 'both lengths at once, as request smugglers send them',
    request:
      'POST /echo HTTP/1.1\r\nHost: example.com\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG',
    status: 400,
    unread: true,
  },
  { name: 'bytes that are no HTTP', request: 'hello there\r\n\r\n', status: 400, unread: true },
  {
    name: 'a header without a colon',
    request: 'GET / HTTP/1.1\r\nHost example.com\r\n\r\n',
    status: 400,
    unread: true,
  },
  {
    name: 'headers without end',
    request: { headers: { 'x-long': 'a'.repeat(20_000) } },
    status: 431,
    unread: true,
    look: problem,
  },
  {
    name: 'an expectation nobody meets',
    request: { headers: { expect: '200-maybe' } },
    status: 417,
    ofServer: true,
  },
  {
    name: 'a body that waits for its permission',
    request: {
      method: 'POST',
      target: '/echo',
      headers: { 'sec-fetch-site': 'same-origin', expect: '100-continue' },
      body: 'abc',
    },
    status: 200,
    look: (answer) => assert.deepEqual(JSON.parse(answer.body), { bytes: 3 }),
  },
  {
    name: 'a sign-in that waits for its permission, whose account a limit counts',
    request: {
      method: 'POST',
      target: '/login',
      headers: { 'sec-fetch-site': 'same-origin', expect: '100-continue', 'content-type': FORM },
      body: 'email=a%40example.com&password=x',
    },
    status: 200,
    look: (answer) => {
      assert.deepEqual(JSON.parse(answer.body), { ok: false, read: 'email=a%40example.com&password=x' });
    },
  },
  {
    name: 'a sign-in in JSON, read by a limit and by the handler',
    request: {
      method: 'POST',
      target: '/login',
      headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
      body: '{"email":"b@example.com"}',
    },
    status: 200,
    look: (answer) => {
      assert.deepEqual(JSON.parse(answer.body), { ok: false, read: '{"email":"b@example.com"}' });
    },
  },
  {
    name: 'a person gets a page',
    request: { target: '/operators/page', headers: { accept: 'text/html' } },
    status: 401,
    look: (answer) => assert.match(valueOf(answer, 'content-type') ?? '', /^text\/html/),
  },
];
