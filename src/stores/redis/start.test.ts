/** A start on a Redis that will not have all of it: it ends within a bound, and says what it met. */
import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test, type TestContext } from 'node:test';
import { Redis as Ioredis } from 'ioredis';
import { createClient } from 'redis';
import { RedisServer } from '../../../test/support/redis.ts';
import { BulwarkError } from '../../core/errors.ts';
import { redis, type RedisClient } from './state.ts';

/** A client of a driver, and what of it a test needs. */
interface Driver {
  readonly client: RedisClient;
  readonly call: (...command: string[]) => Promise<unknown>;
}

const DRIVERS: Readonly<
  Record<string, (t: TestContext, port: number, username?: string) => Promise<Driver>>
> = {
  redis: async (t, port, username) => {
    const who = username === undefined ? {} : { username, password: 'hunter2' };
    const client = createClient({ socket: { port, host: '127.0.0.1', reconnectStrategy: 20 }, ...who });
    client.on('error', () => undefined);
    await client.connect();
    t.after(() => client.destroy());
    return { client, call: (...command) => client.sendCommand(command) };
  },
  ioredis: async (t, port, username) => {
    const who = username === undefined ? {} : { username, password: 'hunter2' };
    const client = new Ioredis({
      port,
      host: '127.0.0.1',
      retryStrategy: () => 20,
      lazyConnect: true,
      ...who,
    });
    client.on('error', () => undefined);
    await client.connect();
    t.after(() => client.disconnect());
    return { client, call: (name = '', ...rest) => client.call(name, ...rest) };
  },
};

let server: RedisServer;
before(async () => {
  server = await RedisServer.start();
  await server.ask(['ACL', 'SETUSER', 'deaf', 'on', '>hunter2', '~*', '&*', '+@all', '-client|tracking']);
});
after(() => server.stop());

/** A way to the server that answers the first connection alone: the others are taken, and nothing more is heard. */
async function silentBut(t: TestContext, first: number): Promise<number> {
  const sockets: Socket[] = [];
  let taken = 0;
  const way = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    taken += 1;
    if (taken > first) return;
    const there = connect(server.port, '127.0.0.1');
    sockets.push(there);
    there.on('error', () => undefined);
    socket.pipe(there).pipe(socket);
  });
  await new Promise<void>((resolve) => {
    way.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    way.close();
  });
  return (way.address() as AddressInfo).port;
}

for (const [driver, make] of Object.entries(DRIVERS)) {
  describe(`a start by ${driver}`, { concurrency: true }, () => {
    /** The start must fail by itself, and leave the application's client as it was. */
    const refused = async ({ client, call }: Driver, word: RegExp): Promise<void> => {
      await assert.rejects(redis(client, { deadlineMs: 15_000 }), (error) => {
        assert.ok(error instanceof BulwarkError);
        assert.equal(error.code, 'ERR_BULWARK_STORE_DOWN');
        assert.match(error.message, word);
        assert.match(error.message, /nearSessions: 0/);
        assert.doesNotMatch(error.message, /hunter2|127\.0\.0\.1/);
        return true;
      });
      assert.equal(String(await call('PING')), 'PONG');
      const state = await redis(client, { deadlineMs: 15_000, nearSessions: 0 });
      await state.close();
    };

    test('on a server that refuses its user to hear of changes says so', { timeout: 60_000 }, async (t) => {
      await refused(await make(t, server.port, 'deaf'), /NOPERM/);
    });

    test('on a server that is full says so', { timeout: 60_000 }, async (t) => {
      const full = await RedisServer.start();
      t.after(() => full.stop());
      const own = await make(t, full.port);
      await own.call('CONFIG', 'SET', 'maxclients', '1');
      // Or what a driver sees of a connection that was closed for it before it could read why.
      await refused(own, /full: maxclients|EPIPE|ECONNRESET/);
    });

    test('where nothing answers a second connection says so', { timeout: 60_000 }, async (t) => {
      await refused(await make(t, await silentBut(t, 1)), /no answer/);
    });
  });
}
