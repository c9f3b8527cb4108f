/** The hosts that the conformance suite runs on. A new adapter is one more entry. */
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import express from 'express';
import Fastify, { type FastifyReply } from 'fastify';
import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import type { LayerHandle } from '../../src/node/protector.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { NOTHING, type Reply, serveRoutes } from '../../src/testing/hosts/application.ts';
import { hostPolicy } from '../../src/testing/hosts/policy.ts';
import { ROUTES } from './application.ts';

/** A running application under the layer. */
export interface Running {
  readonly port: number;
  readonly server: Server;
  readonly layer: LayerHandle;
  readonly events: AuditEvent[];
  readonly stop: () => Promise<void>;
}

/** Starts the test application on one host. */
export type Host = (policy?: PolicyOptions) => Promise<Running>;

export const nodeHost: Host = (policy) => {
  const events: AuditEvent[] = [];
  const layer = nodeBulwark(testPolicy(events, policy));
  const listener = layer.handler(async (request, response) => {
    await serveRoutes(ROUTES, request, response, nodeBulwark.of(request));
  });
  return listen(layer, layer.createServer(listener), events);
};

export const expressHost: Host = (policy) => {
  const events: AuditEvent[] = [];
  const layer = expressBulwark(testPolicy(events, policy));
  const app = express();
  app.set('env', 'test');
  app.use(layer);
  const send = (response: express.Response, { status = 200, headers = [], body }: Reply): void => {
    for (const [name, value] of headers) response.append(name, value);
    response.status(status).send(body);
  };
  for (const route of ROUTES) {
    const register = route.method === 'GET' ? app.get.bind(app) : app.post.bind(app);
    register(route.path, async (request, response) => {
      if ('raw' in route) return route.raw(request, response);
      const view = expressBulwark.of(request);
      return send(
        response,
        await route.answer({ query: queryOf(request.url), view, body: () => bodyOf(request) }),
      );
    });
  }
  app.use((_request, response) => send(response, NOTHING));
  return listen(layer, layer.createServer(app), events);
};

export const fastifyHost: Host = async (policy) => {
  const events: AuditEvent[] = [];
  const layer = fastifyBulwark(testPolicy(events, policy));
  const app = Fastify({ serverFactory: layer.serverFactory });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  const send = (reply: FastifyReply, { status = 200, headers = [], body }: Reply): FastifyReply => {
    for (const [name, value] of headers) reply.header(name, value);
    return reply.code(status).send(body);
  };
  for (const route of ROUTES) {
    app.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => {
        if ('raw' in route) return route.raw(request.raw, reply.hijack().raw);
        const body = (): Promise<string> => Promise.resolve(request.body as string);
        const view = fastifyBulwark.of(request);
        return send(reply, await route.answer({ query: queryOf(request.url), view, body }));
      },
    });
  }
  app.setNotFoundHandler((_request, reply) => send(reply, NOTHING));
  await app.ready();
  return listen(layer, app.server, events);
};

export const honoHost: Host = (policy) => {
  const events: AuditEvent[] = [];
  const layer = honoBulwark(testPolicy(events, policy));
  const app = new Hono<{ Bindings: HttpBindings }>();
  const send = (context: Context, { status = 200, headers = [], body }: Reply): Response => {
    for (const [name, value] of headers) context.header(name, value, { append: true });
    return context.body(body as string, status as ContentfulStatusCode);
  };
  for (const route of ROUTES) {
    app.on(route.method, route.path, async (context) => {
      const { incoming, outgoing } = context.env;
      if ('raw' in route) {
        await route.raw(incoming, outgoing);
        return RESPONSE_ALREADY_SENT;
      }
      const visit = {
        query: queryOf(incoming.url),
        view: honoBulwark.of(context),
        body: () => context.req.text(),
      };
      return send(context, await route.answer(visit));
    });
  }
  app.notFound((context) => send(context, NOTHING));
  app.onError((error, context) => context.text(String(error.stack), 500));
  const server = createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
  return listen(layer, server, events);
};

export const HOSTS: Readonly<Record<string, Host>> = {
  'node:http': nodeHost,
  Express: expressHost,
  Fastify: fastifyHost,
  Hono: honoHost,
};

function queryOf(url = '/'): URLSearchParams {
  return new URL(url, 'http://localhost').searchParams;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

/** A policy behind a TLS-ending proxy on loopback, as most deployments are. Sections of `policy` replace these. */
export function testPolicy(events: AuditEvent[], policy: PolicyOptions = {}): PolicyOptions {
  const ours = hostPolicy();
  return {
    ...ours,
    secrets: fixedSecrets(TEST_SECRET),
    audit: { sink: (_line, event) => void events.push(event) },
    ...policy,
    routes: { ...ours.routes, '/held': { require: 'signed-in' }, ...policy.routes },
  };
}

export async function listen(layer: LayerHandle, server: Server, events: AuditEvent[]): Promise<Running> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    await layer.close();
  };
  return { port: (server.address() as AddressInfo).port, server, layer, events, stop };
}
