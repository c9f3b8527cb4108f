/** Odd request lines, line ends, and requests for another protocol. */
import { CHUNKS, HOST, type OddRequest, type Parts, passable, POST, refused, write } from './writing.ts';

export function targets(): OddRequest[] {
  const odd = [
    '',
    'a',
    '?a',
    '//a',
    '///a',
    '//evil.example/a',
    '/\\a',
    '/a\\b',
    '\\a',
    '/a/../b',
    '/a/..',
    '/..',
    '/./a',
    '/a/.',
    '/a/%2e%2e/b',
    '/a/%2E%2e/b',
    '/a/.%2e/b',
    '/a/%2e',
    '/a%2fb',
    '/a%2Fb',
    '/a%5cb',
    '/a%00',
    '/a%0a',
    '/a%0d%0aX:1',
    '/a%7f',
    '/a%',
    '/a%2',
    '/a%zz',
    '/a%u0041',
    '/a/%252e%252e/b',
    '/a%252fb',
    '/a%c0%af',
    '/a%ff',
    '/a#b',
    '/a?b#c',
    '/a\u0000b',
    '/a\u007f',
    '/a\tb',
    '/a\u00fc',
    '/a?\u00fc',
    '/a/..;/b',
    '/..;/a',
    '/a/..%3b/b',
    'http://evil.example/a',
    'http://example.com@evil.example/a',
    'http://user@example.com/a',
    'http://example.com:81/a',
    'http:///a',
    'http:/a',
    'http:a',
    'ftp://example.com/a',
    'https://evil.example/a',
    'javascript:a',
    '*',
    'example.com:443',
    '[::1]:80',
    `/${'a'.repeat(9_000)}`,
    '/a?b%00',
  ];
  const passed = [
    '/a//b',
    '/a///b//',
    '/a/',
    '/%61',
    '/%41%2d%7E',
    '/a%20b',
    '/%C3%BC',
    '/a%25b',
    '/a;b=c',
    '/a%3Bb',
    '/a%3fb',
    '/a?b',
    '/a?',
    '/a?b?c',
    '/a??',
    '/a?b=%2f..%2f',
    '/a?//',
    '/a?b&c=d%0a',
    '/a+b',
    "/a'b(c)!*$,:@=&",
    '/a...',
    '/.a',
    '/a.b',
    '/a/.../b',
    'http://example.com/a',
    'HTTP://EXAMPLE.COM/a',
    'https://example.com/a?b',
    'http://example.com',
    'https://example.com:443/a',
    'http://example.com//a',
    '/a[b]',
    '/a|b',
    '/a"b',
    '/a<b>',
    '/a^b',
    '/a`b',
    '/a{b}',
    '/~a',
    '/%7ea',
  ];
  return [
    ...odd.map((target) => refused(`target ${target.slice(0, 40)}`, { line: `GET ${target} HTTP/1.1` })),
    ...passed.map((target) => passable(`target ${target}`, { line: `GET ${target} HTTP/1.1` })),
    passable('OPTIONS of the whole server', { line: 'OPTIONS * HTTP/1.1' }),
    passable('CONNECT', { line: 'CONNECT example.com:443 HTTP/1.1' }),
  ];
}

export function requestLines(): OddRequest[] {
  const versions = [
    'HTTP/0.9',
    'HTTP/1',
    'HTTP/1.2',
    'HTTP/1.10',
    'HTTP/01.1',
    'HTTP/1.01',
    'HTTP/2.0',
    'HTTP/2',
    'HTTP/3.0',
    'http/1.1',
    'HTTP/1,1',
    'HTTP/1.1x',
    'HTTP/ 1.1',
    'HTTPS/1.1',
    'ICE/1.0',
    'HTTP/-1.1',
    'HTTP/1.1\u0000',
  ];
  const methods = [
    'get',
    'Get',
    'G=T',
    'GE\u0000T',
    'G ET',
    '',
    'TRACE',
    'TRACK',
    'PRI',
    'GETGETGET',
    '"GET"',
    'GET\u000b',
    'M-SEARCH',
    'SOURCE',
    'XYZ',
  ];
  return [
    ...versions.map((version) => refused(`version ${version}`, { line: `GET /a ${version}` })),
    ...methods.map((method) => refused(`method ${method}`, { line: `${method} /a HTTP/1.1` })),
    passable('HTTP/1.0 with a Host', { line: 'GET /a HTTP/1.0' }),
    refused('HTTP/1.0 without a Host', { line: 'GET /a HTTP/1.0', host: [] }),
    refused('no version', { line: 'GET /a' }),
    refused('no version, and nothing else', 'GET /a\r\n\r\n'),
    // What its parser takes for HTTP is told as HTTP.
    passable('version RTSP/1.0', { line: 'GET /a RTSP/1.0' }),
    passable('two blanks before the version', { line: 'GET /a  HTTP/1.1' }),
    passable('two blanks before the target', { line: 'GET  /a HTTP/1.1' }),
    refused('tabs for blanks', { line: 'GET\t/a\tHTTP/1.1' }),
    refused('a tab before the version', { line: 'GET /a\tHTTP/1.1' }),
    passable('a blank behind the version', { line: 'GET /a HTTP/1.1 ' }),
    refused('two targets', { line: 'GET /a /b HTTP/1.1' }),
    refused('a blank before the method', { line: ' GET /a HTTP/1.1' }),
    passable('empty lines before it', `\r\n\r\n${write({})}`),
    refused('a header before it', `X: y\r\n${write({})}`),
  ];
}

export function lineEnds(): OddRequest[] {
  const whole = write({ lines: ['X-Own: a', 'X-Other: b'] });
  return [
    refused('LF for every line end', whole.replaceAll('\r\n', '\n')),
    refused('CR for every line end', whole.replaceAll('\r\n', '\r')),
    refused('LF CR for every line end', whole.replaceAll('\r\n', '\n\r')),
    refused('CR CR LF for every line end', whole.replaceAll('\r\n', '\r\r\n')),
    ...['\n', '\r', '\r\r\n', '\n\r\n', '\u0085', '\u2028', '\u000b', '\u000c'].flatMap((end) => [
      passable(`${JSON.stringify(end)} behind the request line`, whole.replace('\r\n', end)),
      passable(`${JSON.stringify(end)} behind a header`, whole.replace('X-Own: a\r\n', `X-Own: a${end}`)),
      passable(`${JSON.stringify(end)} behind the head`, whole.replace('\r\n\r\n', `\r\n${end}`)),
    ]),
    ...[' ', '\t', '  ', ' \t '].flatMap((blank) => [
      refused(`a folded line, by ${JSON.stringify(blank)}`, { lines: ['X-Own: a', `${blank}b`] }),
      refused(`a folded coding, by ${JSON.stringify(blank)}`, {
        line: POST,
        lines: ['Transfer-Encoding:', `${blank}chunked`],
        body: CHUNKS,
      }),
      refused(`a fold behind the request line, by ${JSON.stringify(blank)}`, {
        host: [`${blank}${HOST}`, HOST],
      }),
    ]),
  ];
}

export function upgrades(): OddRequest[] {
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
  const upgrade = (lines: readonly string[], line?: string, body?: string): Parts => ({
    lines: ['Connection: Upgrade', 'Origin: https://example.com', ...lines],
    ...(line !== undefined && { line }),
    ...(body !== undefined && { body }),
  });
  return [
    ...['h2c', 'H2C', 'h2c, TLS/1.2'].map((name) =>
      passable(
        `Upgrade: ${name}, which is ignored`,
        upgrade([`Upgrade: ${name}`, 'HTTP2-Settings: AAMAAABkAAQAAP__', key, 'Sec-WebSocket-Version: 13']),
      ),
    ),
    passable('Upgrade: TLS/1.0, which is ignored', upgrade(['Upgrade: TLS/1.0'])),
    ...[
      'websocket, h2c',
      'h2c, websocket',
      'HTTP/2.0',
      'TLS/1.0',
      'foo',
      '',
      'websocket/13',
      'web socket',
    ].map((name) =>
      refused(
        `Upgrade: ${name}`,
        upgrade([`Upgrade: ${name}`, 'HTTP2-Settings: AAMAAABkAAQAAP__', key, 'Sec-WebSocket-Version: 13']),
      ),
    ),
    ...['8', '7', '12', '14', '13, 8', '', '013', '-1'].map((version) =>
      refused(
        `WebSocket version ${version}`,
        upgrade(['Upgrade: websocket', key, `Sec-WebSocket-Version: ${version}`]),
      ),
    ),
    ...['', 'x', 'dGhlIHNhbXBsZSBub25jZQ', 'dGhlIHNhbXBsZSBub25jZQ==,', 'not base64 at all!!!!!!=='].map(
      (bad) =>
        refused(
          `WebSocket key ${bad}`,
          upgrade(['Upgrade: websocket', `Sec-WebSocket-Key: ${bad}`, 'Sec-WebSocket-Version: 13']),
        ),
    ),
    refused('a WebSocket by POST', upgrade(['Upgrade: websocket', key, 'Sec-WebSocket-Version: 13'], POST)),
    refused(
      'a WebSocket with a body',
      upgrade(['Upgrade: websocket', key, 'Sec-WebSocket-Version: 13', 'Content-Length: 2'], undefined, 'hi'),
    ),
    refused(
      'a WebSocket in chunks',
      upgrade(
        ['Upgrade: websocket', key, 'Sec-WebSocket-Version: 13', 'Transfer-Encoding: chunked'],
        undefined,
        CHUNKS,
      ),
    ),
    refused(
      'a WebSocket under HTTP/1.0',
      upgrade(['Upgrade: websocket', key, 'Sec-WebSocket-Version: 13'], 'GET /a HTTP/1.0'),
    ),
    passable('an upgrade that Connection does not name', {
      lines: ['Upgrade: websocket', key, 'Sec-WebSocket-Version: 13'],
    }),
    passable('a WebSocket', upgrade(['Upgrade: websocket', key, 'Sec-WebSocket-Version: 13'])),
    passable(
      'a WebSocket with an extension and a protocol',
      upgrade([
        'Upgrade: WebSocket',
        key,
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Extensions: permessage-deflate',
        'Sec-WebSocket-Protocol: chat, superchat',
      ]),
    ),
  ];
}
