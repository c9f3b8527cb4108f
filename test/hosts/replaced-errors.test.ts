/** An error whose answer was replaced is in the log, and in development on the page of whoever sits at this machine. */
import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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
import { ask, type RawAnswer, type RawRequest } from '../../src/testing/wire.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { memory } from '../../src/stores/memory/state.ts';

const MESSAGE = 'the shelf was empty, token=abcdefgh12345678';

function takeFromShelf(): never {
  throw new RangeError(MESSAGE);
}

/** An application whose every page fails. `own`: with an error handler that answers, and tells nobody. */
type Failing = (policy: PolicyOptions, own: boolean) => Server | Promise<Server>;

const FAILING: Readonly<Record<string, Failing>> = {
  'node:http': (policy, own) => {
    const layer = nodeBulwark(policy);
    const handler = layer.handler((_request, response) => {
      if (!own) takeFromShelf();
      response.writeHead(500, { 'Content-Type': 'text/plain' });
      response.write('our own words: ');
      response.end(MESSAGE);
    });
    return layer.createServer(handler);
  },
  Express: (policy, own) => {
    const layer = expressBulwark(policy);
    const app = express();
    // Its own log, on stderr, is not what is tried here.
    app.set('env', 'test');
    app.use(layer);
    app.get('/', takeFromShelf);
    const answer: ErrorRequestHandler = (error: Error, _request, response, _next) => {
      response.status(500).send(`our own words: ${error.message}`);
    };
    if (own) app.use(answer);
    return layer.createServer(app);
  },
  Fastify: async (policy, own) => {
    const layer = fastifyBulwark(policy);
    const app = Fastify({ serverFactory: layer.serverFactory });
    app.get('/', async () => takeFromShelf());
    if (own)
      app.setErrorHandler((error: Error, _request, reply) =>
        reply.code(500).send(`our own words: ${error.message}`),
      );
    await app.ready();
    return app.server;
  },
  Hono: (policy, own) => {
    const layer = honoBulwark(policy);
    const app = new Hono();
    if (!own) app.use(layer);
    app.get('/', takeFromShelf);
    app.onError((error, context) => context.text(`our own words: ${error.message}`, 500));
    return createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
  },
};

interface Site {
  readonly events: AuditEvent[];
  readonly get: (headers?: RawRequest['headers']) => Promise<RawAnswer>;
}

async function withSite(
  start: Failing,
  environment: 'development' | 'production',
  own: boolean,
  use: (site: Site) => Promise<void>,
): Promise<void> {
  const events: AuditEvent[] = [];
  const policy: PolicyOptions = {
    environment,
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: (_line, event) => void events.push(event) },
    ...(environment === 'production' && { origin: 'https://localhost', proxy: { trusted: ['127.0.0.1'] } }),
  };
  const server = await start(policy, own);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  // What a browser of this machine sends, or a proxy of production.
  const own_ =
    environment === 'production'
      ? { host: 'localhost' }
      : { host: `localhost:${port}`, 'x-forwarded-for': null, 'x-forwarded-proto': null };
  try {
    await use({ events, get: (headers) => ask(port, { headers: { ...own_, ...headers } }) });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function crashes(events: readonly AuditEvent[]): AuditEvent[] {
  return events.filter(({ event }) => event === 'sys_crash');
}

for (const [host, start] of Object.entries(FAILING)) {
  describe(host, () => {
    for (const environment of ['production', 'development'] as const)
      test(`in ${environment} the log has name, message and stack of the error, redacted`, async () => {
        await withSite(start, environment, false, async ({ events, get }) => {
          const answer = await get();
          assert.equal(answer.status, 500);
          const [crash, ...others] = crashes(events);
          assert.deepEqual(others, []);
          assert.ok(crash?.details !== undefined);
          const { error, stack } = crash.details as { error: Record<string, string>; stack: string };
          assert.equal(error['name'], 'RangeError');
          assert.equal(error['message'], 'the shelf was empty, token=[redacted]');
          assert.match(stack, /at takeFromShelf /);
        });
      });

    test('v5.0.0-16.5.1 in production nothing of it is in the answer', async () => {
      await withSite(start, 'production', false, async ({ get }) => {
        for (const accept of ['text/html', 'application/json']) {
          const { body, status } = await get({ accept });
          assert.equal(status, 500);
          assert.doesNotMatch(body, /shelf|RangeError|Shelf/);
        }
      });
    });

    test('in development whoever sits at this machine sees it, as a page and as JSON', async () => {
      await withSite(start, 'development', false, async ({ get }) => {
        const page = await get({ accept: 'text/html' });
        assert.match(
          page.body,
          /<pre>RangeError: the shelf was empty, token=\[redacted\]\n +at takeFromShelf /,
        );
        const problem = JSON.parse((await get()).body) as { error: Record<string, string> };
        assert.equal(problem.error['name'], 'RangeError');
        assert.equal(problem.error['message'], 'the shelf was empty, token=[redacted]');
        assert.match(problem.error['stack'] ?? '', /at takeFromShelf /);
      });
    });

    test('in development nobody sees it through a tunnel', async () => {
      await withSite(start, 'development', false, async ({ get }) => {
        for (const name of ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded', 'via']) {
          const { body, status } = await get({ [name]: '198.51.100.7' });
          assert.equal(status, 500, name);
          assert.doesNotMatch(body, /shelf|RangeError/, name);
        }
      });
    });

    test('in development the log has the words of an error handler that tells the layer nothing', async () => {
      await withSite(start, 'development', true, async ({ events, get }) => {
        const { body } = await get();
        assert.doesNotMatch(body, /own words/);
        // Fastify tells of the error all the same.
        const told = JSON.stringify(crashes(events));
        assert.match(told, /(?:our own words: |"message":")the shelf was empty, token=\[redacted\]/);
      });
      await withSite(start, 'production', true, async ({ events, get }) => {
        await get();
        assert.equal(crashes(events).length, 1);
        assert.doesNotMatch(JSON.stringify(events), /own words/);
      });
    });
  });
}

test('an error handler that tells the layer of the error needs no words of its own in the log', async () => {
  const start: Failing = (policy) => {
    const layer = nodeBulwark(policy);
    const handler = layer.handler((request, response) => {
      nodeBulwark.of(request).audit('sys_crash', { error: new RangeError(MESSAGE) });
      response.writeHead(500).end('our own words');
    });
    return layer.createServer(handler);
  };
  await withSite(start, 'development', true, async ({ events, get }) => {
    assert.match((await get({ accept: 'text/html' })).body, /<pre>RangeError: the shelf was empty/);
    assert.doesNotMatch(JSON.stringify(events), /own words/);
  });
});
