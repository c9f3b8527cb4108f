import assert from 'node:assert/strict';
import { accountTest, HALVES, MANY, sketchMailToken, TTL, WHOLE } from './accounts.ts';
import { HOSTILE_TEXTS, NOW, type OpenState, refusesToStore } from './support.ts';

/** A link that was mailed works once, for its purpose and its time. */
export function mailTokenConformance(open: OpenState): void {
  accountTest(open, 'a look at a mail token leaves it, a use takes it', async ({ mailTokens }) => {
    const token = sketchMailToken('a', { data: '{"to":[1]}' });
    await mailTokens.put(token, MANY);
    assert.deepEqual(await mailTokens.find('a', 'reset', NOW), token);
    assert.deepEqual(await mailTokens.find('a', 'reset', NOW), token);
    assert.deepEqual(await mailTokens.take('a', 'reset', NOW), token);
    assert.equal(await mailTokens.take('a', 'reset', NOW), undefined);
    assert.equal(await mailTokens.find('a', 'reset', NOW), undefined);
    assert.equal(await mailTokens.take('unknown', 'reset', NOW), undefined);
  });

  accountTest(open, 'a mail token works until its end and not at it', async ({ mailTokens }) => {
    await mailTokens.put(sketchMailToken('in time'), MANY);
    await mailTokens.put(sketchMailToken('late'), MANY);
    assert.ok(await mailTokens.find('in time', 'reset', NOW + TTL - 1));
    assert.ok(await mailTokens.take('in time', 'reset', NOW + TTL - 1));
    assert.equal(await mailTokens.find('late', 'reset', NOW + TTL), undefined);
    assert.equal(await mailTokens.take('late', 'reset', NOW + TTL), undefined);
  });

  accountTest(open, 'a mail token of one purpose is unknown to every other', async ({ mailTokens }) => {
    await mailTokens.put(sketchMailToken('a', { purpose: 'register' }), MANY);
    for (const purpose of ['reset', 'Register', 'regist', '', '%']) {
      assert.equal(await mailTokens.find('a', purpose, NOW), undefined);
      assert.equal(await mailTokens.take('a', purpose, NOW), undefined);
    }
    assert.ok(await mailTokens.take('a', 'register', NOW));
  });

  accountTest(
    open,
    'v5.0.0-15.4.2 of several simultaneous uses of one mail token exactly one passes',
    async ({ mailTokens }) => {
      await mailTokens.put(sketchMailToken('a'), MANY);
      const uses = await Promise.all([1, 2, 3, 4].map(async () => mailTokens.take('a', 'reset', NOW)));
      assert.deepEqual(
        uses.filter((token) => token !== undefined),
        [sketchMailToken('a')],
      );
    },
  );

  accountTest(open, 'keeps the newest mail tokens of one subject and purpose', async ({ mailTokens }) => {
    await mailTokens.put(sketchMailToken('register', { purpose: 'register' }), 2);
    await mailTokens.put(sketchMailToken('bob', { subject: 'bob' }), 2);
    for (const hash of ['a', 'b', 'c']) await mailTokens.put(sketchMailToken(hash), 2);
    assert.equal(await mailTokens.find('a', 'reset', NOW), undefined);
    for (const hash of ['b', 'c', 'bob']) assert.ok(await mailTokens.find(hash, 'reset', NOW), hash);
    assert.ok(await mailTokens.find('register', 'register', NOW));
    // Newer is what came later, whenever it ends; what was used is no longer counted.
    assert.ok(await mailTokens.take('c', 'reset', NOW));
    await mailTokens.put(sketchMailToken('d', { expiresAt: NOW + 1 }), 2);
    assert.ok((await mailTokens.find('b', 'reset', NOW)) && (await mailTokens.find('d', 'reset', NOW)));
    await mailTokens.put(sketchMailToken('e'), 1);
    for (const hash of ['b', 'd']) assert.equal(await mailTokens.take(hash, 'reset', NOW), undefined);
    assert.ok(await mailTokens.take('e', 'reset', NOW));
  });

  accountTest(open, 'keeps no more of several mail tokens that come at once', async ({ mailTokens }) => {
    const hashes = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(hashes.map(async (hash) => mailTokens.put(sketchMailToken(hash), 2)));
    assert.equal(await mailTokens.removeAll('ann'), 2);
  });

  accountTest(open, 'removes every mail token of a subject, and none of another', async ({ mailTokens }) => {
    await mailTokens.put(sketchMailToken('a'), MANY);
    await mailTokens.put(sketchMailToken('b', { purpose: 'register' }), MANY);
    await mailTokens.put(sketchMailToken('c', { subject: 'an' }), MANY);
    await mailTokens.put(sketchMailToken('d', { subject: 'ann@example.com' }), MANY);
    assert.equal(await mailTokens.removeAll('ann'), 2);
    assert.equal(await mailTokens.removeAll('ann'), 0);
    assert.equal(await mailTokens.find('a', 'reset', NOW), undefined);
    assert.equal(await mailTokens.find('b', 'register', NOW), undefined);
    assert.ok((await mailTokens.find('c', 'reset', NOW)) && (await mailTokens.find('d', 'reset', NOW)));
  });

  accountTest(open, 'refuses a second mail token of one hash', async ({ mailTokens }) => {
    await mailTokens.put(sketchMailToken('a'), MANY);
    await mailTokens.put(sketchMailToken('b', { subject: 'bob' }), MANY);
    await refusesToStore(() => mailTokens.put(sketchMailToken('a', { subject: 'bob' }), 1));
    assert.equal((await mailTokens.find('a', 'reset', NOW))?.subject, 'ann');
    assert.ok(await mailTokens.find('b', 'reset', NOW));
  });

  accountTest(open, 'gives hostile texts of mail tokens back unchanged', async ({ mailTokens }) => {
    for (const text of HOSTILE_TEXTS) {
      const token = sketchMailToken(text, {
        purpose: text,
        subject: text,
        data: JSON.stringify({ [text]: text }),
      });
      await mailTokens.put(token, 1);
      assert.deepEqual(await mailTokens.find(text, text, NOW), token);
    }
    for (const text of HOSTILE_TEXTS) assert.equal(await mailTokens.removeAll(text), 1);
    await mailTokens.put(sketchMailToken(WHOLE, { subject: WHOLE, purpose: WHOLE }), MANY);
    for (const half of HALVES) {
      assert.equal(await mailTokens.removeAll(half), 0);
      assert.equal(await mailTokens.find(half, WHOLE, NOW), undefined);
      assert.equal(await mailTokens.take(WHOLE, half, NOW), undefined);
      for (const changes of [{ subject: half }, { purpose: half }, { data: half }]) {
        await refusesToStore(() => mailTokens.put(sketchMailToken('z', changes), MANY));
      }
    }
    assert.ok(await mailTokens.take(WHOLE, WHOLE, NOW));
  });
}
