/** Two statements that want one row, or one place: the first holds its lock until the second waits for it. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { Pool } from 'pg';
import { postgresStates } from '../../../test/support/postgres-states.ts';
import { inTurn, openPair, type Pair } from '../../../test/support/postgres-pair.ts';
import type { AccountStore } from '../ports/accounts.ts';
import {
  ACT,
  MANY,
  sketchAccount,
  sketchActRequest,
  sketchActivity,
  sketchApiToken,
  sketchIdentity,
  sketchKnownBrowser,
  sketchMailToken,
  TTL,
} from '../../testing/conformance/accounts.ts';
import { NOW } from '../../testing/conformance/support.ts';
import type { State } from '../ports/state.ts';

const ISSUER = 'https://issuer.example';
const END = NOW + TTL;

interface AccountPair extends Pair {
  readonly one: AccountStore;
  readonly two: AccountStore;
}

describe('races of accounts in PostgreSQL', () => {
  const on = postgresStates('race');

  /** Two states on the same tables, in which there are `ann` and `bob`. */
  const pair = async (t: TestContext, pool: Pool = on.pool): Promise<AccountPair> => {
    const both = await openPair(t, pool, on.freshSchema());
    const two = accountsOf(both.second);
    for (const id of ['ann', 'bob']) await two.create(sketchAccount(id));
    return { ...both, one: accountsOf(both.first), two };
  };

  test('v5.0.0-15.4.2 who waits for another that wants the same is told no', async (t) => {
    const both = await pair(t);
    const { one, two } = both;
    await two.mailTokens.put(sketchMailToken('m'), MANY);
    for (const [hold, meet, no] of [
      [
        () => one.create(sketchAccount('a', { emailKey: 'new' })),
        () => two.create(sketchAccount('b', { emailKey: 'new' })),
        false,
      ],
      [() => one.change('ann', 1, { roles: ['x'] }), () => two.change('ann', 1, { roles: ['y'] }), 'stale'],
      [() => one.change('ann', 2, { emailKey: 'e' }), () => two.change('bob', 1, { emailKey: 'e' }), 'taken'],
      [
        () => one.create(sketchAccount('c', { emailKey: 'f' })),
        () => two.change('bob', 1, { emailKey: 'f' }),
        'taken',
      ],
      [
        () => one.change('bob', 1, { passwordHash: 'newer' }),
        () => two.replacePasswordHash('bob', 'hash of bob', 'stronger'),
        false,
      ],
      [() => one.mailTokens.take('m', 'reset', NOW), () => two.mailTokens.take('m', 'reset', NOW), undefined],
      [
        () => one.guesses.advance('k', undefined, counted(1), END, NOW),
        () => two.guesses.advance('k', undefined, counted(1), END, NOW),
        false,
      ],
      [
        () => one.guesses.advance('k', counted(1), counted(2), END, NOW),
        () => two.guesses.advance('k', counted(1), counted(2), END, NOW),
        false,
      ],
      [() => one.guesses.clear('k'), () => two.guesses.advance('k', counted(2), counted(3), END, NOW), false],
      [
        () => one.identities.add(sketchIdentity('s')),
        () => two.identities.add(sketchIdentity('s', { account: 'bob' })),
        false,
      ],
      [
        () => one.actRequests.ask(sketchActRequest('r'), NOW),
        () => two.actRequests.ask(sketchActRequest('r2'), NOW),
        false,
      ],
      [
        () => one.actRequests.replace('r', NOW, sketchActRequest('r3'), NOW),
        () => two.actRequests.replace('r', NOW, sketchActRequest('r3'), NOW),
        false,
      ],
      [
        () => one.actRequests.take(ACT, 'r3', 'bob', NOW),
        () => two.actRequests.replace('r3', NOW, sketchActRequest('r4'), NOW),
        false,
      ],
      [
        () => one.actRequests.ask(sketchActRequest('r'), NOW),
        () => two.actRequests.ask(sketchActRequest('r2'), NOW),
        false,
      ],
      [
        () => one.actRequests.take(ACT, 'r', 'bob', NOW),
        () => two.actRequests.take(ACT, 'r', 'bob', NOW),
        undefined,
      ],
      [() => one.remove('a'), () => two.change('a', 1, { roles: ['x'] }), 'stale'],
      [() => one.remove('c'), () => two.remove('c'), false],
    ] as const) {
      assert.equal(await inTurn(both, hold, async () => meet()), no, String(meet));
    }
    const { passwordHash, emailKey } = (await two.find('bob')) ?? {};
    assert.deepEqual([passwordHash, emailKey], ['newer', 'bob@example.com']);
    assert.deepEqual((await two.find('ann'))?.roles, ['x']);
    assert.equal(await two.guesses.find('k', NOW), undefined);
  });

  test('a count that ended is begun anew by one of two', async (t) => {
    const both = await pair(t);
    const { one, two } = both;
    await two.guesses.advance('k', undefined, counted(5), NOW + 1, NOW);
    const begun = await inTurn(
      both,
      () => one.guesses.advance('k', undefined, counted(1), END, NOW + 1),
      () => two.guesses.advance('k', undefined, counted(2), END, NOW + 1),
    );
    assert.equal(begun, false);
    assert.deepEqual(await two.guesses.find('k', NOW + 1), counted(1));
  });

  test('two that come at once together keep no more than the most', async (t) => {
    const both = await pair(t);
    const { one, two } = both;
    for (const [hold, meet] of [
      [() => one.mailTokens.put(sketchMailToken('a'), 1), () => two.mailTokens.put(sketchMailToken('b'), 1)],
      [
        () => one.knownBrowsers.put(sketchKnownBrowser('a'), 1),
        () => two.knownBrowsers.put(sketchKnownBrowser('b'), 1),
      ],
      [() => one.activity.add(sketchActivity('a'), 1), () => two.activity.add(sketchActivity('b'), 1)],
    ] as const) {
      await inTurn(both, hold, async () => meet());
    }
    assert.equal(await two.mailTokens.find('a', 'reset', NOW), undefined);
    assert.deepEqual(await two.mailTokens.find('b', 'reset', NOW), sketchMailToken('b'));
    assert.deepEqual(await two.knownBrowsers.list('ann'), [sketchKnownBrowser('b')]);
    assert.deepEqual(await two.activity.list('ann', MANY), [sketchActivity('b')]);
    const add = async (id: string, other: string): Promise<boolean> =>
      inTurn(
        both,
        () => one.apiTokens.add(sketchApiToken(id), 3, NOW),
        () => two.apiTokens.add(sketchApiToken(other), 3, NOW),
      );
    assert.equal(await add('a', 'b'), true);
    assert.equal(await add('c', 'd'), false);
    assert.equal((await two.apiTokens.list('ann')).length, 3);
  });

  test('two that use one browser at once keep the later use', async (t) => {
    const both = await pair(t);
    const { one, two } = both;
    await inTurn(
      both,
      () => one.knownBrowsers.put(sketchKnownBrowser('a', { seenAt: NOW + 5, createdAt: NOW + 5 }), MANY),
      () => two.knownBrowsers.put(sketchKnownBrowser('a', { seenAt: NOW + 4 }), MANY),
    );
    const kept = sketchKnownBrowser('a', { seenAt: NOW + 5, createdAt: NOW + 5 });
    assert.deepEqual(await two.knownBrowsers.list('ann'), [kept]);
  });

  test('what is added while its account is removed is not left over, whoever is first', async (t) => {
    const adds: readonly ((accounts: AccountStore) => unknown)[] = [
      ({ knownBrowsers }) => knownBrowsers.put(sketchKnownBrowser('d'), MANY),
      ({ activity }) => activity.add(sketchActivity('signed-in'), MANY),
      ({ identities }) => identities.add(sketchIdentity('s')),
      ({ apiTokens }) => apiTokens.add(sketchApiToken('t'), MANY, NOW),
      ({ actRequests }) => actRequests.ask(sketchActRequest('r'), NOW),
    ];
    const both = await pair(t);
    const { one, two } = both;
    const nothing = async (): Promise<void> => {
      assert.deepEqual(
        await Promise.all([
          two.find('ann'),
          two.knownBrowsers.list('ann'),
          two.activity.list('ann', MANY),
          two.identities.find(ISSUER, 's'),
          two.apiTokens.find('hash of t', NOW),
          two.actRequests.find(ACT, 'r', NOW),
        ]),
        [undefined, [], [], undefined, undefined, undefined],
      );
    };
    for (const add of adds) {
      const added = await inTurn(
        both,
        () => one.remove('ann'),
        async () => add(two),
      );
      assert.ok(added === undefined || added === false, String(add));
      await nothing();
      await two.create(sketchAccount('ann'));
      const removed = await inTurn(
        both,
        () => add(one),
        async () => two.remove('ann'),
      );
      assert.equal(removed, true);
      await nothing();
      await two.create(sketchAccount('ann'));
    }
  });

  test('a sweep waits for nobody, and leaves what someone holds for the next one', async (t) => {
    const { one, two, client, commit } = await pair(t);
    for (const key of ['held', 'free']) {
      await two.guesses.advance(key, undefined, counted(1), NOW + 1, NOW);
      await two.mailTokens.put(sketchMailToken(key, { expiresAt: NOW + 1 }), MANY);
    }
    await client.query('BEGIN');
    assert.ok(await one.guesses.advance('held', counted(1), counted(2), END, NOW));
    assert.ok(await one.mailTokens.take('held', 'reset', NOW));
    assert.equal(await two.sweep(NOW + 1), 2);
    await commit();
    assert.equal(await two.sweep(NOW + 1), 0);
    assert.deepEqual(await two.guesses.find('held', NOW + 1), counted(2));
  });

  test('a use of an API token that is not due writes nothing and waits for nobody', async (t) => {
    const { one, two, client, commit } = await pair(t);
    await two.apiTokens.add(sketchApiToken('t', { usedAt: NOW }), MANY, NOW);
    const wrote = async (): Promise<boolean> =>
      (await client.query('SELECT 1 WHERE pg_current_xact_id_if_assigned() IS NOT NULL')).rowCount === 1;
    await client.query('BEGIN');
    await one.apiTokens.noteUse('t', '192.0.2.1', NOW + 59_999, 60_000);
    assert.ok(!(await wrote()));
    await one.apiTokens.noteUse('t', '192.0.2.1', NOW + 60_000, 60_000);
    assert.ok(await wrote());
    await two.apiTokens.noteUse('t', '192.0.2.2', NOW + 59_999, 60_000);
    await commit();
    const { usedAt, usedFrom } = (await two.apiTokens.find('hash of t', NOW)) ?? {};
    assert.deepEqual([usedAt, usedFrom], [NOW + 60_000, '192.0.2.1']);
  });

  test('a database that is set to refuse what met is asked again', async (t) => {
    const own = on.server.pool(on.url, { options: '-c default_transaction_isolation=serializable' });
    const both = await pair(t, own);
    const { one, two } = both;
    const created = await inTurn(
      both,
      () => one.create(sketchAccount('a', { emailKey: 'new' })),
      () => two.create(sketchAccount('b', { emailKey: 'new' })),
    );
    assert.equal(created, false);
    const changed = await inTurn(
      both,
      () => one.change('ann', 1, { emailKey: 'e' }),
      () => two.change('bob', 1, { emailKey: 'e' }),
    );
    assert.equal(changed, 'taken');
    const counting = await inTurn(
      both,
      () => one.guesses.advance('k', undefined, counted(1), END, NOW),
      () => two.guesses.advance('k', undefined, counted(1), END, NOW),
    );
    assert.equal(counting, false);
    const added = await inTurn(
      both,
      () => one.apiTokens.add(sketchApiToken('a'), 1, NOW),
      () => two.apiTokens.add(sketchApiToken('b'), 1, NOW),
    );
    assert.equal(added, false);
    await inTurn(
      both,
      () => one.mailTokens.put(sketchMailToken('a'), 1),
      () => two.mailTokens.put(sketchMailToken('b'), 1),
    );
    assert.equal(await two.mailTokens.removeAll('ann'), 1);
  });
});

function accountsOf({ accounts }: State): AccountStore {
  assert.ok(accounts);
  return accounts;
}

function counted(failures: number): { failures: number; streak: number; lastAt: number } {
  return { failures, streak: failures, lastAt: NOW };
}
