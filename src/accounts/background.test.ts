import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { HANG_MS } from '../../test/support/hang.ts';
import { hasCode } from '../../test/support/sessions.ts';
import { Background } from './background.ts';

const SIZE = { atOnce: 4, most: 10 };
const DEAF = { failed: (): void => undefined };

test('runs tasks after the caller has gone on, four at a time', async () => {
  const background = new Background({ ...SIZE, most: 20 }, DEAF);
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
  const background = new Background(SIZE, { failed: (what) => told.push(what) });
  let after = false;
  background.add(() => Promise.reject(Object.assign(new Error('secret inside'), { code: 'ECONNREFUSED' })));
  background.add(() => {
    after = true;
    return Promise.resolve();
  });
  await background.settled();
  assert.deepEqual([told, after], [['ECONNREFUSED'], true]);
});

test('takes no more than it may: whoever comes then is told to come again, and the log hears of it once', async () => {
  const full: number[] = [];
  const background = new Background(SIZE, { ...DEAF, full: (most) => full.push(most) });
  for (let round = 1; round <= 2; round += 1) {
    for (let task = 0; task < 10; task += 1) background.add(() => Promise.resolve());
    for (let late = 0; late < 3; late += 1) {
      assert.throws(() => background.add(() => Promise.resolve()), hasCode('ERR_BULWARK_QUEUE_FULL'));
    }
    assert.equal(full.length, round);
    await background.settled();
  }
});

test('a task that pauses holds no worker, and counts as one that is on its way', async () => {
  const background = new Background({ atOnce: 1, most: 2 }, DEAF);
  const { promise, resolve } = Promise.withResolvers<void>();
  background.add(() => Promise.resolve(background.later(HANG_MS, () => Promise.resolve())));
  background.add(() => Promise.resolve(resolve()));
  await promise;
  await new Promise((then) => setImmediate(then));
  assert.equal(background.held, 1);
  background.add(() => new Promise(() => undefined));
  assert.throws(() => background.add(() => Promise.resolve()), hasCode('ERR_BULWARK_QUEUE_FULL'));
  assert.equal(background.close(), 2);
});

test('after its pause a task goes on', async () => {
  const background = new Background(SIZE, DEAF);
  const done: string[] = [];
  background.add(() => Promise.resolve(background.later(1, () => Promise.resolve(void done.push('second')))));
  await background.settled();
  assert.deepEqual(done, ['second']);
});

test('closed, it forgets what waits and pauses, takes nothing, and lets go of who waits for it', async () => {
  const background = new Background({ atOnce: 1, most: 10 }, DEAF);
  const done: string[] = [];
  background.add(() => new Promise(() => undefined));
  background.add(async () => void done.push('waiting'));
  background.later(0, async () => void done.push('paused'));
  const settled = background.settled();
  assert.equal(background.close(), 3);
  await settled;
  background.later(0, async () => void done.push('after'));
  assert.throws(() => background.add(() => Promise.resolve()), hasCode('ERR_BULWARK_QUEUE_FULL'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual([done, background.close()], [[], 0]);
});

test('whoever waits for it holds the process until the end; a pause alone does not', () => {
  const pausing = (pauseMs: number): string => `
    import { Background } from ${JSON.stringify(import.meta.resolve('./background.ts'))};
    const background = new Background({ atOnce: 1, most: 2 }, { failed: console.error });
    background.later(${pauseMs}, async () => console.log('done'));`;
  assert.deepEqual(run(`${pausing(50)} await background.settled(); console.log('settled');`), {
    status: 0,
    stdout: 'done\nsettled\n',
  });
  assert.deepEqual(run(pausing(10 * HANG_MS)), { status: 0, stdout: '' });
});

function run(program: string): { readonly status: number | null; readonly stdout: string } {
  const args = ['--input-type=module', '--eval', program];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: HANG_MS });
  return { status, stdout };
}
