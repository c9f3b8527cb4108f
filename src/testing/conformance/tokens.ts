import assert from 'node:assert/strict';
import {
  ABSOLUTE_MS,
  countTrue,
  IDLE_MS,
  NOW,
  type OpenState,
  sketchSession,
  stateTest,
  type StoreTraits,
} from './support.ts';

const TTL = 60_000;
const MAX_TOKENS = 64;

/** One-time tokens work once, in their session, for their time. */
export function tokenConformance(open: OpenState, traits: StoreTraits): void {
  stateTest(
    open,
    'lets exactly one of several simultaneous uses of a token through',
    async ({ sessions }) => {
      await sessions.create(sketchSession('a'));
      assert.ok(await sessions.putOnceToken('a', 't', NOW + TTL, NOW));
      const won = await countTrue([1, 2, 3, 4].map(() => sessions.takeToken('a', 't', NOW)));
      assert.equal(won, 1);
      assert.ok(!(await sessions.takeToken('a', 't', NOW)));
    },
  );

  stateTest(open, 'a token works until its end and not at it', async ({ sessions }) => {
    await sessions.create(sketchSession('a'));
    await sessions.putOnceToken('a', 'in time', NOW + TTL, NOW);
    await sessions.putOnceToken('a', 'late', NOW + TTL, NOW);
    assert.ok(await sessions.takeToken('a', 'in time', NOW + TTL - 1));
    assert.ok(!(await sessions.takeToken('a', 'late', NOW + TTL)));
  });

  stateTest(open, 'a token works in its own session only', async ({ sessions }) => {
    await sessions.create(sketchSession('a'));
    await sessions.create(sketchSession('b'));
    await sessions.putOnceToken('a', 't', NOW + TTL, NOW);
    assert.ok(!(await sessions.takeToken('b', 't', NOW)));
    assert.ok(!(await sessions.takeToken('a', 'other', NOW)));
    assert.ok(await sessions.takeToken('a', 't', NOW));
  });

  stateTest(open, 'tokens end with their session, however it ends', async ({ sessions }) => {
    for (const name of ['revoked', 'account', 'replaced', 'expired']) {
      await sessions.create(sketchSession(name, { account: name }));
      await sessions.putOnceToken(name, 't', NOW + ABSOLUTE_MS * 2, NOW);
    }
    await sessions.revoke('revoked');
    await sessions.revokeAccount('account');
    await sessions.replace('replaced', sketchSession('successor', { account: 'replaced' }), NOW);
    for (const name of ['revoked', 'account', 'replaced', 'successor']) {
      assert.ok(!(await sessions.takeToken(name, 't', NOW)), name);
    }
    assert.ok(!(await sessions.takeToken('expired', 't', NOW + IDLE_MS)));
  });

  stateTest(
    open,
    'a session of the same id, begun later, has no token of the one before',
    async ({ sessions }) => {
      await sessions.create(sketchSession('a'));
      await sessions.putOnceToken('a', 't', NOW + TTL, NOW);
      await sessions.revoke('a');
      await sessions.create(sketchSession('a'));
      assert.ok(!(await sessions.takeToken('a', 't', NOW)));
    },
  );

  stateTest(
    open,
    'keeps the newest tokens of a session, so that issuing them fills no store',
    async ({ sessions }) => {
      await sessions.create(sketchSession('a'));
      await sessions.create(sketchSession('b'));
      await sessions.putOnceToken('b', 'other', NOW + TTL, NOW);
      for (let index = 0; index <= MAX_TOKENS; index += 1)
        await sessions.putOnceToken('a', `t${index}`, NOW + TTL, NOW);
      assert.ok(!(await sessions.takeToken('a', 't0', NOW)));
      for (let index = 1; index <= MAX_TOKENS; index += 1)
        assert.ok(await sessions.takeToken('a', `t${index}`, NOW));
      assert.ok(await sessions.takeToken('b', 'other', NOW));
    },
  );

  if (traits.forgets === true) return;
  stateTest(open, 'a sweep deletes tokens that are over and leaves the others', async ({ sessions }) => {
    await sessions.create(sketchSession('a'));
    await sessions.putOnceToken('a', 'short', NOW + 1, NOW);
    await sessions.putOnceToken('a', 'long', NOW + TTL, NOW);
    assert.equal(await sessions.sweep(NOW + 1), 1);
    assert.equal(await sessions.sweep(NOW + 1), 0);
    assert.ok(await sessions.takeToken('a', 'long', NOW + 1));
  });
}
