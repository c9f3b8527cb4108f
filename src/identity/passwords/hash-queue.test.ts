import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BulwarkError } from '../../core/errors.ts';
import { defaultConcurrency, HashQueue } from './hash-queue.ts';

/** A task that ends when it is told to, and what it saw. */
class Task {
  started = false;
  end: () => void = () => undefined;
  readonly run: () => Promise<string> = () => {
    this.started = true;
    return new Promise((resolve) => {
      this.end = () => {
        resolve('done');
      };
    });
  };
}

function isFull(error: unknown): boolean {
  return error instanceof BulwarkError && error.code === 'ERR_BULWARK_QUEUE_FULL';
}

/** Lets everything that is ready run. */
async function settle(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

test('runs so many at once and the rest in the order they came', async () => {
  const queue = new HashQueue(2, 10);
  const tasks = Array.from({ length: 5 }, () => new Task());
  const results = tasks.map((task) => queue.run(task.run));
  const started = (): string => tasks.map((task) => (task.started ? 'x' : '.')).join('');
  assert.equal(started(), 'xx...');
  assert.deepEqual([queue.active, queue.waiting], [2, 3]);
  tasks[1]?.end();
  await settle();
  assert.equal(started(), 'xxx..');
  tasks[2]?.end();
  await settle();
  assert.equal(started(), 'xxxx.');
  for (const task of tasks) {
    task.end();
    await settle();
  }
  tasks[4]?.end();
  assert.deepEqual(
    await Promise.all(results),
    Array.from({ length: 5 }, () => 'done'),
  );
  assert.deepEqual([queue.active, queue.waiting], [0, 0]);
});

test('v5.0.0-15.2.2 refuses at once when too many wait (past failure 27)', async () => {
  const queue = new HashQueue(1, 2);
  const tasks = Array.from({ length: 3 }, () => new Task());
  const results = tasks.map((task) => queue.run(task.run));
  await assert.rejects(queue.run(new Task().run), isFull);
  await assert.rejects(queue.run(new Task().run), isFull);
  assert.deepEqual([queue.active, queue.waiting], [1, 2]);
  for (const task of tasks) {
    task.end();
    await settle();
  }
  await Promise.all(results);
});

test('with no room to wait takes what it can run and no more', async () => {
  const queue = new HashQueue(1, 0);
  const task = new Task();
  const result = queue.run(task.run);
  await assert.rejects(queue.run(new Task().run), isFull);
  task.end();
  await result;
  assert.equal(await queue.run(() => Promise.resolve(7)), 7);
});

test('lets a waiter whose request has gone away leave, and gives its room to another', async () => {
  const queue = new HashQueue(1, 1);
  const first = new Task();
  const gone = new Task();
  const next = new Task();
  const results = [queue.run(first.run)];
  const controller = new AbortController();
  const left = queue.run(gone.run, controller.signal);
  await assert.rejects(queue.run(next.run), isFull);
  controller.abort(new Error('client went away'));
  await assert.rejects(left, /client went away/);
  results.push(queue.run(next.run));
  first.end();
  await settle();
  assert.ok(next.started && !gone.started);
  next.end();
  await Promise.all(results);
  assert.equal(queue.active, 0);
});

test('does not start for a request that has gone already', async () => {
  const queue = new HashQueue(1, 1);
  const task = new Task();
  await assert.rejects(queue.run(task.run, AbortSignal.abort()), { name: 'AbortError' });
  assert.ok(!task.started);
  assert.equal(queue.active, 0);
});

test('a signal that fires after the start changes nothing and holds on to nothing', async () => {
  const queue = new HashQueue(1, 1);
  const [first, second] = [new Task(), new Task()];
  const controller = new AbortController();
  const results = [queue.run(first.run), queue.run(second.run, controller.signal)];
  first.end();
  await settle();
  controller.abort();
  second.end();
  assert.deepEqual(await Promise.all(results), ['done', 'done']);
});

test('a task that fails gives its place back', async () => {
  const queue = new HashQueue(1, 1);
  await assert.rejects(
    queue.run(() => Promise.reject(new Error('no memory'))),
    /no memory/,
  );
  await assert.rejects(
    queue.run(() => {
      throw new Error('at once');
    }),
    /at once/,
  );
  assert.equal(await queue.run(() => Promise.resolve('next')), 'next');
});

test('v5.0.0-15.4.4 (in part) nobody who comes in between takes the place of the next in line', async () => {
  const queue = new HashQueue(1, 1);
  const order: string[] = [];
  const say = (name: string) => (): Promise<void> => {
    order.push(name);
    return Promise.resolve();
  };
  const first = queue.run(say('first')).then(() => queue.run(say('late')));
  const second = queue.run(say('second'));
  await Promise.all([first, second]);
  assert.deepEqual(order, ['first', 'second', 'late']);
});

test('leaves a core to the event loop and a thread to files and names', () => {
  assert.equal(defaultConcurrency(1, undefined), 1);
  assert.equal(defaultConcurrency(2, undefined), 1);
  assert.equal(defaultConcurrency(4, undefined), 3);
  assert.equal(defaultConcurrency(64, undefined), 3);
  assert.equal(defaultConcurrency(64, '16'), 15);
  assert.equal(defaultConcurrency(8, 'many'), 3);
  assert.equal(defaultConcurrency(8, '1'), 1);
});

test('its figures say who runs, who waits, and how many found no room', async () => {
  const queue = new HashQueue(1, 1);
  const [one, two] = [new Task(), new Task()];
  const both = [queue.run(one.run), queue.run(two.run)];
  for (let extra = 0; extra < 3; extra += 1) await assert.rejects(queue.run(one.run), isFull);
  const shown = queue.figures.flatMap(({ name, samples }) =>
    samples.map(([labels, value]) => `${name} ${Object.values(labels).join()} ${JSON.stringify(value)}`),
  );
  assert.deepEqual(shown, [
    'bulwark_hashes running 1',
    'bulwark_hashes waiting 1',
    'bulwark_hashes_waiting_most  1',
    'bulwark_hashes_refused  3',
  ]);
  one.end();
  await settle();
  two.end();
  await Promise.all(both);
  assert.equal(queue.refused, 3);
});
