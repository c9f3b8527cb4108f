import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionRecord } from '../ports/sessions.ts';
import { sketchSession } from '../../testing/conformance/support.ts';
import { NearCache } from './near-cache.ts';

function opened(capacity = 10): NearCache {
  const near = new NearCache(capacity);
  near.open();
  return near;
}

/** A look-up whose answer comes when the test says so. */
function slow(record: SessionRecord | undefined): {
  ask: () => Promise<SessionRecord | undefined>;
  answer: () => void;
} {
  const { promise, resolve } = Promise.withResolvers<SessionRecord | undefined>();
  return { ask: () => promise, answer: () => resolve(record) };
}

const ask = (name: string) => (): Promise<SessionRecord> => Promise.resolve(sketchSession(name));

test('keeps what was read', async () => {
  const near = opened();
  assert.equal(near.get('a'), undefined);
  const record = await near.read('a', ask('a'));
  assert.equal(near.get('a'), record);
});

test('keeps nothing before it is opened, and nothing from before it was shut', async () => {
  const near = new NearCache(10);
  await near.read('a', ask('a'));
  assert.equal(near.get('a'), undefined);
  near.open();
  await near.read('a', ask('a'));
  const { ask: slowly, answer } = slow(sketchSession('b'));
  const reading = near.read('b', slowly);
  near.shut();
  near.open();
  answer();
  await reading;
  assert.equal(near.get('a'), undefined);
  assert.equal(near.get('b'), undefined, 'read before the gap, brought after it');
});

test('does not keep what changed while the answer was on its way', async () => {
  const near = opened();
  const { ask: slowly, answer } = slow(sketchSession('a'));
  const both = [near.read('a', slowly), near.read('a', slowly)];
  near.drop('a');
  answer();
  assert.deepEqual(await Promise.all(both), [sketchSession('a'), sketchSession('a')]);
  assert.equal(near.get('a'), undefined);
  await near.read('a', ask('a'));
  assert.ok(near.get('a'), 'the next look-up is kept again');
});

test('keeps no session that is not there: made-up ids take no room', async () => {
  const near = opened();
  for (let index = 0; index < 1000; index += 1)
    await near.read(`x${index}`, () => Promise.resolve(undefined));
  assert.equal(near.size, 0);
});

test('an answer that fails is passed on, and leaves nothing behind', async () => {
  const near = opened();
  await assert.rejects(near.read('a', () => Promise.reject(new Error('gone'))));
  await near.read('a', ask('a'));
  assert.ok(near.get('a'));
});

test('holds so many, and gives the place of the one that was not used for longest', async () => {
  const near = opened(3);
  for (const name of ['a', 'b', 'c']) await near.read(name, ask(name));
  near.get('a');
  await near.read('d', ask('d'));
  assert.equal(near.size, 3);
  assert.equal(near.get('b'), undefined);
  assert.ok(near.get('a'));
});

test('keeps no session with much data', async () => {
  const near = opened();
  await near.read('a', () => Promise.resolve(sketchSession('a', { data: 'x'.repeat(16 * 1024 + 1) })));
  assert.equal(near.size, 0);
});
