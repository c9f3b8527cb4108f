import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyRing } from '../../core/key-ring.ts';
import { memory } from '../../stores/memory/state.ts';
import type { AccountsContext, AccountVisit } from '../context.ts';
import { Suspicion } from './suspicion.ts';

const DAY = 24 * 60 * 60_000;

test('a clock that is set back a month keeps nobody suspect for that month', async () => {
  let now = Date.UTC(2026, 0, 31);
  const parts = { counters: memory().counters, keys: new KeyRing([Buffer.alloc(32, 1)]), clock: () => now };
  const suspicion = new Suspicion(parts as unknown as AccountsContext);
  const visit = { client: { key: '192.0.2.1' } } as unknown as AccountVisit;
  for (let mail = 0; mail < 20; mail += 1) await suspicion.mailAsked(visit);
  assert.equal(await suspicion.of(visit), 1);
  now -= 30 * DAY;
  assert.equal(await suspicion.of(visit), 0);
});
