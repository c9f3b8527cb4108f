/** Two processes on one Redis: what one changes, the other hears of; what it cannot hear, it does not believe. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Redis as Ioredis } from 'ioredis';
import { createClient } from 'redis';
import { RedisServer } from '../../../test/support/redis.ts';
import { NOW, seenAt, sketchSession } from '../../testing/conformance/support.ts';
import type { SessionRecord, SessionStore } from '../ports/sessions.ts';
import type { State } from '../ports/state.ts';
import { redis } from './state.ts';
import { until } from '../../../test/support/until.ts';

const PREFIX = 'invalidation:';
const MINUTE = 60_000;

let server: RedisServer;
before(async () => {
  server = await RedisServer.start();
});
after(() => server.stop());

/** A process: its state, and what ends it. */
interface Process {
  readonly state: State;
  readonly sessions: SessionStore;
  readonly end: () => Promise<void>;
}

const DRIVERS: Readonly<Record<string, () => Promise<Process>>> = {
  redis: async () => {
    const client = createClient({ url: server.url, socket: { reconnectStrategy: 20 } });
    client.on('error', () => undefined);
    await client.connect();
    return processOf(await redis(client, { prefix: PREFIX, deadlineMs: 2000 }), () => client.destroy());
  },
  ioredis: async () => {
    const client = new Ioredis(server.port, '127.0.0.1', { retryStrategy: () => 20 });
    client.on('error', () => undefined);
    return processOf(await redis(client, { prefix: PREFIX, deadlineMs: 2000 }), () => client.disconnect());
  },
};

function processOf(state: State, endClient: () => unknown): Process {
  const end = async (): Promise<void> => {
    await state.close();
    endClient();
  };
  return { state, sessions: state.sessions, end };
}

/** Uses a session until it comes from memory. */
async function warm({ sessions }: Process, idHash: string): Promise<void> {
  await until('the session is kept near', async () => {
    await sessions.use(idHash, NOW, MINUTE);
    return isNear(sessions, idHash);
  });
}

/** Whether a use answers at once, from memory. */
function isNear(sessions: SessionStore, idHash: string): boolean {
  const found = sessions.use(idHash, NOW, MINUTE);
  if (found instanceof Promise) found.catch(() => undefined);
  return found !== undefined && !(found instanceof Promise);
}

async function used(sessions: SessionStore, idHash: string): Promise<SessionRecord | undefined> {
  const found = await sessions.use(idHash, NOW, MINUTE);
  return found === 'replaced' ? undefined : found;
}

/** Commands that Redis has carried out so far for look-ups. */
async function lookUps(): Promise<number> {
  const stats = String(await server.ask(['INFO', 'commandstats']));
  return Number(/^cmdstat_evalsha:calls=(\d+)/m.exec(stats)?.[1] ?? 0);
}

/** Kills the connections by which processes hear of changes, and no other. */
async function killInvalidation(): Promise<void> {
  const list = String(await server.ask(['CLIENT', 'LIST']));
  for (const line of list.split('\n')) {
    const tracked =
      / tot-cmds| flags=/.test(line) && /cmd=client\|tracking|cmd=ping|cmd=subscribe/.test(line);
    const id = /^id=(\d+)/.exec(line)?.[1];
    if (tracked && id !== undefined) await server.ask(['CLIENT', 'KILL', 'ID', id]);
  }
}

for (const [driver, open] of Object.entries(DRIVERS)) {
  describe(`by ${driver}`, () => {
    let here: Process;
    let there: Process;
    before(async () => {
      [here, there] = await Promise.all([open(), open()]);
    });
    after(async () => {
      await Promise.all([here.end(), there.end()]);
    });

    test('an ordinary request of someone signed in asks nobody', async () => {
      await here.sessions.create(sketchSession('quiet'));
      await warm(here, 'quiet');
      const before = await lookUps();
      for (let index = 0; index < 100; index += 1) assert.ok(isNear(here.sessions, 'quiet'));
      assert.equal(await lookUps(), before);
    });

    test('what ends a session in one process ends it in the other', async () => {
      const ways: Readonly<Record<string, (name: string) => unknown>> = {
        revoke: (name) => there.sessions.revoke(name),
        revokeAccount: (name) => there.sessions.revokeAccount(name),
        replace: (name) => there.sessions.replace(name, sketchSession(`${name}2`, { account: name }), NOW),
        'a console': (name) => server.ask(['DEL', `${PREFIX}s:{${name}}`]),
      };
      for (const [way, end] of Object.entries(ways)) {
        const name = `${driver} ${way}`;
        await here.sessions.create(sketchSession(name, { account: name }));
        await warm(here, name);
        await end(name);
        await until(`${way} is heard of`, () => !isNear(here.sessions, name));
        assert.equal(await used(here.sessions, name), undefined, way);
      }
    });

    test('what one process ends is over in itself at once', async () => {
      await here.sessions.create(sketchSession('own', { account: `own ${driver}` }));
      await warm(here, 'own');
      const ending = here.sessions.revoke('own');
      assert.ok(!isNear(here.sessions, 'own'));
      await ending;
      assert.equal(await used(here.sessions, 'own'), undefined);
    });

    test('a change of data is seen by the other process', async () => {
      const name = `changed ${driver}`;
      await here.sessions.create(sketchSession(name));
      await warm(here, name);
      await there.sessions.update(name, 1, { data: '{"a":1}' }, NOW);
      await until('the change is seen', async () => (await used(here.sessions, name))?.data === '{"a":1}');
    });

    test('a use is noted though the session is kept near, and an end by the clock holds', async () => {
      const name = `noted ${driver}`;
      await here.sessions.create(sketchSession(name, { idleMs: 3 * MINUTE }));
      await warm(here, name);
      assert.equal(await seenAt(here.sessions.use(name, NOW + MINUTE, MINUTE)), NOW + MINUTE);
      assert.equal((await there.sessions.find(name, NOW + MINUTE))?.seenAt, NOW + MINUTE);
      assert.equal(await here.sessions.use(name, NOW + 4 * MINUTE, MINUTE), undefined);
    });

    test('once the word is cut nothing is believed from memory, and it is again once it is back', async () => {
      const name = `cut ${driver}`;
      await here.sessions.create(sketchSession(name));
      await warm(here, name);
      await killInvalidation();
      await until('memory is dropped', () => !isNear(here.sessions, name));
      assert.ok(await used(here.sessions, name), 'and the session is as it was');
      await warm(here, name);
      await server.ask(['DEL', `${PREFIX}s:{${name}}`]);
      await until('notices come again', () => !isNear(here.sessions, name));
      assert.equal(await used(here.sessions, name), undefined);
    });

    test('FLUSHALL signs everybody out', async () => {
      const name = `flushed ${driver}`;
      await here.sessions.create(sketchSession(name));
      await warm(here, name);
      await server.ask(['FLUSHALL']);
      await until('it is heard of', () => !isNear(here.sessions, name));
      assert.equal(await used(here.sessions, name), undefined);
    });

    test('a server that falls silent without closing is believed no longer', async () => {
      const name = `silent ${driver}`;
      await here.sessions.create(sketchSession(name));
      await warm(here, name);
      server.signal('SIGSTOP');
      try {
        await until('memory is dropped', () => !isNear(here.sessions, name));
      } finally {
        server.signal('SIGCONT');
      }
      await warm(here, name);
    });
  });
}
