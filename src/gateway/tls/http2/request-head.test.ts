import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { requestHead } from './request-head.ts';

const ASKED = [':method', 'GET', ':scheme', 'https', ':authority', 'example.com', ':path', '/a?b=1'];

function textOf(rawHeaders: readonly string[], endsHere = true): string | undefined {
  return requestHead(rawHeaders, endsHere)?.text;
}

function changed(name: string, value: string): string[] {
  return ASKED.map((one, at) => (at % 2 === 1 && ASKED[at - 1] === name ? value : one));
}

test('a request of HTTP/2 is one of HTTP/1.1, whose Host is its authority', () => {
  assert.equal(
    textOf([...ASKED, 'accept', '*/*']),
    'GET /a?b=1 HTTP/1.1\r\nhost: example.com\r\naccept: */*\r\n\r\n',
  );
});

test('a host beside an authority is the same one, or there are two for the guards to refuse', () => {
  assert.equal(textOf([...ASKED, 'host', 'EXAMPLE.com']), 'GET /a?b=1 HTTP/1.1\r\nhost: example.com\r\n\r\n');
  assert.match(
    textOf([...ASKED, 'host', 'evil.example']) ?? '',
    /\r\nhost: example\.com\r\nhost: evil\.example\r\n/,
  );
  assert.match(
    textOf([...ASKED, 'host', 'example.com', 'host', 'evil.example']) ?? '',
    /\r\nhost: evil\.example\r\n/,
  );
});

test('cookies that come one by one are one line, as HTTP/1.1 has them', () => {
  assert.match(
    textOf([...ASKED, 'cookie', 'a=1', 'x', 'y', 'cookie', 'b=2']) ?? '',
    /\r\ncookie: a=1; b=2\r\n/,
  );
});

test('a body that follows has its length, or chunks', () => {
  const posted = changed(':method', 'POST');
  assert.equal(requestHead([...posted, 'content-length', '3'], false)?.body, 'length');
  const chunked = requestHead(posted, false);
  assert.equal(chunked?.body, 'chunked');
  assert.match(chunked.text, /\r\nTransfer-Encoding: chunked\r\n/);
  assert.equal(requestHead(posted, true)?.body, 'none');
});

test('what belongs to a connection, or would begin a line of its own, makes no request', () => {
  for (const name of ['connection', 'transfer-encoding', 'upgrade', 'keep-alive', 'http2-settings'])
    assert.equal(textOf([...ASKED, name, 'x']), undefined, name);
  assert.equal(textOf([...ASKED, 'te', 'gzip']), undefined);
  assert.notEqual(textOf([...ASKED, 'te', 'trailers']), undefined);
  for (const value of ['a\r\nb: c', 'a\nb', 'a\0b', 'a\x7fb'])
    assert.equal(textOf([...ASKED, 'x', value]), undefined, JSON.stringify(value));
  for (const name of ['x y', 'x:', '', 'x\r\n']) assert.equal(textOf([...ASKED, name, '1']), undefined);
  for (const path of ['/a b', '/a\r\nHost: x', '', '/\x7f'])
    assert.equal(textOf(changed(':path', path)), undefined, JSON.stringify(path));
  assert.equal(textOf(changed(':method', 'GET /x')), undefined);
  assert.equal(textOf(changed(':scheme', 'http')), undefined);
  assert.equal(textOf([...ASKED, ':path', '/b']), undefined);
});

test('whatever the fields are, there are no more lines than fields, and one empty line at the end', () => {
  const field = fc.tuple(fc.string({ maxLength: 8 }), fc.string({ maxLength: 12, unit: 'binary-ascii' }));
  fc.assert(
    fc.property(fc.array(field, { maxLength: 6 }), (fields) => {
      const text = textOf([...ASKED, ...fields.flat()]);
      if (text === undefined) return;
      const lines = text.split('\r\n');
      assert.ok(lines.length <= 4 + fields.length);
      assert.deepEqual(lines.slice(-2), ['', '']);
      assert.ok(!/[\r\n]/.test(lines.join('')));
      assert.equal(lines.indexOf(''), lines.length - 2);
    }),
  );
});

test('a WebSocket is the handshake of HTTP/1.1, with a key of the gateway', () => {
  const asked = [...changed(':method', 'CONNECT'), ':protocol', 'websocket'];
  const head = requestHead([...asked, 'origin', 'https://example.com', 'sec-websocket-key', 'theirs'], false);
  assert.equal(head?.method, 'GET');
  assert.equal(head.body, 'raw');
  assert.match(
    head.text,
    /^GET \/a\?b=1 HTTP\/1\.1\r\nhost: example\.com\r\norigin: https:\/\/example\.com\r\n/,
  );
  assert.match(
    head.text,
    /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: [\w+/]{22}==\r\n\r\n$/,
  );
  assert.ok(!head.text.includes('theirs'));
  assert.match(head.accept ?? '', /^[\w+/]{27}=$/);
});

test('a CONNECT stays one, and a protocol asks for one', () => {
  const asked = [':method', 'CONNECT', ':authority', 'example.com:443'];
  assert.match(
    textOf(asked, false) ?? '',
    /^CONNECT example\.com:443 HTTP\/1\.1\r\nhost: example\.com:443\r\n/,
  );
  assert.equal(textOf([...asked, ':path', '/'], false), undefined);
  assert.equal(textOf([...ASKED, ':protocol', 'websocket']), undefined);
});
