/** `current()` is the view of the request that a handler is at work on: behind each framework, after a body was read, and where the layer is only mounted. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { test } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { current } from '../../src/adapters/current.ts';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import type { LayerHandle } from '../../src/node/protector.ts';
import { ask } from '../../src/testing/wire.ts';
import { listening } from '../support/listening.ts';
import { testPolicy } from './hosts.ts';

type Start = (policy: PolicyOptions) => Promise<{ server: Server; layer: LayerHandle }>;

/** An application of Express whose handler runs once the body was read. */
function expressApp(layer: ReturnType<typeof expressBulwark>): express.Express {
  const app = express();
  app.use(layer, express.json());
  app.post('/', (request, response) => {
    response.json({ same: current() === expressBulwark.of(request), name: request.body.name });
  });
  return app;
}

const STARTS: Readonly<Record<string, Start>> = {
  Express: async (policy) => {
    const layer = expressBulwark(policy);
    return { layer, server: layer.createServer(expressApp(layer)) };
  },
  'Express, where the layer is only mounted': async (policy) => {
    const layer = expressBulwark(policy);
    const app = expressApp(layer);
    return { layer, server: createServer((request, response) => void app(request, response)) };
  },
  Fastify: async (policy) => {
    const layer = fastifyBulwark(policy);
    const app = Fastify({ serverFactory: layer.serverFactory });
    app.post<{ Body: { name: string } }>('/', async (request) => {
      await Promise.resolve();
      return { same: current() === fastifyBulwark.of(request), name: request.body.name };
    });
    await app.ready();
    return { layer, server: app.server };
  },
  Hono: async (policy) => {
    const layer = honoBulwark(policy);
    const app = new Hono();
    app.post('/', async (context) => {
      const { name } = await context.req.json<{ name: string }>();
      return context.json({ same: current() === honoBulwark.of(context), name });
    });
    const server = createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
    return { layer, server };
  },
};

for (const [name, start] of Object.entries(STARTS)) {
  test(`${name}: a handler finds its request by current(), once the body was read`, async () => {
    const { server, layer } = await start(testPolicy([]));
    const visit = (port: number): Promise<readonly string[]> =>
      Promise.all(
        ['ann', 'bob'].map(async (who) => {
          const answer = await ask(port, {
            method: 'POST',
            headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
            body: JSON.stringify({ name: who }),
          });
          return answer.body;
        }),
      );
    const answers = await listening(server, visit, () => layer.close());
    const parsed = answers.map((body) => JSON.parse(body) as unknown);
    assert.deepEqual(parsed, [
      { same: true, name: 'ann' },
      { same: true, name: 'bob' },
    ]);
  });
}

test('Fastify: so does one that is asked by app.inject', async () => {
  const layer = fastifyBulwark(testPolicy([]));
  const app = Fastify({ serverFactory: layer.serverFactory });
  app.get('/', (request) => ({ same: current() === fastifyBulwark.of(request) }));
  const headers = { host: 'example.com', 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' };
  const answer = await app.inject({ url: '/', headers });
  assert.deepEqual(answer.json(), { same: true });
  await app.close();
  await layer.close();
});
