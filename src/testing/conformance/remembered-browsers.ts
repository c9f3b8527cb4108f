import assert from 'node:assert/strict';
import { factorTest, sketchRememberedBrowser, TTL } from './factors.ts';
import { countTrue, HOSTILE_TEXTS, NOW, type OpenState, refusesToStore, sweepAll } from './support.ts';

const MOST = 20;

/** A remembered browser works for its account and its time, with its newest token. */
export function rememberedBrowserConformance(open: OpenState): void {
  factorTest(
    open,
    'remembers a device until its end, and not at it',
    async ({ rememberedBrowsers: devices }) => {
      await devices.put(sketchRememberedBrowser('a'), MOST);
      assert.deepEqual(await devices.find('a', NOW), sketchRememberedBrowser('a'));
      assert.ok(await devices.find('a', NOW + TTL - 1));
      assert.equal(await devices.find('a', NOW + TTL), undefined);
      assert.deepEqual(await devices.list('ann', NOW + TTL), []);
      assert.ok(!(await devices.rotate('a', 'hash of a', 'next', NOW + TTL)));
      assert.equal(await devices.find('b', NOW), undefined);
    },
  );

  factorTest(open, 'a use changes the token and moves no end', async ({ rememberedBrowsers: devices }) => {
    await devices.put(sketchRememberedBrowser('a'), MOST);
    assert.ok(await devices.rotate('a', 'hash of a', 'next', NOW + 5));
    const used = sketchRememberedBrowser('a', { tokenHash: 'next', usedAt: NOW + 5 });
    assert.deepEqual(await devices.find('a', NOW), used);
    assert.ok(!(await devices.rotate('a', 'hash of a', 'again', NOW + 6)));
    assert.deepEqual(await devices.find('a', NOW), used);
  });

  factorTest(
    open,
    'v5.0.0-15.4.2 of several simultaneous uses of one device token exactly one passes',
    async ({ rememberedBrowsers: devices }) => {
      await devices.put(sketchRememberedBrowser('a'), MOST);
      const uses = ['w', 'x', 'y', 'z'].map((next) => devices.rotate('a', 'hash of a', next, NOW));
      assert.equal(await countTrue(uses), 1);
    },
  );

  factorTest(
    open,
    'v5.0.0-6.5.6 a device that was removed is of no use',
    async ({ rememberedBrowsers: devices }) => {
      for (const id of ['a', 'b', 'c']) await devices.put(sketchRememberedBrowser(id), MOST);
      await devices.put(sketchRememberedBrowser('d', { account: 'bob' }), MOST);
      assert.ok(!(await devices.remove('bob', 'a')));
      assert.ok(await devices.remove('ann', 'a'));
      assert.ok(!(await devices.remove('ann', 'a')));
      assert.ok(!(await devices.rotate('a', 'hash of a', 'next', NOW)));
      assert.equal(await devices.removeAll('ann'), 2);
      assert.equal(await devices.removeAll('ann'), 0);
      for (const id of ['a', 'b', 'c']) assert.equal(await devices.find(id, NOW), undefined);
      assert.ok(await devices.find('d', NOW));
    },
  );

  factorTest(
    open,
    'lists the devices of one account, last used first',
    async ({ rememberedBrowsers: devices }) => {
      await devices.put(sketchRememberedBrowser('a', { usedAt: NOW + 1 }), MOST);
      await devices.put(sketchRememberedBrowser('b', { usedAt: NOW + 3 }), MOST);
      await devices.put(sketchRememberedBrowser('c', { usedAt: NOW + 2 }), MOST);
      await devices.put(sketchRememberedBrowser('over', { expiresAt: NOW }), MOST);
      await devices.put(sketchRememberedBrowser('d', { account: 'bob' }), MOST);
      const ids = (await devices.list('ann', NOW)).map(({ id }) => id);
      assert.deepEqual(ids, ['b', 'c', 'a']);
    },
  );

  factorTest(open, 'keeps the newest devices of an account', async ({ rememberedBrowsers: devices }) => {
    await devices.put(sketchRememberedBrowser('other', { account: 'bob' }), 2);
    for (const [index, id] of ['a', 'b', 'c'].entries()) {
      await devices.put(sketchRememberedBrowser(id, { createdAt: NOW + index }), 2);
    }
    assert.equal(await devices.find('a', NOW), undefined);
    assert.ok((await devices.find('b', NOW)) && (await devices.find('c', NOW)));
    assert.ok(await devices.find('other', NOW));
    await devices.put(sketchRememberedBrowser('d', { createdAt: NOW + 2 }), 1);
    assert.equal((await devices.list('ann', NOW))[0]?.id, 'd');
  });

  factorTest(open, 'refuses a second device of one id', async ({ rememberedBrowsers: devices }) => {
    await devices.put(sketchRememberedBrowser('a'), MOST);
    await refusesToStore(() => devices.put(sketchRememberedBrowser('a', { account: 'bob' }), MOST));
    assert.equal((await devices.find('a', NOW))?.account, 'ann');
  });

  factorTest(open, 'gives hostile texts back unchanged', async ({ rememberedBrowsers: devices }) => {
    for (const text of HOSTILE_TEXTS) {
      const record = sketchRememberedBrowser(`id ${text}`, { account: text, address: text, userAgent: text });
      await devices.put(record, MOST);
      assert.deepEqual(await devices.find(`id ${text}`, NOW), record);
      assert.deepEqual(await devices.list(text, NOW), [record]);
    }
    for (const half of ['x\ud800', 'x\udfff']) {
      assert.deepEqual(await devices.list(half, NOW), []);
      assert.equal(await devices.removeAll(half), 0);
      await refusesToStore(() => devices.put(sketchRememberedBrowser('z', { account: half }), MOST));
      await refusesToStore(() => devices.put(sketchRememberedBrowser('z', { userAgent: half }), MOST));
    }
  });

  factorTest(open, 'sweeps delete devices that are over, at most a thousand at a time', async (factors) => {
    for (let index = 0; index < 1500; index += 1) {
      await factors.rememberedBrowsers.put(
        sketchRememberedBrowser(`d${index}`, { account: `a${index}`, expiresAt: NOW + 1 }),
        1,
      );
    }
    await factors.rememberedBrowsers.put(sketchRememberedBrowser('live'), MOST);
    assert.equal(await factors.sweep(NOW), 0);
    assert.equal(await sweepAll(factors, NOW + 1), 1500);
    assert.equal(await factors.sweep(NOW + 1), 0);
    assert.ok(await factors.rememberedBrowsers.find('live', NOW + 1));
  });
}
