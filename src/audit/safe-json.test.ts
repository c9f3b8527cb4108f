import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { growth, repeated } from '../../test/support/growth.ts';
import { Redactor } from './redact.ts';
import { MAX_ENTRIES, MAX_LINE_BYTES, safeJson } from './safe-json.ts';

const redactor = new Redactor();
// Everything that ends a line, moves a cursor, reorders or hides text.
const RAW = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** The value as it reads in the log. */
function shown(value: unknown): unknown {
  const line = safeJson(value, redactor);
  assert.ok(Buffer.byteLength(line) <= MAX_LINE_BYTES, `${Buffer.byteLength(line)} bytes`);
  assert.doesNotMatch(line, RAW);
  return JSON.parse(line);
}

function throws(): never {
  throw new Error('hostile');
}

test('writes plain values as JSON.stringify does', () => {
  const plain = { a: [1, 'b', true, null, { c: -0.5 }], d: {}, e: [], f: '\u00e4\u{1f600}"\\' };
  assert.deepEqual(shown(plain), plain);
});

test('takes dates, invalid ones too, which broke the usual recipe', () => {
  assert.deepEqual(shown({ at: new Date(0), bad: new Date(Number.NaN) }), {
    at: '1970-01-01T00:00:00.000Z',
    bad: '[invalid date]',
  });
});

test('takes every other kind of value', () => {
  const circular: Record<string, unknown> = { name: 'c' };
  circular['self'] = circular;
  assert.deepEqual(
    shown({
      big: 2n ** 64n,
      huge: 2n ** 100_000n,
      nan: Number.NaN,
      infinite: -Infinity,
      none: undefined,
      mark: Symbol('s'),
      call: () => 1,
      map: new Map<unknown, unknown>([
        ['a', 1],
        [2, 'b'],
        [{}, 'c'],
      ]),
      set: new Set([1, new Set([2])]),
      bytes: Buffer.from('secret'),
      buffer: new ArrayBuffer(9),
      boxed: Object('text'),
      pattern: /a+/g,
      wait: Promise.resolve(1),
      url: new URL('https://u:p@example.com/a?token=1#b'),
      bare: Object.assign(Object.create(null) as object, { x: 1 }),
      circular,
      holes: [undefined, 1],
    }),
    {
      big: '18446744073709551616',
      huge: '[bigint]',
      nan: 'NaN',
      infinite: '-Infinity',
      mark: '[symbol]',
      call: '[function]',
      map: { a: 1, 2: 'b', '[object]': 'c' },
      set: [1, [2]],
      bytes: '[6 bytes]',
      buffer: '[9 bytes]',
      boxed: 'text',
      pattern: 'a+',
      wait: '[promise]',
      url: 'https://example.com/a',
      bare: { x: 1 },
      circular: { name: 'c', self: '[circular]' },
      holes: [null, 1],
    },
  );
});

test('shows name, message, code and cause of an error, and no stack', () => {
  const cause = Object.assign(new Error('connect failed to redis://:pw@h'), { code: 'ECONNREFUSED' });
  assert.deepEqual(shown(new TypeError('bad', { cause })), {
    name: 'TypeError',
    message: 'bad',
    cause: { name: 'Error', message: 'connect failed to redis://:[redacted]@h', code: 'ECONNREFUSED' },
  });
});

test('takes values that throw when they are looked at', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const list = Proxy.revocable<unknown[]>([], {});
  list.revoke();
  class BadDate extends Date {
    override getTime(): number {
      return throws();
    }
    override toISOString(): string {
      return throws();
    }
  }
  class BadMap extends Map<number, number> {
    override entries(): never {
      return throws();
    }
  }
  const badError = new Error('x');
  Object.defineProperty(badError, 'message', { get: throws });
  assert.deepEqual(
    shown({
      getter: Object.defineProperty({ fine: 1 }, 'bad', { get: throws, enumerable: true }),
      toJSON: { toJSON: throws },
      proxy: new Proxy({}, { get: throws, ownKeys: throws }),
      revoked: proxy,
      list: list.proxy,
      date: new BadDate(0),
      map: new BadMap([[1, 2]]),
      error: badError,
      items: Object.defineProperty([0, 1], 0, { get: throws }),
    }),
    {
      getter: { fine: 1, bad: '[unreadable]' },
      toJSON: '[unreadable]',
      proxy: '[unreadable]',
      revoked: '[unreadable]',
      list: '[unreadable]',
      date: '1970-01-01T00:00:00.000Z',
      map: '[unreadable]',
      error: { name: 'Error', message: '[unreadable]' },
      items: ['[unreadable]', 1],
    },
  );
});

test('takes a toJSON that answers with itself or with ever new objects', () => {
  const self: { toJSON?: () => unknown } = {};
  self.toJSON = () => self;
  assert.equal(shown(self), '[circular]');
  const endless = (): unknown => ({ toJSON: endless });
  assert.equal(shown(endless()), '[deep]');
});

test('v5.0.0-16.4.1 one event is one line: no break, escape or reordering mark gets through', () => {
  const forged =
    'x\r\n{"event":"authn_login_success"}\u2028\u2029\u0085\u001b[2J\u009b1A\u202e\u2066\u200b\ufeff\u0000\ud800';
  const line = safeJson({ [forged]: forged }, redactor);
  assert.equal(line.split(/\r|\n|\u2028|\u2029|\u0085/).length, 1);
  assert.doesNotMatch(line, RAW);
  assert.deepEqual(JSON.parse(line), { [forged]: forged });
});

test('v5.0.0-16.2.5 redacts by name and by shape, at any depth', () => {
  const line = safeJson(
    {
      user: { name: 'ada', password: 'hunter2', profile: { apiKey: ['hunter2'] } },
      headers: { authorization: 'Bearer hunter2hunter2', accept: '*/*' },
      rawHeaders: ['Host', 'example.com', 'Cookie', 'a=hunter2', 'Accept', '*/*'],
      map: new Map([['token', 'hunter2']]),
      list: [{ csrf: 'hunter2' }],
      json: { toJSON: () => ({ secret: 'hunter2' }) },
      'password=hunter2': 1,
      'Bearer hunter2hunter2': 1,
      note: 'mysql://root:hunter2@db/x',
      passwordChanged: true,
    },
    redactor,
  );
  assert.ok(!line.includes('hunter2'), line);
  assert.match(line, /"name":"ada"/);
  assert.match(line, /"accept":"\*\/\*"/);
  assert.match(line, /"passwordChanged":true/);
});

test('does not let a secret through that lies across the cut', () => {
  for (let at = 950; at < 1050; at += 1) {
    const line = safeJson(`${' '.repeat(at)}Bearer ${'hunter2'.repeat(20)}`, redactor);
    assert.ok(!line.includes('hunter2'), `${at}`);
  }
});

test('cuts a text before it looks for secrets in it: a longer one is no more work', () => {
  for (const [start, unit] of [
    ['', '-eyJ'],
    ['"', 'token'],
    ['"', '://a:'],
  ] as const) {
    const write = (text: string): string => safeJson({ path: text, [text]: 1 }, redactor);
    const ratio = growth((size) => start + repeated(unit, size), write, 64 * 1024, 2);
    assert.ok(ratio < 2, `${ratio}`);
  }
});

test('cuts long texts, wide and deep objects, and says so', () => {
  assert.equal(shown('a'.repeat(1001)), `${'a'.repeat(1000)}[+1]`);
  assert.equal(shown('a'.repeat(1_000_000)), `${'a'.repeat(1000)}[+999000]`);
  const wide = shown(Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`k${index}`, index])));
  assert.equal((wide as Record<string, unknown>)['[cut]'], 10);
  assert.deepEqual(
    (shown(Array.from({ length: 1e6 }, () => 1)) as unknown[]).slice(MAX_ENTRIES),
    ['999950 more'].map((text) => `[${text}]`),
  );
  assert.deepEqual(shown({ a: { b: { c: { d: { e: { f: { g: 1 } } } } } } }), {
    a: { b: { c: { d: { e: { f: '[deep]' } } } } },
  });
});

test('stays within its bytes whatever is nested in what', () => {
  const texts = Array.from({ length: 50 }, () => '\u20ac'.repeat(1000));
  const nested = Array.from({ length: 50 }, () => ({ texts, again: texts }));
  assert.ok(Array.isArray(shown(nested)));
  shown({ a: texts, b: nested, c: new Map([[texts.join(''), nested]]) });
  shown('\u0001'.repeat(1000));
  shown(Object.fromEntries(texts.map((text, index) => [`${index}${text}`, text])));
});

test('v5.0.0-1.2.3 (in part) one bounded line of valid JSON for anything at all', () => {
  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
    withTypedArray: true,
    withUnicodeString: true,
    maxDepth: 8,
  });
  const hostile = fc.oneof(
    anything,
    anything.map((value) => ({ toJSON: () => value })),
    anything.map((value) => new Proxy({ value }, {})),
    fc.dictionary(
      fc.string({ unit: 'binary', maxLength: 2000 }),
      fc.string({ unit: 'binary', maxLength: 9000 }),
    ),
    fc.array(fc.dictionary(fc.string(), anything), { maxLength: 80 }),
  );
  fc.assert(
    fc.property(hostile, (value) => void shown(value)),
    { numRuns: 2000 },
  );
});
