import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statedLife } from './stated-life.ts';

test('a second less than is said, half of a second, and half a minute at most', () => {
  for (const [line, life] of [
    ['timeout=5', 4_000],
    ['timeout=5, max=100', 4_000],
    ['max=100, Timeout = 15', 14_000],
    ['timeout=1', 500],
    ['timeout=2', 1_000],
    ['timeout=3600', 30_000],
    ['timeout=999999999', 30_000],
    ['own=1, timeout=5', 4_000],
  ] as const)
    assert.equal(statedLife(line), life, line);
});

test('what says nothing, or can be read in two ways, is none', () => {
  for (const line of [
    undefined,
    '',
    'timeout=0',
    'max=5',
    'timeout=5, max=0',
    'timeout=5, timeout=5',
    'timeout=-5',
    'timeout=5s',
    'timeout="5"',
    'timeout=0x10',
    'timeout=1e9',
    'timeout=9999999999',
    'timeout',
    'xtimeout=5',
    'timeout=5;max=9',
  ])
    assert.equal(statedLife(line), 0, line);
});
