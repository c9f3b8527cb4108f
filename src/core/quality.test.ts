import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quality } from './quality.ts';

test('a weight is one where none is named, and none where what is named is no weight', () => {
  const weights: readonly (readonly [parameters: readonly string[], weight: number])[] = [
    [[], 1],
    [['q=0.5'], 0.5],
    [[' level=1', ' q=0.25 '], 0.25],
    [['q=1.000'], 1],
    [['q=1.001'], 0],
    [['q=-1'], 0],
    [['q=0.1234'], 0],
    [['q='], 0],
    [['level=1'], 1],
  ];
  for (const [parameters, weight] of weights) assert.equal(quality(parameters), weight, parameters.join(';'));
});
