import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Exchange } from '../core/exchange.ts';
import { NO_BODY } from '../core/body.ts';
import { upstreamTarget } from './target.ts';

function told(target: string, hasOneReading = true): string {
  const request = {
    method: 'GET',
    target,
    httpVersion: '1.1',
    rawHeaders: [],
    headers: {},
    peer: '127.0.0.1',
    encrypted: false,
  };
  const exchange = new Exchange(request, 0, NO_BODY);
  exchange.rawPath = target.split('?')[0] ?? '';
  exchange.pathHasOneReading = hasOneReading;
  return upstreamTarget(exchange);
}

test('a path is told as it was judged: letters written out, slashes one at a time', () => {
  assert.equal(told('/%61dmin'), '/admin');
  assert.equal(told('/a//b///c/'), '/a/b/c/');
  assert.equal(told('/%2D%2e%5f%7E%41%39'), '/-._~A9');
});

test('what means something in an address, or is no ASCII, stays as it came', () => {
  for (const target of [
    '/a%20b',
    '/%C3%BC',
    '/a%25b',
    '/a%3Bb',
    '/a%3fb',
    '/a;b=c',
    "/a'b(c)!*$,:@=&",
    '/a[b]|c',
  ])
    assert.equal(told(target), target);
});

test('what no address has is escaped, in the query too', () => {
  assert.equal(told('/a<b>"^`{}'), '/a%3Cb%3E%22%5E%60%7B%7D');
  assert.equal(told('/a?b=<c>\\'), '/a?b=%3Cc%3E%5C');
});

test('a query stays as it came', () => {
  assert.equal(told('/a?b=%2f..%2F//%61'), '/a?b=%2f..%2F//%61');
});

test('a path of two readings, which only observe lets through, is not touched', () => {
  assert.equal(told('/a//%2e%2e/%61', false), '/a//%2e%2e/%61');
});
