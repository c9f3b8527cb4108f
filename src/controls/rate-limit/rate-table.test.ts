import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HANG_MS } from '../../../test/support/hang.ts';
import * as fc from 'fast-check';
import { gcraDebit, gcraStep } from '../../core/gcra.ts';
import { KeyedHash } from '../../core/keyed-hash.ts';
import { RateTable, tableBytes, tableCapacity } from './rate-table.ts';

const NOW = 1_767_225_600_000;
const FIVE_A_MINUTE = { count: 5, windowMs: 60_000 };

/** A made-up IPv6 /64, a different one for each number. */
function prefix(index: number): string {
  return `2001:db8:${(index >>> 16).toString(16)}:${(index & 0xffff).toString(16)}::/64`;
}

/** A table of one set, so that all keys compete. */
function oneSet(): RateTable {
  return new RateTable(FIVE_A_MINUTE, 8, new KeyedHash(Buffer.alloc(8, 5)));
}

/** Takes so many in a row and tells how many were let through. */
function burst(table: RateTable, key: string, times: number, now: number = NOW): number {
  let passed = 0;
  for (let index = 0; index < times; index += 1) if (table.take(key, now).allowed) passed += 1;
  return passed;
}

test('says exactly what gcraStep says, whatever the rate and the arrivals', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1000, max: 7 * 86_400_000 }),
      fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 100 }),
      (count, windowMs, gaps) => {
        const rate = { count, windowMs };
        const table = new RateTable(rate, 64);
        let now = NOW;
        let tat = 0;
        for (const gap of gaps) {
          now += gap;
          const { tat: next, ...expected } = gcraStep(rate, tat, now);
          tat = next;
          assert.deepEqual({ ...table.take('192.0.2.1', now) }, expected);
        }
      },
    ),
  );
});

test('counts each key on its own', () => {
  const table = new RateTable(FIVE_A_MINUTE, 1024);
  assert.equal(burst(table, '192.0.2.1', 9), 5);
  assert.equal(burst(table, '192.0.2.2', 9), 5);
  assert.equal(burst(table, '192.0.2.1', 9), 0);
});

test('gives nobody a second burst at the edge of a window (past failure 9)', () => {
  const table = new RateTable(FIVE_A_MINUTE, 1024);
  // A fixed window lets five through at its end and five more in the next second.
  for (const edge of [NOW + 59_000, NOW + 60_000, NOW + 61_000]) {
    const key = `edge ${edge}`;
    assert.equal(burst(table, key, 5, edge), 5);
    assert.equal(burst(table, key, 5, edge + 2500), 0);
    assert.equal(burst(table, key, 5, edge + 12_000), 1);
  }
});

test('10,000 made-up IPv6 prefixes do not grow memory past the table', () => {
  const table = new RateTable(FIVE_A_MINUTE, 1024);
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < 10_000; index += 1) table.take(prefix(index), NOW);
  assert.ok(process.memoryUsage().arrayBuffers <= before);
  assert.equal(table.bytes, 1024 * 18);
});

test('takes 18 bytes a key, at ten million keys too', () => {
  assert.equal(tableCapacity(10_000_000), 2 ** 24);
  assert.ok(tableBytes(2 ** 24) / 10_000_000 <= 32);
  assert.equal(tableCapacity(1024), 1024);
  assert.equal(tableCapacity(1025), 2048);
  assert.equal(tableCapacity(1), 8);
});

test('a client that is blocked stays blocked while 1,000,000 other addresses flood the table', () => {
  const table = new RateTable({ count: 200, windowMs: 60_000 }, 65_536);
  assert.equal(burst(table, '192.0.2.1', 250), 200);
  const started = performance.now();
  for (let index = 0; index < 1_000_000; index += 1) {
    table.take(prefix(index), NOW);
    if (index % 1000 === 0) assert.ok(!table.take('192.0.2.1', NOW).allowed);
  }
  assert.ok(performance.now() - started < HANG_MS);
  assert.ok(!table.take('192.0.2.1', NOW).allowed);
  assert.ok(table.take('192.0.2.1', NOW + 300).allowed);
});

test('a newcomer takes the place with the least debt, never that of one who is blocked', () => {
  const table = oneSet();
  for (let index = 0; index < 7; index += 1) assert.equal(burst(table, prefix(index), 9), 5);
  assert.equal(burst(table, 'used three', 3), 3);
  assert.equal(burst(table, 'newcomer', 1), 1);
  // The one place that was not blocked is the newcomer's now; all seven others are as they were.
  for (let index = 0; index < 7; index += 1) assert.equal(burst(table, prefix(index), 1), 0);
  assert.equal(burst(table, 'newcomer', 9), 4);
});

test('a place that is paid off goes before one that is still in use', () => {
  const table = oneSet();
  burst(table, 'long gone', 1, NOW - 3_600_000);
  for (let index = 0; index < 7; index += 1) burst(table, prefix(index), 3);
  burst(table, 'newcomer', 1);
  for (let index = 0; index < 7; index += 1) assert.equal(burst(table, prefix(index), 9), 2);
});

test('newcomers to a set in which all are blocked share one allowance, and get their own when a place is free', () => {
  const table = oneSet();
  for (let index = 0; index < 8; index += 1) burst(table, prefix(index), 5);
  assert.equal(burst(table, 'stranger one', 3), 3);
  assert.equal(burst(table, 'stranger two', 3), 2);
  assert.equal(burst(table, 'stranger three', 1), 0);
  for (let index = 0; index < 8; index += 1) assert.equal(burst(table, prefix(index), 1), 0);
  assert.equal(burst(table, 'stranger one', 9, NOW + 60_000), 5);
});

test('a clock that is set back locks nobody out for longer than two windows', () => {
  const table = oneSet();
  burst(table, '192.0.2.1', 9);
  const earlier = NOW - 3_600_000;
  const answer = { ...table.take('192.0.2.1', earlier) };
  assert.ok(!answer.allowed && answer.retryAfterMs <= 72_000 && answer.resetAfterMs <= 120_000);
  assert.ok(table.take('192.0.2.1', earlier + answer.retryAfterMs).allowed);
});

test('answers with one object that it reuses, so that a request costs no garbage', () => {
  const table = oneSet();
  assert.equal(table.take('a', NOW), table.take('b', NOW));
});

test('reports passes in batches of a tenth of the limit, and not those of a window ago', () => {
  const table = new RateTable({ count: 40, windowMs: 60_000 }, 64);
  assert.equal(table.batch, 4);
  const dues = Array.from({ length: 10 }, () => {
    table.take('a', NOW);
    return table.due;
  });
  assert.deepEqual(dues, [0, 0, 0, 4, 0, 0, 0, 4, 0, 0]);
  // Two were not reported; paid off a window ago, they are of no more interest.
  table.take('a', NOW + 15_000 + 60_000);
  assert.equal(table.due, 0);
  for (let round = 0; round < 100; round += 1) {
    for (let index = 0; index < 3; index += 1) {
      table.take('slow', NOW + round * 66_000);
      assert.equal(table.due, 0, 'three a minute are less than a batch');
    }
  }
});

test('a tight limit is reported pass by pass, and refused requests not at all', () => {
  const table = new RateTable(FIVE_A_MINUTE, 64);
  const dues = Array.from({ length: 7 }, () => {
    table.take('a', NOW);
    return table.due;
  });
  assert.deepEqual(dues, [1, 1, 1, 1, 1, 0, 0]);
});

test('takes over what others have counted, and never less than it has counted itself', () => {
  const table = new RateTable(FIVE_A_MINUTE, 64);
  table.take('a', NOW);
  table.owe('a', 60_000, NOW);
  assert.deepEqual(
    { ...table.take('a', NOW) },
    { allowed: false, remaining: 0, retryAfterMs: 12_000, resetAfterMs: 60_000 },
  );
  table.owe('a', 10, NOW);
  assert.ok(!table.take('a', NOW).allowed);
  table.owe('a', 1e9, NOW);
  assert.equal(table.take('a', NOW).resetAfterMs, 120_000);
  table.owe('unknown', 60_000, NOW);
  assert.ok(table.take('unknown', NOW).allowed);
});

test('several processes together let through the limit and a batch each, and no more over time', () => {
  const rate = { count: 100, windowMs: 60_000 };
  for (const processes of [2, 4, 8]) {
    const tables = Array.from({ length: processes }, () => new RateTable(rate, 64));
    let shared = 0;
    let passed = 0;
    const ask = (table: RateTable, now: number): void => {
      if (!table.take('a', now).allowed) return;
      passed += 1;
      if (table.due === 0) return;
      shared = gcraDebit(rate, shared, table.due, now);
      table.owe('a', shared - now, now);
    };
    for (let index = 0; index < 1000; index += 1) for (const table of tables) ask(table, NOW);
    const most = rate.count + processes * (tables[0]?.batch ?? 0);
    assert.ok(passed <= most, `${passed} of ${most} at once, ${processes} processes`);
    const minutes = 30;
    passed = 0;
    for (let now = NOW; now < NOW + minutes * 60_000; now += 50) for (const table of tables) ask(table, now);
    assert.ok(
      passed <= minutes * rate.count * 1.1,
      `${passed} in ${minutes} minutes, ${processes} processes`,
    );
    assert.ok(passed >= minutes * rate.count * 0.9);
  }
});

test('who stays just below the limit of each of several processes is held to the limit of all together', () => {
  const rate = { count: 200, windowMs: 60_000 };
  for (const processes of [2, 4, 16]) {
    const tables = Array.from({ length: processes }, () => new RateTable(rate, 64));
    let shared = 0;
    let passed = 0;
    const minutes = 20;
    for (let now = NOW; now < NOW + minutes * 60_000; now += 300) {
      for (const table of tables) {
        if (!table.take('paced', now).allowed) continue;
        passed += 1;
        if (table.due === 0) continue;
        shared = gcraDebit(rate, shared, table.due, now);
        table.owe('paced', shared - now, now);
      }
    }
    const aMinute = passed / minutes;
    const batch = tables[0]?.batch ?? 0;
    assert.ok(aMinute <= rate.count + (processes * batch) / 2, `${aMinute} a minute, ${processes} processes`);
  }
});

test('tells how full it is by a sample of its places', () => {
  const table = new RateTable(FIVE_A_MINUTE, 65_536);
  assert.deepEqual(table.fill(NOW), { used: 0, blocked: 0 });
  for (let index = 0; index < 16_384; index += 1) table.take(prefix(index), NOW);
  for (let index = 0; index < 6_554; index += 1) burst(table, prefix(index), 5);
  const { used, blocked } = table.fill(NOW);
  assert.ok(Math.abs(used - 0.25) < 0.04, String(used));
  assert.ok(Math.abs(blocked - 0.1) < 0.03, String(blocked));
  assert.deepEqual(table.fill(NOW + 120_000), { used: 0, blocked: 0 });
  const small = oneSet();
  burst(small, 'a', 6);
  assert.deepEqual(small.fill(NOW), { used: 1 / 8, blocked: 1 / 8 });
});
