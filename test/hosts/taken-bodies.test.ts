/** Bodies that the layer has taken: what handlers find of them by the means of each framework, and where they are too large. */
import assert from 'node:assert/strict';
import type { IncomingMessage, Server } from 'node:http';
import { describe, test } from 'node:test';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { attachedView, View } from '../../src/layer/view.ts';
import { listening } from '../support/listening.ts';
import { openSocket, parseAnswer, writeRequest } from '../../src/testing/wire.ts';
import { until } from '../support/until.ts';
import { testPolicy } from './hosts.ts';

/** What became of the body in front of the handler. */
interface Taken {
  text: string;
  failed: string;
}

/** Takes the body of a request as a guard would, before any parser of the framework sees it. */
async function take(request: IncomingMessage, taken: Taken): Promise<void> {
  const view = attachedView(request);
  assert.ok(view !== undefined);
  try {
    for await (const piece of View.exchangeOf(view).body.take()) taken.text += Buffer.from(piece).toString();
  } catch (error) {
    taken.failed = String((error as { code?: unknown }).code);
    throw error;
  }
}

/** Starts an application that takes a body, then answers what its framework makes of it. */
type Taker = (policy: PolicyOptions, taken: Taken) => Server | Promise<Server>;

const TAKERS: Readonly<Record<string, Taker>> = {
  'node:http': (policy, taken) => {
    const layer = nodeBulwark(policy);
    const handler = layer.handler(async (request, response) => {
      await take(request, taken);
      let seen = '';
      for await (const piece of request) seen += String(piece);
      response.end(JSON.stringify({ seen }));
    });
    return layer.createServer(handler);
  },
  Express: (policy, taken) => {
    const layer = expressBulwark(policy);
    const app = express();
    app.set('env', 'test');
    app.use(layer);
    app.use(async (request, _response, next) => {
      await take(request, taken);
      next();
    });
    app.use(express.json(), express.urlencoded({ extended: false }), express.text({ type: '*/*' }));
    app.use((request, response) => void response.json({ seen: (request.body as string | undefined) ?? '' }));
    return layer.createServer(app);
  },
  Fastify: async (policy, taken) => {
    const layer = fastifyBulwark(policy);
    const app = Fastify({ serverFactory: layer.serverFactory });
    app.addHook('onRequest', (request) => take(request.raw, taken));
    app.post('/', async (request) => ({ seen: (request.body as string | undefined) ?? '' }));
    await app.ready();
    return app.server;
  },
  Hono: (policy, taken) => {
    const layer = honoBulwark(policy);
    const app = new Hono<{ Bindings: HttpBindings }>();
    app.use(async (context, next) => {
      await take(context.env.incoming, taken);
      await next();
    });
    app.onError((_error, context) => context.text('no', 500));
    app.post('/', async (context) => context.json({ seen: await context.req.text() }));
    return createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
  },
};

const POST = { method: 'POST', headers: { 'sec-fetch-site': 'same-origin', connection: 'keep-alive' } };

/** Asks twice on one connection. */
async function askTwice(port: number, first: string, second: string): Promise<string> {
  const { socket, received } = await openSocket(port);
  socket.write(first + second);
  await until('both are answered', () => received().split('{"seen"').length === 3);
  socket.destroy();
  return received();
}

for (const [host, start] of Object.entries(TAKERS)) {
  describe(host, () => {
    const withHost = async (
      policy: PolicyOptions,
      use: (port: number, taken: Taken, events: readonly AuditEvent[]) => Promise<void>,
    ): Promise<void> => {
      const events: AuditEvent[] = [];
      const taken: Taken = { text: '', failed: '' };
      const server = await start(testPolicy(events, policy), taken);
      await listening(server, (port) => use(port, taken, events));
    };

    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain'])
      test(`a handler finds a request without a body where one of ${type} was taken`, async () => {
        await withHost({}, async (port, taken) => {
          const headers = { ...POST.headers, 'content-type': type };
          const whole = writeRequest({ ...POST, headers, body: '{"a":1}' });
          const chunked = writeRequest({
            ...POST,
            headers: { ...headers, 'transfer-encoding': 'chunked' },
            body: '7\r\n{"b":2}\r\n0\r\n\r\n',
          });
          const received = await askTwice(port, whole, chunked);
          assert.equal(received.match(/\{"seen":""\}/g)?.length, 2, received);
          assert.equal(taken.text, '{"a":1}{"b":2}');
        });
      });

    test('what is over the limit of the route is answered 413, and its taker hears of it', async () => {
      await withHost({ body: { limit: '1KB' } }, async (port, taken, events) => {
        const { socket, received, closed } = await openSocket(port);
        const headers = { ...POST.headers, 'transfer-encoding': 'chunked' };
        socket.write(writeRequest({ ...POST, headers, body: `200\r\n${'a'.repeat(0x200)}\r\n` }));
        await until('a part was taken', () => taken.text.length === 0x200);
        socket.write(`300\r\n${'b'.repeat(0x300)}\r\n`);
        await closed;
        assert.equal(parseAnswer(Buffer.from(received())).status, 413);
        await until('the taker knows', () => taken.failed !== '');
        assert.equal(taken.failed, 'ERR_BULWARK_BODY_TOO_LARGE');
        assert.equal(taken.text.length, 0x200);
        assert.ok(!events.some(({ event }) => event === 'sys_crash'));
      });
    });

    test('a client that goes in the middle is no crash', async () => {
      await withHost({}, async (port, taken, events) => {
        const { socket } = await openSocket(port);
        const headers = { ...POST.headers, 'content-length': '100' };
        socket.write(writeRequest({ ...POST, headers, body: 'half' }));
        await until('a part was taken', () => taken.text === 'half');
        socket.resetAndDestroy();
        await until('the taker knows', () => taken.failed !== '');
        assert.equal(taken.failed, 'ERR_BULWARK_CLIENT_GONE');
        assert.ok(!events.some(({ event }) => event === 'sys_crash'));
      });
    });
  });
}

test('a body that is injected is taken as well', async () => {
  const taken: Taken = { text: '', failed: '' };
  const layer = fastifyBulwark(testPolicy([]));
  const app = Fastify({ serverFactory: layer.serverFactory });
  app.addHook('onRequest', (request) => take(request.raw, taken));
  app.post('/', async (request) => ({ seen: (request.body as string | undefined) ?? '' }));
  const headers = { ...POST.headers, host: 'example.com', 'x-forwarded-proto': 'https' };
  for (const payload of ['{"a":1}', '']) {
    const answer = await app.inject({
      method: 'POST',
      url: '/',
      headers: { ...headers, ...(payload !== '' && { 'content-type': 'application/json' }) },
      payload,
    });
    assert.equal(answer.body, '{"seen":""}');
  }
  assert.equal(taken.text, '{"a":1}');
  await app.close();
  await layer.close();
});
