/** The vault on the stores of several machines: two gateways before one Flask application, on one Redis or one PostgreSQL. */
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { createClient } from 'redis';
import { VAULT_COOKIE } from '../../src/gateway/vault/handle.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { postgres } from '../../src/stores/postgres/state.ts';
import { redis } from '../../src/stores/redis/state.ts';
import { PostgresServer } from '../support/postgres.ts';
import { RedisServer } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { FLASK_SERVERS, type FlaskNotes, startNotes } from './flask-servers.ts';
import { Visitor } from './flask-visitor.ts';
import { type Site, startGateway, startSite } from './sign-in/sites.ts';

const SERVER = FLASK_SERVERS['gunicorn gthread'];
assert.ok(SERVER);
/** A stall of this machine is no outage of a store. */
const deadlineMs = 15_000;

/** A store with a server of its own. */
interface Place {
  readonly open: (t: TestContext) => Promise<State>;
  /** Everything that it keeps, as text. */
  readonly dump: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  Redis: async () => {
    const server = await RedisServer.start();
    const open = async (t: TestContext): Promise<State> => {
      const client = createClient({ url: server.url, RESP: 3 });
      client.on('error', () => undefined);
      await client.connect();
      t.after(() => client.destroy());
      return await redis(client, { deadlineMs });
    };
    const dump = async (): Promise<string> => {
      const keys = (await server.ask(['KEYS', '*'])) as string[];
      const values = await Promise.all(
        keys.map(async (key) => {
          const type = await server.ask(['TYPE', key]);
          return JSON.stringify(await server.ask(type === 'hash' ? ['HGETALL', key] : ['DUMP', key]));
        }),
      );
      return [...keys, ...values].join('\n');
    };
    return { open, dump, stop: () => server.stop() };
  },
  PostgreSQL: async () => {
    const server = await PostgresServer.start();
    const database = await server.database();
    const open = async (): Promise<State> => await postgres(server.pool(database), { deadlineMs });
    const dump = async (): Promise<string> => {
      const pool = server.pool(database);
      const text =
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_name LIKE '%session%'";
      const { rows } = await pool.query<{ table_schema: string; table_name: string }>(text);
      const tables = rows.map(async ({ table_schema, table_name }) => {
        return JSON.stringify((await pool.query(`SELECT * FROM "${table_schema}"."${table_name}"`)).rows);
      });
      const dumped = await Promise.all(tables);
      await pool.end();
      return dumped.join('\n');
    };
    return { open, dump, stop: () => server.stop() };
  },
};

for (const [name, start] of Object.entries(PLACES)) {
  describe(`the vault on ${name}, before Flask`, () => {
    let notes: FlaskNotes;
    let place: Place;
    before(async () => {
      [notes, place] = await Promise.all([startNotes(SERVER), start()]);
    });
    after(async () => {
      await Promise.all([notes.stop(), place.stop()]);
    });

    const open = async (t: TestContext, port = notes.port): Promise<Site> => {
      const site = await startGateway(port, { vault: ['session'] }, { state: await place.open(t) });
      t.after(() => site.stop());
      return site;
    };
    const isSignedIn = async (site: Site, visitor: Visitor, page = '/notes'): Promise<boolean> =>
      (await new Visitor(site.port, visitor.jar).ask(page)).status === 200;

    test('who signs in at one gateway is signed in at the other, and a sign-out there ends it at both', async (t) => {
      const [one, other] = [await open(t), await open(t)];
      const ann = new Visitor(one.port);
      await ann.signIn('ann');
      assert.match(ann.jar.get(VAULT_COOKIE) ?? '', /^[\w-]{43}$/);
      assert.equal(ann.jar.has('session'), false);
      assert.deepEqual([await isSignedIn(one, ann), await isSignedIn(other, ann)], [true, true]);
      const elsewhere = new Visitor(other.port, ann.jar);
      await elsewhere.ask('/logout', { method: 'POST' });
      assert.equal(elsewhere.jar.has(VAULT_COOKIE), false);
      assert.equal(await isSignedIn(other, ann), false);
      // A process that keeps sessions near is told by the store, a moment later.
      await until('the copy opens nothing', async () => !(await isSignedIn(one, ann)));
    });

    test('a handle from before the sign-in is another one, and opens nothing after it', async (t) => {
      const application = await startSite('flask_login_site', ['gunicorn']);
      t.after(() => application.stop());
      const [one, other] = [await open(t, application.port), await open(t, application.port)];
      const visitor = new Visitor(one.port);
      // The token of its form makes a session of nobody: whoever planted it knows it.
      const page = await (await visitor.ask('/sign-in')).text();
      const planted = new Visitor(one.port, visitor.jar);
      assert.match(planted.jar.get(VAULT_COOKIE) ?? '', /^[\w-]{43}$/);
      const csrf_token = /csrf_token" value="([^"]+)"/.exec(page)?.[1] ?? '';
      const body = new URLSearchParams({ csrf_token, who: 'ann@example.com', phrase: 'ann-password' });
      await visitor.ask('/authenticate', { method: 'POST', body });
      assert.match(visitor.jar.get(VAULT_COOKIE) ?? '', /^[\w-]{43}$/);
      assert.notEqual(visitor.jar.get(VAULT_COOKIE), planted.jar.get(VAULT_COOKIE));
      const isIn = async (site: Site, who: Visitor): Promise<boolean> => isSignedIn(site, who, '/');
      assert.deepEqual([await isIn(one, visitor), await isIn(other, visitor)], [true, true]);
      assert.deepEqual([await isIn(one, planted), await isIn(other, planted)], [false, false]);
    });

    test('a gateway that was started again knows who was signed in, and ends it by the name of the user', async (t) => {
      const first = await open(t);
      const bob = new Visitor(first.port);
      await bob.signIn('bob');
      const second = await open(t);
      assert.ok(await isSignedIn(second, bob));
      assert.equal(await second.gateway.sessions.revokeAccount('bob'), 1);
      assert.equal(await isSignedIn(second, bob), false);
      await until('the other gateway hears of it', async () => !(await isSignedIn(first, bob)));
    });

    test('what the store holds opens nothing', async (t) => {
      const site = await open(t);
      const ann = new Visitor(site.port);
      await ann.signIn('ann');
      const seen = await (await ann.ask('/seen')).text();
      const cookie = /session=([\w.-]+)/.exec(seen)?.[1] ?? '';
      assert.ok(cookie.length > 20);
      const dump = await place.dump();
      assert.ok(dump.length > 100);
      for (const text of [cookie, cookie.split('.')[0] ?? '', ann.jar.get(VAULT_COOKIE) ?? ''])
        assert.ok(!dump.includes(text));
    });
  });
}
