/** Answers that are given before the body of their request has ended, to clients that use their connection again. */
import assert from 'node:assert/strict';
import { Agent, createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, test } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { openSocket, writeRequest } from '../../src/testing/wire.ts';
import { until } from '../support/until.ts';
import { testPolicy } from './hosts.ts';

const LIMIT = 32 * 1024;
const POLICY: PolicyOptions = { rateLimit: { perClient: '100000/1s' }, body: { limit: '32KB' } };

/** A server that answers every POST at its head, and reads nothing of it. */
type Early = (policy: PolicyOptions) => Server | Promise<Server>;

const EARLY: Readonly<Record<string, Early>> = {
  'node:http': (policy) => {
    const layer = nodeBulwark(testPolicy([], policy));
    return layer.createServer(layer.handler((_request, response) => response.end('early')));
  },
  Express: (policy) => {
    const layer = expressBulwark(testPolicy([], policy));
    const app = express().use(layer, (_request, response) => void response.send('early'));
    return layer.createServer(app);
  },
  Fastify: async (policy) => {
    const layer = fastifyBulwark(testPolicy([], policy));
    const app = Fastify({ serverFactory: layer.serverFactory });
    app.addHook('onRequest', (_request, reply) => reply.send('early'));
    await app.ready();
    return app.server;
  },
  Hono: (policy) => {
    const layer = honoBulwark(testPolicy([], policy));
    const app = new Hono().all('*', (context) => context.text('early'));
    return createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
  },
};

async function withPort(server: Server, use: (port: number) => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    for (const socket of open) socket.destroy();
    open.clear();
    server.closeAllConnections();
    server.close();
  }
}

/** Clients of the test under way: where it fails they would keep the process. */
const open = new Set<Socket>();

const CHUNKED = {
  method: 'POST',
  headers: { 'sec-fetch-site': 'same-origin', 'transfer-encoding': 'chunked', connection: 'keep-alive' },
};

function chunk(bytes: number): string {
  return `${bytes.toString(16)}\r\n${'a'.repeat(bytes)}\r\n`;
}

interface Client {
  readonly socket: Socket;
  readonly received: () => string;
  readonly closed: Promise<void>;
}

/** Sends the head of a chunked POST, and waits for the answer that comes at it. */
async function askEarly(port: number, target = '/'): Promise<Client> {
  const client = await openSocket(port);
  open.add(client.socket);
  client.socket.write(writeRequest({ ...CHUNKED, target }));
  await until('it is answered', () => client.received().includes('\r\n\r\n'));
  return client;
}

/** How many answers came on a connection. */
function answers({ received }: Client): number {
  return received().match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0;
}

for (const [host, start] of Object.entries(EARLY)) {
  describe(host, () => {
    for (const mode of ['enforce', 'observe'] as const) {
      const policy = { ...POLICY, body: { mode, limit: '32KB' } } as const;

      test(`${mode}: the rest of a body is read after its answer, and the connection serves the next request`, async () => {
        await withPort(await start(policy), async (port) => {
          const client = await askEarly(port);
          assert.doesNotMatch(client.received(), /connection: close/i);
          for (let piece = 0; piece < 4; piece += 1) client.socket.write(chunk(LIMIT / 4));
          client.socket.write(`0\r\n\r\n${writeRequest({})}`);
          await client.closed;
          assert.equal(answers(client), 2, client.received());
          assert.match(client.received(), /early$/);
        });
      });

      test(`${mode}: more of it than the limit ends the connection, and is answered no second time`, async () => {
        await withPort(await start(policy), async (port) => {
          const client = await askEarly(port);
          client.socket.write(chunk(LIMIT));
          client.socket.write(chunk(1) + chunk(LIMIT));
          await client.closed;
          assert.equal(answers(client), 1, client.received());
        });
      });
    }

    test('20 of 20 requests behind an early answer are served', async () => {
      await withPort(await start(POLICY), async (port) => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        for (let count = 0; count < 20; count += 1) {
          assert.equal(await send(port, agent, 'POST'), 'early');
          assert.equal(await send(port, agent, 'GET'), 'early');
        }
        agent.destroy();
      });
    });

    test('a refusal before the end of a chunked body says that the connection closes', async () => {
      await withPort(await start(POLICY), async (port) => {
        const client = await askEarly(port, '/members/page');
        assert.match(client.received(), /^HTTP\/1\.1 401 [^]*\r\nconnection: close\r\n/i);
        await client.closed;
      });
    });

    test('what is no chunk behind an early answer is answered no second time', async () => {
      await withPort(await start(POLICY), async (port) => {
        const client = await askEarly(port);
        client.socket.write('no chunk at all\r\n');
        await client.closed;
        assert.equal(answers(client), 1, client.received());
      });
    });
  });
}

test('a handler that reads on after its answer gets the whole body', async () => {
  const layer = nodeBulwark(testPolicy([], POLICY));
  const read = Promise.withResolvers<number>();
  const handler = layer.handler(async (request, response) => {
    response.writeHead(202).end('accepted');
    let bytes = 0;
    for await (const piece of request) bytes += (piece as Buffer).length;
    read.resolve(bytes);
  });
  await withPort(layer.createServer(handler), async (port) => {
    const client = await askEarly(port);
    client.socket.write(`${chunk(1000)}${chunk(2000)}0\r\n\r\n`);
    assert.equal(await read.promise, 3000);
  });
});

test('the bare Node.js server behaves so too: the tests above ask for nothing more', async () => {
  await withPort(
    createServer((_request, response) => void response.end('early')),
    async (port) => {
      const client = await askEarly(port);
      client.socket.write(`${chunk(LIMIT)}0\r\n\r\n${writeRequest({})}`);
      await client.closed;
      assert.equal(answers(client), 2);
    },
  );
});

/** Sends a request by Node's own client, a chunked body with a POST, and returns the body of the answer. */
function send(port: number, agent: Agent, method: 'GET' | 'POST'): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = {
    host: 'example.com',
    'sec-fetch-site': 'same-origin',
    'x-forwarded-for': '192.0.2.1',
    'x-forwarded-proto': 'https',
  };
  const request = httpRequest({ port, host: '127.0.0.1', agent, method, headers }, (response) => {
    let body = '';
    response.on('data', (piece: Buffer) => {
      body += piece.toString();
    });
    response.on('error', reject);
    response.on('end', () => resolve(body));
  });
  request.on('error', reject);
  if (method === 'POST') {
    request.flushHeaders();
    request.write('a'.repeat(1000));
  }
  request.end();
  return promise;
}
