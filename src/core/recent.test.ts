import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Recent } from './recent.ts';

test('makes a thing once, and forgets what was not asked for the longest', () => {
  const made: string[] = [];
  const recent = new Recent<string>(2);
  const ask = (name: string): string =>
    recent.of(name, (one) => {
      made.push(one);
      return `the ${one}`;
    });
  for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) assert.equal(ask(name), `the ${name}`);
  // With c the oldest went, which was b by then.
  assert.deepEqual(made, ['a', 'b', 'c', 'b']);
});

test('keeps nothing of what could not be made', () => {
  const recent = new Recent<string>(2);
  const fails = (): string => {
    throw new Error('not this time');
  };
  assert.throws(() => recent.of('a', fails));
  assert.equal(
    recent.of('a', () => 'made'),
    'made',
  );
});
