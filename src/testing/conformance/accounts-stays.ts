import assert from 'node:assert/strict';
import type { StayStore } from '../../stores/ports/stays.ts';
import { accountTest, HALVES, MANY, sketchAccount, sketchStay, TTL, WHOLE } from './accounts.ts';
import { countTrue, HOSTILE_TEXTS, NOW, type OpenState, refusesToStore } from './support.ts';

const USE = { next: 'next', address: '192.0.2.9', now: NOW + 5 };

/** A browser stays signed in for its account and its time, by its newest token. */
export function stayConformance(open: OpenState): void {
  accountTest(
    open,
    'finds a browser that stays signed in until its end, and not at it',
    async ({ stays }) => {
      await stays.put(sketchStay('a'), MANY);
      assert.deepEqual(await stays.find('a', NOW), sketchStay('a'));
      assert.ok(await stays.find('a', NOW + TTL - 1));
      assert.equal(await stays.find('a', NOW + TTL), undefined);
      assert.deepEqual(await stays.list('ann', NOW + TTL), []);
      assert.ok(!(await stays.rotate('a', 'hash of a', { ...USE, now: NOW + TTL })));
      assert.equal(await stays.find('b', NOW), undefined);
    },
  );

  accountTest(open, 'a use of a stay changes its token and place, and moves no end', async ({ stays }) => {
    await stays.put(sketchStay('a'), MANY);
    assert.ok(await stays.rotate('a', 'hash of a', USE));
    const used = sketchStay('a', { tokenHash: 'next', usedAt: NOW + 5, address: '192.0.2.9' });
    assert.deepEqual(await stays.find('a', NOW), used);
    assert.ok(!(await stays.rotate('a', 'hash of a', { ...USE, next: 'again' })));
    assert.deepEqual(await stays.find('a', NOW), used);
  });

  accountTest(
    open,
    'v5.0.0-15.4.2 of several simultaneous uses of one stay exactly one passes',
    async ({ stays }) => {
      await stays.put(sketchStay('a'), MANY);
      const uses = ['w', 'x', 'y', 'z'].map((next) => stays.rotate('a', 'hash of a', { ...USE, next }));
      assert.equal(await countTrue(uses), 1);
    },
  );

  accountTest(
    open,
    "a stay that was removed is of no use, and nobody removes another account's",
    async ({ stays }) => {
      for (const id of ['a', 'b', 'c', 'd']) await stays.put(sketchStay(id), MANY);
      await stays.put(sketchStay('bobs', { account: 'bob' }), MANY);
      assert.ok(!(await stays.remove('bob', 'a')));
      assert.ok(await stays.remove('ann', 'a'));
      assert.ok(!(await stays.remove('ann', 'a')));
      assert.ok(!(await stays.rotate('a', 'hash of a', USE)));
      assert.equal(await stays.removeAll('ann', 'c'), 2);
      assert.deepEqual(await idsOf(stays), ['c']);
      assert.equal(await stays.removeAll('ann', 'bobs'), 1);
      assert.equal(await stays.removeAll('ann'), 0);
      assert.ok(await stays.find('bobs', NOW));
    },
  );

  accountTest(open, 'lists the stays of one account, last used first', async ({ stays }) => {
    await stays.put(sketchStay('a', { usedAt: NOW + 1 }), MANY);
    await stays.put(sketchStay('b', { usedAt: NOW + 3 }), MANY);
    await stays.put(sketchStay('c', { usedAt: NOW + 2 }), MANY);
    await stays.put(sketchStay('over', { expiresAt: NOW }), MANY);
    await stays.put(sketchStay('d', { account: 'bob' }), MANY);
    assert.deepEqual(await idsOf(stays), ['b', 'c', 'a']);
  });

  accountTest(open, 'keeps the newest stays of an account, however many come at once', async ({ stays }) => {
    await stays.put(sketchStay('other', { account: 'bob' }), 2);
    for (const [index, id] of ['a', 'b', 'c'].entries()) {
      await stays.put(sketchStay(id, { createdAt: NOW + index }), 2);
    }
    assert.deepEqual((await idsOf(stays)).toSorted(), ['b', 'c']);
    await Promise.all(
      ['u', 'v', 'w', 'x', 'y'].map(async (id) => stays.put(sketchStay(id, { createdAt: NOW + 9 }), 2)),
    );
    assert.equal((await stays.list('ann', NOW)).length, 2);
    assert.ok(await stays.find('other', NOW));
  });

  accountTest(open, 'refuses a second stay of one id', async ({ stays }) => {
    await stays.put(sketchStay('a'), MANY);
    await refusesToStore(() => stays.put(sketchStay('a', { account: 'bob' }), MANY));
    assert.deepEqual(await stays.find('a', NOW), sketchStay('a'));
  });

  accountTest(open, 'gives hostile texts of stays back unchanged', async (accounts) => {
    const { stays } = accounts;
    for (const text of [...HOSTILE_TEXTS, WHOLE]) {
      await accounts.create(sketchAccount(text));
      const fields = { account: text, tokenHash: text, address: text, userAgent: text };
      await stays.put(sketchStay(text, fields), MANY);
      assert.deepEqual(await stays.find(text, NOW), sketchStay(text, fields));
      assert.ok(await stays.rotate(text, text, { ...USE, next: text, address: text }));
    }
    for (const half of HALVES) {
      assert.deepEqual(await stays.list(half, NOW), []);
      assert.equal(await stays.find(half, NOW), undefined);
      assert.equal(await stays.removeAll(half), 0);
      assert.ok(!(await stays.remove(WHOLE, half)));
      await refusesToStore(() => stays.put(sketchStay('z', { userAgent: half }), MANY));
    }
  });
}

async function idsOf(stays: StayStore): Promise<string[]> {
  return (await stays.list('ann', NOW)).map(({ id }) => id);
}
