import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { growth, LINEAR_AT_MOST, repeated } from '../../../test/support/growth.ts';
import { MAX_HOPS, parseForwarded, parseXForwardedFor, saysHttps } from './forwarded.ts';

const nodes = (value: string): (string | undefined)[] => parseXForwardedFor(value).map((hop) => hop.for);
const forwarded = (value: string): (string | undefined)[] => parseForwarded(value).map((hop) => hop.for);

test('lists the hops of X-Forwarded-For, the nearest proxy first', () => {
  assert.deepEqual(nodes('192.0.2.1'), ['192.0.2.1']);
  assert.deepEqual(nodes('a, b ,c'), ['c', 'b', 'a']);
  assert.deepEqual(nodes('a,,c,'), [undefined, 'c', undefined, 'a']);
  assert.deepEqual(nodes(''), [undefined]);
  assert.deepEqual(nodes(','), [undefined, undefined]);
});

test('reads the examples of RFC 7239 4', () => {
  assert.deepEqual(parseForwarded('for=192.0.2.60;proto=http;by=203.0.113.43'), [
    { for: '192.0.2.60', proto: 'http', host: undefined },
  ]);
  assert.deepEqual(forwarded('for=192.0.2.43, for=198.51.100.17'), ['198.51.100.17', '192.0.2.43']);
  assert.deepEqual(forwarded('For="[2001:db8:cafe::17]:4711"'), ['[2001:db8:cafe::17]:4711']);
  assert.deepEqual(forwarded('for="_gazonk"'), ['_gazonk']);
  assert.deepEqual(parseForwarded('for=1.2.3.4; host="a,b\\"c"; PROTO=HTTPS'), [
    { for: '1.2.3.4', proto: 'https', host: 'a,b"c' },
  ]);
});

test('what a client writes on the left, quotes and all, leaves the right as its proxy wrote it', () => {
  for (const left of ['for="', '"', '\\"', 'for="a\\', '"",""', 'for=x;', ',,,', 'for="a, for=b']) {
    assert.equal(forwarded(`${left}, for=192.0.2.1;proto=https`)[0], '192.0.2.1', left);
  }
});

test('spoils an element that is malformed or names a field twice', () => {
  const bad = [
    'for',
    'for=',
    '=1.2.3.4',
    'for =1.2.3.4',
    'for= 1.2.3.4',
    'for=1.2.3.4;',
    'for=1.2.3.4;;proto=https',
    'for=1.2.3.4;for=5.6.7.8',
    'for=1.2.3.4;For=5.6.7.8',
    'for="1.2.3.4"x',
    'for="1.2.3.4',
    'for=1.2.3.4 proto=https',
  ];
  for (const value of bad) assert.deepEqual(forwarded(value), [undefined], value);
});

test('looks at no more than 32 hops, and those from the right', () => {
  const long = Array.from({ length: 100 }, (_, index) => `for=10.0.0.${index}`).join(',');
  for (const hops of [forwarded(long), nodes(long.replaceAll('for=', ''))]) {
    assert.equal(hops.length, MAX_HOPS);
    assert.equal(hops[0], '10.0.0.99');
  }
});

test('takes https only where every value says so', () => {
  for (const value of ['https', 'HTTPS', ' https ', 'https,https', 'https, https'])
    assert.ok(saysHttps(value), value);
  for (const value of ['', 'http', 'https,http', 'http, https', 'https,', 'httpsx', 'wss', '"https"']) {
    assert.ok(!saysHttps(value), value);
  }
});

test('takes time in proportion to the length of a hostile value', () => {
  const hostile = ['"', '\\', '\\"', 'for="', ';', 'for=a;', ' ', '\t', 'a', ','];
  for (const piece of hostile) {
    for (const parse of [parseForwarded, parseXForwardedFor]) {
      const factor = growth((size) => `for=${repeated(piece, size)}!"`, parse, 16 * 1024);
      assert.ok(factor < LINEAR_AT_MOST, `${JSON.stringify(piece)} ${factor}`);
    }
  }
});

const junk = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('for=', '"', '\\', ',', ';', 'proto=https', '192.0.2.7', ' ', '[::1]', '='), {
      maxLength: 40,
    })
    .map((pieces) => pieces.join('')),
);

test('never throws, and whatever a client puts on the left changes nothing on the right', () => {
  const own = ['for=192.0.2.1', 'for="[2001:db8::1]:80";proto=https', 'for=10.0.0.1;host="a,b;c\\"d"'];
  fc.assert(
    fc.property(junk, fc.constantFrom(...own), fc.constantFrom(...own), (left, middle, right) => {
      const hops = parseForwarded(`${left}, ${middle}, ${right}`);
      assert.deepEqual(hops.slice(0, 2), parseForwarded(`${middle}, ${right}`));
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(junk, (left) => {
      assert.deepEqual(nodes(`${left}, 192.0.2.1, 10.0.0.1`).slice(0, 2), ['10.0.0.1', '192.0.2.1']);
    }),
  );
});

test('reads back any element it could have been written as', () => {
  const value = fc.string({ unit: fc.constantFrom(...Array.from('abc019.:[]_,;"\\ =')) });
  fc.assert(
    fc.property(value, value, (node, host) => {
      const quote = (raw: string): string => `"${raw.replace(/["\\]/g, '\\$&')}"`;
      assert.deepEqual(parseForwarded(`for=${quote(node)};proto=http;host=${quote(host)}`), [
        { for: node, proto: 'http', host },
      ]);
    }),
  );
});

test('reads what proxies say in a time that grows as it does', () => {
  for (const unit of [
    '"',
    '\\"',
    '\\',
    'for="a\\',
    'for="',
    'for=a;',
    'for',
    '="',
    ' ',
    ',',
    'for="\\\\";',
  ]) {
    for (const end of ['', '"', ',']) {
      const read = (value: string): void => {
        parseForwarded(value);
        parseXForwardedFor(value);
      };
      const ratio = growth((size) => repeated(unit, size) + end, read, 4 * 1024);
      assert.ok(ratio < LINEAR_AT_MOST, `${unit} ${end} ${ratio}`);
    }
  }
});
