import assert from 'node:assert/strict';
import type { FactorStore } from '../../stores/ports/factors.ts';
import { factorTest, sketchPending, TTL } from './factors.ts';
import { countTrue, HOSTILE_TEXTS, NOW, type OpenState, refusesToStore } from './support.ts';

/** Authenticator apps count once they are confirmed, and each of their steps once. */
export function totpConformance(open: OpenState): void {
  factorTest(open, 'an authenticator app counts from its first code on', async ({ totp }) => {
    assert.equal(await totp.find('ann'), undefined);
    const pending = sketchPending('a');
    await totp.putPending('ann', pending);
    assert.deepEqual(await totp.find('ann'), { account: 'ann', active: undefined, pending });
    assert.ok(!(await totp.use('ann', 'a', 10, NOW)));
    assert.deepEqual(await totp.after(undefined, 10), []);
    assert.ok(await totp.confirm('ann', 'a', 10, NOW));
    const active = { id: 'a', sealed: 'sealed a', lastStep: 10, confirmedAt: NOW, usedAt: NOW };
    assert.deepEqual(await totp.find('ann'), { account: 'ann', active, pending: undefined });
  });

  factorTest(open, 'waits for the first code until the end, and not at it', async ({ totp }) => {
    await totp.putPending('ann', sketchPending('a'));
    await totp.putPending('bob', sketchPending('b'));
    assert.ok(!(await totp.confirm('ann', 'a', 10, NOW + TTL)));
    assert.ok(await totp.confirm('bob', 'b', 10, NOW + TTL - 1));
  });

  factorTest(open, 'a newer pending app takes the place of an older pending one', async ({ totp }) => {
    await totp.putPending('ann', sketchPending('a'));
    await totp.putPending('ann', sketchPending('b'));
    assert.ok(!(await totp.confirm('ann', 'a', 10, NOW)));
    assert.ok(await totp.confirm('ann', 'b', 10, NOW));
  });

  factorTest(open, 'what counts goes on counting until its successor is confirmed', async ({ totp }) => {
    await enrol({ totp }, 'ann', 'a', 10);
    await totp.putPending('ann', sketchPending('b'));
    assert.ok(await totp.use('ann', 'a', 11, NOW));
    assert.equal((await totp.find('ann'))?.pending?.id, 'b');
    assert.ok(await totp.confirm('ann', 'b', 12, NOW));
    assert.ok(!(await totp.use('ann', 'a', 13, NOW)));
    assert.ok(!(await totp.reseal('ann', 'a', 'sealed a', 'other')));
    assert.ok(await totp.use('ann', 'b', 13, NOW));
  });

  factorTest(open, 'v5.0.0-6.5.1 takes each step once, and none before it', async ({ totp }) => {
    await enrol({ totp }, 'ann', 'a', 10);
    for (const step of [9, 10, 0, -1]) assert.ok(!(await totp.use('ann', 'a', step, NOW)), `${step}`);
    assert.ok(await totp.use('ann', 'a', 12, NOW + 5));
    for (const step of [11, 12]) assert.ok(!(await totp.use('ann', 'a', step, NOW)), `${step}`);
    const { active } = (await totp.find('ann')) ?? {};
    assert.deepEqual([active?.lastStep, active?.usedAt, active?.confirmedAt], [12, NOW + 5, NOW]);
  });

  factorTest(
    open,
    'v5.0.0-15.4.2 of several simultaneous uses of one step exactly one passes',
    async ({ totp }) => {
      await enrol({ totp }, 'ann', 'a', 10);
      assert.equal(await countTrue([1, 2, 3, 4].map(() => totp.use('ann', 'a', 11, NOW))), 1);
      await totp.putPending('ann', sketchPending('b'));
      assert.equal(await countTrue([1, 2, 3, 4].map(() => totp.confirm('ann', 'b', 11, NOW))), 1);
    },
  );

  factorTest(open, 'v5.0.0-6.5.6 an app that was removed is of no use', async ({ totp }) => {
    await enrol({ totp }, 'ann', 'a', 10);
    await totp.putPending('ann', sketchPending('b'));
    assert.ok(await totp.remove('ann'));
    assert.ok(!(await totp.remove('ann')));
    assert.equal(await totp.find('ann'), undefined);
    assert.ok(!(await totp.use('ann', 'a', 99, NOW)));
    assert.ok(!(await totp.confirm('ann', 'b', 99, NOW)));
    assert.ok(!(await totp.reseal('ann', 'a', 'sealed a', 'other')));
    assert.equal(await totp.find('ann'), undefined);
    await totp.putPending('ann', sketchPending('c'));
    assert.ok(!(await totp.remove('ann')));
    assert.ok(!(await totp.confirm('ann', 'c', 99, NOW)));
  });

  factorTest(open, 'seals anew what was read, and nothing newer', async ({ totp }) => {
    await enrol({ totp }, 'ann', 'a', 10);
    assert.ok(!(await totp.reseal('ann', 'a', 'something else', 'new')));
    const won = [totp.reseal('ann', 'a', 'sealed a', 'one'), totp.reseal('ann', 'a', 'sealed a', 'two')];
    assert.equal(await countTrue(won), 1);
    const sealed = (await totp.find('ann'))?.active?.sealed ?? '';
    assert.ok(['one', 'two'].includes(sealed));
    assert.equal((await totp.find('ann'))?.active?.lastStep, 10);
  });

  factorTest(open, 'goes through every account once, a few at a time', async ({ totp }) => {
    const accounts = ['b', 'A', 'c', '\u00e9', '0', 'bb', '-'];
    for (const account of accounts) await enrol({ totp }, account, `id ${account}`, 1);
    await totp.putPending('only pending', sketchPending('p'));
    const seen: string[] = [];
    for (let last: string | undefined; ; last = seen.at(-1)) {
      const page = await totp.after(last, 3);
      seen.push(...page.map(({ account }) => account));
      if (page.length < 3) break;
    }
    assert.deepEqual(seen.toSorted(), accounts.toSorted());
  });

  factorTest(open, 'keeps accounts apart, hostile names too', async ({ totp }) => {
    for (const text of HOSTILE_TEXTS) await enrol({ totp }, text, text, 10);
    for (const text of HOSTILE_TEXTS) {
      assert.ok(await totp.use(text, text, 11, NOW), JSON.stringify(text));
      assert.ok(!(await totp.use(text, `${text}x`, 12, NOW)));
      assert.equal((await totp.find(text))?.active?.lastStep, 11);
    }
    await enrol({ totp }, 'x\ufffd', 'a', 10);
    for (const half of ['x\ud800', 'x\udfff']) {
      assert.equal(await totp.find(half), undefined);
      assert.ok(!(await totp.use(half, 'a', 11, NOW)));
      assert.ok(!(await totp.remove(half)));
      await refusesToStore(() => totp.putPending(half, sketchPending('b')));
    }
    assert.equal((await totp.find('x\ufffd'))?.active?.lastStep, 10);
  });

  factorTest(open, 'a sweep deletes what waited in vain and leaves what counts', async (factors) => {
    const { totp } = factors;
    await enrol(factors, 'ann', 'a', 10);
    await totp.putPending('ann', sketchPending('b'));
    await totp.putPending('bob', sketchPending('c'));
    await totp.putPending('eve', sketchPending('d', { expiresAt: NOW + TTL + 1 }));
    assert.equal(await factors.sweep(NOW + TTL - 1), 0);
    assert.equal(await factors.sweep(NOW + TTL), 2);
    assert.equal(await factors.sweep(NOW + TTL), 0);
    const ann = await totp.find('ann');
    assert.deepEqual([ann?.active?.id, ann?.pending], ['a', undefined]);
    assert.equal(await totp.find('bob'), undefined);
    assert.equal((await totp.find('eve'))?.pending?.id, 'd');
  });
}

async function enrol(
  { totp }: Pick<FactorStore, 'totp'>,
  account: string,
  id: string,
  step: number,
): Promise<void> {
  await totp.putPending(account, sketchPending(id));
  assert.ok(await totp.confirm(account, id, step, NOW));
}
