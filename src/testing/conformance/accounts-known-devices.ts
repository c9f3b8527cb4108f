import assert from 'node:assert/strict';
import type { KnownDeviceStore } from '../../stores/account-ports.ts';
import { accountTest, HALVES, MANY, sketchAccount, sketchKnownDevice, WHOLE } from './accounts.ts';
import { HOSTILE_TEXTS, NOW, type OpenState, refusesToStore } from './support.ts';

/** A browser is known to those accounts that it signed in to, and to no other. */
export function knownDeviceConformance(open: OpenState): void {
  accountTest(open, 'knows a browser by its account', async ({ knownDevices }) => {
    await knownDevices.put(sketchKnownDevice('a'), MANY);
    assert.deepEqual(await knownDevices.find('ann', 'a'), sketchKnownDevice('a'));
    assert.equal(await knownDevices.find('bob', 'a'), undefined);
    assert.equal(await knownDevices.find('ann', 'b'), undefined);
    const bobs = sketchKnownDevice('a', { account: 'bob', address: '192.0.2.9' });
    await knownDevices.put(bobs, MANY);
    assert.deepEqual(await knownDevices.find('bob', 'a'), bobs);
    assert.deepEqual(await knownDevices.find('ann', 'a'), sketchKnownDevice('a'));
  });

  accountTest(
    open,
    'notes a use of a browser that is known, which stays as old as it was',
    async ({ knownDevices }) => {
      await knownDevices.put(sketchKnownDevice('a'), MANY);
      const use = { createdAt: NOW + 5, seenAt: NOW + 5, address: '192.0.2.2', userAgent: 'an update' };
      await knownDevices.put(sketchKnownDevice('a', use), MANY);
      const used = sketchKnownDevice('a', { ...use, createdAt: NOW });
      assert.deepEqual(await knownDevices.list('ann'), [used]);
      // A late note of an earlier use does not move it back.
      await knownDevices.put(sketchKnownDevice('a', { seenAt: NOW + 4 }), MANY);
      assert.deepEqual(await knownDevices.find('ann', 'a'), used);
    },
  );

  accountTest(open, 'lists the browsers of one account, last used first', async ({ knownDevices }) => {
    await knownDevices.put(sketchKnownDevice('a', { seenAt: NOW + 1 }), MANY);
    await knownDevices.put(sketchKnownDevice('b', { seenAt: NOW + 3 }), MANY);
    await knownDevices.put(sketchKnownDevice('c', { seenAt: NOW + 2 }), MANY);
    await knownDevices.put(sketchKnownDevice('d', { account: 'bob' }), MANY);
    assert.deepEqual(await idsOf(knownDevices), ['b', 'c', 'a']);
    await knownDevices.put(sketchKnownDevice('a', { seenAt: NOW + 4 }), MANY);
    assert.deepEqual(await idsOf(knownDevices), ['a', 'b', 'c']);
    assert.deepEqual(await knownDevices.list('nobody'), []);
  });

  accountTest(open, 'keeps the last used browsers of an account', async ({ knownDevices }) => {
    await knownDevices.put(sketchKnownDevice('bobs', { account: 'bob' }), 2);
    for (const [index, id] of ['a', 'b'].entries()) {
      await knownDevices.put(sketchKnownDevice(id, { seenAt: NOW + index }), 2);
    }
    await knownDevices.put(sketchKnownDevice('a', { seenAt: NOW + 2 }), 2);
    await knownDevices.put(sketchKnownDevice('c', { seenAt: NOW + 3 }), 2);
    assert.deepEqual(await idsOf(knownDevices), ['c', 'a']);
    // Of two that were used at one moment, the one at hand stays.
    await knownDevices.put(sketchKnownDevice('0', { seenAt: NOW + 3 }), 1);
    assert.deepEqual(await idsOf(knownDevices), ['0']);
    await knownDevices.put(sketchKnownDevice('z', { seenAt: NOW + 3 }), 1);
    assert.deepEqual(await idsOf(knownDevices), ['z']);
    assert.ok(await knownDevices.find('bob', 'bobs'));
  });

  accountTest(open, 'keeps no more of several browsers that come at once', async ({ knownDevices }) => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(ids.map(async (id) => knownDevices.put(sketchKnownDevice(id), 2)));
    assert.equal((await knownDevices.list('ann')).length, 2);
    const uses = [1, 2, 3, 4].map(async (late) =>
      knownDevices.put(sketchKnownDevice('z', { seenAt: NOW + late }), 2),
    );
    await Promise.all(uses);
    assert.equal((await knownDevices.find('ann', 'z'))?.seenAt, NOW + 4);
  });

  accountTest(open, 'forgets every browser of an account but the one excepted', async ({ knownDevices }) => {
    for (const id of ['a', 'b', 'c']) await knownDevices.put(sketchKnownDevice(id), MANY);
    for (const id of ['a', 'd']) await knownDevices.put(sketchKnownDevice(id, { account: 'bob' }), MANY);
    assert.equal(await knownDevices.removeAll('ann', 'b'), 2);
    assert.deepEqual(await idsOf(knownDevices), ['b']);
    assert.equal(await knownDevices.removeAll('ann', 'd'), 1);
    assert.equal(await knownDevices.removeAll('ann'), 0);
    assert.equal(await knownDevices.removeAll('nobody'), 0);
    assert.equal((await knownDevices.list('bob')).length, 2);
    assert.equal(await knownDevices.removeAll('bob'), 2);
    assert.equal(await knownDevices.find('bob', 'a'), undefined);
  });

  accountTest(open, 'gives hostile texts of known browsers back unchanged', async (accounts) => {
    const { knownDevices } = accounts;
    for (const text of [...HOSTILE_TEXTS, WHOLE]) {
      await accounts.create(sketchAccount(text));
      const record = sketchKnownDevice(text, { account: text, address: text, userAgent: text });
      await knownDevices.put(record, MANY);
      assert.deepEqual(await knownDevices.find(text, text), record);
      assert.deepEqual(await knownDevices.list(text), [record]);
    }
    for (const half of HALVES) {
      assert.deepEqual(await knownDevices.list(half), []);
      assert.equal(await knownDevices.find(half, WHOLE), undefined);
      assert.equal(await knownDevices.find(WHOLE, half), undefined);
      assert.equal(await knownDevices.removeAll(half), 0);
      for (const changes of [{ account: half }, { address: half }, { userAgent: half }]) {
        await refusesToStore(() => knownDevices.put(sketchKnownDevice('z', changes), MANY));
      }
    }
    assert.equal(await knownDevices.removeAll(WHOLE), 1);
  });
}

async function idsOf(knownDevices: KnownDeviceStore): Promise<string[]> {
  return (await knownDevices.list('ann')).map(({ idHash }) => idHash);
}
