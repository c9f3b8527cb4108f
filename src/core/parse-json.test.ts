import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { growth, LINEAR_AT_MOST, repeated } from '../../test/support/growth.ts';
import { EscapedNameError, parseJson } from './parse-json.ts';

/** What JSON.parse was given while `run` ran. */
function parsedDuring(run: () => unknown): readonly string[] {
  const given: string[] = [];
  const { parse } = JSON;
  JSON.parse = (text, reviver) => {
    given.push(text);
    return parse(text, reviver) as unknown;
  };
  try {
    run();
  } finally {
    JSON.parse = parse;
  }
  return given;
}

test('a name comes out as it was meant, however it was written', () => {
  for (const [text, value] of [
    [String.raw`{"\u0061":1}`, { a: 1 }],
    [String.raw`{"x":{"na\u006de" :"\u0061\\"},"y":["\u0062:"]}`, { x: { name: 'a\\' }, y: ['b:'] }],
    [
      String.raw`{"gr\u00f6\u00dfe":1,"a\/b":2,"\ud83d\ude00":3}`,
      { 'gr\u00f6\u00dfe': 1, 'a/b': 2, '\u{1f600}': 3 },
    ],
    [String.raw`{"\ud800":1}`, { '\ud800': 1 }],
    [String.raw`{"\u0031":1,"":2}`, { '': 2, 1: 1 }],
  ] as const)
    assert.deepEqual(parseJson(text), value, text);
  assert.deepEqual(Object.keys(parseJson(String.raw`{"\u005f_proto__":1}`) as object), ['__proto__']);
});

test('JSON.parse is given no object with an escape in a name', () => {
  assert.deepEqual(
    parsedDuring(() => parseJson(String.raw`{"t":"\n","\u0061b" :["\u0061"],"c":1}`)),
    [String.raw`"\u0061b"`, String.raw`{"t":"\n","ab" :["\u0061"],"c":1}`],
  );
  assert.deepEqual(
    parsedDuring(() => assert.throws(() => parseJson(String.raw`{"a\\b":1,"c\u0022":[]}`))).filter((text) =>
      text.startsWith('{'),
    ),
    ['{"?":1,"?":[]}'],
  );
});

test('a text without an escape in a name is handed on as it is, and once', () => {
  for (const text of ['{"a":1}', String.raw`{"a":"\\","b":["\":","\u0061"],"c":"\":"}`, '[]', '"\\n"'])
    assert.deepEqual(
      parsedDuring(() => parseJson(text)),
      [text],
    );
});

test('a name that needs an escape is refused, and what else there is comes with the refusal', () => {
  for (const name of [
    String.raw`\"`,
    String.raw`a\\`,
    String.raw`\u005c`,
    String.raw`\n`,
    String.raw`b\u0000`,
  ])
    assert.throws(
      () => parseJson(`{"a":1,"${name}":[2]}`),
      (error) => {
        assert.ok(error instanceof EscapedNameError && error instanceof SyntaxError);
        assert.deepEqual(error.rest, { a: 1, '?': [2] });
        return true;
      },
    );
});

test('what is no JSON does not become it', () => {
  for (const text of [
    String.raw`["x"\u002c": y"]`,
    String.raw`{"a":1\u002c"b":2}`,
    String.raw`{"\u0061":1,}`,
    String.raw`{"\x61":1}`,
    String.raw`{"\u0061` + '\n":1}',
    String.raw`{"a\\":1`,
    String.raw`{\u0022a":1}`,
    String.raw`{"a" \u0061":1}`,
    '{"a\\',
    '\\',
  ])
    assert.throws(
      () => parseJson(text),
      (error) => error instanceof SyntaxError && !(error instanceof EscapedNameError),
      text,
    );
});

test('a reviver sees the names, and the text of numbers', () => {
  const seen: unknown[] = [];
  const value = parseJson(String.raw`{"\u0061":9007199254740993}`, (name, one, { source }) => {
    seen.push([name, source]);
    return source ?? one;
  });
  assert.deepEqual(value, { a: '9007199254740993' });
  assert.deepEqual(seen, [
    ['a', '9007199254740993'],
    ['', undefined],
  ]);
});

test('whatever the value is, names that are written in escapes alone are the same names', () => {
  const escaped = (text: string): string =>
    [...Array(text.length).keys()]
      .map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join('');
  const name = fc.stringMatching(/^[a-z:,{}[\] \u00e9\u4e2d]{0,12}$/);
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 8 }), fc.string(), (names, value) => {
      const text = `{${names.map((one) => `"${escaped(one)}"\t:${JSON.stringify(value)}`).join(' , ')}}`;
      assert.deepEqual(parseJson(text), Object.fromEntries(names.map((one) => [one, value])));
    }),
    { numRuns: 300 },
  );
});

test('the work grows with the bytes and no faster, whatever is sent', () => {
  for (const shape of [
    (size: number) => `["${repeated('\\"', size - (size % 2))}"]`,
    (size: number) => `[${'"\\n",'.repeat(size / 5)}1]`,
    (size: number) => `[${'{"\\u0061":1},'.repeat(size / 14)}1]`,
    (size: number) => `""${repeated('\\ ', size - (size % 2))}`,
    (size: number) => `{"a\\n"${repeated(' ', size)}:1}`,
  ])
    assert.ok(growth(shape, (text) => void attempt(text), 60_000) < LINEAR_AT_MOST);
});

function attempt(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    return error;
  }
}
