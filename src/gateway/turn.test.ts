import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { writeThisTurn } from './turn.ts';

test('writes of a turn are done at its end and in their order, and one that fails takes no other along', async (t) => {
  const errors: Error[] = [];
  process.setUncaughtExceptionCaptureCallback((error) => void errors.push(error));
  t.after(() => process.setUncaughtExceptionCaptureCallback(null));
  const done: string[] = [];
  writeThisTurn(() => done.push('first'));
  writeThisTurn(() => {
    throw new Error('of the second');
  });
  writeThisTurn(() => {
    done.push('third');
    writeThisTurn(() => done.push('said in the third'));
  });
  done.push('judged');
  for (let turn = 0; turn < 4; turn += 1) await setImmediate();
  assert.deepEqual(done, ['judged', 'first', 'third', 'said in the third']);
  assert.deepEqual(errors.map(String), ['Error: of the second']);
});
