import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budgets, budgetTable, type Measured } from './budgets.ts';

const NOTHING: Measured = { stacks: [], logIns: [], scale: [], imports: { bareNode: 40, rows: [] } };

test('promises nothing about what was not measured', () => {
  assert.deepEqual(budgets(NOTHING), []);
});

test('says which promises are not kept', () => {
  const row = { kind: 'import', name: 'bulwark/express', best: 0, cpu: 0 } as const;
  const at = (median: number): Measured => ({
    ...NOTHING,
    imports: { bareNode: 40, rows: [{ ...row, median }] },
  });
  assert.deepEqual(
    budgets(at(40)).map(({ reached }) => reached),
    [true],
  );
  assert.deepEqual(
    budgets(at(41)).map(({ reached }) => reached),
    [false],
  );
  assert.equal(budgetTable(budgets(at(41))).rows[0]?.at(-1), '**no**');
});

test('a limiter keeps its promise at its largest size, with its blocked client blocked', () => {
  const curve = (bytes: number, stillBlocked: boolean): Measured => ({
    ...NOTHING,
    scale: [
      {
        curve: 'limiter',
        subject: 'bulwark',
        points: [
          { size: 1000, bytesPerKey: 1 },
          { size: 10_000_000, bytesPerKey: bytes },
        ],
      },
      { curve: 'limiter', subject: 'another', points: [{ size: 1000, bytesPerKey: 400 }] },
      { curve: 'flood', subject: 'bulwark', points: [{ size: 1_000_000, stillBlocked }] },
    ],
  });
  const kept = (measured: Measured): boolean[] => budgets(measured).map(({ reached }) => reached);
  assert.deepEqual(kept(curve(32, true)), [true, true]);
  assert.deepEqual(kept(curve(33, false)), [false, false]);
});
