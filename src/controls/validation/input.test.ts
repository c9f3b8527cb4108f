import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { z } from 'zod';
import { readFields } from './fields.ts';
import { formFaults } from './form-faults.ts';
import { type JudgedInput, judgeInput, readSchema } from './judge-input.ts';
import type { StandardSchema } from './standard-schema.ts';

function judge(schema: StandardSchema, value: unknown): Promise<JudgedInput> {
  return judgeInput('body', readSchema(schema), value);
}

async function pointersOf(schema: StandardSchema, value: unknown): Promise<string[]> {
  const judged = await judge(schema, value);
  return judged.ok ? [] : judged.faults.map(({ pointer }) => pointer).sort();
}

test('v5.0.0-15.3.3 finds fields that no schema names, however deep, and takes those that one opens for', async () => {
  const inner = z.object({ a: z.number() });
  for (const [schema, value, found] of [
    [z.object({ list: z.array(inner) }), { list: [{ a: 1 }, { a: 2, b: 3 }] }, ['/list/1/b']],
    [
      z.object({ in: inner.optional() }),
      { in: { a: 1, constructor: 1 }, toString: 1 },
      ['/in/constructor', '/toString'],
    ],
    [z.looseObject({ in: inner }), { in: { a: 1, b: 1 }, free: 1 }, ['/in/b']],
    [z.record(z.string(), inner), { x: { a: 1 } }, []],
    [z.object({ a: z.number() }).transform(({ a }) => ({ other: a })), { a: 1 }, []],
    [z.object({ a: z.number() }).transform(({ a }) => ({ other: a })), { a: 1, b: 1 }, ['/b']],
    [
      v.object({ list: v.array(v.object({ a: v.number() })) }),
      { list: [{ a: 1, b: 2 }], c: 1 },
      ['/c', '/list/0/b'],
    ],
    [v.looseObject({ a: v.number() }), { a: 1, b: 2 }, []],
    [z.object({ 'a/b~c': inner }), { 'a/b~c': { a: 1, z: 1 } }, ['/a~1b~0c/z']],
  ] as const)
    assert.deepEqual(await pointersOf(schema, value), found, JSON.stringify(value));
});

test('v5.0.0-16.2.5 never says a value, whatever its library writes', async () => {
  for (const [schema, value, secret] of [
    [v.object({ a: v.number() }), { a: 'hunter2' }, 'hunter2'],
    [v.object({ a: v.string() }), { a: 90_210 }, '90210'],
    [
      z.object({ a: z.string().refine(() => false, { error: ({ input }) => `not ${String(input)}` }) }),
      { a: 'hunter2' },
      'hunter2',
    ],
    [
      z.object({ a: z.any() }).refine(() => false, { error: 'got "hun\\\\ter2"' }),
      { a: 'hun\\\\ter2' },
      'hun',
    ],
  ] as const) {
    const judged = await judge(schema, value);
    assert.ok(!judged.ok);
    assert.ok(!JSON.stringify(judged.faults).includes(secret), JSON.stringify(judged.faults));
    assert.equal(judged.faults[0]?.detail, 'This is not taken here.');
  }
});

test('a schema that is asynchronous is waited for, and one that throws ends the handler', async () => {
  const slow = z.object({ a: z.string().refine(async (text) => (await Promise.resolve(text)) === 'yes') });
  assert.ok((await judge(slow, { a: 'yes' })).ok);
  assert.deepEqual(await pointersOf(slow, { a: 'no' }), ['/a']);
  const broken = z.string().refine(() => {
    throw new Error('the database is gone');
  });
  await assert.rejects(judge(broken, 'a'), /database/);
});

test('says at most a hundred things of one request', async () => {
  const value = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field${index}`, 1]));
  assert.equal((await pointersOf(z.object({}), value)).length, 100);
});

test('v5.0.0-15.3.7 a field is there once, or is a list that the route names', () => {
  const fieldsOf = (text: string, lists: readonly string[] = []) => readFields('query', text, lists);
  assert.deepEqual(fieldsOf('a=1&b=x+y&c=%C3%A9&d'), {
    ok: true,
    value: { a: '1', b: 'x y', c: 'é', d: '' },
  });
  assert.deepEqual(fieldsOf('t=1&t=2', ['t', 'u']), { ok: true, value: { t: ['1', '2'], u: [] } });
  assert.deepEqual(fieldsOf('toString=1'), { ok: true, value: { toString: '1' } });
  for (const bad of [
    'a=1&a=2',
    'a=1&%61=2',
    'a=%FF',
    'a=%zz',
    '__proto__=1',
    'constructor=1',
    'x&'.repeat(1001),
  ])
    assert.equal(fieldsOf(bad).ok, false, bad.slice(0, 20));
});

test('reasons of a form stand in markup that cannot be broken out of', () => {
  const faults = formFaults([
    { in: 'body', pointer: '/a"><b', detail: '<script>' },
    { in: 'body', pointer: '/a"><b/0', detail: 'and' },
    { in: 'query', pointer: '/q', detail: 'elsewhere' },
  ]);
  assert.equal(faults.attributes('a"><b'), 'aria-invalid="true" aria-describedby="a---b-fault"');
  assert.equal(faults.reasons('a"><b'), '<span id="a---b-fault">&lt;script&gt; and</span>');
  assert.equal(faults.attributes('q') + faults.reasons('q'), '');
});
