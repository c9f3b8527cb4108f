/** Sign-ins that are counted by two gateways on one store, and a store that is gone. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { createClient } from 'redis';
import type { State } from '../../src/stores/ports/state.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { postgres } from '../../src/stores/postgres/state.ts';
import { redis } from '../../src/stores/redis/state.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { PostgresServer } from '../support/postgres.ts';
import { RedisServer } from '../support/redis.ts';
import { startGateway } from './sign-in/sites.ts';

const RATES = { perPair: '5/day', perAccount: '10/day', perClient: '20/day' } as const;
const FORM = '<form method=post><input name=username><input type=password name=password></form>';

/** A sign-in where every password is wrong, and how often it was asked. */
async function startWrong(t: TestContext): Promise<{ readonly port: number; readonly asked: () => number }> {
  let asked = 0;
  const server = createServer((request, response) => {
    if (request.method === 'POST') asked += 1;
    request.resume().on('end', () => response.writeHead(200, { 'Content-Type': 'text/html' }).end(FORM));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked: () => asked };
}

async function guess(port: number, client: string, username: string): Promise<number> {
  const response = await fetch(`http://localhost:${port}/login`, {
    method: 'POST',
    headers: { 'x-forwarded-for': client, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ username, password: 'wrong' }),
  });
  await response.arrayBuffer();
  return response.status;
}

/** What two gateways on one store let through of so many guesses at once. */
async function passed(
  t: TestContext,
  stateOf: () => Promise<State> | State,
  guesses: number,
  of: (number: number) => readonly [client: string, username: string],
): Promise<number> {
  const wrong = await startWrong(t);
  const sites = await Promise.all(
    [1, 2].map(async () => startGateway(wrong.port, { signIn: RATES }, { state: await stateOf() })),
  );
  t.after(() => Promise.all(sites.map((site) => site.stop())));
  const tries = Array.from({ length: guesses }, async (_, number) =>
    guess(sites[number % 2]?.port ?? 0, ...of(number)),
  );
  const statuses = await Promise.all(tries);
  assert.deepEqual([...new Set(statuses)].toSorted(), [200, 429]);
  const through = statuses.filter((status) => status === 200).length;
  assert.equal(wrong.asked(), through);
  return through;
}

function countsTogether(stateOf: (t: TestContext) => Promise<State> | State): void {
  test('of two hundred clients that guess at one account, ten are let through in all', async (t) => {
    assert.equal(
      await passed(
        t,
        () => stateOf(t),
        200,
        (number) => [`203.0.113.${number + 1}`, 'ann'],
      ),
      10,
    );
  });
  test('of sixty accounts that one client tries, twenty are let through in all', async (t) => {
    assert.equal(
      await passed(
        t,
        () => stateOf(t),
        60,
        (number) => ['198.51.100.7', `user${number}`],
      ),
      20,
    );
  });
}

describe('sign-ins counted in memory by two gateways of one process', () => {
  const states = new WeakMap<TestContext, State>();
  countsTogether((t) => {
    const state = states.get(t) ?? memory();
    states.set(t, state);
    return state;
  });
});

describe('sign-ins counted in SQLite by two connections', () => {
  const folders = new WeakMap<TestContext, string>();
  countsTogether((t) => {
    let folder = folders.get(t);
    if (folder === undefined) {
      const made = mkdtempSync(join(tmpdir(), 'bulwark-sign-in-'));
      folders.set(t, (folder = made));
      t.after(() => rmSync(made, { recursive: true, force: true }));
    }
    return sqlite(folder);
  });
});

describe('sign-ins counted in Redis by two clients', () => {
  let server: RedisServer;
  before(async () => {
    server = await RedisServer.start();
  });
  after(() => server.stop());
  const prefixes = new WeakMap<TestContext, string>();
  let tests = 0;
  const open = async (t: TestContext): Promise<State> => {
    const prefix = prefixes.get(t) ?? `test${(tests += 1)}:`;
    prefixes.set(t, prefix);
    const client = createClient({ url: server.url, RESP: 3 });
    client.on('error', () => undefined);
    await client.connect();
    t.after(() => client.destroy());
    // A stall of this machine is no outage of Redis.
    return await redis(client, { prefix, deadlineMs: 15_000 });
  };
  countsTogether(open);

  test('where it is gone nobody signs in, everybody else is served, and it is told', async (t) => {
    const wrong = await startWrong(t);
    const site = await startGateway(wrong.port, { signIn: RATES }, { state: await open(t) });
    t.after(() => site.stop());
    assert.equal(await guess(site.port, '203.0.113.1', 'ann'), 200);
    await server.kill();
    try {
      assert.equal(await guess(site.port, '203.0.113.1', 'ann'), 503);
      assert.equal((await fetch(`http://localhost:${site.port}/login`)).status, 200);
      assert.equal(wrong.asked(), 1);
    } finally {
      await server.again();
    }
  });
});

describe('sign-ins counted in PostgreSQL by two pools', () => {
  let server: PostgresServer;
  before(async () => {
    server = await PostgresServer.start();
  });
  after(() => server.stop());
  const databases = new WeakMap<TestContext, Promise<string>>();
  countsTogether(async (t) => {
    const database = databases.get(t) ?? server.database();
    databases.set(t, database);
    return await postgres(server.pool(await database), { deadlineMs: 15_000 });
  });
});
