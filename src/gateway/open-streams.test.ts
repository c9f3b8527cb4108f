import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../test/support/until.ts';
import { StoreDownError } from '../core/errors.ts';
import { memory } from '../stores/memory/state.ts';
import type { SessionRecord, SessionStore } from '../stores/ports/sessions.ts';
import { OpenStreams } from './open-streams.ts';

const MINUTE = 60_000;

function record(idHash: string, now: number): SessionRecord {
  return {
    idHash,
    account: 'ann',
    roles: [],
    createdAt: now,
    signedInAt: now,
    mfaAt: undefined,
    device: undefined,
    seenAt: now,
    expiresAt: now + 60 * MINUTE,
    idleMs: 10 * MINUTE,
    version: 1,
    data: '{}',
    address: '192.0.2.1',
    userAgent: '',
  };
}

test('a stream ends with any of its sessions, once, and one without a session never', async (t) => {
  const { sessions } = memory();
  const now = Date.now();
  for (const idHash of ['one', 'other']) await sessions.create(record(idHash, now));
  const streams = new OpenStreams(sessions, MINUTE);
  t.after(() => streams.close());
  const cuts: string[] = [];
  const open = (name: string, ...of: string[]): (() => void) =>
    streams.add({ kind: 'socket', sessions: of, cut: () => cuts.push(name), received: () => 0 });
  open('both', 'one', 'other');
  open('one', 'one');
  open('none');
  const close = open('closed', 'other');
  assert.equal(streams.sockets, 4);
  close();
  await sessions.revoke('other');
  await until('it is cut', () => cuts.length === 1);
  await sessions.revoke('one');
  await until('the other is cut', () => cuts.length === 2);
  assert.deepEqual(cuts, ['both', 'one']);
  assert.equal(streams.sockets, 1);
  streams.cutSockets();
  assert.deepEqual(cuts, ['both', 'one', 'none']);
});

test('what a client sends keeps its session from lying idle, and mere being open does not', async (t) => {
  const { sessions } = memory();
  const start = Date.now();
  let now = start;
  for (const idHash of ['used', 'idle']) await sessions.create(record(idHash, start));
  const streams = new OpenStreams(sessions, MINUTE, () => now);
  t.after(() => streams.close());
  let received = 0;
  const cuts: string[] = [];
  streams.add({ kind: 'socket', sessions: ['used'], cut: () => cuts.push('used'), received: () => received });
  streams.add({ kind: 'socket', sessions: ['idle'], cut: () => cuts.push('idle'), received: () => 0 });
  now = start + 6 * MINUTE;
  received += 10;
  await until('the use is noted', async () => (await sessions.find('used', now))?.seenAt === now);
  now = start + 12 * MINUTE;
  await until('the idle one is cut', () => cuts.length > 0);
  assert.deepEqual(cuts, ['idle']);
});

test('a store that is gone ends nothing, and one that went on under another id is ended', async (t) => {
  let isGone = true;
  const asked: string[] = [];
  const sessions = {
    use: async (idHash: string) => {
      asked.push(idHash);
      if (isGone) throw new StoreDownError('gone', false);
      return await Promise.resolve('replaced' as const);
    },
  } as unknown as SessionStore;
  const streams = new OpenStreams(sessions, MINUTE);
  t.after(() => streams.close());
  let cuts = 0;
  streams.add({ kind: 'answer', sessions: ['a'], cut: () => (cuts += 1), received: () => 0 });
  await until('it was asked twice', () => asked.length === 2);
  assert.equal(cuts, 0);
  isGone = false;
  await until('it is cut', () => cuts === 1);
});

test('where thousands are open a thousand a second are looked at, each in its turn', (t) => {
  let now = 0;
  t.mock.timers.enable({ apis: ['setInterval'] });
  t.mock.method(performance, 'now', () => now);
  const { sessions } = memory();
  const asked: string[] = [];
  t.mock.method(sessions, 'use', (idHash: string) => {
    asked.push(idHash);
    return record(idHash, now);
  });
  const streams = new OpenStreams(sessions, MINUTE);
  t.after(() => streams.close());
  const names = Array.from({ length: 2_000 }, (_, at) => String(at));
  for (const name of names)
    streams.add({ kind: 'socket', sessions: [name], cut: () => undefined, received: () => 0 });
  now = 1_000;
  for (let second = 1; second <= 2; second += 1) {
    for (let ticks = 0; ticks < 5; ticks += 1) {
      t.mock.timers.tick(200);
      now += 200;
    }
    assert.equal(asked.length, second * 1_000);
  }
  assert.deepEqual(asked, names);
});
