import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type } from 'arktype';
import { z } from 'zod';
import { judgeInput, readSchema } from './judge-input.ts';
import { unknownByShape } from './known-fields.ts';
import type { StandardSchema } from './standard-schema.ts';

const NAME = { type: 'object', properties: { name: { type: 'string' } } };

/** The pointers of what a schema finds wrong with a value. */
async function faultsOf(schema: StandardSchema, value: unknown): Promise<readonly string[]> {
  const judged = await judgeInput('body', readSchema(schema), value);
  return judged.ok ? [] : judged.faults.map(({ pointer }) => pointer);
}

test('v5.0.0-15.3.3 a field that no branch of a schema names is refused, wherever it stands', () => {
  const cases: readonly (readonly [shape: object, value: unknown, unknown: string])[] = [
    [{ anyOf: [NAME, { type: 'string' }] }, { name: 'a', role: 'x' }, 'role'],
    [{ oneOf: [NAME, { type: 'object', properties: { mail: {} } }] }, { mail: 'a', role: 'x' }, 'role'],
    [{ allOf: [NAME, { required: ['name'] }] }, { name: 'a', role: 'x' }, 'role'],
    [{ ...NAME, anyOf: [{ type: 'object', properties: { mail: {} } }] }, { mail: 'a', role: 'x' }, 'role'],
    [{ $ref: '#/$defs/a~1b', $defs: { 'a/b': NAME } }, { name: 'a', role: 'x' }, 'role'],
    [
      { type: 'object', properties: { who: { anyOf: [{ type: 'null' }, NAME] } } },
      { who: { role: 'x' } },
      'who.role',
    ],
    [{ type: 'object', additionalProperties: NAME }, { ann: { name: 'a', role: 'x' } }, 'ann.role'],
    [{ type: 'object', patternProperties: { '^x-': NAME } }, { 'x-a': { role: 'x' } }, 'x-a.role'],
    [{ type: 'object', patternProperties: { '^x-': NAME } }, { role: 'x' }, 'role'],
    [{ type: 'array', prefixItems: [{ type: 'string' }, NAME] }, ['a', { role: 'x' }], '1.role'],
    [{ type: ['array', 'null'], items: NAME }, [{ role: 'x' }], '0.role'],
    [{ ...NAME, properties: { more: { $ref: '#' } } }, { more: { more: { role: 'x' } } }, 'more.more.role'],
  ];
  for (const [shape, value, unknown] of cases) {
    const found = unknownByShape(value, shape).map((path) => path.join('.'));
    assert.deepEqual(found, [unknown], JSON.stringify(shape));
  }
});

test('what a schema leaves open is open', () => {
  const value = { name: 'a', role: 'x', more: { role: 'x' } };
  for (const shape of [
    {},
    { type: 'object' },
    { ...NAME, additionalProperties: true },
    { ...NAME, additionalProperties: {} },
    { anyOf: [NAME, {}] },
    { anyOf: [NAME, { type: 'object' }] },
    { $ref: 'https://elsewhere.example/schema' },
    { $ref: '#/$defs/none' },
    { $ref: '#' },
    { allOf: [{ required: ['name'] }] },
    { type: 'string' },
  ])
    assert.deepEqual(unknownByShape(value, shape), [], JSON.stringify(shape));
});

test('v5.0.0-15.3.3 libraries that hand on what they do not know, and those that drop it', async () => {
  const either = type({ kind: "'a'", x: 'string' }).or({ kind: "'b'", y: 'number' });
  assert.deepEqual(await faultsOf(either, { kind: 'a', x: 'x', role: 'operator' }), ['/role']);
  assert.deepEqual(await faultsOf(either, { kind: 'a', x: 'x' }), []);
  const inside = type({ 'who?': type({ name: 'string' }).or('string') });
  assert.deepEqual(await faultsOf(inside, { who: { name: 'n', role: 'operator' } }), ['/who/role']);
  assert.deepEqual(await faultsOf(inside, { who: 'n' }), []);
  const named = z.record(z.string(), z.union([z.object({ a: z.string() }), z.number()]));
  assert.deepEqual(await faultsOf(named, { one: { a: 'a', role: 'operator' } }), ['/one/role']);
});

test('a reason says nothing of a value that its schema has trimmed or folded before', async () => {
  const schema = type('string.trim |> string.email');
  const judged = await judgeInput('body', readSchema(schema), '  Hunter2 ');
  assert.ok(!judged.ok && !JSON.stringify(judged.faults).includes('unter2'), JSON.stringify(judged));
});
