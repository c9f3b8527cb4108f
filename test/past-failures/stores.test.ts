/** Stores across a network: what is answered while one is gone. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createClient, type RedisClientType } from 'redis';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { redis } from '../../src/stores/redis/state.ts';
import { HOSTS, type Host } from '../hosts/hosts.ts';
import { ask, sessionCookieOf } from '../../src/testing/wire.ts';
import { RedisServer } from '../support/redis.ts';
import { pastFailure, type Starts, type Subject } from './holds.ts';
import { failOpenLimitSite, sessionFirstSite } from './recipes.ts';
import { postForm } from './sites.ts';

/** A site whose store is gone. */
interface Orphan extends Subject {
  readonly port: number;
  /** Of someone who signed in while the store was there. */
  readonly cookie: string;
  readonly events: readonly AuditEvent[];
}

/** A client that gives up at once, which is the kindest setting: by default it waits for seconds, or for ever. */
async function clientOf(server: RedisServer): Promise<RedisClientType> {
  const socket = { reconnectStrategy: false } as const;
  const client: RedisClientType = createClient({ url: server.url, socket, disableOfflineQueue: true });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Kills Redis, and waits until its client knows. */
async function orphan(server: RedisServer, client: RedisClientType): Promise<void> {
  const known = once(client, 'error');
  await server.kill();
  await known;
}

async function underTheLayer(host: Host): Promise<Orphan> {
  const server = await RedisServer.start();
  const client = await clientOf(server);
  const running = await host({ state: await redis(client) });
  const cookie = sessionCookieOf(await postForm(running.port, '/sign-in?account=ann', '')) ?? '';
  await orphan(server, client);
  const stop = async (): Promise<void> => {
    await running.stop();
    await server.stop();
  };
  return { port: running.port, cookie, events: running.events, stop };
}

async function byRecipe(recipe: typeof sessionFirstSite): Promise<Orphan> {
  const server = await RedisServer.start();
  const client = await clientOf(server);
  const site = await recipe((...command) => client.sendCommand(command));
  await orphan(server, client);
  const stop = async (): Promise<void> => {
    await site.stop();
    await server.stop();
  };
  return { port: site.port, cookie: 'sid=ann', events: [], stop };
}

const onEveryHost: Starts<Orphan> = Object.fromEntries(
  Object.entries(HOSTS).map(([name, host]) => [`the layer on ${name}`, () => underTheLayer(host)]),
);

pastFailure(
  26,
  'Redis is gone: what needs no session is served, what needs one is 503, nobody is signed out',
  {
    on: onEveryHost,
    off: { 'a session looked up first, for everything': () => byRecipe(sessionFirstSite) },
    check: async ({ port, cookie }) => {
      const get = (target: string): ReturnType<typeof ask> => ask(port, { target, headers: { cookie } });
      assert.equal((await get('/json')).status, 200, 'a file is served');
      const private_ = await get('/members/page');
      assert.equal(private_.status, 503);
      assert.ok(private_.headers.some(([name]) => name === 'retry-after'));
      assert.ok(!private_.headers.some(([name]) => name === 'set-cookie'));
    },
    seen: /a file is served/,
  },
);

pastFailure(30, 'the store that counts sign-ins is gone: none is let through, and the log says so', {
  on: onEveryHost,
  off: { 'a limiter that lets pass what it cannot count': () => byRecipe(failOpenLimitSite) },
  check: async ({ port, events }) => {
    let passed = 0;
    for (let index = 0; index < 14; index += 1) {
      const { status } = await postForm(port, '/login', 'email=ann%40example.com&password=wrong');
      if (status === 200) passed += 1;
      else assert.equal(status, 503);
    }
    assert.equal(passed, 0, `${passed} of 14 pass`);
    assert.equal(events.filter(({ event }) => event === 'sys_store_unavailable').length, 1);
  },
  seen: /^14 of 14 pass/,
});
