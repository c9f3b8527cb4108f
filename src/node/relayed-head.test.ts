import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { HeaderLine } from '../core/header-line.ts';
import { RelayedHead } from './relayed-head.ts';

function relayed(lines: readonly string[]): { response: ServerResponse; head: RelayedHead } {
  const request = new IncomingMessage(new Socket());
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  const response = new ServerResponse(request);
  return { response, head: new RelayedHead(response, 200, lines) };
}

/** Its lines as they go over the wire, sorted. */
function written({ response, head }: ReturnType<typeof relayed>): readonly string[] {
  head.attach();
  response.writeHead(head.statusCode, 'OK', head.lines);
  const { _header: text = '' } = response as { _header?: string };
  assert.ok(text.endsWith('\r\n\r\n'));
  return text.slice(0, -4).split('\r\n').toSorted();
}

test('each line goes out once, and Node.js frames the message by those that say how', () => {
  const date = 'Mon, 30 Nov 2026 11:00:00 GMT';
  const one = relayed(['Content-Type', 'text/html', 'Content-Length', '2', 'Date', date, 'X-A', '1']);
  one.head.addLine(HeaderLine.of('X-Frame-Options', 'DENY'));
  one.head.setHeader('Set-Cookie', ['a=1', 'b=2']);
  one.head.removeHeader('x-a');
  assert.deepEqual(written(one), [
    'Connection: keep-alive',
    'Content-Length: 2',
    'Content-Type: text/html',
    `Date: ${date}`,
    'HTTP/1.1 200 OK',
    'Set-Cookie: a=1',
    'Set-Cookie: b=2',
    'X-Frame-Options: DENY',
  ]);
  assert.ok(!(one.response as { chunkedEncoding?: boolean }).chunkedEncoding);
  assert.ok(written(relayed(['X-A', '1'])).includes('Transfer-Encoding: chunked'));
});

test('what cannot stand in a head is refused before any of it is written, whoever says it', () => {
  for (const value of ['a\r\nSet-Cookie: b=1', 'a\nb', 'a\0', '\u010d']) {
    assert.throws(() => relayed(['X-A', value]), RangeError);
    const { head } = relayed(['X-A', '1']);
    assert.throws(() => head.setHeader('X-B', value), RangeError);
    assert.throws(() => head.setHeader('X-B', ['1', value]), RangeError);
  }
  assert.throws(() => relayed(['X-A: 1\r\nX-B', '1']), RangeError);
});

test('a head that Node.js refused to write is taken back', () => {
  const { response, head } = relayed(['X-A', '1']);
  head.attach();
  assert.equal(response.getHeader('x-a'), '1');
  head.detach();
  assert.equal(response.getHeader('x-a'), undefined);
  response.writeHead(200);
  assert.ok(!(response as { _header?: string })._header?.includes('X-A'));
});
