import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { HANG_MS } from '../../../test/support/hang.ts';
import { readPath, readQuery } from './url-path.ts';

function path(raw: string): string | undefined {
  const read = readPath(raw);
  return typeof read === 'string' ? read : undefined;
}

function refuses(raws: readonly string[], reason: string): void {
  for (const raw of raws) {
    const read = readPath(raw);
    assert.equal(typeof read === 'string' ? `read as ${read}` : read.flaw, reason, raw);
  }
}

test('reads ordinary paths as they are, and escapes once', () => {
  assert.equal(path('/'), '/');
  assert.equal(path('/a/b.c/d/'), '/a/b.c/d/');
  assert.equal(path('/%61dmin'), '/admin');
  assert.equal(path('/caf%C3%A9'), '/caf\u00e9');
  assert.equal(path('/a%20b'), '/a b');
  assert.equal(path('/100%25'), '/100%');
  assert.equal(path('/a%2520b.txt'), '/a%20b.txt', 'a file whose name has an escape in it');
  assert.equal(path('/a%3Fb%23c'), '/a?b#c');
  assert.equal(path('/%F0%9F%94%92'), '/\u{1f512}');
  assert.equal(path('/%3Ba'), '/;a', 'a parameter behind no dots');
  assert.equal(path('/100%25zz'), '/100%zz', 'a percent sign that begins no escape');
});

test('leaves dots alone that are no segment of their own', () => {
  for (const raw of [
    '/.well-known/security.txt',
    '/a..b',
    '/..a',
    '/a..',
    '/.git',
    '/a.b/.c',
    '/..a/b',
    '/v1.0/x',
  ]) {
    assert.equal(path(raw), raw);
  }
});

test('collapses empty segments within a path', () => {
  assert.equal(path('/a//b///c//'), '/a/b/c/');
});

test('refuses a path that starts with two slashes: another host to every URL parser (CVE-2017-16224)', () => {
  refuses(['//', '//attacker.example', '//attacker.example/..', '///a'], 'target starts with two slashes');
});

test('refuses dot segments, raw or encoded, in any mix (CVE-2021-41773)', () => {
  refuses(
    [
      '/.',
      '/..',
      '/../a',
      '/a/../b',
      '/a/./b',
      '/%2e',
      '/%2E%2e/a',
      '/.%2e/a',
      '/%2e./a',
      '/a/%2e%2e',
      '/a/..',
    ],
    'dot segment in the path',
  );
});

test('refuses dot segments of other systems: a parameter behind them (CVE-2020-5902), blanks and more dots', () => {
  refuses(
    ['/a/..;/b', '/a/..;x=1/b', '/a/%2e%2e%3b/b', '/..%3bx', '/a/..%20/b', '/a/.../b', '/a/.%20./b', '/.;'],
    'dot segment in the path',
  );
});

test('refuses encoded slashes and backslashes (CVE-2018-1271)', () => {
  refuses(['/a%2fb', '/a%2Fb', '/..%2f..%2fetc', '/a%5cb', '/..%5C..'], 'encoded slash or backslash');
  refuses(['/a\\b', '/\\attacker.example', '/..\\..'], 'backslash in the path');
});

test('v5.0.0-1.1.1 (in part) refuses what becomes another path when it is decoded again (CVE-2021-42013)', () => {
  refuses(
    [
      '/%252e%252e/a',
      '/%252e%252e%252fa',
      '/a%252fb',
      '/a%255cb',
      '/a%2500',
      '/.%252e/a',
      '/%25252e%25252e/a',
      '/%25252525252f',
      '/%25%32%65%25%32%65/a',
      '/%25%32%66',
      '/..%253b/a',
      '/a%250d%250aset-cookie:x',
      '/%25c0%25ae%25c0%25ae/a',
      '/%25ff',
    ],
    'path changes its meaning when decoded again',
  );
});

test('refuses NUL and other control bytes, raw or encoded', () => {
  refuses(
    ['/a%00', '/a%00.png', '/%0d%0aSet-Cookie:x', '/%09', '/%7f', '/%1b[2J', '/a%C2%9b'],
    'encoded control byte',
  );
  const raw = 'control, space or non-ASCII byte in the target';
  refuses(['/a b', '/a\u0000', '/a\t', '/a\r\n', '/a\u007f', '/caf\u00e9', '/\u2025/', '/\ud800'], raw);
});

test('refuses malformed escapes and what is not UTF-8 (CVE-2000-0884: the overlong slash)', () => {
  refuses(['/%', '/%2', '/%zz', '/%u002e', '/a%%', '/%+1', '/%-1'], 'malformed percent-escape');
  refuses(
    ['/%c0%ae%c0%ae/', '/%c0%af', '/%c1%9c', '/%e0%80%ae', '/%ff', '/%c3', '/%ed%a0%80', '/%f8%80%80%80%ae'],
    'path is not UTF-8',
  );
});

test('refuses a fragment, which never travels', () => {
  refuses(['/a#b', '/#', '/a#/../b'], 'fragment in the target');
});

test('a query may hold encoded anything but NUL, and nothing raw that is no text', () => {
  const good = [
    '',
    'a=b&c',
    'next=%2Fa%2F..%2Fb',
    'q=100%',
    'q=%zz',
    'text=a%0D%0Ab',
    'q=%ff',
    'q=\\',
    'a=b?c',
    'q=%2500',
  ];
  for (const query of good) assert.equal(readQuery(query), undefined, query);
  for (const query of ['a=%00', '%00', 'a\u0000', 'a b', 'a\tb', 'a#b', 'caf\u00e9', 'a\u007f']) {
    assert.notEqual(readQuery(query), undefined, JSON.stringify(query));
  }
});

test('reads a path whole that is longer than what is kept to read paths in', () => {
  const long = 'a'.repeat(20_000);
  assert.equal(path(`/%61${long}`), `/a${long}`);
  refuses([`/%2525${long}/%252e%252e`], 'path changes its meaning when decoded again');
});

test('reads nothing of the path before, which lay in the same place', () => {
  assert.equal(path('/%61bf'), '/abf');
  assert.equal(path('/%252'), '/%2');
});

test('the log has what is wrong with a query', () => {
  assert.equal(readQuery('a=%00')?.flaw, 'NUL in the query');
  assert.equal(readQuery('a b')?.flaw, 'control, space or non-ASCII byte in the target');
  assert.equal(readQuery('a#b')?.flaw, 'fragment in the target');
});

test('takes time in proportion to the length of a hostile path', () => {
  for (const piece of [
    '%25',
    '%2525',
    '/.a',
    '/ ',
    '%252',
    '%',
    '/',
    '/..a',
    '%25%32%35',
    '%c3%a9',
    '%25c3%25a9',
  ]) {
    const start = performance.now();
    readPath(`/${piece.repeat(100_000)}`);
    assert.ok(performance.now() - start < HANG_MS, piece);
  }
});

/** Every reading that decoding again and again gives, each byte as a character, as a lenient program does it. */
function readings(read: string): string[] {
  const all = [Buffer.from(read, 'utf8').toString('latin1')];
  for (;;) {
    const last = all.at(-1) ?? '';
    const next = last.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    if (next === last) return all;
    all.push(next);
  }
}

const pieces = fc.constantFrom(
  ...[
    '/',
    '.',
    '..',
    '%',
    '2',
    '5',
    '25',
    '%25',
    '2e',
    '%2e',
    '2f',
    '%2f',
    '5c',
    '%5c',
    '00',
    '%00',
    '%32',
    '%35',
    '%65',
  ],
  ...['a', ';', '%3b', '%c0%ae', '%c3%a9', ' ', '%20', '\\', '#', '%0a', '%66', '\u00e9', '//'],
);
const hostile = fc.oneof(
  { weight: 4, arbitrary: fc.array(pieces, { maxLength: 14 }).map((list) => `/${list.join('')}`) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }).map((text) => `/${text}`) },
  { weight: 1, arbitrary: fc.webPath().map((path) => `/${path.slice(1)}`) },
);

test('a path that passed has no dot-dot, NUL, backslash or new slash, however often it is decoded', () => {
  let passed = 0;
  fc.assert(
    fc.property(hostile, (raw) => {
      const read = path(raw);
      if (read === undefined) return;
      passed += 1;
      assert.ok(read.startsWith('/') && !read.includes('//'));
      const slashes = read.split('/').length;
      for (const reading of readings(read)) {
        assert.equal(reading.split('/').length, slashes, reading);
        assert.ok(!/[\u0000-\u001f\u007f\\]/.test(reading), reading);
        assert.ok(!reading.split('/').some((segment) => /^\.[. ]*(?:;|$)/.test(segment)), reading);
      }
    }),
    { numRuns: 20_000 },
  );
  assert.ok(passed > 500, 'enough paths passed to say something');
});

test('reads back any harmless path that a browser encodes', () => {
  const segment = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => {
    return !/[/\\%\p{Cc}\p{Cs}]/u.test(text) && !text.startsWith('.');
  });
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1 }), (segments) => {
      const raw = `/${segments.map((text) => encodeURIComponent(text)).join('/')}`;
      assert.equal(path(raw), `/${segments.join('/')}`);
    }),
  );
});

test('v5.0.0-1.5.3 (in part) browsers read a path that passed as the same path', () => {
  fc.assert(
    fc.property(hostile, (raw) => {
      const read = path(raw);
      if (read === undefined) return;
      const seen = new URL(`http://a.example${raw.replace(/\/{2,}/g, '/')}`).pathname;
      // A `?` or `#` that the path holds was encoded, and stays so.
      assert.equal(decodeOnceLeniently(seen), decodeOnceLeniently(raw.replace(/\/{2,}/g, '/')));
    }),
    { numRuns: 2000 },
  );
});

function decodeOnceLeniently(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
