import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { type Pool, types } from 'pg';
import { postgresStates } from '../../../test/support/postgres-states.ts';
import { inTurn, openPair, type Pair } from '../../../test/support/postgres-pair.ts';
import { factorStoreConformance } from '../../testing/conformance.ts';
import {
  sketchRememberedBrowser,
  sketchPasskey,
  sketchPending,
  TTL,
} from '../../testing/conformance/factors.ts';
import { HOSTILE_TEXTS, NOW } from '../../testing/conformance/support.ts';
import type { FactorStore } from '../ports/factors.ts';
import type { State } from '../ports/state.ts';
import { POSTGRES_STEPS } from '../sql/migrations.ts';
import type { PostgresStatement } from './pool.ts';
import { openPostgres, type PostgresPool } from './state.ts';

const MOST = 20;
const HANDLE = 'handle of ann';

describe('second factors in PostgreSQL', () => {
  const on = postgresStates('factors');

  factorStoreConformance('postgres', () => on.open());

  test('a schema without second factors gets their tables, and keeps its sessions', async () => {
    const schema = on.freshSchema();
    (await openPostgres(on.pool, schema, POSTGRES_STEPS.slice(0, 1))).close();
    await on.pool.query(
      `INSERT INTO ${schema}.sessions (id_hash, roles, created_at, seen_at, expires_at, idle_ms, version, address,
         user_agent, data) VALUES ('old', '[]', ${NOW}, ${NOW}, ${NOW + TTL}, ${TTL}, 1, '', '', '{}')`,
    );
    const state = await on.open({ schema });
    assert.ok(await state.sessions.find('old', NOW));
    await factorsOf(state).recoveryCodes.replace('ann', ['a'], NOW);
    assert.equal(await factorsOf(await on.open({ schema })).recoveryCodes.count('ann'), 1);
  });

  test('asks once for whatever it is asked, by a statement that is parsed once', async () => {
    const sent: PostgresStatement[] = [];
    const counting: PostgresPool = {
      connect: () => on.pool.connect(),
      query: (statement) => {
        sent.push(statement);
        return on.pool.query(statement as { text: string });
      },
    };
    const factors = factorsOf(await on.open({}, counting));
    const { totp, recoveryCodes, passkeys, rememberedBrowsers: devices } = factors;
    const calls: Readonly<Record<string, () => unknown>> = {
      putPending: () => totp.putPending('ann', sketchPending('a')),
      confirm: () => totp.confirm('ann', 'a', 1, NOW),
      'find an app': () => totp.find('ann'),
      'use an app': () => totp.use('ann', 'a', 2, NOW),
      reseal: () => totp.reseal('ann', 'a', 'sealed a', 'anew'),
      first: () => totp.after(undefined, 5),
      after: () => totp.after('ann', 5),
      'remove an app': () => totp.remove('ann'),
      'replace codes': () => recoveryCodes.replace('ann', ['a', 'b'], NOW),
      'take a code': () => recoveryCodes.take('ann', 'a'),
      'count codes': () => recoveryCodes.count('ann'),
      userHandle: () => passkeys.userHandle('ann', HANDLE),
      'add a passkey': () => passkeys.add(sketchPasskey('k'), MOST),
      'find a passkey': () => passkeys.find('k'),
      'list passkeys': () => passkeys.list('ann'),
      'use a passkey': () => passkeys.use('ann', 'k', { counter: 1, backedUp: true, now: NOW }),
      rename: () => passkeys.rename('ann', 'k', 'Key'),
      'remove a passkey': () => passkeys.remove('ann', 'k'),
      'put a device': () => devices.put(sketchRememberedBrowser('d'), MOST),
      'find a device': () => devices.find('d', NOW),
      rotate: () => devices.rotate('d', 'hash of d', 'next', NOW),
      'list devices': () => devices.list('ann', NOW),
      'remove a device': () => devices.remove('ann', 'd'),
      removeAll: () => devices.removeAll('ann'),
      removeAccount: () => factors.removeAccount('ann'),
      sweep: () => factors.sweep(NOW),
    };
    const names = new Set<string | undefined>();
    for (const [name, call] of Object.entries(calls)) {
      sent.length = 0;
      await call();
      assert.equal(sent.length, 1, name);
      names.add(sent[0]?.name);
    }
    assert.ok([...names].every((name) => /^bulwark_[0-9a-f]{24}$/.test(name ?? '')));
    assert.equal(names.size, Object.keys(calls).length);
  });

  test('reads its rows as it wrote them, whatever the application has told pg to make of values', async () => {
    const { BOOL, INT4, INT8, JSONB, TEXT } = types.builtins;
    const usual = [BOOL, INT4, INT8, JSONB, TEXT].map((type) => [type, types.getTypeParser(type)] as const);
    for (const [type] of usual) types.setTypeParser(type, () => 'nothing of the kind');
    try {
      const factors = factorsOf(await on.open());
      await enrol(factors);
      assert.equal((await factors.totp.find('ann'))?.active?.lastStep, 10);
      await factors.recoveryCodes.replace('ann', ['a', 'b'], NOW);
      assert.equal(await factors.recoveryCodes.take('ann', 'a'), 1);
      await factors.passkeys.userHandle('ann', HANDLE);
      assert.ok(await factors.passkeys.add(sketchPasskey('k'), MOST));
      assert.deepEqual(await factors.passkeys.find('k'), sketchPasskey('k'));
      await factors.rememberedBrowsers.put(sketchRememberedBrowser('d'), MOST);
      assert.deepEqual(await factors.rememberedBrowsers.find('d', NOW), sketchRememberedBrowser('d'));
      assert.equal(await factors.sweep(NOW + TTL), 1);
    } finally {
      for (const [type, parser] of usual) types.setTypeParser(type, parser);
    }
  });

  test('takes recovery codes of any text as they are', async () => {
    const { recoveryCodes } = factorsOf(await on.open());
    const texts = [...HOSTILE_TEXTS, '\u0010', '\u00100', '\u00101', '["a"]', '', '0'];
    await recoveryCodes.replace('ann', texts, NOW);
    for (const [index, text] of texts.entries()) {
      assert.equal(await recoveryCodes.take('ann', text), texts.length - index - 1, JSON.stringify(text));
    }
  });

  test('a user handle that is there is only read', async () => {
    const schema = on.freshSchema();
    const { passkeys } = factorsOf(await on.open({ schema }));
    await passkeys.userHandle('ann', HANDLE);
    const version = async (): Promise<unknown> =>
      (await on.pool.query(`SELECT ctid, xmin FROM ${schema}.passkey_users`)).rows;
    const before = await version();
    assert.equal(await passkeys.userHandle('ann', 'another'), HANDLE);
    assert.deepEqual(await version(), before);
  });

  test('a place that was left is no place where the most an account may have was lowered', async () => {
    const { passkeys } = factorsOf(await on.open());
    await passkeys.userHandle('ann', HANDLE);
    for (const id of ['a', 'b', 'c']) assert.ok(await passkeys.add(sketchPasskey(id), 3));
    await passkeys.remove('ann', 'a');
    assert.equal(await passkeys.add(sketchPasskey('d'), 2), false);
    assert.equal(await passkeys.add(sketchPasskey('d'), 3), true);
  });

  test('fails with its code while the database is gone, and says yes to nothing', async () => {
    const state = await on.open();
    await state.close();
    const { totp, recoveryCodes, passkeys, rememberedBrowsers: devices } = factorsOf(state);
    const down = { code: 'ERR_BULWARK_STORE_DOWN' };
    for (const ask of [
      () => totp.use('ann', 'a', 99, NOW),
      () => totp.find('ann'),
      () => recoveryCodes.take('ann', 'a'),
      () => passkeys.use('ann', 'k', { counter: 1, backedUp: true, now: NOW }),
      () => passkeys.add(sketchPasskey('k'), MOST),
      () => devices.rotate('d', 'hash of d', 'next', NOW),
    ]) {
      await assert.rejects(async () => ask(), down);
    }
  });

  test('looks rows up, and sweeps, by an index', async () => {
    const schema = on.freshSchema();
    await on.open({ schema });
    await on.pool.query(
      `INSERT INTO ${schema}.devices (id, account, token_hash, created_at, used_at, expires_at, address, user_agent)
       SELECT 'd' || n, 'a' || n / 10, '', n, n, n, '', '' FROM generate_series(1, 20000) n;
       INSERT INTO ${schema}.totp (account, id) SELECT 'a' || n, 'x' FROM generate_series(1, 20000) n;
       INSERT INTO ${schema}.passkey_users SELECT 'a' || n, 'h' || n FROM generate_series(1, 5000) n;
       INSERT INTO ${schema}.passkeys SELECT 'k' || n, 'a' || n, 1, '', 0, true, true, '[]', '', '', n
         FROM generate_series(1, 5000) n;
       ANALYZE ${schema}.devices, ${schema}.totp, ${schema}.passkeys, ${schema}.passkey_users`,
    );
    const plan = async (sql: string): Promise<string> => {
      const { rows } = await on.pool.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN ${sql.replaceAll('@', schema)}`,
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    const passkeys = '@.passkeys JOIN @.passkey_users USING (account)';
    for (const [sql, index] of [
      ["SELECT * FROM @.devices WHERE account = 'a7'", /devices_by_account/],
      ['SELECT 1 FROM @.devices WHERE expires_at <= 100 LIMIT 1000', /devices_by_end/],
      ['SELECT 1 FROM @.totp WHERE pending_expires_at <= 9 AND id IS NULL LIMIT 1000', /totp_by_end/],
      ["SELECT * FROM @.totp WHERE account > 'a7' AND id IS NOT NULL ORDER BY account LIMIT 9", /totp_pkey/],
      [`SELECT * FROM ${passkeys} WHERE account = 'a7'`, /passkeys_account_place_key/],
      [`SELECT * FROM ${passkeys} WHERE credential_id = 'k7'`, /passkeys_pkey/],
    ] as const) {
      assert.match(await plan(sql), index);
    }
  });

  describe('races', () => {
    const pair = async (t: TestContext, pool: Pool = on.pool): Promise<FactorPair> => {
      const both = await openPair(t, pool, on.freshSchema());
      return { ...both, one: factorsOf(both.first), two: factorsOf(both.second) };
    };

    test('v5.0.0-15.4.2 who waits for a use of the same step, code, count or token is refused', async (t) => {
      const both = await pair(t);
      const { one, two } = both;
      await enrol(two);
      await two.recoveryCodes.replace('ann', ['a', 'b'], NOW);
      await two.passkeys.userHandle('ann', HANDLE);
      await two.passkeys.add(sketchPasskey('k', { counter: 5 }), MOST);
      await two.rememberedBrowsers.put(sketchRememberedBrowser('d'), MOST);
      const count = { counter: 6, backedUp: false, now: NOW };
      for (const [hold, meet, no] of [
        [() => one.totp.use('ann', 'a', 11, NOW), () => two.totp.use('ann', 'a', 11, NOW), false],
        [
          () => one.totp.reseal('ann', 'a', 'sealed a', 'x'),
          () => two.totp.reseal('ann', 'a', 'sealed a', 'y'),
          false,
        ],
        [() => one.recoveryCodes.take('ann', 'a'), () => two.recoveryCodes.take('ann', 'a'), undefined],
        [() => one.passkeys.use('ann', 'k', count), () => two.passkeys.use('ann', 'k', count), false],
        [
          () => one.rememberedBrowsers.rotate('d', 'hash of d', 'x', NOW),
          () => two.rememberedBrowsers.rotate('d', 'hash of d', 'y', NOW),
          false,
        ],
      ] as const) {
        assert.equal(await inTurn(both, hold, async () => meet()), no, String(meet));
      }
      const left = await inTurn(
        both,
        () => one.recoveryCodes.replace('ann', ['c', 'd', 'e'], NOW),
        () => two.recoveryCodes.take('ann', 'b'),
      );
      assert.equal(left, undefined);
      assert.equal(await two.recoveryCodes.count('ann'), 3);
    });

    test('what is removed while a use of it waits is of no use', async (t) => {
      const both = await pair(t);
      const { one, two } = both;
      const use = { counter: 6, backedUp: false, now: NOW };
      for (const meet of [
        () => two.totp.use('ann', 'a', 11, NOW),
        () => two.totp.confirm('ann', 'b', 11, NOW),
        () => two.recoveryCodes.take('ann', 'a'),
        () => two.passkeys.use('ann', 'k', use),
        () => two.rememberedBrowsers.rotate('d', 'hash of d', 'next', NOW),
      ]) {
        await enrol(two);
        await two.totp.putPending('ann', sketchPending('b'));
        await two.recoveryCodes.replace('ann', ['a'], NOW);
        await two.passkeys.userHandle('ann', HANDLE);
        await two.passkeys.add(sketchPasskey('k'), MOST);
        await two.rememberedBrowsers.put(sketchRememberedBrowser('d'), MOST);
        const used = await inTurn(
          both,
          () => one.removeAccount('ann'),
          async () => meet(),
        );
        assert.ok(used === false || used === undefined, String(meet));
        assert.equal(await two.totp.find('ann'), undefined);
      }
    });

    test('an app that is confirmed while a sweep looks at it stays', async (t) => {
      const { one, two, client, commit } = await pair(t);
      await two.totp.putPending('ann', sketchPending('a'));
      await client.query('BEGIN');
      assert.ok(await one.totp.confirm('ann', 'a', 1, NOW + TTL - 1));
      assert.equal(await two.sweep(NOW + TTL), 0);
      await commit();
      assert.equal(await two.sweep(NOW + TTL), 0);
      assert.equal((await two.totp.find('ann'))?.active?.id, 'a');
    });

    test('a passkey that is added while its account is removed is not left over', async (t) => {
      const both = await pair(t);
      const { one, two } = both;
      await two.passkeys.userHandle('ann', HANDLE);
      const added = await inTurn(
        both,
        () => one.removeAccount('ann'),
        () => two.passkeys.add(sketchPasskey('a'), MOST),
      );
      assert.equal(added, false);
      await two.passkeys.userHandle('ann', HANDLE);
      await inTurn(
        both,
        () => one.passkeys.add(sketchPasskey('b'), MOST),
        () => two.removeAccount('ann'),
      );
      assert.equal(await two.passkeys.find('b'), undefined);
    });

    test('two that add a passkey at once both may, but not past the most an account may have', async (t) => {
      const both = await pair(t);
      const { one, two } = both;
      await two.passkeys.userHandle('ann', HANDLE);
      const meets = async (id: string, other: string, most: number): Promise<boolean> =>
        inTurn(
          both,
          () => one.passkeys.add(sketchPasskey(id), most),
          () => two.passkeys.add(sketchPasskey(other), most),
        );
      assert.equal(await meets('a', 'b', 3), true);
      assert.equal(await meets('c', 'd', 3), false);
      assert.equal(await meets('e', 'e', 9), false);
      const ids = (await two.passkeys.list('ann')).map(({ credentialId }) => credentialId);
      assert.deepEqual(ids, ['a', 'b', 'c', 'e']);
    });

    test('of a crowd that adds passkeys at once exactly as many pass as there are places', async () => {
      const { passkeys } = factorsOf(await on.open());
      await passkeys.userHandle('ann', HANDLE);
      const crowd = Array.from({ length: 12 }, async (_, index) =>
        passkeys.add(sketchPasskey(`k${index}`), 5),
      );
      assert.equal((await Promise.all(crowd)).filter(Boolean).length, 5);
      assert.equal((await passkeys.list('ann')).length, 5);
    });

    test('two that ask for a user handle at once get the same', async (t) => {
      const both = await pair(t);
      const got = await inTurn(
        both,
        () => both.one.passkeys.userHandle('ann', 'first'),
        () => both.two.passkeys.userHandle('ann', 'second'),
      );
      assert.equal(got, 'first');
    });

    test('devices that were remembered at once past the most are dropped with the next', async () => {
      const { rememberedBrowsers: devices } = factorsOf(await on.open());
      const crowd = ['a', 'b', 'c', 'd'].map((id) => devices.put(sketchRememberedBrowser(id), 2));
      await Promise.all(crowd.map(async (one) => one));
      await devices.put(sketchRememberedBrowser('e', { createdAt: NOW + 1 }), 2);
      const ids = (await devices.list('ann', NOW)).map(({ id }) => id);
      assert.deepEqual([ids.length, ids.includes('e')], [2, true]);
    });

    test('a database that is set to refuse what met is asked again', async (t) => {
      const own = on.server.pool(on.url, { options: '-c default_transaction_isolation=serializable' });
      const both = await pair(t, own);
      const { one, two } = both;
      await enrol(two);
      await two.passkeys.userHandle('ann', HANDLE);
      const used = await inTurn(
        both,
        () => one.totp.use('ann', 'a', 11, NOW),
        () => two.totp.use('ann', 'a', 11, NOW),
      );
      assert.equal(used, false);
      const added = await inTurn(
        both,
        () => one.passkeys.add(sketchPasskey('a'), MOST),
        () => two.passkeys.add(sketchPasskey('b'), MOST),
      );
      assert.equal(added, true);
    });
  });
});

interface FactorPair extends Pair {
  readonly one: FactorStore;
  readonly two: FactorStore;
}

function factorsOf({ factors }: State): FactorStore {
  assert.ok(factors);
  return factors;
}

/** Gives Ann the authenticator app `a`. */
async function enrol({ totp }: FactorStore): Promise<void> {
  await totp.putPending('ann', sketchPending('a'));
  assert.ok(await totp.confirm('ann', 'a', 10, NOW));
}
