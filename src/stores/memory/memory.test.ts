import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  accountStoreConformance,
  factorStoreConformance,
  fileStoreConformance,
  reportStoreConformance,
  storeConformance,
} from '../../testing/conformance.ts';
import { memory } from './state.ts';

storeConformance('memory', memory);
factorStoreConformance('memory', memory);
accountStoreConformance('memory', memory);
fileStoreConformance('memory', memory);
reportStoreConformance('memory', memory);

test('says that no other process sees it', () => {
  assert.equal(memory().reach, 'process');
});

test('answers at once, never with a promise', () => {
  const { sessions, counters } = memory();
  assert.equal(sessions.find('a', 0), undefined);
  assert.ok(!(counters.take('k', { count: 1, windowMs: 1000 }, 0) instanceof Promise));
});

test('a flood of made-up keys leaves room again when their debt is paid, without a sweep', async () => {
  const { counters } = memory();
  const rate = { count: 10, windowMs: 1000 };
  for (let index = 0; index < 100_000; index += 1) await counters.take(`k${index}`, rate, 1_000_000 + index);
  assert.ok((await counters.count()) <= 20_000);
});
