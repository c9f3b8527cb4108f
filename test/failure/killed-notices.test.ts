/** Changes of which owners are told: none is lost where the process is killed once it is made, and none is told that was not. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, test } from 'node:test';
import { MailQueue } from '../../src/accounts/mail/mail-queue.ts';
import type { Mail } from '../../src/accounts/mail/mail.ts';
import { KeyRing } from '../../src/core/key-ring.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { until } from '../support/until.ts';
import { CHANGES, openSite, type Site } from './notice-changes.ts';

const HOUR_MS = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), 'bulwark-notices-'));
after(() => {
  rmSync(folder, { recursive: true });
});

for (const [name, change] of Object.entries(CHANGES)) {
  describe(name, () => {
    test('is told of by another process where the one that made it is killed at that moment', async (t) => {
      const directory = join(folder, name.replaceAll(' ', '-'));
      await killOnceChanged(directory, name);
      const state = sqlite(directory);
      t.after(() => state.close());
      const outbox = state.accounts?.outbox ?? assert.fail('SQLite keeps accounts');
      // As if a minute had passed: nobody holds what the other process held.
      await outbox.claim(Date.now() + HOUR_MS, 0, 9);
      const sent: Mail[] = [];
      const send = (mail: Mail): Promise<void> => Promise.resolve(void sent.push(mail));
      const place = { outbox, keys: new KeyRing([Buffer.alloc(32, 1)]), lasts: true };
      const queue = new MailQueue({ send }, () => undefined, place, { pollMs: 5 });
      await until('nothing waits', async () => (await outbox.count()) === 0);
      await queue.close(1000);
      const told = sent.filter(({ subject }) => subject.startsWith(change.subject));
      assert.deepEqual(
        told.map(({ to }) => to),
        ['ann@example.com'],
        JSON.stringify(sent),
      );
    });

    test('is told of once where nobody is killed', async (t) => {
      const site = await openSite(memory());
      t.after(() => close(site));
      const act = await change.prepare(site, () => undefined);
      assert.equal(await countTold(site, change.subject, act), 1);
    });

    test('is told to nobody where it is not made', async (t) => {
      const site = await openSite(memory());
      t.after(() => close(site));
      assert.equal(await countTold(site, change.subject, () => change.refuse(site)), 0);
    });
  });
}

async function close({ site, home }: Site): Promise<void> {
  home.stop();
  await site.accounts.close(0);
}

/** How many notices come of something. Nothing is left to be sent. */
async function countTold({ site }: Site, subject: string, act: () => Promise<unknown>): Promise<number> {
  await site.accounts.settled();
  site.mails.length = 0;
  await act();
  await site.accounts.settled();
  await until('nothing waits', async () => (await site.state.accounts?.outbox.count()) === 0);
  return site.mails.filter((mail) => mail.subject.startsWith(subject)).length;
}

/** Has another process make a change, and kills it then. */
async function killOnceChanged(directory: string, name: string): Promise<void> {
  const main = join(import.meta.dirname, 'killed-notices-child.ts');
  const child = spawn(process.execPath, ['--conditions=bulwark-source', main, directory, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  const exit = once(child, 'exit');
  const line = once(createInterface(child.stdout), 'line');
  const [said] = (await Promise.race([line, exit])) as [unknown];
  child.kill('SIGKILL');
  await exit;
  assert.equal(said, 'changed');
}
