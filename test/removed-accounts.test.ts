/** Removing an account, on every store: nobody is signed in to it any more, and nothing of it is left. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createClient } from 'redis';
import { joinStates } from '../src/stores/joined.ts';
import { memory } from '../src/stores/memory/state.ts';
import type { State } from '../src/stores/ports/state.ts';
import { postgres } from '../src/stores/postgres/state.ts';
import { redis } from '../src/stores/redis/state.ts';
import { sqlite } from '../src/stores/sqlite/state.ts';
import { FakeAccounts } from './support/accounts.ts';
import { PostgresServer } from './support/postgres.ts';
import { RedisServer } from './support/redis.ts';

let postgresServer: PostgresServer;
let redisServer: RedisServer;
const directory = mkdtempSync(join(tmpdir(), 'bulwark-removed-'));

before(async () => {
  [postgresServer, redisServer] = await Promise.all([PostgresServer.start(), RedisServer.start()]);
});
after(async () => {
  await Promise.all([postgresServer.stop(), redisServer.stop()]);
  rmSync(directory, { recursive: true });
});

/** What is slow here is this machine, and no store. */
const deadlineMs = 15_000;

async function inPostgres(): Promise<State> {
  return await postgres(postgresServer.pool(await postgresServer.database()), { deadlineMs });
}

const STATES: Readonly<Record<string, () => State | Promise<State>>> = {
  memory,
  SQLite: () => sqlite(directory),
  PostgreSQL: inPostgres,
  'Redis, with accounts in PostgreSQL': async () => {
    const client = await createClient({ url: redisServer.url }).connect();
    const shared = await redis(client, { deadlineMs });
    const state = joinStates({ shared, records: await inPostgres() });
    return {
      ...state,
      close: async () => {
        await state.close();
        client.destroy();
      },
    };
  },
};

for (const [name, open] of Object.entries(STATES)) {
  test(`v5.0.0-7.4.2 ${name}: removing an account ends its sessions in every browser, and no other's`, async () => {
    const state = await open();
    const site = new FakeAccounts({}, state);
    try {
      const { person, account } = await site.member('ann@example.com');
      const elsewhere = site.person('192.0.2.2');
      assert.equal(await elsewhere.signIn('ann@example.com'), 'signed in');
      const { person: bob, account: bobs } = await site.member('bob@example.com');
      assert.deepEqual([await person.who(), await elsewhere.who()], [account.id, account.id]);

      const operator = site.person('192.0.2.99');
      const remove = (): Promise<boolean> =>
        operator.visit((visit) => site.accounts.remove(visit, account.id));
      assert.ok(await remove());
      assert.deepEqual([await person.who(), await elsewhere.who()], [undefined, undefined]);
      assert.equal((await state.sessions.list(account.id, site.now)).length, 0);
      assert.equal(await person.signIn('ann@example.com'), 'credentials');
      assert.equal(await site.accounts.find(account.id), undefined);
      assert.equal(await bob.who(), bobs.id);
      assert.ok(site.events.some(({ event }) => event === 'user_deleted'));
      assert.ok(!(await remove()));
    } finally {
      await site.accounts.settled();
      await state.close();
    }
  });
}

test('v5.0.0-7.4.2 whoever signs in while their account is removed is not left signed in', async () => {
  const site = new FakeAccounts();
  const { account } = await site.member('ann@example.com');
  const operator = site.person('192.0.2.99');
  const people = Array.from({ length: 6 }, (_, index) => site.person(`192.0.2.${10 + index}`));
  await Promise.all([
    ...people.map((person) => person.signIn('ann@example.com')),
    operator.visit((visit) => site.accounts.remove(visit, account.id)),
  ]);
  for (const person of people) assert.equal(await person.who(), undefined);
  assert.equal((await site.state.sessions.list(account.id, site.now)).length, 0);
});
