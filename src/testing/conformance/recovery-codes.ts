import assert from 'node:assert/strict';
import { factorTest, sketchRememberedBrowser, sketchPasskey, sketchPending } from './factors.ts';
import { HOSTILE_TEXTS, NOW, type OpenState, refusesToStore } from './support.ts';

const SET = Array.from({ length: 10 }, (_, index) => `hash ${index}`);

/** A recovery code works once, and only while its set is the newest. */
export function recoveryCodeConformance(open: OpenState): void {
  factorTest(open, 'v5.0.0-6.5.1 takes each recovery code once, and counts down', async (factors) => {
    const { recoveryCodes } = factors;
    assert.equal(await recoveryCodes.count('ann'), 0);
    assert.equal(await recoveryCodes.take('ann', 'hash 0'), undefined);
    await recoveryCodes.replace('ann', SET, NOW);
    assert.equal(await recoveryCodes.count('ann'), 10);
    for (const [index, hash] of SET.entries()) {
      assert.equal(await recoveryCodes.take('ann', hash), 9 - index);
      assert.equal(await recoveryCodes.take('ann', hash), undefined);
    }
    assert.equal(await recoveryCodes.count('ann'), 0);
  });

  factorTest(
    open,
    'v5.0.0-15.4.2 of several simultaneous uses of one recovery code exactly one passes',
    async ({ recoveryCodes }) => {
      await recoveryCodes.replace('ann', SET, NOW);
      const uses = await Promise.all([1, 2, 3, 4].map(async () => recoveryCodes.take('ann', 'hash 3')));
      assert.deepEqual(
        uses.filter((left) => left !== undefined),
        [9],
      );
      const others = await Promise.all(SET.map(async (hash) => recoveryCodes.take('ann', hash)));
      assert.equal(others.filter((left) => left !== undefined).length, 9);
    },
  );

  factorTest(open, 'a new set takes the place of the old one, whole', async ({ recoveryCodes }) => {
    await recoveryCodes.replace('ann', SET, NOW);
    await recoveryCodes.replace('ann', ['new 1', 'new 2'], NOW);
    for (const hash of SET) assert.equal(await recoveryCodes.take('ann', hash), undefined);
    assert.equal(await recoveryCodes.count('ann'), 2);
    await Promise.all([recoveryCodes.replace('ann', SET, NOW), recoveryCodes.replace('ann', ['one'], NOW)]);
    assert.ok([1, 10].includes(await recoveryCodes.count('ann')));
  });

  factorTest(open, 'takes no code of another account, and nothing that is like one', async (factors) => {
    const { recoveryCodes } = factors;
    const hashes = ['a_c', 'a-c', 'a', 'aa'];
    await recoveryCodes.replace('ann', hashes, NOW);
    for (const other of ['abc', 'a%', 'A', 'a ', '', '"a"', 'a","aa', '[]']) {
      assert.equal(await recoveryCodes.take('ann', other), undefined, other);
    }
    assert.equal(await recoveryCodes.take('bob', 'a'), undefined);
    for (const hash of hashes) assert.ok((await recoveryCodes.take('ann', hash)) !== undefined, hash);
  });

  factorTest(open, 'keeps sets apart, those of hostile names too', async ({ recoveryCodes }) => {
    for (const text of HOSTILE_TEXTS) await recoveryCodes.replace(text, ['a'], NOW);
    for (const text of HOSTILE_TEXTS) assert.equal(await recoveryCodes.take(text, 'a'), 0);
    await recoveryCodes.replace('x\ufffd', ['a'], NOW);
    assert.equal(await recoveryCodes.take('x\ud800', 'a'), undefined);
    assert.equal(await recoveryCodes.count('x\ud800'), 0);
    await refusesToStore(() => recoveryCodes.replace('x\ud800', ['a'], NOW));
  });

  factorTest(open, 'removes everything of an account, and nothing of another', async (factors) => {
    for (const account of ['ann', 'bob']) {
      const userHandle = await factors.passkeys.userHandle(account, `handle of ${account}`);
      await factors.totp.putPending(account, sketchPending('t'));
      await factors.totp.confirm(account, 't', 1, NOW);
      await factors.recoveryCodes.replace(account, SET, NOW);
      await factors.passkeys.add(sketchPasskey(`key of ${account}`, { account, userHandle }), 9);
      await factors.rememberedBrowsers.put(sketchRememberedBrowser(`device of ${account}`, { account }), 9);
    }
    await factors.removeAccount('ann');
    await factors.removeAccount('nobody');
    await factors.removeAccount('\ud800');
    assert.deepEqual(
      [
        await factors.totp.find('ann'),
        await factors.recoveryCodes.count('ann'),
        await factors.passkeys.find('key of ann'),
        await factors.rememberedBrowsers.find('device of ann', NOW),
        await factors.passkeys.userHandle('ann', 'another'),
      ],
      [undefined, 0, undefined, undefined, 'another'],
    );
    assert.ok(await factors.totp.use('bob', 't', 2, NOW));
    assert.equal(await factors.recoveryCodes.count('bob'), 10);
    assert.equal((await factors.passkeys.list('bob')).length, 1);
    assert.equal((await factors.rememberedBrowsers.list('bob', NOW)).length, 1);
  });
}
