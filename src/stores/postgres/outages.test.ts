/** A server that is killed, stands still, or lets nobody in, under load: stated answers meanwhile, and nothing lost. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, type Mock, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Pool } from 'pg';
import { PASSWORD, PostgresServer } from '../../../test/support/postgres.ts';
import { until } from '../../../test/support/until.ts';
import { FakeBrowser, FakeSite, START } from '../../../test/support/sessions.ts';
import { BulwarkError } from '../../core/errors.ts';
import { NOW, sketchSession } from '../../testing/conformance/support.ts';
import type { State, StoreHealth } from '../ports/state.ts';
import { postgres } from './state.ts';

const HOUR = { count: 1_000_000, windowMs: 3_600_000 };

describe('outages of PostgreSQL', () => {
  let server: PostgresServer;
  let pool: Pool;
  let state: State;
  let health: StoreHealth[];
  let made = 0;
  before(async () => {
    server = await PostgresServer.start({ durable: true });
  });
  after(async () => server.stop());
  beforeEach(async () => {
    pool = server.pool(await server.database(), { max: 5 });
    await open(20_000);
  });
  afterEach(async () => {
    server.thaw();
    await state.close();
  });

  /** Most tests are not about being late, and a busy machine must not make them so. */
  async function open(deadlineMs: number, schema: number = ++made): Promise<void> {
    state = await postgres(pool, { schema: `outage${schema}`, deadlineMs });
    health = [];
    state.onHealth?.((one) => health.push(one));
  }

  /** Asks until there is an answer. */
  async function untilBack(): Promise<void> {
    for (;;) {
      try {
        await state.sessions.find('nobody', NOW);
        return;
      } catch (error) {
        assert.ok(isDown(error), String(error));
        await wait(10);
      }
    }
  }

  /** Work that goes on until it is told to stop. Every answer is a yes that counts, or a stated no. */
  function load(): Acknowledged & { readonly stop: () => Promise<Acknowledged> } {
    const acknowledged: Acknowledged = { sessions: new Set(), taken: 0, refused: 0 };
    const stopping = new AbortController();
    const worker = async (id: number): Promise<void> => {
      for (let index = 0; !stopping.signal.aborted; index += 1) {
        const name = `${id}/${index}`;
        try {
          await state.sessions.create(sketchSession(name));
          acknowledged.sessions.add(name);
          if (await state.sessions.replace(name, sketchSession(`${name}/after`), NOW)) {
            acknowledged.sessions.delete(name);
            acknowledged.sessions.add(`${name}/after`);
          }
          if ((await state.counters.take('k', HOUR, NOW)).allowed) acknowledged.taken += 1;
        } catch (error) {
          assert.ok(isDown(error), String(error));
          acknowledged.refused += 1;
          // A replacement that was not answered may have been carried out: whichever it is, the person is signed in.
          if (acknowledged.sessions.delete(name)) acknowledged.sessions.add(`${name} or ${name}/after`);
          await wait(1);
        }
      }
    };
    const workers = Promise.all(Array.from({ length: 8 }, async (_, id) => worker(id)));
    const stop = async (): Promise<Acknowledged> => {
      stopping.abort();
      await workers;
      return acknowledged;
    };
    return Object.assign(acknowledged, { stop });
  }

  async function isAllThere({ sessions, taken }: Acknowledged): Promise<void> {
    assert.ok(sessions.size > 0 && taken > 0);
    for (const name of sessions) {
      const found = await Promise.all(name.split(' or ').map(async (one) => state.sessions.find(one, NOW)));
      assert.equal(found.filter((one) => one !== undefined).length, 1, name);
    }
    const { remaining } = await state.counters.take('k', HOUR, NOW);
    assert.ok(remaining < HOUR.count - taken);
  }

  test('killed under load and started again: nothing that was acknowledged is lost', async () => {
    for (let round = 1; round <= 2; round += 1) {
      const work = load();
      await until('it is under way', () => work.taken > 20);
      await server.kill();
      await until('some are refused', () => work.refused > 20);
      await server.run();
      await untilBack();
      const { taken } = work;
      await until('it goes on', () => work.taken > taken + 20);
      const acknowledged = await work.stop();
      await isAllThere(acknowledged);
      assert.deepEqual(
        health.map(({ store, up }) => [store, up]),
        Array.from({ length: round * 2 }, (_, index) => ['postgres', index % 2 === 1]),
      );
      await state.sessions.revokeAccount('ann');
    }
    assert.ok(!JSON.stringify(health).includes(PASSWORD));
  });

  test('while it is gone each request is answered at once, without asking it', async (t) => {
    await server.kill();
    await assert.rejects(async () => state.sessions.find('a', NOW), { code: 'ERR_BULWARK_STORE_DOWN' });
    const query = t.mock.method(pool, 'query');
    const answers = Array.from({ length: 200 }, async (_, index) => {
      const asked: unknown =
        index % 2 === 0 ? state.counters.take('k', HOUR, NOW) : state.sessions.list('ann', NOW);
      await asked;
    });
    const settled = await Promise.allSettled(answers);
    assert.ok(settled.every((one) => one.status === 'rejected' && isDown(one.reason)));
    // Only its own probes, and they are what finds it again.
    assert.ok(onlyProbes(query));
    await server.run();
    await untilBack();
    assert.deepEqual(
      health.map(({ up }) => up),
      [false, true],
    );
  });

  test('who is signed in meets a 503, keeps the cookie, and is signed in when it is back', async () => {
    const site = new FakeSite(state.sessions);
    const browser = new FakeBrowser(site);
    await browser.visit((session) => session.signIn({ account: 'ann' }));
    const { id } = browser;
    await server.kill();
    for (let index = 0; index < 5; index += 1) {
      const visit = await browser.visit((session) => session.principal);
      assert.equal(visit.status, 503);
      assert.deepEqual(visit.setCookies, []);
    }
    const failed = await new FakeBrowser(site).visit((session) => session.signIn({ account: 'eve' }));
    assert.ok(isDown(failed.error));
    assert.deepEqual(failed.setCookies, []);
    await server.run();
    await untilBack();
    const back = await browser.visit();
    assert.equal(back.exchange.session?.principal?.account, 'ann');
    assert.equal(browser.id, id);
    assert.deepEqual(await state.sessions.list('eve', START), []);
  });

  test('a server that stands still is gone after a few that waited, and back when it goes on', async (t) => {
    await state.close();
    pool = server.pool(await server.database(), { max: 5, connectionTimeoutMillis: 60_000 });
    await open(2000);
    const work = load();
    await until('it is under way', () => work.taken > 20);
    server.freeze();
    await until('it is known to be gone', () => health.at(-1)?.up === false);
    assert.deepEqual(health.at(-1), { store: 'postgres', up: false, error: 'too late' });
    const query = t.mock.method(pool, 'query');
    await assert.rejects(async () => state.sessions.find('a', NOW), { code: 'ERR_BULWARK_STORE_DOWN' });
    assert.ok(onlyProbes(query), 'nobody waits any more');
    query.mock.restore();
    server.thaw();
    await until('it is known to be back', () => health.at(-1)?.up === true);
    const { taken } = work;
    await until('it goes on', () => work.taken > taken);
    await isAllThere(await work.stop());
    assert.ok(pool.totalCount <= 5);
  });

  test('connections to a server that never answers again are given up, and their places used', async () => {
    await Promise.all(Array.from({ length: 5 }, async () => state.sessions.count()));
    assert.equal(pool.totalCount, 5);
    await state.close();
    await open(200, made);
    // Its backends stand still; the server itself takes connections.
    server.freeze();
    process.kill(server.pid, 'SIGCONT');
    const asked = Array.from({ length: 5 }, async () => state.sessions.find('a', NOW));
    const settled = await Promise.allSettled(asked);
    assert.ok(settled.every((one) => one.status === 'rejected' && isDown(one.reason)));
    await untilBack();
    server.thaw();
  });

  test('who waits too long for a row is told so, alone, and it may be done all the same', async () => {
    await state.sessions.create(sketchSession('held'));
    await state.close();
    const patient = await postgres(pool, { schema: `outage${made}`, deadlineMs: 60_000 });
    state = await postgres(pool, { schema: `outage${made}`, deadlineMs: 300 });
    const holder = await pool.connect();
    await holder.query('BEGIN');
    await holder.query(`UPDATE outage${made}.sessions SET seen_at = seen_at`);
    await assert.rejects(async () => state.sessions.update('held', 1, { data: '{"late":1}' }, NOW), {
      code: 'ERR_BULWARK_STORE_DOWN',
    });
    assert.ok(await patient.sessions.find('held', NOW));
    await holder.query('COMMIT');
    holder.release();
    while ((await patient.sessions.find('held', NOW))?.version !== 2) await wait(10);
    await patient.close();
  });

  test('one row that stays locked ends its own connection, and nothing for anyone else', async () => {
    await state.sessions.create(sketchSession('held'));
    await state.close();
    await open(100, made);
    const holder = await pool.connect();
    await holder.query('BEGIN');
    await holder.query(`UPDATE outage${made}.sessions SET seen_at = seen_at`);
    const given = new Promise((resolve) => pool.once('remove', resolve));
    await assert.rejects(async () => state.sessions.update('held', 1, { data: '{"late":1}' }, NOW), {
      code: 'ERR_BULWARK_STORE_DOWN',
    });
    await given;
    // What became of its connection was told to nobody: by itself it is no outage.
    await wait(50);
    assert.deepEqual(health, []);
    await holder.query('ROLLBACK');
    holder.release();
  });

  test('a server that only reads is as good as gone, until it writes', async (t) => {
    await state.sessions.create(sketchSession('a'));
    const set = async (value: string): Promise<void> => {
      const { rows } = await pool.query<{ name: string }>('SELECT current_database() AS name');
      await pool.query(
        `SET transaction_read_only = off; ALTER DATABASE ${rows[0]?.name} SET default_transaction_read_only = ${value}`,
      );
      await pool.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      await pool.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
    };
    await set('on');
    await assert.rejects(
      async () => {
        for (;;) await state.sessions.create(sketchSession(`b${Math.random()}`));
      },
      { code: 'ERR_BULWARK_STORE_DOWN' },
    );
    await until('it is known to be gone', () => health.length === 1);
    // It answers every probe meanwhile, and is not believed.
    const query = t.mock.method(pool, 'query');
    await until('it was probed', () => query.mock.callCount() > 2);
    query.mock.restore();
    assert.equal(health.length, 1);
    await set('off');
    await untilBack();
    await state.sessions.create(sketchSession('c'));
  });
});

/** What the store said yes to. */
interface Acknowledged {
  readonly sessions: Set<string>;
  taken: number;
  refused: number;
}

function onlyProbes({ mock }: Mock<Pool['query']>): boolean {
  const texts = mock.calls.map(
    ({ arguments: [statement] }) => (statement as unknown as { text: string }).text,
  );
  return texts.every((text) => text.includes('transaction_read_only'));
}

function isDown(error: unknown): boolean {
  return error instanceof BulwarkError && error.code === 'ERR_BULWARK_STORE_DOWN';
}
