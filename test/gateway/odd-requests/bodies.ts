/** Odd lengths, codings and chunks. */
import { CHUNKS, type OddRequest, type Parts, passable, POST, refused, write } from './writing.ts';

export function lengths(): OddRequest[] {
  const odd = [
    '+2',
    '-2',
    '2,2',
    '2, 2',
    '02',
    '0x2',
    '2;',
    '2a',
    'a',
    '2.0',
    '2e0',
    '',
    '\u00b2',
    '1 0',
    '2\u000b',
    '9'.repeat(16),
    '9'.repeat(30),
    '"2"',
  ];
  return [
    ...odd.map((length) =>
      refused(`Content-Length: ${length}`, { line: POST, lines: [`Content-Length: ${length}`], body: 'hi' }),
    ),
    ...[' 2', '2 ', '\t2\t'].map((length) =>
      passable(`Content-Length:${JSON.stringify(length)}`, {
        line: POST,
        lines: [`Content-Length:${length}`],
        body: 'hi',
      }),
    ),
    refused('two lengths', { line: POST, lines: ['Content-Length: 2', 'Content-Length: 3'], body: 'hi!' }),
    refused('a length twice', { line: POST, lines: ['Content-Length: 2', 'Content-Length: 2'], body: 'hi' }),
    refused('a length twice, in two cases', {
      line: POST,
      lines: ['Content-Length: 2', 'content-length: 2'],
      body: 'hi',
    }),
    ...['GET', 'HEAD', 'DELETE', 'OPTIONS', 'QUERY'].map((method) =>
      passable(`${method} with a body`, {
        line: `${method} /a HTTP/1.1`,
        lines: ['Content-Length: 2'],
        body: 'hi',
      }),
    ),
    passable('a body of no bytes', { line: POST, lines: ['Content-Length: 0'] }),
    passable('POST without a length', { line: POST }),
    passable('a second request behind the first', {
      line: POST,
      lines: ['Content-Length: 2'],
      body: `hi${write({ line: 'GET /second HTTP/1.1' })}`,
    }),
  ];
}

export function codings(): OddRequest[] {
  const odd = [
    'Chunked',
    'CHUNKED',
    'chunked,',
    ',chunked',
    'chunked, chunked',
    'gzip, chunked',
    'chunked, gzip',
    'identity',
    'identity, chunked',
    'chunked, identity',
    'xchunked',
    'chunkedx',
    'chunked;q=1',
    '"chunked"',
    'chunked\u000b',
    '\u000bchunked',
    'chun ked',
    'gzip',
    'deflate',
    '',
    'chunked\u0000',
    'trailers',
    'cow',
  ];
  return [
    ...odd.map((coding) =>
      refused(`Transfer-Encoding: ${coding}`, {
        line: POST,
        lines: [`Transfer-Encoding: ${coding}`],
        body: CHUNKS,
      }),
    ),
    ...[' chunked', '\tchunked', 'chunked ', 'chunked\t'].map((coding) =>
      passable(`Transfer-Encoding:${JSON.stringify(coding)}`, {
        line: POST,
        lines: [`Transfer-Encoding:${coding}`],
        body: CHUNKS,
      }),
    ),
    refused('two codings', {
      line: POST,
      lines: ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
      body: CHUNKS,
    }),
    refused('a coding twice', {
      line: POST,
      lines: ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
      body: CHUNKS,
    }),
    ...['2', '0', String(CHUNKS.length)].flatMap((length) => [
      refused(`a coding and a length of ${length}`, {
        line: POST,
        lines: ['Transfer-Encoding: chunked', `Content-Length: ${length}`],
        body: CHUNKS,
      }),
      refused(`a length of ${length} and a coding`, {
        line: POST,
        lines: [`Content-Length: ${length}`, 'Transfer-Encoding: chunked'],
        body: CHUNKS,
      }),
    ]),
    refused('a coding under HTTP/1.0', {
      line: 'POST /a HTTP/1.0',
      lines: ['Transfer-Encoding: chunked'],
      body: CHUNKS,
    }),
    passable('GET in chunks', { lines: ['Transfer-Encoding: chunked'], body: CHUNKS }),
  ];
}

/** What a chunked body may look like: the upstream gets its content, with a length, or nothing. */
export function chunks(): OddRequest[] {
  const chunked = (body: string): Parts => ({ line: POST, lines: ['Transfer-Encoding: chunked'], body });
  const sizes = [
    '+2',
    '-2',
    '0x2',
    ' 2',
    '2 ',
    '2\t',
    '\t2',
    '',
    'g',
    '2g',
    '00000000000000002',
    'fffffffffffffffff',
    '2\u0000',
    '2\u000b',
    '2,',
    '"2"',
  ];
  const extensions = [
    ';a',
    ';a=b',
    ';a="b"',
    '; a=b',
    ' ;a=b',
    ';',
    ';;',
    ';a="\u0000"',
    ';a=\u000bb',
    ';a="b\u007f"',
    `;a=${'b'.repeat(100)}`,
    `;a=${'b'.repeat(20_000)}`,
    ';\u00e4',
  ];
  const bodies: readonly (readonly [about: string, body: string])[] = [
    ['a size line that ends with LF', '2\nhi\r\n0\r\n\r\n'],
    ['a size line that ends with CR', '2\rhi\r\n0\r\n\r\n'],
    ['a chunk that ends with LF', '2\r\nhi\n0\r\n\r\n'],
    ['a chunk that ends with nothing', '2\r\nhi0\r\n\r\n'],
    ['a chunk that is longer than its size', '2\r\nhi!\r\n0\r\n\r\n'],
    ['a chunk that is shorter than its size', '5\r\nhi\r\n0\r\n\r\n'],
    ['an end that ends with LF', '2\r\nhi\r\n0\n\n'],
    ['an end of CR LF LF', '2\r\nhi\r\n0\r\n\n'],
    ['an extension with a line end in quotes', '2;a="\r\n"\r\nhi\r\n0\r\n\r\n'],
    ['an extension with LF', '2;a\nhi\r\n0\r\n\r\n'],
    ['a size of zeros', '2\r\nhi\r\n000\r\n\r\n'],
    ['a trailer', '2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n'],
    [
      'a trailer that tells of framing',
      '2\r\nhi\r\n0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    [
      'a trailer that tells who asks',
      '2\r\nhi\r\n0\r\nX-Forwarded-For: 203.0.113.9\r\nCookie: a=1\r\nHost: evil.example\r\n\r\n',
    ],
    ['a trailer that is folded', '2\r\nhi\r\n0\r\nX-Sum: 1\r\n 2\r\n\r\n'],
    ['a trailer with a bare LF', '2\r\nhi\r\n0\r\nX-Sum: 1\nX: 2\r\n\r\n'],
    ['upper-case sizes', 'A\r\n0123456789\r\n0\r\n\r\n'],
  ];
  return [
    ...sizes.map((size) =>
      passable(`a chunk of size ${JSON.stringify(size)}`, chunked(`${size}\r\nhi\r\n0\r\n\r\n`)),
    ),
    ...extensions.map((extension) =>
      passable(
        `a chunk with ${JSON.stringify(extension.slice(0, 20))}`,
        chunked(`2${extension}\r\nhi\r\n0\r\n\r\n`),
      ),
    ),
    ...bodies.map(([about, body]) => passable(about, chunked(body))),
  ];
}

export function expectations(): OddRequest[] {
  return [
    ...['100-continue', '100-Continue'].map((value) =>
      passable(`Expect: ${value}`, {
        line: POST,
        lines: [`Expect: ${value}`, 'Content-Length: 2'],
        body: 'hi',
      }),
    ),
    ...['200-ok', '100-continue, 200-ok', '', 'a'].map((value) =>
      passable(`Expect: ${value}`, {
        line: POST,
        lines: [`Expect: ${value}`, 'Content-Length: 2'],
        body: 'hi',
      }),
    ),
    passable('Expect without a body', { lines: ['Expect: 100-continue'] }),
    passable('Expect twice', {
      line: POST,
      lines: ['Expect: 100-continue', 'Expect: 100-continue', 'Content-Length: 2'],
      body: 'hi',
    }),
  ];
}
