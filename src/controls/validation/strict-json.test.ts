import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { growth, LINEAR_AT_MOST, repeated } from '../../../test/support/growth.ts';
import { type JsonFault, type JsonLimits, readStrictJson } from './strict-json.ts';

const LIMITS: JsonLimits = { depth: 32, entries: 10_000, bigIntegers: 'refuse' };

function faultOf(text: string | Uint8Array, limits: Partial<JsonLimits> = {}): string {
  const reading = readStrictJson(Buffer.from(text), { ...LIMITS, ...limits });
  return reading.ok ? 'none' : `${reading.fault} ${reading.at}`.trim();
}

test('reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const text = JSON.stringify(value);
      // Those that are refused are made by chance, too.
      fc.pre(!/\d{16}|"(?:__proto__|constructor|prototype)"|\\.(?:[^"\\]|\\.)*":/.test(text));
      const reading = readStrictJson(Buffer.from(text), LIMITS);
      assert.deepEqual(reading.ok && reading.value, JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

const FAULTS: Readonly<Record<JsonFault, readonly (readonly [text: string | Uint8Array, at: string])[]>> = {
  encoding: [
    [Buffer.from([0x22, 0xff, 0x22]), ''],
    [Buffer.from('{"a":"é"}', 'latin1'), ''],
    [Buffer.from('{"a":1}', 'utf16le').subarray(0, 0), ''],
  ],
  syntax: [
    ['{"a":1,}', ''],
    ['\ufeff{}', ''],
    ["{'a':1}", ''],
    ['[1] [2]', ''],
    ['NaN', ''],
    ['{"a":1} // note', ''],
  ],
  depth: [
    ['['.repeat(33) + ']'.repeat(33), '/0'.repeat(32)],
    ['{"a":'.repeat(33) + '1' + '}'.repeat(33), '/a'.repeat(32)],
  ],
  entries: [[`[${'1,'.repeat(10_000)}1]`, '']],
  duplicate: [
    ['{"a":1,"a":1}', ''],
    ['{"a":1,"\\u0061":2}', ''],
    ['{"a" : {"b" :1,\t"b"\r\n:2}}', ''],
    ['[{"":1,"":2}]', ''],
  ],
  'forbidden-name': [
    ['{"__proto__":{"role":"admin"}}', '/__proto__'],
    ['{"a":[{"constructor":1}]}', '/a/0/constructor'],
    ['{"\\u0070rototype":1}', '/prototype'],
  ],
  number: [
    ['9007199254740993', ''],
    ['{"id":-9007199254740992}', '/id'],
    ['[1,1e999]', '/1'],
    ['{"a/b":{"c~d":123456789012345678901234567890}}', '/a~1b/c~0d'],
  ],
  surrogate: [
    ['["\\ud800"]', '/0'],
    ['{"a":"\\udc00\\ud800"}', '/a'],
    ['{"\\udfff":1}', '/\udfff'],
  ],
  'escaped-name': [
    ['{"a\\\\":1}', ''],
    ['[{"a":1,"say \\"b\\"" :2}]', ''],
    ['{"a\\u000ab":12345678901234567890}', ''],
  ],
};

for (const [fault, cases] of Object.entries(FAULTS)) {
  test(`v5.0.0-1.5.3 refuses what readers disagree on: ${fault}`, () => {
    for (const [text, at] of cases) {
      if (text.length > 0) assert.equal(faultOf(text), `${fault} ${at}`.trim(), String(text).slice(0, 80));
    }
  });
}

test('takes what only looks like it', () => {
  for (const text of [
    '{"a":{"a":{"a":1}},"b":{"a":1}}',
    '{"a":":","b":"\\":","c":"{\\"c\\":1}"}',
    '["a:","a",":"]',
    '{"a":"a","b":["a","a"]}',
    '{"proto":1,"__proto":2,"constructors":3,"Constructor":4}',
    '9007199254740991',
    '[-9007199254740991,1e28,1.7976931348623157e308,0.1,-0]',
    '"\\ud83d\\ude00"',
    ' {"a" :\n1 } ',
    '['.repeat(32) + ']'.repeat(32),
  ])
    assert.equal(faultOf(text), 'none', text);
});

test('gives whole numbers past 2^53 as their text where that is asked for, and never rounds them', () => {
  const reading = readStrictJson(Buffer.from('{"id":9007199254740993,"n":[-9007199254740993,1,1e28]}'), {
    ...LIMITS,
    bigIntegers: 'text',
  });
  assert.deepEqual(reading, {
    ok: true,
    value: { id: '9007199254740993', n: ['-9007199254740993', 1, 1e28] },
  });
  assert.equal(faultOf('{"a":1e999}', { bigIntegers: 'text' }), 'number /a');
  assert.equal(faultOf('{"a":9007199254740993,"a":1}', { bigIntegers: 'text' }), 'duplicate');
});

test('a member of a name that is none of a plain object reaches no prototype', () => {
  const reading = readStrictJson(Buffer.from('{"toString":1,"hasOwnProperty":2,"valueOf":3}'), LIMITS);
  assert.ok(reading.ok);
  assert.deepEqual(Object.keys(reading.value as object), ['toString', 'hasOwnProperty', 'valueOf']);
});

/** What readers may do as they like with, and what this one does; and what is JSON and is refused all the same. */
const DECIDED: Readonly<Record<string, string>> = {
  i_number_double_huge_neg_exp: 'none',
  i_number_real_underflow: 'none',
  y_object_escaped_null_in_key: 'escaped-name',
  y_object_duplicated_key: 'duplicate',
  y_object_duplicated_key_and_value: 'duplicate',
};
const BY_KIND: readonly (readonly [name: RegExp, fault: RegExp])[] = [
  [/^y_/, /^none$/],
  [/^n_/, /^(?:syntax|encoding)$/],
  [/^i_number/, /^number/],
  [/^i_(?:object|string)/, /^(?:surrogate|encoding|syntax)/],
  [/^i_structure_500/, /^depth/],
  [/^i_structure_UTF-8_BOM/, /^syntax$/],
];

test('v5.0.0-1.5.3 all of JSONTestSuite: what is JSON is read, what is none is not, and nothing is guessed', () => {
  const { cases } = JSON.parse(readFileSync('test/vectors/json/json-test-suite.json', 'utf8')) as {
    cases: Record<string, string>;
  };
  let ran = 0;
  for (const [name, base64] of Object.entries(cases)) {
    const found = faultOf(Buffer.from(base64, 'base64'));
    const decided = DECIDED[name];
    if (decided !== undefined) assert.equal(found, decided, name);
    else assert.match(found, BY_KIND.find(([kind]) => kind.test(name))?.[1] ?? /^$/, name);
    ran += 1;
  }
  assert.equal(ran, 316);
});

test('the work grows with the bytes and no faster, whatever is sent', () => {
  const wide = { ...LIMITS, entries: 10_000_000 };
  const shapes: readonly ((size: number) => string)[] = [
    (size) => `["${repeated('\\\\', size - (size % 2))}"]`,
    (size) => `["${repeated('\\"', size - (size % 2))}"]`,
    (size) => `[${repeated('"",', size - (size % 3))}""]`,
    (size) => `{${Array.from({ length: size / 16 }, (_, at) => `"${at}":[]`).join(',')}}`,
    (size) => `[${repeated('9007199254740993,', size - (size % 17))}1]`,
    (size) => `"${repeated('\\u0061', size - (size % 6))}"`,
  ];
  for (const shape of shapes) {
    const factor = growth(
      (size) => Buffer.from(shape(size)),
      (bytes) => readStrictJson(bytes, wide),
      96_000,
    );
    assert.ok(factor < LINEAR_AT_MOST, `${factor} for ${shape(24)}`);
  }
});
