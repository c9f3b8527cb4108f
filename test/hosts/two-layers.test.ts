import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { bulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import { ask, type RawRequest } from '../../src/testing/wire.ts';
import { testPolicy } from './hosts.ts';

async function statusOf(mount: (app: express.Express) => void): Promise<number> {
  const app = express();
  app.set('env', 'test');
  mount(app);
  app.use((_request, response) => void response.end('passed'));
  return (await statusesFrom(createServer(app), 1))[0] ?? 0;
}

/** The statuses of a few requests, one after the other. */
async function statusesFrom(
  server: Server,
  count: number,
  requests: readonly RawRequest[] = [],
): Promise<readonly number[]> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const statuses: number[] = [];
  try {
    while (statuses.length < count)
      statuses.push(
        (await ask((server.address() as AddressInfo).port, requests[statuses.length] ?? {})).status,
      );
    return statuses;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('a layer that is mounted twice judges once', async () => {
  const layer = bulwark(testPolicy([]));
  assert.equal(await statusOf((app) => void app.use(layer).use(layer)), 200);
  await layer.close();
});

test('a second layer is an error for everyone to see, not a policy that nobody asks', async () => {
  const first = bulwark(testPolicy([]));
  const second = bulwark(testPolicy([]));
  assert.equal(await statusOf((app) => void app.use(first).use(second)), 500);
  await first.close();
  await second.close();
});

const THREE = { rateLimit: { perClient: '3/1h' } } as const;

test('the layer of Fastify meets a request twice, in its server and in its hook, and counts it once', async () => {
  const layer = fastifyBulwark(testPolicy([], THREE));
  const app = Fastify({ serverFactory: layer.serverFactory });
  app.get('/', () => 'passed');
  await app.ready();
  assert.deepEqual(await statusesFrom(app.server, 4), [200, 200, 200, 429]);
  await layer.close();
});

test('the layer of Hono, which may be middleware as well, counts a request once', async () => {
  const layer = honoBulwark(testPolicy([], THREE));
  const app = new Hono().use(layer).get('/', (context) => context.text('passed'));
  const server = createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
  assert.deepEqual(await statusesFrom(server, 4), [200, 200, 200, 429]);
  await layer.close();
});

test('a second layer inside Fastify or Hono is an error for everyone to see as well', async () => {
  const second = bulwark(testPolicy([]));
  const fastifyLayer = fastifyBulwark(testPolicy([]));
  const app = Fastify({ serverFactory: fastifyLayer.serverFactory });
  app.addHook('onRequest', (request, reply, done) => second(request.raw, reply.raw, () => done()));
  app.get('/', () => 'passed');
  await app.ready();
  assert.deepEqual(await statusesFrom(app.server, 1), [500]);
  const honoLayer = honoBulwark(testPolicy([]));
  const hono = new Hono<{ Bindings: HttpBindings }>()
    .use(({ env }, next) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      second(env.incoming, env.outgoing, () => resolve());
      return promise.then(next);
    })
    .get('/', (context) => context.text('passed'));
  const server = createAdaptorServer({ fetch: hono.fetch, createServer: honoLayer.createServer }) as Server;
  assert.deepEqual(await statusesFrom(server, 1), [500]);
  for (const layer of [second, fastifyLayer, honoLayer]) await layer.close();
});

test('a request that a listener hands to a second server with a layer of its own is an error, not judged by the first alone', async () => {
  const [outer, inner] = [bulwark(testPolicy([])), bulwark(testPolicy([]))];
  const seen: string[] = [];
  const behind = createServer((_request, response) => void response.end(String(seen.push('request'))));
  behind.on('upgrade', (_request, socket: Duplex) => {
    seen.push('upgrade');
    socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  });
  inner.secure(behind);
  const front = createServer((request, response) => void behind.emit('request', request, response));
  front.on('upgrade', (request, socket, head) => void behind.emit('upgrade', request, socket, head));
  outer.secure(front);
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket', origin: 'https://example.com' };
  assert.deepEqual(await statusesFrom(front, 2, [{}, { headers: upgrade }]), [500, 500]);
  assert.deepEqual(seen, []);
  await outer.close();
  await inner.close();
});

test('a layer that was closed gives way to the one that its server is given to, and to nobody before', async () => {
  const [old, next] = [
    bulwark(testPolicy([], { access: { otherwise: 'nobody' } })),
    bulwark(testPolicy([], { access: { otherwise: 'signed-in' } })),
  ];
  const server = createServer((_request, response) => void response.end('passed'));
  old.secure(server);
  await old.close();
  assert.deepEqual(await statusesFrom(server, 1), [404]);
  next.secure(server);
  assert.deepEqual(await statusesFrom(server, 1), [401]);
  await next.close();
});
