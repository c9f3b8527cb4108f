import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { sketchExchange } from '../../test/support/exchange.ts';
import { FakeSite } from '../../test/support/sessions.ts';
import type { EventKind } from '../core/events.ts';
import type { Layer } from './layer.ts';
import { View } from './view.ts';

test('a held form that nobody awaits ends no process where it cannot be taken, and is in the log', async () => {
  const told: unknown[] = [];
  const layer = {
    sessions: new FakeSite().sessions,
    heldRequests: { take: () => Promise.reject(new Error('the disk is full')) },
    audit: { write: ({ name }: EventKind) => told.push(name) },
  };
  const view = new View(layer as unknown as Layer, sketchExchange());
  // An unhandled rejection fails this file.
  void view.takeHeldRequest('x');
  for (let round = 0; round < 3; round += 1) await setImmediate();
  assert.deepEqual(told, ['sys_crash']);
  await assert.rejects(view.takeHeldRequest('x'), /the disk is full/);
  assert.deepEqual(told, ['sys_crash']);
});
