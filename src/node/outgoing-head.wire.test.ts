/** The fast way of writing a head against the plain one: not a byte may differ but in the order of lines. */
import assert from 'node:assert/strict';
import type { OutgoingHttpHeader, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { answersOf, bytesOf, goPlain, type Handler, page, type Way } from '../../test/support/either-way.ts';
import { writeRequest } from '../testing/wire.ts';
import { viewOf } from '../layer/view.ts';

/** What differs from run to run, made the same; header lines sorted, since their order is nobody's business. */
function normalize(bytes: string): readonly string[] {
  return bytes
    .replace(/nonce[-=]"?[\w-]{22}/g, 'nonce')
    .replace(/__Host-sid=[\w-]{32}/g, '__Host-sid=id')
    .replace(/^Date: .*$/gm, 'Date: now')
    .replace(/"requestId":"[\w-]{22}"/g, '"requestId":"id"')
    .replace(/\br=\d+;t=\d+/g, 'r=0;t=0')
    .split(/(?=HTTP\/1\.1 \d{3} )/)
    .map((message) => {
      const end = message.indexOf('\r\n\r\n');
      const [status = '', ...lines] = message.slice(0, end).split('\r\n');
      return [status, ...lines.sort(), message.slice(end)].join('\r\n');
    });
}

function sets(name: string, value: number | string | readonly string[], type = 'text/html'): Handler {
  return (_request, response) => {
    response.setHeader('Content-Type', type);
    response.setHeader(name, value);
    response.end('body');
  };
}

function writes(status: number, ...rest: readonly unknown[]): Handler {
  return (_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    (response.writeHead as (...args: unknown[]) => ServerResponse)(status, ...rest).end('body');
  };
}

const WEAK = {
  'Content-Type': 'text/html',
  'X-Frame-Options': 'SAMEORIGIN',
  'Referrer-Policy': 'unsafe-url',
  'content-security-policy': "default-src 'self'",
  'Set-Cookie': ['a=1', 'b=2'],
  'X-Powered-By': 'PHP/5.2',
} satisfies Record<string, OutgoingHttpHeader>;
const FLAT = Object.entries(WEAK).flatMap(([name, value]) =>
  (Array.isArray(value) ? value : [value]).flatMap((one) => [name, one]),
);

const ANSWERS: Readonly<Record<string, Handler | readonly [Handler, Way]>> = {
  'a page': page,
  'a page of which nobody set anything': (_request, response) => response.end('x'),
  'no body at all': (_request, response) => response.end(),
  JSON: sets('Content-Length', 4, 'application/json'),
  'a page in pieces': (_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.write('one');
    response.end('two');
  },
  'a page with its length': sets('Content-Length', 4),
  'a page for HEAD': [sets('Content-Length', 4), { request: { method: 'HEAD' } }],
  'a page over HTTP/1.0': [
    page,
    {
      request: writeRequest({ headers: { connection: null } }).replace('HTTP/1.1', 'HTTP/1.0'),
    },
  ],
  'a page over HTTP/1.0 that keeps the connection': [
    sets('Content-Length', 4),
    {
      request: `${writeRequest({ headers: { connection: 'keep-alive' } }).replace('HTTP/1.1', 'HTTP/1.0')}${writeRequest({}).replace('HTTP/1.1', 'HTTP/1.0')}`,
    },
  ],
  'two pages on one connection': [
    page,
    { request: writeRequest({ headers: { connection: 'keep-alive' } }) + writeRequest({}) },
  ],
  'a page that ends the connection': sets('Connection', 'close'),
  'a page without a date': (request, response) => {
    response.sendDate = false;
    page(request, response);
  },
  'a page with a date of its own': sets('Date', 'Thu, 01 Jan 2026 00:00:00 GMT'),
  'a page whose connection header was removed': (request, response) => {
    response.removeHeader('Connection');
    response.removeHeader('Transfer-Encoding');
    page(request, response);
  },
  'a page that expects something': sets('Expect', '100-continue'),
  'a page with trailers': (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html', Trailer: 'X-Sum' });
    response.write('abc');
    response.addTrailers({ 'X-Sum': '3' });
    response.end();
  },
  'a redirect': writes(303, { Location: '/elsewhere' }),
  'no content': writes(204),
  'not modified': writes(304, { ETag: '"a"' }),
  'a page that is flushed': (_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.flushHeaders();
    response.end('later');
  },
  'hints and more ahead of a page': (request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
    response.writeContinue();
    response.writeProcessing();
    page(request, response);
  },
  'an error that is replaced': writes(500, { 'X-Frame-Options': 'SAMEORIGIN', 'Retry-After': '7' }),
  'an error of the application': writes(404, 'Nothing here'),
  'a refusal': [page, { request: { headers: { host: 'evil.example' } } }],
  'a head from an object': writes(200, WEAK),
  'a head from an object, with a reason': writes(200, 'Fine', WEAK),
  'a head from a flat list': writes(200, FLAT),
  'a head from a list of pairs': writes(200, [
    ['Content-Type', 'text/html'],
    ['X-Frame-Options', 'SAMEORIGIN'],
    ['Set-Cookie', 'a=1'],
  ]),
  'a head from a list and nothing before it': (_request, response) =>
    response.writeHead(200, FLAT).end('body'),
  'what names the server': (_request, response) => {
    for (const name of ['Server', 'X-Powered-By', 'X-Runtime']) response.setHeader(name, 'x');
    response.end('body');
  },
  'weaker headers of its own': (_request, response) => {
    for (const [name, value] of Object.entries(WEAK)) response.setHeader(name, value);
    response.end('body');
  },
  'a page to a visitor who signs in': async (request, response) => {
    await viewOf(request, '').session.signIn({ account: 'anna' });
    response.setHeader('Set-Cookie', 'own=1');
    page(request, response);
  },
  'a page to one who signs out': async (request, response) => {
    await viewOf(request, '').session.signOut();
    response.setHeader('ETag', 'W/"weak"');
    response.setHeader('Expires', 'Thu, 01 Jan 2099 00:00:00 GMT');
    page(request, response);
  },
  'a private file': (request, response) => {
    assert.equal(viewOf(request, '').principal, undefined);
    response.setHeader('Cache-Control', 'public, max-age=31536000');
    response.end('private');
  },
  'a page under a policy that is tried out': [
    sets('Content-Security-Policy-Report-Only', "default-src 'self'"),
    { policy: { csp: { mode: 'observe', reportOnly: { 'img-src': ["'none'"] }, report: '/csp' } } },
  ],
  'a page under two policies': [
    page,
    { policy: { csp: { reportOnly: { 'script-src': ["'nonce'"] }, report: '/csp' } } },
  ],
  'a page whose headers are only observed': [
    page,
    { policy: { headers: { mode: 'observe' }, csp: { mode: 'off' } } },
  ],
};

const OWN: readonly (readonly [name: string, ...values: (string | readonly string[])[]])[] = [
  ['X-Content-Type-Options', 'sniff', ['nosniff', 'nosniff']],
  ['X-Frame-Options', 'SAMEORIGIN', 'deny', ['DENY', 'SAMEORIGIN']],
  ['Referrer-Policy', 'unsafe-url', 'no-referrer', 'Same-Origin'],
  ['Cross-Origin-Opener-Policy', 'unsafe-none', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'cross-origin', 'same-origin'],
  ['Origin-Agent-Cluster', '?0', '?1'],
  ['Permissions-Policy', 'camera=*', 'payment=()', 'not a structured field(', ['camera=()', 'payment=()']],
  ['X-Permitted-Cross-Domain-Policies', 'all', 'none-this-response'],
  ['Strict-Transport-Security', 'max-age=0', 'max-age=99999999; preload'],
  ['Content-Security-Policy', "default-src 'self'", ["default-src 'self'", "img-src 'none'"]],
  ['RateLimit', '"own";r=1;t=1'],
  ['RateLimit-Policy', '"own";q=1;w=1'],
  ['Cache-Control', 'public'],
  ['Clear-Site-Data', '"cache"'],
];
for (const [name, answer] of Object.entries(ANSWERS)) {
  const [handler, way] = typeof answer === 'function' ? [answer, {}] : answer;
  test(`${name} is the same by either way`, async () => {
    const fast = await bytesOf(handler, way);
    assert.deepEqual(normalize(fast), normalize(await bytesOf(handler, { ...way, before: goPlain })));
  });
}

for (const [name, ...values] of OWN) {
  test(`an application's own ${name} comes to the same by either way`, async () => {
    const handlers = values.flatMap((value) => [
      sets(name, value),
      sets(name, value, 'text/plain'),
      writes(200, { [name.toLowerCase()]: value }),
      writes(200, typeof value === 'string' ? [name, value] : value.flatMap((one) => [name, one])),
    ]);
    const fast = await answersOf(handlers, {});
    const plain = await answersOf(handlers, { before: goPlain });
    assert.equal(fast.length, 4 * values.length);
    assert.deepEqual(fast.map(normalize), plain.map(normalize));
  });
}
