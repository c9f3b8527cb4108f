import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FloodGate } from './flood-gate.ts';

test('lets so many through in each second, and tells the next one how many it held back', () => {
  const gate = new FloodGate(3);
  const at = (ms: number): number | undefined => gate.admit(1_000_000 + ms);
  assert.deepEqual([at(0), at(1), at(999), at(999), at(999)], [0, 0, 0, undefined, undefined]);
  assert.deepEqual([at(1000), at(1001)], [2, 0]);
});

test('loses no count over a long flood', () => {
  const gate = new FloodGate(10);
  let told = 0;
  let written = 0;
  for (let index = 0; index < 100_000; index += 1) {
    const held = gate.admit(1_000_000 + index / 10);
    if (held === undefined) continue;
    told += held;
    written += 1;
  }
  assert.equal(written, 100);
  assert.equal(told + written + (gate.admit(9_000_000) ?? 0), 100_000);
});

test('a clock that is set back does not shut the gate', () => {
  const gate = new FloodGate(1);
  assert.equal(gate.admit(5_000_000), 0);
  assert.equal(gate.admit(4_000_000), 0);
});
