import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '../../test/support/sessions.ts';
import { Background } from './background.ts';

test('runs tasks after the caller has gone on, four at a time', async () => {
  const background = new Background(() => undefined);
  let running = 0;
  let most = 0;
  let done = 0;
  for (let task = 0; task < 20; task += 1) {
    background.add(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      done += 1;
    });
  }
  assert.equal(running, 0);
  await background.settled();
  assert.deepEqual([most, done], [4, 20]);
});

test('a task that throws is told by its code, and holds up no other', async () => {
  const told: string[] = [];
  const background = new Background((what) => told.push(what));
  let after = false;
  background.add(() => Promise.reject(Object.assign(new Error('secret inside'), { code: 'ECONNREFUSED' })));
  background.add(() => {
    after = true;
    return Promise.resolve();
  });
  await background.settled();
  assert.deepEqual([told, after], [['ECONNREFUSED'], true]);
});

test('takes no more than a thousand: whoever comes then is told to come again', async () => {
  const background = new Background(() => undefined);
  for (let task = 0; task < 1000; task += 1) background.add(() => Promise.resolve());
  assert.throws(() => background.add(() => Promise.resolve()), hasCode('ERR_BULWARK_QUEUE_FULL'));
  await background.settled();
  background.add(() => Promise.resolve());
  await background.settled();
});
