import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTooLarge, requestLines, writeRequestHead } from './request-lines.ts';

/** What is left of header lines on their way to an upstream. */
function forwarded(...lines: readonly (readonly [name: string, value: string])[]): string {
  return writeRequestHead('GET', '/', requestLines(lines.flat()).rawHeaders);
}

test('what a client says arrives as it was written, in its order, one line for each name', () => {
  assert.equal(
    forwarded(['Host', 'a.example'], ['accept', '*/*'], ['X-Own', ' v'], ['X-Own', 'w']),
    'GET / HTTP/1.1\r\nHost: a.example\r\naccept: */*\r\nX-Own:  v, w\r\n\r\n',
  );
});

test('cookies of several lines arrive in one', () => {
  assert.equal(forwarded(['Cookie', 'a=1'], ['cookie', 'b=2']), 'GET / HTTP/1.1\r\nCookie: a=1; b=2\r\n\r\n');
});

test('nothing arrives that is of the connection, or that a server takes for another name', () => {
  for (const name of [
    'Connection',
    'Content-Length',
    'Transfer-Encoding',
    'TE',
    'Trailer',
    'Upgrade',
    'Expect',
    'Keep-Alive',
    'Proxy-Authorization',
    'Proxy-Connection',
    'HTTP2-Settings',
    // A WSGI server takes each of these for the same with hyphens.
    'Content_Length',
    'X-Forwarded_Proto',
    'remote_user',
    'X.Forwarded.For',
  ])
    assert.equal(forwarded([name, 'forged']), 'GET / HTTP/1.1\r\n\r\n', name);
});

test('what Connection names goes with it, but for what the guards judged the request by', () => {
  assert.equal(
    forwarded(
      ['Connection', 'close, X-Hop, Cookie, Host, Origin'],
      ['X-Hop', '1'],
      ['x-hop', '2'],
      ['Cookie', 'a=1'],
      ['Host', 'h'],
      ['Origin', 'o'],
    ),
    'GET / HTTP/1.1\r\nCookie: a=1\r\nHost: h\r\nOrigin: o\r\n\r\n',
  );
});

test('a head is too large by its target, by one of its lines, or by how many there are', () => {
  const limits = { target: 10, line: 20, lines: 2 };
  assert.ok(!isTooLarge('/'.repeat(10), ['A', 'x'.repeat(17)], limits));
  assert.ok(isTooLarge('/', ['A', 'x'.repeat(18)], limits));
  assert.ok(isTooLarge('/'.repeat(11), [], limits));
  assert.ok(isTooLarge('/', ['A', '', 'B', '', 'C', ''], limits));
});
