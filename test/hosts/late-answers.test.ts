/** What applications say when nobody listens any more: the client is gone, or the layer has answered for them. */
import assert from 'node:assert/strict';
import type { Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, test } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import express, { type ErrorRequestHandler } from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { ask, writeRequest } from '../../src/testing/wire.ts';
import { until } from '../support/until.ts';
import { testPolicy } from './hosts.ts';

const POLICY: PolicyOptions = { rateLimit: { perClient: '100000/1s' }, body: { limit: '32KB' } };

/** What became of requests whose body never came whole. */
interface Seen {
  arrived: number;
  failed: number;
  /** What the handler of errors met itself. */
  readonly thrown: unknown[];
}

/** An application that reads every body, and answers with a 500 of its own where it cannot. */
type Reader = (policy: PolicyOptions, seen: Seen) => Server | Promise<Server>;

/** As a careless handler answers: it never looks whether it still can. */
function answerLate(response: ServerResponse, seen: Seen): void {
  seen.failed += 1;
  try {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
    response.statusCode = 500;
    response.setHeader('X-Late', 'yes');
    response.appendHeader('X-Late', 'again');
    response.removeHeader('X-Other');
    response.setHeaders(new Map([['x-more', 'yes']]));
    response.flushHeaders();
    response.end('something broke');
  } catch (error) {
    seen.thrown.push(error);
  }
}

const READERS: Readonly<Record<string, Reader>> = {
  'node:http': (policy, seen) => {
    const layer = nodeBulwark(policy);
    const handler = layer.handler(async (request, response) => {
      seen.arrived += 1;
      try {
        for await (const piece of request) void piece;
        response.end('whole');
      } catch {
        answerLate(response, seen);
      }
    });
    return layer.createServer(handler);
  },
  Express: (policy, seen) => {
    const layer = expressBulwark(policy);
    const app = express();
    app.set('env', 'test');
    app.use(layer);
    app.use((_request, _response, next) => {
      seen.arrived += 1;
      next();
    });
    app.use(express.text({ type: '*/*', limit: '1GB' }));
    app.use((_request, response) => void response.send('whole'));
    const late: ErrorRequestHandler = (_error, _request, response, _next) => answerLate(response, seen);
    app.use(late);
    return layer.createServer(app);
  },
  Fastify: async (policy, seen) => {
    const layer = fastifyBulwark(policy);
    const app = Fastify({ serverFactory: layer.serverFactory, bodyLimit: 1024 ** 3 });
    app.addHook('onRequest', async () => {
      seen.arrived += 1;
    });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _body, done) => done(null));
    app.post('/', async (request, reply) => {
      try {
        for await (const piece of request.raw) void piece;
        return 'whole';
      } catch {
        return answerLate(reply.hijack().raw, seen);
      }
    });
    await app.ready();
    return app.server;
  },
  Hono: (policy, seen) => {
    const layer = honoBulwark(policy);
    const app = new Hono();
    app.post('/', async (context) => {
      seen.arrived += 1;
      await context.req.text();
      return context.text('whole');
    });
    app.onError((_error, context) => {
      seen.failed += 1;
      return context.text('something broke', 500, { 'X-Late': 'yes' });
    });
    return createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
  },
};

interface Site {
  readonly port: number;
  readonly events: AuditEvent[];
  readonly seen: Seen;
}

async function withSite(start: Reader, use: (site: Site) => Promise<void>): Promise<void> {
  const events: AuditEvent[] = [];
  const seen: Seen = { arrived: 0, failed: 0, thrown: [] };
  const server = await start(testPolicy(events, POLICY), seen);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    await use({ port: (server.address() as AddressInfo).port, events, seen });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const HEADERS = { 'sec-fetch-site': 'same-origin', 'content-type': 'text/plain', connection: 'keep-alive' };
const BODIES: Readonly<Record<string, string>> = {
  'a chunked body': writeRequest({
    method: 'POST',
    headers: { ...HEADERS, 'transfer-encoding': 'chunked' },
  }).concat('5\r\nhello\r\n'),
  'a body of a declared length': writeRequest({
    method: 'POST',
    headers: { ...HEADERS, 'content-length': '100' },
  }).concat('hello'),
};

function told(events: readonly AuditEvent[]): string[] {
  return events.map(({ event }) => event).filter((event) => event !== 'sys_startup');
}

for (const [host, start] of Object.entries(READERS)) {
  describe(host, () => {
    for (const [what, sent] of Object.entries(BODIES))
      for (const how of ['end', 'resetAndDestroy'] as const)
        test(`${what} that is called off by ${how} is neither a bad request nor a crash`, async () => {
          await withSite(start, async ({ port, events, seen }) => {
            const socket = connect(port, '127.0.0.1');
            socket.on('error', () => undefined);
            socket.write(sent);
            await until('it has arrived', () => seen.arrived === 1);
            socket[how]();
            await until('the application knows', () => seen.failed === 1);
            // One request later, whatever was to be told of it is told.
            assert.equal(
              (await ask(port, { method: 'POST', headers: HEADERS_OF_ANOTHER, body: 'a' })).body,
              'whole',
            );
            assert.deepEqual(told(events), []);
            assert.deepEqual(seen.thrown, []);
            socket.destroy();
          });
        });

    test('what is no chunk is told with method, path and client of its request', async () => {
      await withSite(start, async ({ port, events, seen }) => {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.write(BODIES['a chunked body'] ?? '');
        await until('it has arrived', () => seen.arrived === 1);
        socket.write('no chunk\r\n');
        await until('it is told', () => told(events).length > 0);
        const event = events.find(({ event: name }) => name === 'input_validation_fail');
        assert.deepEqual([event?.method, event?.path, event?.client], ['POST', '/', '192.0.2.1']);
        socket.destroy();
      });
    });

    test("an error handler that answers after the layer's 413 meets no error, and adds nothing to it", async () => {
      await withSite(start, async ({ port, events, seen }) => {
        const chunk = `4000\r\n${'a'.repeat(0x4000)}\r\n`;
        const headers = { ...HEADERS_OF_ANOTHER, 'transfer-encoding': 'chunked' };
        const answer = await ask(port, { method: 'POST', headers, body: chunk.repeat(4) });
        assert.equal(answer.status, 413);
        assert.ok(!answer.headers.some(([name]) => name === 'x-late'));
        assert.ok(!answer.body.includes('HTTP/1.1'), 'nothing is written behind it');
        await until('the application knows', () => seen.failed === 1);
        assert.deepEqual(seen.thrown, []);
        assert.deepEqual(told(events), ['input_validation_fail']);
      });
    });
  });
}

const HEADERS_OF_ANOTHER = { ...HEADERS, connection: 'close' };
