/** Two statements that want one row: the first holds its lock until the second waits for it, so that no timing decides. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { postgresStates } from '../../../test/support/postgres-states.ts';
import { inTurn, openPair, type Pair } from '../../../test/support/postgres-pair.ts';
import { gcraStep } from '../../core/gcra.ts';
import { IDLE_MS, NOW, sketchSession } from '../../testing/conformance/support.ts';
import type { State } from '../ports/state.ts';

const TWO = { count: 2, windowMs: 60_000 };

describe('races in PostgreSQL', () => {
  const on = postgresStates('race');

  async function pair(t: TestContext, isolation = ''): Promise<Pair> {
    const own =
      isolation === ''
        ? on.pool
        : on.server.pool(on.pool.options.connectionString ?? '', { options: isolation });
    return openPair(t, own, on.freshSchema());
  }

  test('who ends all sessions of an account ends the successor of one that is being replaced', async (t) => {
    const two = await pair(t);
    await two.second.sessions.create(sketchSession('old'));
    const ended = await inTurn(
      two,
      () => two.first.sessions.replace('old', sketchSession('new'), NOW),
      () => two.second.sessions.revokeAccount('ann'),
    );
    assert.equal(ended, 1);
    assert.equal(await two.second.sessions.count(), 0);
  });

  test('a session that signs in to an account meanwhile is not ended with those of another', async (t) => {
    const two = await pair(t);
    await two.second.sessions.create(sketchSession('old', { account: 'bob' }));
    const ended = await inTurn(
      two,
      () => two.first.sessions.replace('old', sketchSession('new'), NOW),
      () => two.second.sessions.revokeAccount('bob'),
    );
    assert.equal(ended, 0);
    assert.ok(await two.second.sessions.find('new', NOW));
  });

  test('a session that is revoked while its use is noted is not given out, and stays revoked', async (t) => {
    const two = await pair(t);
    await two.second.sessions.create(sketchSession('a'));
    const used = await inTurn(
      two,
      () => two.first.sessions.revoke('a'),
      () => two.second.sessions.use('a', NOW + 60_000, 60_000),
    );
    assert.equal(used, undefined);
    assert.equal(await two.second.sessions.count(), 0);
  });

  test('two that note a use at once keep the later one, and both get the session', async (t) => {
    const two = await pair(t);
    await two.second.sessions.create(sketchSession('a'));
    const used = await inTurn(
      two,
      () => two.first.sessions.use('a', NOW + 60_005, 60_000),
      () => two.second.sessions.use('a', NOW + 60_000, 60_000),
    );
    assert.deepEqual(used, sketchSession('a', { seenAt: NOW + 60_005 }));
    assert.equal((await two.second.sessions.find('a', NOW))?.seenAt, NOW + 60_005);
  });

  test('a change that waits for a revocation changes nothing, and a successor of it is not begun', async (t) => {
    for (const meet of [
      (state: State) => state.sessions.update('a', 1, { data: '{"back":1}' }, NOW),
      (state: State) => state.sessions.replace('a', sketchSession('b'), NOW),
      (state: State) => state.sessions.revoke('a'),
    ]) {
      const two = await pair(t);
      await two.second.sessions.create(sketchSession('a'));
      const changed = await inTurn(
        two,
        () => two.first.sessions.revoke('a'),
        () => meet(two.second),
      );
      assert.equal(changed, false);
      assert.equal(await two.second.sessions.count(), 0);
    }
  });

  test('a write over a version that another write just passed is refused', async (t) => {
    const two = await pair(t);
    await two.second.sessions.create(sketchSession('a'));
    const written = await inTurn(
      two,
      () => two.first.sessions.update('a', 1, { data: '{"by":1}' }, NOW),
      () => two.second.sessions.update('a', 1, { data: '{"by":2}' }, NOW),
    );
    assert.equal(written, false);
    assert.equal((await two.second.sessions.find('a', NOW))?.data, '{"by":1}');
  });

  test('a token that is kept while its session ends opens nothing', async (t) => {
    const two = await pair(t);
    await two.second.sessions.create(sketchSession('a'));
    await two.client.query('BEGIN');
    await two.first.sessions.replace('a', sketchSession('b'), NOW);
    assert.ok(await two.second.sessions.putOnceToken('a', 't', NOW + 1000, NOW));
    await two.commit();
    for (const name of ['a', 'b']) assert.equal(await two.second.sessions.takeToken(name, 't', NOW), false);
    assert.equal(await two.second.sessions.sweep(NOW + 1000), 1);
  });

  test('one of two that use up a token gets it', async (t) => {
    const two = await pair(t);
    await two.second.sessions.create(sketchSession('a'));
    await two.second.sessions.putOnceToken('a', 't', NOW + 1000, NOW);
    const taken = await inTurn(
      two,
      () => two.first.sessions.takeToken('a', 't', NOW),
      () => two.second.sessions.takeToken('a', 't', NOW),
    );
    assert.equal(taken, false);
  });

  test('who finds a limit used up by the one it waited for is refused, with the exact wait', async (t) => {
    for (const before of [0, 1]) {
      const two = await pair(t);
      let { tat } = gcraStep(TWO, 0, NOW);
      if (before === 1) {
        await two.second.counters.take('k', TWO, NOW);
        ({ tat } = gcraStep(TWO, tat, NOW));
      } else {
        // The key is new to both: neither sees the row of the other as it looks.
        ({ tat } = gcraStep(TWO, tat, NOW));
      }
      const answer = await inTurn(
        two,
        async () => {
          for (let index = before; index < 2; index += 1) await two.first.counters.take('k', TWO, NOW);
        },
        () => two.second.counters.take('k', TWO, NOW),
      );
      const { allowed, remaining, retryAfterMs, resetAfterMs } = gcraStep(TWO, tat, NOW);
      assert.equal(allowed, false);
      assert.deepEqual(answer, { allowed, remaining, retryAfterMs, resetAfterMs });
    }
  });

  test('a refused request waits for nobody and writes nothing, nor does a look that is not due', async (t) => {
    const { first, second, client, commit } = await pair(t);
    await second.sessions.create(sketchSession('a'));
    for (let index = 0; index < 2; index += 1) await second.counters.take('k', TWO, NOW);
    await client.query('BEGIN');
    const wrote = async (): Promise<boolean> =>
      (await client.query('SELECT 1 WHERE pg_current_xact_id_if_assigned() IS NOT NULL')).rowCount === 1;
    assert.equal((await first.counters.take('k', TWO, NOW)).allowed, false);
    assert.ok(await first.sessions.use('a', NOW + 59_999, 60_000));
    assert.ok(!(await wrote()));
    // Holds both rows: the others go on.
    await first.counters.debit('k', TWO, 1, NOW);
    await first.sessions.use('a', NOW + 60_000, 60_000);
    assert.ok(await wrote());
    assert.equal((await second.counters.take('k', TWO, NOW)).allowed, false);
    assert.ok(await second.sessions.use('a', NOW + 59_999, 60_000));
    await commit();
  });

  test('a sweep waits for nobody, and leaves what someone holds for the next one', async (t) => {
    const { first, second, client, commit } = await pair(t);
    for (const name of ['held', 'free']) {
      await second.sessions.create(sketchSession(name));
      await second.counters.take(name, TWO, NOW);
    }
    await client.query('BEGIN');
    await first.sessions.update('held', 1, { data: '{}' }, NOW);
    await first.counters.debit('held', TWO, 1, NOW);
    const later = NOW + IDLE_MS;
    assert.deepEqual([await second.sessions.sweep(later), await second.counters.sweep(later)], [1, 1]);
    await commit();
    assert.deepEqual([await second.sessions.sweep(later), await second.counters.sweep(later)], [1, 1]);
  });

  for (const isolation of ['', '-c default_transaction_isolation=serializable']) {
    test(`of two that want the last place of a cap one gets it ${isolation}`, async (t) => {
      const two = await pair(t, isolation);
      const cap = { most: 1, endsOldest: false };
      const met = await inTurn(
        two,
        () => two.first.sessions.createWithin(sketchSession('a'), cap, NOW),
        () => two.second.sessions.createWithin(sketchSession('b'), cap, NOW),
      );
      assert.equal(met, 'full');
      assert.equal(await two.second.sessions.count(), 1);
    });
  }

  test('a session that goes on under a new id meanwhile is counted, and ends as the oldest', async (t) => {
    const two = await pair(t);
    await two.second.sessions.create(sketchSession('old'));
    const met = await inTurn(
      two,
      () => two.first.sessions.replace('old', sketchSession('new'), NOW),
      () =>
        two.second.sessions.createWithin(
          sketchSession('b', { createdAt: NOW + 1 }),
          { most: 1, endsOldest: true },
          NOW,
        ),
    );
    assert.deepEqual(met, ['new']);
    assert.equal(await two.second.sessions.count(), 1);
  });

  test('a cap is refused where no look sees what was written meanwhile', async (t) => {
    const { second } = await pair(t, '-c default_transaction_isolation=repeatable\\ read');
    await assert.rejects(
      async () => second.sessions.createWithin(sketchSession('a'), { most: 1, endsOldest: true }, NOW),
      { code: 'ERR_BULWARK_STORE' },
    );
    assert.equal(await second.sessions.count(), 0);
  });

  test('a database that is set to refuse what met is asked again', async (t) => {
    const two = await pair(t, '-c default_transaction_isolation=serializable');
    await two.second.sessions.create(sketchSession('old'));
    const ended = await inTurn(
      two,
      () => two.first.sessions.replace('old', sketchSession('new'), NOW),
      () => two.second.sessions.revokeAccount('ann'),
    );
    assert.equal(ended, 1);
    const counted = await inTurn(
      two,
      () => two.first.counters.take('k', TWO, NOW),
      () => two.second.counters.take('k', TWO, NOW),
    );
    assert.deepEqual([counted.allowed, counted.remaining], [true, 0]);
  });
});
