import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { sketchMailToken } from '../testing/conformance/accounts.ts';
import { sketchRememberedBrowser } from '../testing/conformance/factors.ts';
import { sketchSession } from '../testing/conformance/support.ts';
import { memory } from '../stores/memory/state.ts';
import type { State } from '../stores/ports/state.ts';
import { sqlite } from '../stores/sqlite/state.ts';
import { protect } from './protector.ts';

test('v5.0.0-14.2.7 (in part) sweeps every store of the state from time to time, all of what has expired', (t) =>
  sweeps(t, memory()));

test('sweeps SQLite to the end too, whose batches are short', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-sweep-'));
  t.after(() => rmSync(folder, { recursive: true }));
  await sweeps(t, sqlite(folder));
});

async function sweeps(t: TestContext, state: State): Promise<void> {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const over = { expiresAt: 1 };
  await state.sessions.create(sketchSession('a', over));
  await state.counters.debit('k', { count: 1, windowMs: 1 }, 1, 1);
  await state.factors?.rememberedBrowsers.put(sketchRememberedBrowser('d', over), 1);
  for (let index = 0; index < 1100; index += 1) {
    await state.accounts?.mailTokens.put(sketchMailToken(`m${index}`, over), 1100);
  }
  const layer = protect({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state,
    audit: { sink: () => undefined },
  });
  t.mock.timers.tick(60_000);
  // A batch a round of the event loop.
  for (let round = 0; round < 40; round += 1) await setImmediate();
  assert.deepEqual([await state.sessions.count(), await state.counters.count()], [0, 0]);
  assert.equal(await state.factors?.rememberedBrowsers.removeAll('ann'), 0);
  assert.equal(await state.accounts?.mailTokens.removeAll('ann'), 0);
  await layer.close();
}

test('the log says when the layer was made and when it was closed, and nothing after that', async () => {
  const events: string[] = [];
  const layer = protect({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: (_line, { event }) => void events.push(event) },
  });
  assert.deepEqual(events, ['sys_startup']);
  await layer.close();
  assert.deepEqual(events, ['sys_startup', 'sys_shutdown']);
});
