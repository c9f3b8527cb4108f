import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { types } from 'pg';
import { postgresStates } from '../../../test/support/postgres-states.ts';
import { FakeBrowser, FakeSite, type Handler } from '../../../test/support/sessions.ts';
import { gcraDebit, gcraStep } from '../../core/gcra.ts';
import { storeConformance } from '../../testing/conformance.ts';
import { HOSTILE_TEXTS, NOW, sketchSession } from '../../testing/conformance/support.ts';
import type { PostgresStatement } from './pool.ts';
import { postgres, type PostgresPool } from './state.ts';

const FIVE = { count: 5, windowMs: 60_000 };

/** What a request may do with its session late in its life. */
const WRITES: readonly Handler[] = [
  (session) => session.set('back', true),
  (session) => session.renew({ mfa: true }),
  (session) => session.issueToken('back', 60_000),
];

describe('PostgreSQL', () => {
  const on = postgresStates('state');

  storeConformance('postgres', () => on.open());

  test('says that every process of the network sees it', async () => {
    const state = await on.open();
    assert.equal(state.reach, 'network');
    await state.close();
  });

  test('finds everything again when it is opened again, and two that are open see the same', async () => {
    const schema = on.freshSchema();
    const one = await on.open({ schema });
    await one.sessions.create(sketchSession('a', { data: '{"kept":true}' }));
    await one.sessions.putOnceToken('a', 't', NOW + 1000, NOW);
    await one.counters.take('k', FIVE, NOW);
    const two = await on.open({ schema });
    assert.equal((await two.sessions.find('a', NOW))?.data, '{"kept":true}');
    assert.ok(await two.sessions.takeToken('a', 't', NOW));
    assert.equal((await two.counters.take('k', FIVE, NOW)).remaining, 3);
    assert.ok(await two.sessions.revoke('a'));
    assert.equal(await one.sessions.use('a', NOW, 0), undefined);
    await one.close();
    await two.close();
  });

  test('prepares nothing where a pooler in between would forget it', async () => {
    const own = on.server.pool(await on.server.database(), { max: 1 });
    const state = await on.open({ prepare: false }, own);
    await state.sessions.create(sketchSession('a'));
    assert.deepEqual(await state.sessions.use('a', NOW, 0), sketchSession('a'));
    assert.ok((await state.counters.take('k', FIVE, NOW)).allowed);
    assert.equal((await own.query('SELECT 1 FROM pg_prepared_statements')).rowCount, 0);
  });

  test('closing ends nothing that was handed in', async () => {
    const state = await on.open();
    await state.close();
    await state.close();
    await assert.rejects(async () => state.sessions.find('a', NOW), { code: 'ERR_BULWARK_STORE_DOWN' });
    assert.equal((await on.pool.query('SELECT 1')).rowCount, 1);
  });

  test('keeps its tables in a schema that nobody else may look into', async () => {
    const schema = on.freshSchema();
    await (await on.open({ schema })).close();
    const others = await on.pool.query("SELECT has_schema_privilege('pg_monitor', $1, 'USAGE') AS may", [
      schema,
    ]);
    assert.deepEqual(others.rows, [{ may: false }]);
    const elsewhere = await on.pool.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'");
    assert.equal(elsewhere.rowCount, 0);
  });

  test('refuses a schema that is no plain name, before it asks the database anything', async () => {
    const untouched: PostgresPool = {
      query: async () => assert.fail('asked'),
      connect: async () => assert.fail('connected'),
    };
    for (const schema of [
      '',
      'a"b',
      'a b',
      'A',
      '1a',
      'pg_x',
      'x'.repeat(64),
      'a; DROP TABLE b',
      'a.b',
      '@',
    ]) {
      await assert.rejects(postgres(untouched, { schema }), { code: 'ERR_BULWARK_INVALID_OPTION' }, schema);
    }
  });

  test('takes a schema named as a word of SQL', async () => {
    const state = await on.open({ schema: 'select' });
    await state.sessions.create(sketchSession('a'));
    assert.ok(await state.sessions.find('a', NOW));
    await state.close();
  });

  test('v5.0.0-1.2.4 keeps hostile texts as they are, and others readable in psql', async () => {
    const schema = on.freshSchema();
    const state = await on.open({ schema });
    const texts = [...HOSTILE_TEXTS, '\u0010', '\u00100', '\u00101', '\u00101\0'];
    for (const text of texts) {
      await state.sessions.create(sketchSession(text, { account: text, data: text }));
    }
    for (const text of texts) {
      assert.deepEqual(await state.sessions.list(text, NOW), [
        sketchSession(text, { account: text, data: text }),
      ]);
    }
    await state.sessions.create(sketchSession('plain', { account: 'Zo\u00eb \u{1f510}' }));
    const { rows } = await on.pool.query(`SELECT account FROM ${schema}.sessions WHERE id_hash = 'plain'`);
    assert.deepEqual(rows, [{ account: 'Zo\u00eb \u{1f510}' }]);
    await state.close();
  });

  test('counts as core/gcra.ts does to the last bit, over hundreds of odd moments', async () => {
    const { counters } = await on.open();
    let seed = 42;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    let tat = 0;
    let now = NOW;
    for (let index = 0; index < 400; index += 1) {
      const rate = { count: 1 + random(11), windowMs: 1000 + random(100_000) };
      now += random(3) * random(20_000);
      if (random(4) === 0) {
        const count = random(5);
        tat = gcraDebit(rate, tat, count, now);
        assert.equal(await counters.debit('k', rate, count, now), tat - now, `step ${index}`);
        continue;
      }
      const { allowed, remaining, retryAfterMs, resetAfterMs, tat: next } = gcraStep(rate, tat, now);
      const answer = await counters.take('k', rate, now);
      assert.deepEqual(answer, { allowed, remaining, retryAfterMs, resetAfterMs }, `step ${index}`);
      tat = next;
    }
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
    const { sessions, counters } = await on.open({}, counting);
    const trips = async (work: () => unknown): Promise<number> => {
      sent.length = 0;
      await work();
      return sent.length;
    };
    const calls: Readonly<Record<string, () => unknown>> = {
      create: () => sessions.create(sketchSession('a')),
      find: () => sessions.find('a', NOW),
      use: () => sessions.use('a', NOW + 60_000, 60_000),
      'use, not due': () => sessions.use('a', NOW + 60_001, 60_000),
      update: () => sessions.update('a', 1, { data: '{"a":1}' }, NOW),
      putOnceToken: () => sessions.putOnceToken('a', 't', NOW + 1000, NOW),
      takeToken: () => sessions.takeToken('a', 't', NOW),
      list: () => sessions.list('ann', NOW),
      replace: () => sessions.replace('a', sketchSession('b'), NOW),
      revoke: () => sessions.revoke('b'),
      revokeAccount: () => sessions.revokeAccount('ann', 'b'),
      sweep: () => sessions.sweep(NOW),
      take: () => counters.take('k', { count: 1, windowMs: 1000 }, NOW),
      'take, refused': () => counters.take('k', { count: 1, windowMs: 1000 }, NOW),
      debit: () => counters.debit('k', FIVE, 2, NOW),
      debt: () => counters.debt('k', NOW),
      'sweep of counters': () => counters.sweep(NOW),
    };
    const names = new Set<string | undefined>();
    for (const [name, call] of Object.entries(calls)) {
      assert.equal(await trips(call), 1, name);
      names.add(sent[0]?.name);
    }
    assert.ok([...names].every((name) => /^bulwark_[0-9a-f]{24}$/.test(name ?? '')));
    assert.equal(names.size, Object.keys(calls).length - 2);
  });

  test('reads its rows as it wrote them, whatever the application has told pg to make of numbers', async () => {
    const { BOOL, INT4, INT8, FLOAT8, TEXT } = types.builtins;
    const before = [BOOL, INT4, INT8, FLOAT8, TEXT].map((type) => [type, types.getTypeParser(type)] as const);
    for (const [type] of before) types.setTypeParser(type, () => 'no number at all');
    try {
      const { sessions, counters } = await on.open();
      const record = sketchSession('a', { roles: ['admin'] });
      await sessions.create(record);
      assert.deepEqual(await sessions.find('a', NOW), record);
      assert.equal(await sessions.count(), 1);
      assert.equal((await counters.take('k', FIVE, NOW)).remaining, 4);
      assert.equal(await counters.debit('k', FIVE, 1, NOW), 24_000);
    } finally {
      for (const [type, parser] of before) types.setTypeParser(type, parser);
    }
  });

  test('v5.0.0-7.4.1 a request held open over a revocation by another process stores nothing', async () => {
    const schema = on.freshSchema();
    const [here, there] = [await on.open({ schema }), await on.open({ schema })];
    const site = new FakeSite(here.sessions);
    const elsewhere = new FakeSite(there.sessions);
    const browser = new FakeBrowser(site);
    for (const write of WRITES) {
      await browser.visit((session) => session.signIn({ account: 'ann' }));
      const held = await browser.visit(async (session, exchange) => {
        assert.equal(await elsewhere.sessions.revokeAccount('ann'), 1);
        await write(session, exchange);
      });
      assert.equal(held.status, 401);
      assert.equal(await here.sessions.count(), 0);
    }
  });

  test('drops the tokens of a session that is ended or replaced, and sweeps what is left', async () => {
    const schema = on.freshSchema();
    const { sessions } = await on.open({ schema });
    const left = async (): Promise<number> =>
      (await on.pool.query(`SELECT 1 FROM ${schema}.tokens`)).rowCount ?? 0;
    for (const name of ['revoked', 'account', 'replaced', 'over']) {
      await sessions.create(sketchSession(name, { account: name, expiresAt: NOW + 1000 }));
      await sessions.putOnceToken(name, 't', NOW + 900_000, NOW);
    }
    await sessions.revoke('revoked');
    await sessions.revokeAccount('account');
    await sessions.replace('replaced', sketchSession('new'), NOW);
    assert.equal(await left(), 1);
    // A token ends with its session at the latest, whatever it was given for.
    assert.equal(await sessions.sweep(NOW + 1000), 2);
    assert.equal(await left(), 0);
  });

  test('looks rows up, and sweeps, by an index', async () => {
    const schema = on.freshSchema();
    const state = await on.open({ schema });
    await on.pool.query(
      `INSERT INTO ${schema}.sessions (id_hash, account, roles, created_at, seen_at, expires_at, idle_ms, version,
         address, user_agent, data)
       SELECT 's' || n, 'a' || n / 10, '[]', n, n, n + 100000, 50000, 1, '', '', '{}' FROM generate_series(1, 20000) n`,
    );
    await on.pool.query(`INSERT INTO ${schema}.counters SELECT 'k' || n, n FROM generate_series(1, 20000) n`);
    await on.pool.query(`ANALYZE ${schema}.sessions, ${schema}.counters`);
    const plan = async (sql: string): Promise<string> => {
      const { rows } = await on.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql.replace('@', schema)}`);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    assert.match(
      await plan("SELECT * FROM @.sessions WHERE id_hash = 's7' AND ends_at > 5"),
      /sessions_pkey/,
    );
    assert.match(
      await plan("SELECT * FROM @.sessions WHERE account = 'a7' AND ends_at > 5"),
      /sessions_by_account/,
    );
    assert.match(
      await plan('SELECT 1 FROM @.sessions WHERE ends_at <= 50100 LIMIT 1000 FOR UPDATE SKIP LOCKED'),
      /sessions_by_end/,
    );
    assert.match(
      await plan('SELECT 1 FROM @.counters WHERE tat <= 100 LIMIT 1000 FOR UPDATE SKIP LOCKED'),
      /counters_by_end/,
    );
    await state.close();
  });

  test('a connection that ends while it lies idle ends no process, and nothing is noticed', async () => {
    const own = on.server.pool(await on.server.database(), { max: 1 });
    const state = await on.open({}, own);
    const removed = new Promise((resolve) => own.once('remove', resolve));
    const { rows } = await own.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await on.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await removed;
    await state.sessions.create(sketchSession('a'));
    assert.ok(await state.sessions.find('a', NOW));
    await state.close();
  });
});
