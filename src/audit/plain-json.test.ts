import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { plainJson } from './plain-json.ts';
import { Redactor } from './redact.ts';

const redactor = new Redactor(['iban']);

test('writes what is plain as JSON.stringify does', () => {
  const plain = fc.dictionary(
    fc.stringMatching(/^[a-z]{1,8}$/).filter((name) => !redactor.hides(name)),
    fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9/.@-]{0,30}$/),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
    ),
    { maxKeys: 20 },
  );
  let short = 0;
  fc.assert(
    fc.property(plain, plain, (value, details) => {
      const entry = { ...value, details: { ...details } };
      const json = plainJson(entry, redactor);
      if (json === undefined) return;
      short += 1;
      assert.equal(json, JSON.stringify(entry));
    }),
  );
  assert.ok(short > 50, `${short}`);
});

test('leaves everything else to the long way', () => {
  for (const value of [
    { iban: 'DE00' },
    { password: 'x' },
    { note: 'password: hunter2' },
    { note: 'a\nb' },
    { note: '\u00e4' },
    { note: '"' },
    { key: 'ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaa' },
    { at: new Date(0) },
    { n: Number.NaN },
    { list: [1] },
    { none: null },
    { a: { b: { c: 1 } } },
    { toJSON: () => 1 },
    { 'a b': 1 },
    { long: 'x'.repeat(201) },
    Object.create(null),
    new Proxy({ a: 1 }, {}),
    [1],
    'text',
    Object.defineProperty({}, 'a', { enumerable: true, get: () => assert.fail() }),
    Object.fromEntries(Array.from({ length: 31 }, (_, n) => [`k${n}`, n])),
  ])
    assert.equal(plainJson(value, redactor), undefined);
  assert.equal(plainJson({}, redactor), '{}');
  assert.equal(plainJson({ a: undefined, b: -0 }, redactor), '{"b":0}');
});

test('a flood of names fills no memory', () => {
  const own = new Redactor();
  for (let n = 0; n < 5000; n += 1) plainJson({ [`name${n}`]: 1 }, own);
  assert.ok(own.plainNames.size <= 1000);
});
