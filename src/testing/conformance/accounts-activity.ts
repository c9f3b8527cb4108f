import assert from 'node:assert/strict';
import type { ActivityStore } from '../../stores/ports/accounts.ts';
import { accountTest, HALVES, MANY, sketchAccount, sketchActivity, WHOLE } from './accounts.ts';
import { HOSTILE_TEXTS, NOW, type OpenState, refusesToStore } from './support.ts';

/** The history of an account is its own, and bounded. */
export function activityConformance(open: OpenState): void {
  accountTest(open, 'tells what an account did, newest first', async ({ activity }) => {
    await activity.add(sketchActivity('b', { at: NOW + 2 }), MANY);
    await activity.add(sketchActivity('a', { at: NOW + 1 }), MANY);
    await activity.add(sketchActivity('c', { at: NOW + 3 }), MANY);
    await activity.add(sketchActivity('bobs', { account: 'bob', at: NOW + 9 }), MANY);
    assert.deepEqual(await activity.list('ann', MANY), [
      sketchActivity('c', { at: NOW + 3 }),
      sketchActivity('b', { at: NOW + 2 }),
      sketchActivity('a', { at: NOW + 1 }),
    ]);
    assert.deepEqual(await activity.list('nobody', MANY), []);
  });

  accountTest(open, 'of two at one time the one that was added later comes first', async ({ activity }) => {
    for (const event of ['a', 'c', 'b']) await activity.add(sketchActivity(event), MANY);
    assert.deepEqual(await eventsOf(activity), ['b', 'c', 'a']);
  });

  accountTest(open, 'tells no more than it is asked for', async ({ activity }) => {
    for (const event of ['a', 'b', 'c']) await activity.add(sketchActivity(event), MANY);
    assert.deepEqual(await eventsOf(activity, 2), ['c', 'b']);
    assert.deepEqual(await eventsOf(activity, 0), []);
  });

  accountTest(open, 'keeps the newest lines of an account', async ({ activity }) => {
    await activity.add(sketchActivity('bobs', { account: 'bob' }), 3);
    for (const [index, event] of ['a', 'b', 'c', 'd'].entries()) {
      await activity.add(sketchActivity(event, { at: NOW + index }), 3);
    }
    assert.deepEqual(await eventsOf(activity), ['d', 'c', 'b']);
    await activity.add(sketchActivity('too old', { at: NOW }), 3);
    assert.deepEqual(await eventsOf(activity), ['d', 'c', 'b']);
    await activity.add(sketchActivity('e', { at: NOW + 3 }), 2);
    assert.deepEqual(await eventsOf(activity), ['e', 'd']);
    assert.equal((await activity.list('bob', MANY)).length, 1);
  });

  accountTest(open, 'keeps no more of several lines that come at once', async ({ activity }) => {
    const events = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(events.map(async (event) => activity.add(sketchActivity(event), 2)));
    assert.equal((await activity.list('ann', MANY)).length, 2);
  });

  accountTest(open, 'gives hostile texts of a history back unchanged', async (accounts) => {
    const { activity } = accounts;
    for (const text of [...HOSTILE_TEXTS, WHOLE]) {
      await accounts.create(sketchAccount(text));
      const line = sketchActivity(text, { account: text, detail: text, address: text, userAgent: text });
      await activity.add(line, MANY);
      assert.deepEqual(await activity.list(text, MANY), [line]);
    }
    for (const half of HALVES) {
      assert.deepEqual(await activity.list(half, MANY), []);
      for (const changes of [{ account: half }, { event: half }, { detail: half }, { userAgent: half }]) {
        await refusesToStore(() => activity.add(sketchActivity('z', changes), MANY));
      }
    }
  });
}

async function eventsOf(activity: ActivityStore, limit = MANY): Promise<string[]> {
  return (await activity.list('ann', limit)).map(({ event }) => event);
}
