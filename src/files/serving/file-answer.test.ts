import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attachment } from './disposition.ts';
import { answerFile, type FileAnswer, type FileRequest } from './file-answer.ts';

const FILE = { name: 'a.pdf', type: 'application/pdf', size: 1000, sha256: 'digest' };
const ask = (wanted: Partial<FileRequest>, whole = false): FileAnswer =>
  answerFile(
    FILE,
    { method: 'GET', range: undefined, ifRange: undefined, ifNoneMatch: undefined, ...wanted },
    'attachment',
    whole,
  );
const lineOf = ({ headers }: FileAnswer, name: string): string | undefined =>
  headers.find(([one]) => one === name)?.[1];

test('one part, from either end, no longer than the file', () => {
  const parts: readonly (readonly [range: string, from: number, to: number])[] = [
    ['bytes=0-0', 0, 1],
    ['bytes=999-', 999, 1000],
    ['bytes=500-5000', 500, 1000],
    ['bytes=-10', 990, 1000],
    ['bytes=-5000', 0, 1000],
    ['Bytes=0-0', 0, 1],
  ];
  for (const [range, from, to] of parts) {
    const answer = ask({ range });
    assert.deepEqual([answer.status, answer.from, answer.to], [206, from, to], range);
    assert.equal(lineOf(answer, 'Content-Range'), `bytes ${from}-${to - 1}/1000`);
    assert.equal(lineOf(answer, 'Content-Length'), String(to - from));
  }
});

test('a part that is not there is 416, and tells nothing but the size', () => {
  for (const range of ['bytes=1000-', 'bytes=1000-1001', 'bytes=-0']) {
    const answer = ask({ range });
    assert.deepEqual([answer.status, answer.from, answer.to], [416, 0, 0], range);
    assert.equal(lineOf(answer, 'Content-Range'), 'bytes */1000');
  }
});

test('several parts, other units and what is none get all of it', () => {
  for (const range of [
    'bytes=0-1,5-6',
    'lines=0-1',
    'bytes=',
    'bytes=-',
    'bytes=5-1',
    'bytes=a-b',
    'bytes=0x1-2',
    `bytes=${'9'.repeat(40)}-`,
  ])
    assert.equal(ask({ range }).status, 200, range);
});

test('If-Range goes by the bytes alone: a date, a weak tag or another one gets all of it', () => {
  const range = 'bytes=0-9';
  assert.equal(ask({ range, ifRange: '"digest"' }).status, 206);
  for (const ifRange of ['W/"digest"', '"other"', 'Mon, 30 Nov 2026 08:00:00 GMT', ''])
    assert.equal(ask({ range, ifRange }).status, 200, ifRange);
});

test('what has not changed is 304, in a list and weakly too, and before a part', () => {
  for (const ifNoneMatch of ['"digest"', '"a", W/"digest"', '*'])
    assert.deepEqual(
      [ask({ ifNoneMatch, range: 'bytes=0-1' }).status, ask({ ifNoneMatch }).to],
      [304, 0],
      ifNoneMatch,
    );
  assert.equal(ask({ ifNoneMatch: '"other"' }).status, 200);
});

test('HEAD has the lines of GET, and no bytes', () => {
  const [head, get] = [ask({ method: 'HEAD' }), ask({})];
  assert.deepEqual(head.headers, get.headers);
  assert.deepEqual([head.from, head.to], [0, 0]);
});

test('a link that is good for one download is never sent in parts', () => {
  const answer = ask({ range: 'bytes=0-9' }, true);
  assert.deepEqual([answer.status, lineOf(answer, 'Accept-Ranges')], [200, 'none']);
});

test('every line that keeps a file from being a page is on every answer with bytes', () => {
  for (const answer of [ask({}), ask({ range: 'bytes=0-1' })])
    assert.deepEqual(
      [
        'Content-Disposition',
        'Cache-Control',
        'Content-Security-Policy',
        'X-Content-Type-Options',
        'Cross-Origin-Resource-Policy',
      ].map((name) => lineOf(answer, name)),
      ['attachment', 'private, no-store', "sandbox; default-src 'none'", 'nosniff', 'same-origin'],
    );
});

test('a name stands in its header twice, in ASCII and as it is', () => {
  const lines: readonly (readonly [name: string, line: string])[] = [
    ['report.pdf', 'attachment; filename="report.pdf"'],
    [
      '\u062a\u0642\u0631\u064a\u0631.pdf',
      `attachment; filename="_.pdf"; filename*=UTF-8''%D8%AA%D9%82%D8%B1%D9%8A%D8%B1.pdf`,
    ],
    ['a"b.pdf', `attachment; filename="a_b.pdf"; filename*=UTF-8''a%22b.pdf`],
    ['a\r\nX: y.pdf', `attachment; filename="a_X_ y.pdf"; filename*=UTF-8''a__X%3A%20y.pdf`],
    ['\u00fcber 100%.pdf', `attachment; filename="uber 100_.pdf"; filename*=UTF-8''%C3%BCber%20100%25.pdf`],
    ['../a\\b', `attachment; filename=".._a_b"`],
  ];
  for (const [name, line] of lines) assert.equal(attachment(name), line);
});

test('no name ends its header, or begins another', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (name) => {
      const line = attachment(name);
      assert.match(
        line,
        /^attachment; filename="[\x20\x21\x23-\x5b\x5d-\x7e]*"(?:; filename\*=UTF-8''(?:[\w!#$&+.^`|~-]|%[\dA-F]{2})*)?$/,
      );
      const star = /filename\*=UTF-8''(.*)$/.exec(line)?.[1];
      if (star !== undefined) decodeURIComponent(star);
    }),
  );
});

test('letters that come apart into a slash leave none in the name for old readers', () => {
  for (const name of [
    '..\uff0f..\uff0frun.pdf',
    'a\uff3cb.pdf',
    'a\uff3c',
    '\u2100.pdf',
    'a\u2044b',
    'a\u29f8b',
  ]) {
    const plain = /filename="([^"]*)"/.exec(attachment(name))?.[1];
    assert.match(plain ?? '', /^[\w.]+$/, name);
  }
});
