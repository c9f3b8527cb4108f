import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countNames } from './json-names.ts';

const count = (text: string): number => countNames(Buffer.from(text));

/** The same by JSON.parse, for texts in which no name is there twice. */
function namesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce<number>((sum, one) => sum + namesOf(one), own);
}

test('counts what a colon follows, and no colon, quote or brace that stands in a text', () => {
  for (const text of [
    '{}',
    '"a"',
    '"a:b"',
    '12',
    '["a", "b:", ":c"]',
    '{"a":"b"}',
    '{"a" \n\t\r :1, "b":{"c":[{"d":null}]}}',
    String.raw`{"\"a\":":"\\", "b\\\"":":\"", "\\":1}`,
    String.raw`{"a\u0022:": "\u005c\""}`,
    '{"\u00e9:\u{1f600}":"\u4e2d\\":"}',
    `{"${'long '.repeat(50)}":"${':"'.replace('"', '\\"').repeat(50)}"}`,
  ])
    assert.equal(count(text), namesOf(JSON.parse(text)), text);
  assert.equal(count('{"a":1,"a":2,"\\u0061":3}'), 3);
});

test('ends where a text does that is none of JSON', () => {
  for (const text of ['', '"', '"\\', '"a', '"a" ', '"a":', '{"a":"b', '"\\"'])
    assert.ok(count(text) <= 1, text);
});
