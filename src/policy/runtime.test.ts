import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problems } from '../core/problems.ts';
import { checkRuntime } from './runtime.ts';

function codes(
  nodeVersion: string,
  today: string,
  environment: 'production' | 'development' = 'production',
): string[] {
  const problems = new Problems(environment);
  checkRuntime({ env: {}, execArgv: [], nodeVersion }, problems, new Date(today));
  return problems.errors.map(({ code }) => code);
}

test('a line is good to the end of its last day', () => {
  assert.deepEqual(codes('24.21.0', '2028-04-30T12:00:00Z'), []);
  assert.deepEqual(codes('24.21.0', '2028-05-01T00:00:00Z'), ['ERR_BULWARK_NODE_VERSION']);
  assert.deepEqual(codes('25.9.0', '2026-11-01'), ['ERR_BULWARK_NODE_VERSION']);
});

test('a line that is not known yet is taken, an older one than we run on is not', () => {
  assert.deepEqual(codes('28.0.0', '2027-06-01'), []);
  assert.deepEqual(codes('22.12.0', '2026-11-01'), ['ERR_BULWARK_NODE_VERSION']);
});

test('in development it is a warning', () => {
  assert.deepEqual(codes('22.12.0', '2026-11-01', 'development'), []);
});
