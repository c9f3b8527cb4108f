/** One application with a console, on every host: mounted as its guide says. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { HostedPages } from '../../src/account-pages/hosted-pages.ts';
import { consolePages } from '../../src/adapters/console.ts';
import { consolePages as fastifyConsole } from '../../src/adapters/console-fastify.ts';
import { consolePages as honoConsole } from '../../src/adapters/console-hono.ts';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { HostedConsole } from '../../src/console/hosted-console.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { attachedView, type View } from '../../src/layer/view.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { listen, type Running, testPolicy } from './hosts.ts';

/** Starts it. `POST /enter?role=operator&mfa=1` signs whoever asks in; with `late=1` the second factor is of an hour ago. */
export type StartConsole = (policy?: PolicyOptions) => Promise<Running>;

interface Ground {
  readonly policy: PolicyOptions;
  readonly events: AuditEvent[];
  readonly folder: string;
}

function ground(own: PolicyOptions = {}): Ground {
  const events: AuditEvent[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-console-'));
  const policy = testPolicy(events, {
    console: { base: '/admin', index: join(folder, 'console.db') },
    ...own,
    routes: { '/enter': { require: 'anyone' }, ...own.routes },
  });
  return { policy, events, folder };
}

async function enter(view: View, url = '/'): Promise<void> {
  const query = new URL(url, 'http://localhost').searchParams;
  const account = query.get('account') ?? 'ann';
  const isLate = query.has('late');
  const provedAt = isLate ? { provedAt: Date.now() - 3_600_000 } : {};
  await view.session.signIn({ account, roles: query.getAll('role'), mfa: query.has('mfa'), ...provedAt });
  if (isLate) await view.session.renew({ signedIn: true });
}

function withFolder(running: Running, { folder }: Ground): Running {
  const stop = async (): Promise<void> => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...running, stop };
}

const onNode: StartConsole = async (own) => {
  const made = ground(own);
  const layer = nodeBulwark(made.policy);
  const pages = consolePages(layer);
  const listener = layer.handler(async (request, response) => {
    if (await pages.answer(request, response)) return;
    await answer(request, response, nodeBulwark.of(request));
  });
  return withFolder(await listen(layer, layer.createServer(listener), made.events), made);
};

const onExpress: StartConsole = async (own) => {
  const made = ground(own);
  const layer = expressBulwark(made.policy);
  const app = express();
  app.set('env', 'test');
  app.use(layer);
  app.use(consolePages(layer));
  app.use((request, response) => answer(request, response, expressBulwark.of(request)));
  return withFolder(await listen(layer, layer.createServer(app), made.events), made);
};

const onFastify: StartConsole = async (own) => {
  const made = ground(own);
  const layer = fastifyBulwark(made.policy);
  const app = Fastify({ serverFactory: layer.serverFactory });
  await app.register(fastifyConsole(layer));
  app.post('/enter', async (request, reply) => {
    await enter(fastifyBulwark.of(request), request.url);
    return reply.send('in');
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send('nothing here'));
  await app.ready();
  return withFolder(await listen(layer, app.server, made.events), made);
};

const onHono: StartConsole = async (own) => {
  const made = ground(own);
  const layer = honoBulwark(made.policy);
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(honoConsole(layer));
  app.post('/enter', async (context) => {
    await enter(honoBulwark.of(context), context.req.url);
    return context.text('in');
  });
  const server = createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
  return withFolder(await listen(layer, server, made.events), made);
};

/** Operators sign in to the gateway itself: here its server does so for the test. */
const inGateway: StartConsole = async (own) => {
  const made = ground({ accounts: {}, accountPages: { base: '/-' }, environment: 'development', ...own });
  const upstream = createServer((_request, response) => response.writeHead(404).end('nothing here'));
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  const entrance = {
    routes: [],
    ruled: [],
    has: ({ url = '' }: { readonly url?: string | undefined }) => url.startsWith('/enter'),
    answer: async ({ view, request }: { readonly view: View; readonly request: IncomingMessage }) => {
      await enter(view, request.url);
      return { status: 200, headers: [], body: 'in' };
    },
  };
  const gateway = createGateway(made.policy, { upstream: `http://127.0.0.1:${port}` }, (layer) => [
    new HostedConsole(layer),
    new HostedPages(layer, {}),
    entrance,
  ]);
  const running = withFolder(await listen(gateway, gateway.server, made.events), made);
  const stop = async (): Promise<void> => {
    await running.stop();
    upstream.closeAllConnections();
    upstream.close();
  };
  return { ...running, stop };
};

/** Everywhere a console can be. */
export const CONSOLE_HOSTS: Readonly<Record<string, StartConsole>> = {
  'node:http': onNode,
  Express: onExpress,
  Fastify: onFastify,
  Hono: onHono,
  'the gateway': inGateway,
};

async function answer(request: IncomingMessage, response: ServerResponse, view: View): Promise<void> {
  if (attachedView(request) !== view) throw new Error('another view');
  if (request.url?.startsWith('/enter') === true) {
    await enter(view, request.url);
    response.end('in');
  } else if (request.url === '/start') {
    // For browsers, which post by a form.
    response
      .setHeader('Content-Type', 'text/html; charset=utf-8')
      .end(
        '<!doctype html><title>Start</title><form method="post" action="/enter?role=operator&amp;mfa=1"><button>Enter</button></form>',
      );
  } else response.writeHead(404).end('nothing here');
}
