import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import { liveStream } from './live-stream.ts';

const signal = new AbortController().signal;

test('a stream whose reader is slow ends once, and no timer of it is left', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  let reads = 0;
  const body = liveStream({
    from: 0,
    read: (from) => ({ text: `${(reads += 1)}`, to: from + 1 }),
    opening: 'open',
    signal,
  });
  const errors: unknown[] = [];
  body.on('error', (error) => errors.push(error));
  t.mock.timers.tick(20_000);
  // What was sent is read up behind the end, and the stream is not closed yet: a tick that came now would push.
  body.read();
  t.mock.timers.tick(10_000);
  await setImmediate();
  assert.deepEqual(errors, []);
  assert.ok(reads === 0, `${reads}`);
});

test('a database that fails ends it once too', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  let reads = 0;
  const read = (): never => {
    reads += 1;
    throw new Error('closed');
  };
  const body = liveStream({ from: 0, read, opening: 'open', signal });
  const errors: unknown[] = [];
  body.on('error', (error) => errors.push(error));
  body.read();
  t.mock.timers.tick(1_000);
  t.mock.timers.tick(30_000);
  await setImmediate();
  assert.deepEqual([errors, reads, body.readableEnded || body.readableLength === 0], [[], 1, true]);
});
