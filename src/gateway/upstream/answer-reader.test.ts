import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AnswerHead } from './answer-head.ts';
import { AnswerReader, type AnswerSink } from './answer-reader.ts';
import { UpstreamFault } from './fault.ts';

/** What a reader told, in a form that can be compared. */
class Told implements AnswerSink {
  readonly lines: string[] = [];
  body = '';

  information({ status, rawHeaders }: AnswerHead): void {
    this.lines.push(`${status} ${rawHeaders.join('|')}`);
  }
  head({ status, reason, rawHeaders, framing }: AnswerHead): void {
    this.lines.push(`${status} ${reason} ${framing.kind} ${rawHeaders.join('|')}`);
  }
  data(bytes: Buffer): void {
    this.body += bytes.toString('latin1');
  }
  trailers(rawTrailers: readonly string[]): void {
    if (rawTrailers.length > 0) this.lines.push(`trailers ${rawTrailers.join('|')}`);
  }
  end(reusable: boolean): void {
    this.lines.push(reusable ? 'end, reusable' : 'end');
  }
  upgraded({ status }: AnswerHead, rest: Buffer): void {
    this.lines.push(`${status} upgraded, then ${rest.toString('latin1')}`);
  }
}

/** Reads an answer that comes in the pieces given. */
function read(pieces: readonly string[], { method = 'GET', mayUpgrade = false, ends = true } = {}): Told {
  const told = new Told();
  const reader = new AnswerReader(method, mayUpgrade, told);
  try {
    for (const piece of pieces) reader.push(Buffer.from(piece, 'latin1'));
    if (ends) reader.finish();
  } catch (error) {
    assert.ok(error instanceof UpstreamFault, String(error));
    told.lines.push(`${error.kind}: ${error.message}`);
  }
  return told;
}

/** Reads an answer whole, and byte by byte, which must come to the same. */
function readBothWays(answer: string, options: Parameters<typeof read>[1] = {}): Told {
  const told = read([answer], options);
  const slow = read(answer.split(''), options);
  assert.deepEqual([slow.lines, slow.body], [told.lines, told.body]);
  return told;
}

/** What answers are made of. */
const ALPHABET: readonly string[] = 'HTP/1.10 23\r\n:abc;Content-Lengthchunked\0'.split('');

const OK = 'HTTP/1.1 200 OK\r\n';

test('reads the ways in which a body is as long as it is', () => {
  const cases: readonly (readonly [answer: string, lines: readonly string[], body: string])[] = [
    [`${OK}Content-Length: 5\r\n\r\nhello`, ['200 OK length Content-Length|5', 'end, reusable'], 'hello'],
    [`${OK}Content-Length: 0\r\n\r\n`, ['200 OK length Content-Length|0', 'end, reusable'], ''],
    [
      `${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
      ['200 OK length Content-Length|5|Content-Length|5', 'end, reusable'],
      'hello',
    ],
    [
      `${OK}Connection: close\r\nContent-Length: 1\r\n\r\n!`,
      ['200 OK length Connection|close|Content-Length|1', 'end'],
      '!',
    ],
    [
      `${OK}Connection: x, Close\r\nContent-Length: 1\r\n\r\n!`,
      ['200 OK length Connection|x, Close|Content-Length|1', 'end'],
      '!',
    ],
    [`${OK}\r\nuntil the end`, ['200 OK until-close ', 'end'], 'until the end'],
    ['HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n!', ['200 OK length Content-Length|1', 'end'], '!'],
    [
      `${OK}Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n`,
      ['200 OK chunked Transfer-Encoding|Chunked', 'end, reusable'],
      'hello world',
    ],
    [
      `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n`,
      ['200 OK chunked Transfer-Encoding|chunked', 'trailers X-Sum|1|Y|2', 'end, reusable'],
      '',
    ],
    [
      'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n',
      ['204 No Content none Content-Length|5', 'end'],
      '',
    ],
    [
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
      ['304 Not Modified none Content-Length|5', 'end'],
      '',
    ],
    ['HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n', ['200  length Content-Length|0', 'end, reusable'], ''],
    ['HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', ['200  length Content-Length|0', 'end, reusable'], ''],
  ];
  for (const [answer, lines, body] of cases) {
    const told = readBothWays(answer);
    assert.deepEqual([told.lines, told.body], [lines, body], answer);
  }
});

test('an answer to HEAD has no body, whatever it declares', () => {
  const { lines } = readBothWays(`${OK}Transfer-Encoding: chunked\r\n\r\n`, { method: 'HEAD' });
  assert.deepEqual(
    lines,
    // Some send one all the same, and it would stand before the next answer.
    ['200 OK none Transfer-Encoding|chunked', 'end'],
  );
});

test("a connection with bytes behind an answer is not used again, and they are nobody's", () => {
  for (const [answer, method] of [
    [`${OK}Content-Length: 2\r\n\r\nhi and more`, 'GET'],
    [`${OK}Content-Length: 2\r\n\r\nhi`, 'HEAD'],
    ['HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', 'GET'],
    [`${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n`, 'GET'],
  ] as const) {
    const told = read([answer], { method, ends: false });
    assert.equal(told.lines.at(-1), 'end', answer);
    assert.ok(['', 'hi'].includes(told.body), answer);
  }
});

test('interim answers come before the one they announce, and a flood of them is refused', () => {
  const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n';
  const { lines } = readBothWays(`HTTP/1.1 100 Continue\r\n\r\n${hints}${OK}Content-Length: 0\r\n\r\n`);
  assert.deepEqual(lines, [
    '100 ',
    '103 Link|</a.css>; rel=preload',
    '200 OK length Content-Length|0',
    'end, reusable',
  ]);
  assert.match(read([hints.repeat(17)]).lines.at(-1) ?? '', /^malformed: more than 16 interim/);
});

test('another protocol begins behind a 101 that was asked for, and no other', () => {
  const answer = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nframes';
  assert.deepEqual(read([answer], { mayUpgrade: true }).lines, ['101 upgraded, then frames']);
  assert.deepEqual(readBothWays(answer).lines, ['malformed: an upgrade that nobody asked for']);
});

test('refuses what two readers could understand differently', () => {
  const chunked = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
  for (const answer of [
    `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
    `${OK}Content-Length: 5, 5\r\n\r\nhello`,
    `${OK}Content-Length: +5\r\n\r\nhello`,
    `${OK}Content-Length: 0x5\r\n\r\nhello`,
    `${OK}Content-Length: \r\n\r\nhello`,
    `${OK}Content-Length: 9999999999999999\r\n\r\nhello`,
    `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${OK}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\nContent-Length: 0\n\n\r\n\r\n',
    `${OK}A: b\nContent-Length: 0\r\n\r\n`,
    `${OK}A: b\rC: d\r\n\r\n`,
    `${OK}A: b\x00c\r\n\r\n`,
    `${OK}A: b\x7f\r\n\r\n`,
    `${OK}A: b\r\n folded\r\n\r\n`,
    `${OK}A : b\r\n\r\n`,
    `${OK}: b\r\n\r\n`,
    `${OK}A\r\n\r\n`,
    `${OK}\xc4: b\r\n\r\n`,
    'HTTP/2 200 OK\r\n\r\n',
    'HTTP/1.2 200 OK\r\n\r\n',
    'http/1.1 200 OK\r\n\r\n',
    'HTTP/1.1  200 OK\r\n\r\n',
    'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 600 OK\r\n\r\n',
    '\r\nHTTP/1.1 200 OK\r\n\r\n',
    `${chunked}5\nhello\r\n0\r\n\r\n`,
    `${chunked}5\r\nhello!\r\n0\r\n\r\n`,
    `${chunked}5\r\nhello\n0\r\n\r\n`,
    `${chunked}-5\r\nhello\r\n0\r\n\r\n`,
    `${chunked}0x5\r\nhello\r\n0\r\n\r\n`,
    `${chunked} 5\r\nhello\r\n0\r\n\r\n`,
    `${chunked}5 \r\nhello\r\n0\r\n\r\n`,
    `${chunked}\r\nhello\r\n0\r\n\r\n`,
    `${chunked}fffffffffffffff\r\nhello\r\n0\r\n\r\n`,
    `${chunked}5;${'x'.repeat(300)}\r\nhello\r\n0\r\n\r\n`,
    `${chunked}5;a\rb\r\nhello\r\n0\r\n\r\n`,
    `${chunked}0\r\nA: b\nC: d\r\n\r\n`,
    `${chunked}0\r\n folded\r\n\r\n`,
    `${OK}${'A: b\r\n'.repeat(257)}\r\n`,
    `${OK}A: ${'b'.repeat(70_000)}\r\n\r\n`,
  ]) {
    const told = readBothWays(answer);
    assert.match(told.lines.at(-1) ?? '', /^malformed: /, JSON.stringify(answer.slice(0, 90)));
  }
});

test('a body that was cut is told as cut, and never as whole', () => {
  for (const answer of [
    '',
    'HTTP/1.1 200',
    `${OK}Content-Length: 5\r\n\r\nhell`,
    `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`,
    `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n`,
    'HTTP/1.1 100 Continue\r\n\r\n',
  ])
    assert.match(readBothWays(answer).lines.at(-1) ?? '', /^cut: /, JSON.stringify(answer));
});

test('however an answer is cut into pieces, it is read the same', () => {
  const answer = `HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n${OK}Transfer-Encoding: chunked\r\nB: c\r\n\r\n3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nT: u\r\n\r\n`;
  const whole = read([answer]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: answer.length }), { maxLength: 8 }), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), answer.length];
      const pieces = at.slice(1).map((to, index) => answer.slice(at[index], to));
      const told = read(pieces.filter((piece) => piece !== ''));
      assert.deepEqual([told.lines, told.body], [whole.lines, whole.body]);
    }),
  );
});

test('any bytes at all end in an answer or in a fault, never in another error', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...ALPHABET) }), (junk) => {
      read([junk]);
      read([`${OK}Transfer-Encoding: chunked\r\n\r\n${junk}`]);
    }),
  );
});
