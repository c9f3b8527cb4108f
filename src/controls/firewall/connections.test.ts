import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ConnectionTable } from './connections.ts';

test('lets each client open as many as it may, and no more', () => {
  const table = new ConnectionTable(2, 100);
  assert.deepEqual([table.open('a'), table.open('a'), table.open('a')], [true, true, false]);
  assert.ok(table.open('b'), 'one client at its cap is not in the way of another');
  table.close('a');
  assert.ok(table.open('a'));
});

test('past failure 25: 100 half-sent requests of one client leave room for everybody else', () => {
  const table = new ConnectionTable(40, 10_000);
  for (let index = 0; index < 100; index += 1) table.open('slow');
  assert.equal(table.total, 40);
  assert.ok(table.open('quick'));
});

test('holds no more connections than there may be, whoever opens them', () => {
  const table = new ConnectionTable(10, 50);
  for (let index = 0; index < 1000; index += 1) table.open(`client-${index}`);
  assert.equal(table.total, 50);
  assert.equal(table.clients, 50);
});

test('forgets a client with its last connection', () => {
  const table = new ConnectionTable(10, 50);
  table.open('a');
  table.open('a');
  table.close('a');
  assert.equal(table.clients, 1);
  table.close('a');
  assert.deepEqual([table.clients, table.total], [0, 0]);
});

test('the end of a connection that was never counted frees none', () => {
  const table = new ConnectionTable(1, 1);
  table.open('a');
  table.close('b');
  assert.ok(!table.open('b'));
  table.close('__proto__');
  assert.equal(table.total, 1);
});

test('agrees with plain counting over any order of opening and closing', () => {
  const step = fc.tuple(fc.boolean(), fc.constantFrom('a', 'b', 'c', 'd'));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const table = new ConnectionTable(3, 7);
      const open: string[] = [];
      for (const [opens, key] of steps) {
        if (opens) {
          const allowed = open.filter((one) => one === key).length < 3 && open.length < 7;
          assert.equal(table.open(key), allowed);
          if (allowed) open.push(key);
        } else {
          table.close(key);
          if (open.includes(key)) open.splice(open.indexOf(key), 1);
        }
        assert.deepEqual([table.total, table.clients], [open.length, new Set(open).size]);
      }
    }),
  );
});
