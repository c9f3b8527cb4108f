import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growth, growthOf, judgeGrowth, LINEAR_AT_MOST, type Sample } from './growth.ts';

const textOf = (size: number): string => 'a'.repeat(size);

let seen = 0;
const once = (text: string): void => {
  for (let at = 0; at < text.length; at += 1) seen += text.charCodeAt(at);
};
const squared = (text: string): void => {
  for (let from = 0; from < text.length; from += 8) once(text.slice(from));
};

test('work in proportion is told from work by the square of it', () => {
  assert.ok(growth(textOf, once, 4096) < LINEAR_AT_MOST);
  assert.ok(growth(textOf, squared, 1024) > LINEAR_AT_MOST);
  assert.ok(seen > 0);
});

test('so is work that is awaited', async () => {
  const awaited = (run: (text: string) => void) => async (text: string) => {
    await Promise.resolve();
    run(text);
  };
  assert.ok((await growthOf(textOf, awaited(once), 4096)) < LINEAR_AT_MOST);
  assert.ok((await growthOf(textOf, awaited(squared), 1024)) > LINEAR_AT_MOST);
});

/** The ratio on a made-up machine: what a sample costs, by its size and by how many were before it. */
function judged(cost: (sample: Sample, before: number) => number): { ratio: number; samples: number } {
  const judging = judgeGrowth();
  let samples = 0;
  let step = judging.next();
  while (step.done !== true) {
    step = judging.next(step.value.times * cost(step.value, samples));
    samples += 1;
  }
  return { ratio: step.value, samples };
}

const LARGE = { small: 1, large: 4 };
const SQUARE = { small: 1, large: 16 };

test('a machine that is busy for most of the time decides nothing', () => {
  const { ratio, samples } = judged(
    ({ input }, before) => 2000 * LARGE[input] * (before < 100 && input === 'large' ? 3 : 1),
  );
  assert.equal(ratio, 4);
  assert.ok(samples > 100);
  // Once one round is linear, there is no other.
  assert.ok(judged(({ input }) => 2000 * LARGE[input]).samples < 20);
  // What was never run before is slow, of either size.
  assert.equal(judged(({ input }, before) => 200 * LARGE[input] * (before < 2 ? 50 : 1)).ratio, 4);
  for (const noise of [() => 1, (before: number) => 1 + (before % 5)])
    assert.equal(judged(({ input }, before) => 2000 * SQUARE[input] * noise(before)).ratio, 16);
});
