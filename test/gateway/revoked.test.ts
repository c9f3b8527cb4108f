/** What stays open behind a sign-in ends with it, whoever ends that: another process, the visitor, the command of an operator. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { createClient, type RedisClientType } from 'redis';
import { redis } from '../../src/stores/redis/state.ts';
import { openSocket } from '../../src/testing/wire.ts';
import { RedisServer } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { type FlaskNotes, FLASK_SERVERS, startNotes } from './flask-servers.ts';
import { Visitor } from './flask-visitor.ts';
import { moduleAt, RunningGateway } from './running.ts';

let notes: FlaskNotes;
before(async () => {
  const server = FLASK_SERVERS['gunicorn gthread'];
  assert.ok(server !== undefined);
  notes = await startNotes(server);
});
after(() => notes.stop());

function behind(): string {
  return `rateLimit: { mode: 'off' }, gateway: { upstream: 'http://127.0.0.1:${notes.port}', vault: true, workers: 2, LISTENS }`;
}

async function socketOf(visitor: Visitor, port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://localhost:${port}/echo`, {
    headers: { origin: `http://localhost:${port}`, cookie: visitor.cookie },
  });
  await once(socket, 'open');
  return socket;
}

/** Events that would go on for half an hour. */
async function eventsOf(visitor: Visitor, port: number): Promise<() => { text: string; isOver: boolean }> {
  const client = await openSocket(port);
  client.socket.write(
    `GET /events?count=40000 HTTP/1.1\r\nHost: localhost:${port}\r\nCookie: ${visitor.cookie}\r\nSec-Fetch-Site: same-origin\r\n\r\n`,
  );
  let isOver = false;
  client.socket.once('close', () => (isOver = true));
  await until('events come', () => client.received().includes('data: 1'));
  return () => ({ text: client.received(), isOver });
}

describe('on SQLite, by the command of an operator', () => {
  let gateway: RunningGateway;
  before(async () => {
    gateway = await RunningGateway.start(behind());
  });
  after(() => gateway.stop());

  test('a WebSocket and events end with the session that opened them, and those of others stay', async () => {
    const ann = new Visitor(gateway.port);
    const bob = new Visitor(gateway.port);
    await ann.signIn('ann');
    await bob.signIn('bob');
    const socket = await socketOf(ann, gateway.port);
    const other = await socketOf(bob, gateway.port);
    const events = await eventsOf(ann, gateway.port);
    const ended = once(socket, 'close');
    const [listed] = JSON.parse(await gateway.bulwark('sessions', 'list', 'ann', '--json')) as {
      session: string;
      userAgent: string;
    }[];
    assert.match(listed?.session ?? '', /^[\w-]{12}$/);
    assert.equal(
      await gateway.bulwark('sessions', 'revoke', 'ann', '--session', listed?.session ?? ''),
      'Ended 1 session of ann.\n',
    );
    await ended;
    await until('the events end', () => events().isOver);
    // Cut, and not as if they had come to their end.
    assert.ok(!events().text.endsWith('0\r\n\r\n'));
    assert.equal((await ann.ask('/notes')).status, 302);
    assert.equal((await bob.ask('/notes')).status, 200);
    const echoed = once(other, 'message') as Promise<[MessageEvent]>;
    other.send('still there');
    assert.equal((await echoed)[0].data, 'bob: still there');
    other.close();
    await until('the log tells of it', () => gateway.log.includes('"event":"session_expired"'));
  });

  test('a sign-out in one tab ends what another has open', async () => {
    const ann = new Visitor(gateway.port);
    await ann.signIn('ann');
    const socket = await socketOf(ann, gateway.port);
    const ended = once(socket, 'close');
    await ann.ask('/logout', { method: 'POST' });
    await ended;
  });
});

describe('on Redis', () => {
  let server: RedisServer;
  let gateway: RunningGateway;
  let client: RedisClientType;
  before(async () => {
    server = await RedisServer.start();
    gateway = await RunningGateway.start(`
      import { createClient } from '${moduleAt('node_modules/redis/dist/index.js')}';
      import { redis } from '${moduleAt('src/stores/redis/state.ts')}';
      const client = createClient({ url: '${server.url}', socket: { reconnectStrategy: 50 } });
      client.on('error', () => undefined);
      await client.connect();
      export default { ORIGIN, state: await redis(client, { deadlineMs: 5000 }), ${behind()} };`);
    client = createClient({ url: server.url });
    client.on('error', () => undefined);
    await client.connect();
  });
  after(async () => {
    client.destroy();
    await gateway.stop();
    await server.stop();
  });

  test('a session that another process ends takes its WebSocket with it', async () => {
    const ann = new Visitor(gateway.port);
    await ann.signIn('ann');
    const socket = await socketOf(ann, gateway.port);
    const ended = once(socket, 'close');
    const state = await redis(client, { deadlineMs: 15_000 });
    const [found] = await state.sessions.list('ann', Date.now());
    assert.ok(found !== undefined);
    assert.equal(await state.sessions.revoke(found.idHash), true);
    await state.close();
    await ended;
  });

  test('while Redis is gone who brings a handle hears so, others are served, and what is open stays; then all is as before', async () => {
    const ann = new Visitor(gateway.port);
    await ann.signIn('ann');
    const socket = await socketOf(ann, gateway.port);
    const answers: number[] = [];
    const over = new AbortController();
    const loading = Promise.all(
      [ann, new Visitor(gateway.port)].map(async (visitor) => {
        while (!over.signal.aborted) answers.push((await visitor.ask('/login')).status);
      }),
    );
    await server.kill();
    await until('who has a handle is refused', async () => (await ann.ask('/notes')).status === 503);
    assert.equal((await new Visitor(gateway.port).ask('/login')).status, 200);
    await server.again();
    await until('she is signed in still', async () => (await ann.ask('/notes')).status === 200);
    over.abort();
    await loading;
    assert.deepEqual(
      [...new Set(answers)].filter((status) => status !== 200 && status !== 503),
      [],
    );
    const echoed = once(socket, 'message') as Promise<[MessageEvent]>;
    socket.send('still there');
    assert.equal((await echoed)[0].data, 'ann: still there');
    socket.close();
  });
});
