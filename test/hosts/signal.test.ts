/** `signal` of a view: aborted where nobody waits any more for what a handler does, with the reason, on every host. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import type { LayerHandle } from '../../src/node/protector.ts';
import type { View } from '../../src/layer/view.ts';
import { listening } from '../support/listening.ts';
import { ask, openSocket, sessionCookieOf, writeRequest } from '../../src/testing/wire.ts';
import { until } from '../support/until.ts';
import { testPolicy } from './hosts.ts';

type Handle = (request: IncomingMessage, response: ServerResponse, view: View) => Promise<void>;
type Start = (policy: PolicyOptions, handle: Handle) => Promise<{ server: Server; layer: LayerHandle }>;

const STARTS: Readonly<Record<string, Start>> = {
  'node:http': async (policy, handle) => {
    const layer = nodeBulwark(policy);
    const listener = layer.handler((request, response) => handle(request, response, nodeBulwark.of(request)));
    return { layer, server: layer.createServer(listener) };
  },
  Express: async (policy, handle) => {
    const layer = expressBulwark(policy);
    const app = express();
    app.set('env', 'test');
    app.use(layer);
    app.use((request, response) => handle(request, response, expressBulwark.of(request)));
    return { layer, server: layer.createServer(app) };
  },
  Fastify: async (policy, handle) => {
    const layer = fastifyBulwark(policy);
    const app = Fastify({ serverFactory: layer.serverFactory });
    app.all('/*', (request, reply) => handle(request.raw, reply.hijack().raw, fastifyBulwark.of(request)));
    await app.ready();
    return { layer, server: app.server };
  },
  Hono: async (policy, handle) => {
    const layer = honoBulwark(policy);
    const app = new Hono<{ Bindings: HttpBindings }>();
    app.all('/*', async (context) => {
      await handle(context.env.incoming, context.env.outgoing, honoBulwark.of(context));
      return RESPONSE_ALREADY_SENT;
    });
    const server = createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
    return { layer, server };
  },
};

const SAME_SITE = { 'sec-fetch-site': 'same-origin', origin: 'https://example.com' };

for (const [host, start] of Object.entries(STARTS)) {
  describe(host, () => {
    const withHost = async (
      handle: Handle,
      use: (port: number, layer: LayerHandle) => Promise<void>,
    ): Promise<void> => {
      const { server, layer } = await start(testPolicy([]), async (request, response, view) => {
        if (request.url !== '/sign-in') return handle(request, response, view);
        await view.session.signIn({ account: 'ann' });
        response.end('in');
      });
      await listening(server, (port) => use(port, layer));
    };

    test('a client that leaves aborts it', async () => {
      const { promise, resolve } = Promise.withResolvers<AbortSignal>();
      await withHost(
        async (_request, _response, { signal }) => {
          resolve(signal);
          await once(signal, 'abort');
        },
        async (port) => {
          const { socket } = await openSocket(port);
          socket.write(writeRequest({}));
          const signal = await promise;
          assert.equal(signal.aborted, false);
          socket.destroy();
          await until('it is aborted', () => signal.aborted);
          assert.equal((signal.reason as { code?: string }).code, 'ERR_BULWARK_CLIENT_GONE');
        },
      );
    });

    test('an answer that was replaced aborts it, also where it is asked for after that', async () => {
      const reasons: unknown[] = [];
      await withHost(
        async (_request, response, view) => {
          const early = view.signal;
          response.statusCode = 500;
          response.end('at /srv/app');
          reasons.push((early.reason as { code?: string }).code, view.signal === early);
        },
        async (port) => {
          assert.equal((await ask(port, {})).status, 500);
          assert.deepEqual(reasons, ['ERR_BULWARK_ANSWER_REPLACED', true]);
        },
      );
      await withHost(
        async (_request, response, view) => {
          response.statusCode = 500;
          response.end('at /srv/app');
          reasons.push((view.signal.reason as { code?: string }).code);
        },
        async (port) => {
          await ask(port, {});
          assert.equal(reasons.at(-1), 'ERR_BULWARK_ANSWER_REPLACED');
        },
      );
    });

    test('an answer that was the handler its own does not, nor does the end of its connection after that', async () => {
      let kept: AbortSignal | undefined;
      await withHost(
        async (_request, response, { signal }) => {
          kept = signal;
          response.end('whole');
        },
        async (port) => {
          assert.equal((await ask(port, {})).body, 'whole');
          await sleep(20);
          assert.equal(kept?.aborted, false);
        },
      );
    });

    test('a session that is ended while its handler runs aborts it, and no other', async () => {
      const signals = new Map<string, AbortSignal>();
      const { promise: release, resolve: letGo } = Promise.withResolvers<void>();
      await withHost(
        async (request, response, view) => {
          signals.set(request.url ?? '', view.signal);
          await release;
          response.end(view.session.live ? 'live' : 'over');
        },
        async (port, layer) => {
          const cookies: string[] = [];
          for (let count = 0; count < 2; count += 1) {
            const answer = await ask(port, { method: 'POST', target: '/sign-in', headers: SAME_SITE });
            cookies.push(sessionCookieOf(answer) ?? '');
          }
          const [first, second] = cookies.map((cookie, at) =>
            ask(port, { target: `/${at}`, headers: { ...SAME_SITE, cookie } }),
          );
          const visitor = ask(port, { target: '/visitor' });
          await until('all wait', () => signals.size === 3);
          const all = await layer.sessions.list('ann');
          assert.equal(all.length, 2);
          // Newest first: the other stays.
          const kept = all.find(
            ({ createdAt }) => createdAt === Math.max(...all.map((one) => one.createdAt)),
          );
          assert.equal(await layer.sessions.revokeAccount('ann', kept?.idHash), 1);
          const aborted = [...signals].filter(([, { aborted: is }]) => is).map(([url]) => url);
          assert.equal(aborted.length, 1);
          assert.notEqual(aborted[0], '/visitor');
          const reason = signals.get(aborted[0] ?? '')?.reason as { code?: string } | undefined;
          assert.equal(reason?.code, 'ERR_BULWARK_SESSION_OVER');
          letGo();
          const statuses = [await first, await second].map((answer) => answer?.status).sort();
          assert.deepEqual(statuses, [200, 401]);
          assert.equal((await visitor).status, 200);
        },
      );
    });
  });
}

test('what nobody asks for is not made, and watches nothing', async () => {
  const made = AbortController;
  let count = 0;
  globalThis.AbortController = class extends made {
    constructor() {
      super();
      count += 1;
    }
  };
  try {
    const layer = nodeBulwark(testPolicy([]));
    let listeners = 0;
    const server = layer.createServer(
      layer.handler((request, response) => {
        listeners = request.socket.listenerCount('close');
        if (request.url === '/asks') void nodeBulwark.of(request).signal;
        listeners = request.socket.listenerCount('close') - listeners;
        response.end('whole');
      }),
    );
    await listening(server, async (port) => {
      assert.equal((await ask(port, {})).body, 'whole');
      assert.deepEqual([count, listeners], [0, 0]);
      assert.equal((await ask(port, { target: '/asks' })).body, 'whole');
      assert.deepEqual([count, listeners], [1, 1]);
    });
  } finally {
    globalThis.AbortController = made;
  }
});
