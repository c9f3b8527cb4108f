import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fromStored, toStored } from './text.ts';

const nasty = fc.string({ unit: fc.constantFrom('\0', '\u0010', '0', '1', 'a') });

test('gives every text back, and stores none with a NUL', () => {
  fc.assert(
    fc.property(fc.oneof(nasty, fc.string({ unit: 'binary' })), (text) => {
      assert.ok(!toStored(text).includes('\0'));
      assert.equal(fromStored(toStored(text)), text);
    }),
  );
});

test('makes one of no two texts', () => {
  fc.assert(fc.property(nasty, nasty, (a, b) => (a === b) === (toStored(a) === toStored(b))));
});

test('leaves ordinary texts as they are', () => {
  for (const text of ['', 'ann', '{"a":"\\u0000"}', 'Zo\u00eb \u{1f510}']) assert.equal(toStored(text), text);
});
