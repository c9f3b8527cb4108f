import assert from 'node:assert/strict';
import type { KnownBrowserStore } from '../../stores/ports/accounts.ts';
import { accountTest, HALVES, MANY, sketchAccount, sketchKnownBrowser, WHOLE } from './accounts.ts';
import { HOSTILE_TEXTS, NOW, type OpenState, refusesToStore } from './support.ts';

/** A browser is known to those accounts that it signed in to, and to no other. */
export function knownBrowserConformance(open: OpenState): void {
  accountTest(open, 'knows a browser by its account', async ({ knownBrowsers }) => {
    await knownBrowsers.put(sketchKnownBrowser('a'), MANY);
    assert.deepEqual(await knownBrowsers.find('ann', 'a'), sketchKnownBrowser('a'));
    assert.equal(await knownBrowsers.find('bob', 'a'), undefined);
    assert.equal(await knownBrowsers.find('ann', 'b'), undefined);
    const bobs = sketchKnownBrowser('a', { account: 'bob', address: '192.0.2.9' });
    await knownBrowsers.put(bobs, MANY);
    assert.deepEqual(await knownBrowsers.find('bob', 'a'), bobs);
    assert.deepEqual(await knownBrowsers.find('ann', 'a'), sketchKnownBrowser('a'));
  });

  accountTest(
    open,
    'notes a use of a browser that is known, which stays as old as it was',
    async ({ knownBrowsers }) => {
      await knownBrowsers.put(sketchKnownBrowser('a'), MANY);
      const use = { createdAt: NOW + 5, seenAt: NOW + 5, address: '192.0.2.2', userAgent: 'an update' };
      await knownBrowsers.put(sketchKnownBrowser('a', use), MANY);
      const used = sketchKnownBrowser('a', { ...use, createdAt: NOW });
      assert.deepEqual(await knownBrowsers.list('ann'), [used]);
      // A late note of an earlier use does not move it back.
      await knownBrowsers.put(sketchKnownBrowser('a', { seenAt: NOW + 4 }), MANY);
      assert.deepEqual(await knownBrowsers.find('ann', 'a'), used);
    },
  );

  accountTest(
    open,
    'a browser keeps the name that it was given, whoever uses it',
    async ({ knownBrowsers }) => {
      await knownBrowsers.put(sketchKnownBrowser('a', { name: 'a phone' }), MANY);
      await knownBrowsers.put(sketchKnownBrowser('b', { seenAt: NOW + 1 }), MANY);
      assert.equal((await knownBrowsers.find('ann', 'a'))?.name, 'a phone');
      assert.ok(await knownBrowsers.rename('ann', 'a', 'my phone'));
      assert.deepEqual(await idsOf(knownBrowsers), ['b', 'a']);
      await knownBrowsers.put(sketchKnownBrowser('a', { seenAt: NOW + 5 }), MANY);
      const named = sketchKnownBrowser('a', { seenAt: NOW + 5, name: 'my phone' });
      assert.deepEqual(await knownBrowsers.find('ann', 'a'), named);
      assert.ok(!(await knownBrowsers.rename('bob', 'a', 'his')));
      assert.ok(!(await knownBrowsers.rename('ann', 'c', 'none')));
      assert.ok(await knownBrowsers.rename('ann', 'a', ''));
      assert.equal((await knownBrowsers.find('ann', 'a'))?.name, '');
    },
  );

  accountTest(open, 'lists the browsers of one account, last used first', async ({ knownBrowsers }) => {
    await knownBrowsers.put(sketchKnownBrowser('a', { seenAt: NOW + 1 }), MANY);
    await knownBrowsers.put(sketchKnownBrowser('b', { seenAt: NOW + 3 }), MANY);
    await knownBrowsers.put(sketchKnownBrowser('c', { seenAt: NOW + 2 }), MANY);
    await knownBrowsers.put(sketchKnownBrowser('d', { account: 'bob' }), MANY);
    assert.deepEqual(await idsOf(knownBrowsers), ['b', 'c', 'a']);
    await knownBrowsers.put(sketchKnownBrowser('a', { seenAt: NOW + 4 }), MANY);
    assert.deepEqual(await idsOf(knownBrowsers), ['a', 'b', 'c']);
    assert.deepEqual(await knownBrowsers.list('nobody'), []);
  });

  accountTest(open, 'keeps the last used browsers of an account', async ({ knownBrowsers }) => {
    await knownBrowsers.put(sketchKnownBrowser('bobs', { account: 'bob' }), 2);
    for (const [index, id] of ['a', 'b'].entries()) {
      await knownBrowsers.put(sketchKnownBrowser(id, { seenAt: NOW + index }), 2);
    }
    await knownBrowsers.put(sketchKnownBrowser('a', { seenAt: NOW + 2 }), 2);
    await knownBrowsers.put(sketchKnownBrowser('c', { seenAt: NOW + 3 }), 2);
    assert.deepEqual(await idsOf(knownBrowsers), ['c', 'a']);
    // Of two that were used at one moment, the one at hand stays.
    await knownBrowsers.put(sketchKnownBrowser('0', { seenAt: NOW + 3 }), 1);
    assert.deepEqual(await idsOf(knownBrowsers), ['0']);
    await knownBrowsers.put(sketchKnownBrowser('z', { seenAt: NOW + 3 }), 1);
    assert.deepEqual(await idsOf(knownBrowsers), ['z']);
    assert.ok(await knownBrowsers.find('bob', 'bobs'));
  });

  accountTest(open, 'keeps no more of several browsers that come at once', async ({ knownBrowsers }) => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(ids.map(async (id) => knownBrowsers.put(sketchKnownBrowser(id), 2)));
    assert.equal((await knownBrowsers.list('ann')).length, 2);
    const uses = [1, 2, 3, 4].map(async (late) =>
      knownBrowsers.put(sketchKnownBrowser('z', { seenAt: NOW + late }), 2),
    );
    await Promise.all(uses);
    assert.equal((await knownBrowsers.find('ann', 'z'))?.seenAt, NOW + 4);
  });

  accountTest(open, 'forgets every browser of an account but the one excepted', async ({ knownBrowsers }) => {
    for (const id of ['a', 'b', 'c']) await knownBrowsers.put(sketchKnownBrowser(id), MANY);
    for (const id of ['a', 'd']) await knownBrowsers.put(sketchKnownBrowser(id, { account: 'bob' }), MANY);
    assert.equal(await knownBrowsers.removeAll('ann', 'b'), 2);
    assert.deepEqual(await idsOf(knownBrowsers), ['b']);
    assert.equal(await knownBrowsers.removeAll('ann', 'd'), 1);
    assert.equal(await knownBrowsers.removeAll('ann'), 0);
    assert.equal(await knownBrowsers.removeAll('nobody'), 0);
    assert.equal((await knownBrowsers.list('bob')).length, 2);
    assert.equal(await knownBrowsers.removeAll('bob'), 2);
    assert.equal(await knownBrowsers.find('bob', 'a'), undefined);
  });

  accountTest(open, 'gives hostile texts of known browsers back unchanged', async (accounts) => {
    const { knownBrowsers } = accounts;
    for (const text of [...HOSTILE_TEXTS, WHOLE]) {
      await accounts.create(sketchAccount(text));
      const texts = { account: text, address: text, userAgent: text, name: text };
      const record = sketchKnownBrowser(text, texts);
      await knownBrowsers.put(record, MANY);
      assert.deepEqual(await knownBrowsers.find(text, text), record);
      assert.deepEqual(await knownBrowsers.list(text), [record]);
    }
    for (const half of HALVES) {
      assert.deepEqual(await knownBrowsers.list(half), []);
      assert.equal(await knownBrowsers.find(half, WHOLE), undefined);
      assert.equal(await knownBrowsers.find(WHOLE, half), undefined);
      assert.equal(await knownBrowsers.removeAll(half), 0);
      await refusesToStore(() => knownBrowsers.rename(WHOLE, WHOLE, half));
      for (const changes of [{ account: half }, { address: half }, { userAgent: half }]) {
        await refusesToStore(() => knownBrowsers.put(sketchKnownBrowser('z', changes), MANY));
      }
    }
    assert.equal(await knownBrowsers.removeAll(WHOLE), 1);
  });
}

async function idsOf(knownBrowsers: KnownBrowserStore): Promise<string[]> {
  return (await knownBrowsers.list('ann')).map(({ idHash }) => idHash);
}
