import assert from 'node:assert/strict';
import type { FactorStore } from '../../stores/ports/factors.ts';
import { factorTest, sketchPasskey } from './factors.ts';
import { countTrue, HOSTILE_TEXTS, NOW, type OpenState, refusesToStore } from './support.ts';

const MOST = 20;
const HANDLE = 'handle of ann';

/** A passkey is its owner's alone, and its count only goes up. */
export function passkeyConformance(open: OpenState): void {
  factorTest(open, 'an account keeps the user handle it was given first', async ({ passkeys }) => {
    assert.equal(await passkeys.userHandle('ann', HANDLE), HANDLE);
    assert.equal(await passkeys.userHandle('ann', 'another'), HANDLE);
    assert.equal(await passkeys.userHandle('bob', 'handle of bob'), 'handle of bob');
    const both = [passkeys.userHandle('eve', 'one'), passkeys.userHandle('eve', 'two')];
    assert.equal(new Set(await Promise.all(both.map(async (one) => one))).size, 1);
  });

  factorTest(open, 'gives a passkey back as it was stored, and lists the oldest first', async (factors) => {
    const { passkeys } = await withHandles(factors);
    const first = sketchPasskey('first', { counter: 4_294_967_295, usedAt: NOW + 3, transports: [] });
    const second = sketchPasskey('second', { createdAt: NOW + 1, backupEligible: false, backedUp: true });
    assert.ok(await passkeys.add(second, MOST));
    assert.ok(await passkeys.add(first, MOST));
    assert.deepEqual(await passkeys.find('first'), first);
    assert.deepEqual(await passkeys.list('ann'), [first, second]);
    assert.deepEqual(await passkeys.list('bob'), []);
    assert.equal(await passkeys.find('third'), undefined);
  });

  factorTest(open, 'an id that is taken is not taken over, by its owner or by another', async (factors) => {
    const { passkeys } = await withHandles(factors);
    assert.ok(await passkeys.add(sketchPasskey('a'), MOST));
    const bobs = { account: 'bob', userHandle: 'handle of bob' };
    for (const changes of [{}, { publicKey: 'a key of a thief' }, bobs]) {
      assert.ok(!(await passkeys.add(sketchPasskey('a', changes), MOST)));
    }
    assert.deepEqual(await passkeys.find('a'), sketchPasskey('a'));
    const both = [passkeys.add(sketchPasskey('b'), MOST), passkeys.add(sketchPasskey('b', bobs), MOST)];
    assert.equal(await countTrue(both), 1);
  });

  factorTest(open, 'adds none beyond the most an account may have', async (factors) => {
    const { passkeys } = await withHandles(factors);
    assert.ok(await passkeys.add(sketchPasskey('a'), 2));
    assert.ok(await passkeys.add(sketchPasskey('b'), 2));
    assert.ok(!(await passkeys.add(sketchPasskey('c'), 2)));
    assert.ok(await passkeys.remove('ann', 'a'));
    assert.ok(await passkeys.add(sketchPasskey('c'), 2));
  });

  factorTest(open, 'adds none to an account that was removed meanwhile', async (factors) => {
    const { passkeys } = await withHandles(factors);
    await factors.removeAccount('ann');
    assert.ok(!(await passkeys.add(sketchPasskey('a'), MOST)));
    await passkeys.userHandle('ann', 'a handle of later');
    assert.ok(!(await passkeys.add(sketchPasskey('a'), MOST)));
    assert.equal(await passkeys.find('a'), undefined);
  });

  factorTest(open, 'a count that does not go up is no use, unless there is none', async (factors) => {
    const { passkeys } = await withHandles(factors);
    await passkeys.add(sketchPasskey('counts', { counter: 5 }), MOST);
    await passkeys.add(sketchPasskey('counts not'), MOST);
    const use = async (id: string, counter: number): Promise<boolean> =>
      passkeys.use('ann', id, { counter, backedUp: true, now: NOW + counter });
    for (const counter of [5, 4, 0]) assert.ok(!(await use('counts', counter)), `${counter}`);
    assert.deepEqual(await passkeys.find('counts'), sketchPasskey('counts', { counter: 5 }));
    assert.ok(await use('counts', 9));
    const used = sketchPasskey('counts', { counter: 9, backedUp: true, usedAt: NOW + 9 });
    assert.deepEqual(await passkeys.find('counts'), used);
    assert.ok(!(await use('counts', 8)));
    assert.ok((await use('counts not', 0)) && (await use('counts not', 0)));
    assert.ok(await use('counts not', 1));
    assert.ok(!(await use('counts not', 0)));
  });

  factorTest(
    open,
    'v5.0.0-15.4.2 of several simultaneous uses with one count exactly one passes',
    async (factors) => {
      const { passkeys } = await withHandles(factors);
      await passkeys.add(sketchPasskey('a', { counter: 5 }), MOST);
      const use = { counter: 6, backedUp: false, now: NOW };
      assert.equal(await countTrue([1, 2, 3, 4].map(() => passkeys.use('ann', 'a', use))), 1);
    },
  );

  factorTest(open, 'v5.0.0-6.5.6 a passkey that was removed is of no use', async (factors) => {
    const { passkeys } = await withHandles(factors);
    await passkeys.add(sketchPasskey('a'), MOST);
    await passkeys.add(sketchPasskey('b'), MOST);
    assert.ok(await passkeys.remove('ann', 'a'));
    assert.ok(!(await passkeys.remove('ann', 'a')));
    assert.ok(!(await passkeys.use('ann', 'a', { counter: 1, backedUp: false, now: NOW })));
    assert.ok(!(await passkeys.rename('ann', 'a', 'back')));
    assert.equal(await passkeys.find('a'), undefined);
    assert.equal((await passkeys.list('ann')).length, 1);
  });

  factorTest(open, 'nobody uses, renames or removes the passkey of another', async (factors) => {
    const { passkeys } = await withHandles(factors);
    await passkeys.add(sketchPasskey('a'), MOST);
    assert.ok(!(await passkeys.use('bob', 'a', { counter: 1, backedUp: true, now: NOW })));
    assert.ok(!(await passkeys.rename('bob', 'a', 'mine')));
    assert.ok(!(await passkeys.remove('bob', 'a')));
    assert.deepEqual(await passkeys.find('a'), sketchPasskey('a'));
    assert.ok(await passkeys.rename('ann', 'a', 'Phone'));
    assert.equal((await passkeys.find('a'))?.name, 'Phone');
  });

  factorTest(open, 'gives hostile texts back unchanged', async ({ passkeys }) => {
    for (const text of HOSTILE_TEXTS) {
      const userHandle = await passkeys.userHandle(text, `handle ${text}`);
      const changes = { account: text, userHandle, name: text };
      const record = sketchPasskey(`id ${text}`, changes);
      assert.ok(await passkeys.add(record, MOST));
      assert.deepEqual(await passkeys.find(`id ${text}`), record);
      assert.deepEqual(await passkeys.list(text), [record]);
    }
    for (const half of ['x\ud800', 'x\udfff']) {
      assert.deepEqual(await passkeys.list(half), []);
      assert.equal(await passkeys.find(half), undefined);
      await refusesToStore(() => passkeys.userHandle(half, 'h'));
      await refusesToStore(() => passkeys.rename('ann', 'a', half));
      await refusesToStore(() => passkeys.add(sketchPasskey('z', { name: half }), MOST));
    }
  });
}

async function withHandles(factors: FactorStore): Promise<FactorStore> {
  await factors.passkeys.userHandle('ann', HANDLE);
  await factors.passkeys.userHandle('bob', 'handle of bob');
  return factors;
}
