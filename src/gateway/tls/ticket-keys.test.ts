import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { KeyRing } from '../../core/key-ring.ts';
import { randomBytes } from '../../core/random.ts';
import { memory } from '../../stores/memory/state.ts';
import { sqlite } from '../../stores/sqlite/state.ts';
import { TicketKeys } from './ticket-keys.ts';

const HOUR = 3_600_000;
const keys = new KeyRing([randomBytes(32)]);

test('two processes have one key, and another one after twelve hours', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-ticket-keys-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const state of [memory(), sqlite(folder)]) {
    let now = Date.parse('2026-11-30T01:00:00Z');
    const [one, two] = [0, 1].map(
      () => new TicketKeys({ store: state.sessions, keys, clock: () => now }),
    ) as [TicketKeys, TicketKeys];
    const [first] = await Promise.all([one.current(), two.current()]);
    assert.equal(first.byteLength, 48);
    assert.deepEqual(await one.current(), await two.current());
    now += 10 * HOUR;
    assert.deepEqual(await two.current(), await one.current());
    now += 2 * HOUR;
    const next = await one.current();
    assert.notDeepEqual(next, first);
    assert.deepEqual(await two.current(), next);
    await state.close();
  }
});

test('what is stored opens without the secret to nobody, and is gone with its time', async () => {
  const state = memory();
  let now = Date.parse('2026-11-30T01:00:00Z');
  const shared = new TicketKeys({ store: state.sessions, keys, clock: () => now });
  const key = await shared.current();
  const stranger = new TicketKeys({
    store: state.sessions,
    keys: new KeyRing([randomBytes(32)]),
    clock: () => now,
  });
  assert.notDeepEqual(await stranger.current(), key);
  assert.equal(await state.sessions.count(), 2);
  now += 13 * HOUR;
  await state.sessions.sweep(now);
  assert.equal(await state.sessions.count(), 0);
});

test('a store that does not answer is told of to whoever asks', async () => {
  const { sessions } = memory();
  const store = { ...sessions, find: () => Promise.reject(new Error('gone')) };
  await assert.rejects(new TicketKeys({ store, keys }).current(), /gone/);
});
