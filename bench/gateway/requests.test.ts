import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addedLatency, ratioOf, type RequestFigures } from './requests.ts';

function figures(cpu: readonly number[], alone: readonly number[]): RequestFigures {
  const turns = cpu.map((one) => ({ cpu: one, requestsPerSecond: 0, p99: 0 }));
  return { label: 'a', proxy: { name: 'a', upstream: 'kept' }, turns, alone };
}

test('compares neighbours in time, so that a slow machine slows both', () => {
  const one = figures([10, 100, 20], [0.1, 1, 0.2]);
  const other = figures([20, 200, 40], [0.05, 0.95, 0.15]);
  assert.equal(ratioOf(one, other), 2);
  assert.equal(Math.round(addedLatency(one, other)), 50);
});
