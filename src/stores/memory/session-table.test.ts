import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { until } from '../../../test/support/until.ts';
import type { SessionRecord } from '../ports/sessions.ts';
import { isOver } from '../storable.ts';
import { NONE, SessionTable } from './session-table.ts';

const HOUR = 3_600_000;

function idOf(number: number): string {
  return hash('sha256', String(number), 'base64url');
}

function recordOf(idHash: string, more: Partial<SessionRecord> = {}): SessionRecord {
  return {
    idHash,
    account: undefined,
    roles: [],
    createdAt: 0,
    signedInAt: undefined,
    mfaAt: undefined,
    device: undefined,
    seenAt: 0,
    expiresAt: 12 * HOUR,
    idleMs: HOUR,
    version: 1,
    data: '{}',
    address: '',
    userAgent: '',
    ...more,
  };
}

function get(table: SessionTable, idHash: string): SessionRecord | undefined {
  const place = table.placeOf(idHash);
  return place === NONE ? undefined : table.at(place);
}

test('holds what a Map holds, however records come and go', () => {
  const table = new SessionTable();
  const model = new Map<string, SessionRecord>();
  // A row of numbers that looks like chance, and is the same each time.
  let seed = 7;
  const chance = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let step = 0; step < 30_000; step += 1) {
    // Grows, is emptied nearly, and grows again.
    const removes = Math.floor(step / 10_000) === 1 ? 9 : 3;
    const id = idOf(chance(6000));
    const record = recordOf(id, { version: step });
    const place = table.placeOf(id);
    assert.equal(place === NONE, !model.has(id));
    if (chance(10) < removes) {
      if (place !== NONE) table.remove(place);
      model.delete(id);
    } else {
      if (place === NONE) table.add(record);
      else table.put(place, record);
      model.set(id, record);
    }
    assert.equal(table.size, model.size);
    const other = idOf(chance(6000));
    assert.equal(get(table, other), model.get(other));
  }
  for (const [id, record] of model) assert.equal(get(table, id), record);
});

test('a key is another as soon as one of its characters is, in whatever place', () => {
  const table = new SessionTable();
  const id = idOf(1);
  const others = Array.from(
    id,
    (letter, at) => `${id.slice(0, at)}${letter === 'a' ? 'b' : 'a'}${id.slice(at + 1)}`,
  );
  const ids = [id, ...others, id.slice(1), `${id}a`, '', 'a'];
  for (const [version, one] of ids.entries()) {
    assert.equal(table.placeOf(one), NONE);
    table.add(recordOf(one, { version }));
  }
  for (const [version, one] of ids.entries()) assert.equal(get(table, one)?.version, version);
  assert.equal(table.size, ids.length);
});

test('characters that have eight bits in common are not the same', () => {
  const table = new SessionTable();
  // The bit too many of the first falls on one that the second has anyway.
  const id = `AA${idOf(1).slice(2)}`;
  const other = `\u0141${id.slice(1)}`;
  table.add(recordOf(id));
  assert.equal(table.placeOf(other), NONE);
  table.add(recordOf(other, { version: 2 }));
  table.remove(table.placeOf(id));
  assert.equal(table.placeOf(id), NONE);
  assert.equal(get(table, other)?.version, 2);
  table.remove(table.placeOf(other));
  assert.equal(table.size, 0);
});

test('keys that are no hash are told apart by all of their characters', () => {
  const table = new SessionTable();
  // Of one length, and of one sum.
  table.add(recordOf('Aa', { expiresAt: 5 }));
  assert.equal(table.placeOf('BB'), NONE);
  table.add(recordOf('BB', { version: 2 }));
  assert.equal(get(table, 'BB')?.version, 2);
  assert.deepEqual(table.over(5, 100), ['Aa']);
  table.remove(table.placeOf('Aa'));
  assert.deepEqual([table.placeOf('Aa'), get(table, 'BB')?.version, table.size], [NONE, 2, 1]);
});

test('a record is over when isOver says so, at both of its ends', () => {
  const table = new SessionTable();
  for (const [number, more] of [{}, { seenAt: 12 * HOUR - 5 }, { idleMs: 1 }, { expiresAt: 1 }].entries()) {
    const record = recordOf(idOf(number), more);
    table.add(record);
    const place = table.placeOf(record.idHash);
    for (const end of [record.expiresAt, record.seenAt + record.idleMs])
      for (const now of [end - 1, end, end + 1]) assert.equal(table.isOver(place, now), isOver(record, now));
    assert.equal(table.seenAt(place), record.seenAt);
  }
});

test('those that are over are found, so many at once, and places of others are not', () => {
  const table = new SessionTable();
  for (let number = 0; number < 10; number += 1)
    table.add(recordOf(idOf(number), { expiresAt: number % 2 === 0 ? 5 : HOUR }));
  table.remove(table.placeOf(idOf(0)));
  assert.deepEqual(table.over(4, 100), []);
  assert.deepEqual(table.over(5, 100), [2, 4, 6, 8].map(idOf));
  assert.equal(table.over(5, 3).length, 3);
});

test('gives its memory back after a flood', async () => {
  const table = new SessionTable();
  for (let number = 0; number < 40_000; number += 1) table.add(recordOf(idOf(number)));
  const full = usedBytes();
  for (let number = 100; number < 40_000; number += 1) table.remove(table.placeOf(idOf(number)));
  // What was collected is given back by a thread of V8, in its time.
  await until('the lines of a flood are gone', () => full - usedBytes() > 40_000 * 64);
  for (let number = 0; number < 100; number += 1) assert.ok(get(table, idOf(number)) !== undefined);
});

/** Of typed arrays, once what is not held is collected. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().arrayBuffers;
}
