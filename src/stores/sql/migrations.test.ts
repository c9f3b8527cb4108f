import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { POSTGRES_STEPS, SQLITE_STEPS } from './migrations.ts';

/** Digests of the steps that databases out there have taken. One that is changed would be taken by new databases alone. */
const RELEASED = [
  { sqlite: '2c02da8146660bd7', postgres: '91f0fa6f42bfaf47' },
  { sqlite: '300b9d65b8228d2a', postgres: '6238526586e565d2' },
  { sqlite: '143caddf7d035d45', postgres: '0535cc96fe097562' },
  { sqlite: '38dc790cf4518175', postgres: '2285e706f30e7f23' },
  { sqlite: 'c33e6099a5d6815a', postgres: 'ccb7cb0c0ade4a50' },
  { sqlite: 'bcf4890d6a6d87fd', postgres: '19139f27f6386115' },
];

function digest(step: string): string {
  return createHash('sha256').update(step).digest('hex').slice(0, 16);
}

test('steps that were released are as they were, each in its place', () => {
  const steps = SQLITE_STEPS.map((sqlite, index) => ({
    sqlite: digest(sqlite),
    postgres: digest(POSTGRES_STEPS[index] ?? ''),
  }));
  assert.deepEqual(steps.slice(0, RELEASED.length), RELEASED);
  assert.equal(SQLITE_STEPS.length, POSTGRES_STEPS.length);
});
