import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Read, Unfit } from './options.ts';
import { Problems } from './problems.ts';
import {
  boolean,
  duration,
  integer,
  listOf,
  oneOf,
  optional,
  parseDuration,
  parseSize,
  recordOf,
  showDuration,
  showSize,
  size,
  text,
} from './readers.ts';

const problems = new Problems('production');

function refuses(
  read: (value: unknown, path: string, problems: Problems) => unknown,
  ...values: unknown[]
): void {
  for (const value of values) assert.throws(() => read(value, 'x', problems), Unfit, JSON.stringify(value));
}

test('reads durations and sizes in their units', () => {
  assert.deepEqual(
    ['500ms', '30s', '15m', '12h', '7d'].map(parseDuration),
    [500, 30_000, 900_000, 43_200_000, 604_800_000],
  );
  assert.deepEqual(['1B', '2KB', '10MB', '1GB'].map(parseSize), [1, 2048, 10_485_760, 1_073_741_824]);
});

test('an example is one that would be taken', () => {
  const taken = (read: Read<number>): void => {
    assert.throws(
      () => read('', 'x', problems),
      (error) => error instanceof Unfit && read(/'(.*)'/.exec(error.expected)?.[1], 'x', problems) > 0,
    );
  };
  for (const [least, most] of [
    [3_600_000, 7_776_000_000],
    [1000, 60_000],
    [1, 900_000],
    [7000, 7001],
  ] as const)
    taken(duration(least, most));
  taken(size(1, 2048));
});

test('a life or a size of nothing is none (past failure 1)', () => {
  assert.equal(parseDuration('0s'), undefined);
  assert.equal(parseSize('0MB'), undefined);
});

test('refuses numbers without a unit, signs, fractions, spaces and what is not text', () => {
  refuses(
    duration(1, 1e12),
    30,
    '30',
    '-30s',
    '1.5h',
    ' 30s',
    '30 s',
    '30S',
    '1e3s',
    '30sec',
    null,
    ['30s'],
    '9999999999s',
  );
  refuses(size(1, 1e12), 10, '10', '10mb', '10 MB', '-1MB', 'constructorB', '1toString');
});

test('keeps to its bounds, both included', () => {
  const read = duration(1000, 60_000);
  assert.equal(read('1s', 'x', problems), 1000);
  assert.equal(read('1m', 'x', problems), 60_000);
  refuses(read, '999ms', '61s');
  refuses(integer(1, 5), 0, 6, 1.5, '3', Number.NaN);
});

test('shows what it reads', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999_999_999 }),
      fc.constantFrom('ms', 's', 'm', 'h', 'd'),
      (count, unit) => {
        const ms = parseDuration(`${count}${unit}`) ?? 0;
        assert.equal(parseDuration(showDuration(ms)) ?? ms, ms);
      },
    ),
  );
  assert.equal(showDuration(5_400_000), '90m');
  assert.equal(showSize(10_485_760), '10MB');
});

test('never takes what merely looks like a boolean or a word', () => {
  refuses(boolean, 'true', 1, 0, null);
  refuses(oneOf('a', 'b'), 'A', 'c', '', undefined, ['a']);
});

test('reads lists and records entry by entry', () => {
  assert.deepEqual(listOf(boolean, 'a list')([true, false], 'x', problems), [true, false]);
  refuses(listOf(boolean, 'a list'), 'x', [1], {});
  const record = recordOf(boolean, 'a record')({ a: true, ['__proto__x']: false }, 'x', problems);
  assert.deepEqual({ ...record }, { a: true, ['__proto__x']: false });
  assert.equal(Object.getPrototypeOf(record), null);
  refuses(recordOf(boolean, 'a record'), [], null, { a: 1 });
});

test('takes nothing where nothing will do', () => {
  assert.equal(optional(boolean)(undefined, 'x', problems), undefined);
  refuses(text(/^a$/, 'an a'), undefined, 'b', 1);
});
