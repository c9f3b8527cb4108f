/** The application of `account-site.ts` on every host, each with the pages mounted as its guide says. */
import type { Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { createAdaptorServer } from '@hono/node-server';
import Fastify, { type FastifyInstance } from 'fastify';
import { Hono } from 'hono';
import { accountPages } from '../../src/adapters/account-pages.ts';
import { accountPages as fastifyPages } from '../../src/adapters/account-pages-fastify.ts';
import { accountPages as honoPages } from '../../src/adapters/account-pages-hono.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import { type AccountHost, MEMBERS, onExpress } from '../support/account-site.ts';

export const onNode: AccountHost = (policy, prepare) => {
  const layer = nodeBulwark(policy);
  prepare(layer);
  const pages = accountPages(layer);
  const listener = layer.handler(async (request, response) => {
    if (await pages.answer(request, response)) return;
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    const asked = `${request.method} ${request.url}`;
    if (asked === 'GET /secret') response.end(MEMBERS);
    else if (asked === 'POST /safe') response.end(JSON.stringify(fieldsOf(await text(request))));
    else response.writeHead(404).end('nothing here');
  });
  return { layer, server: layer.createServer(listener) };
};

/** What an application may do to a Fastify before the pages are registered. */
export type FastifySetup = (app: FastifyInstance) => void;

export const onFastify: AccountHost = fastifyHost(readsFormsAsText);

export function fastifyHost(
  setUp: FastifySetup,
  routerOptions: { caseSensitive?: boolean } = {},
): AccountHost {
  return async (policy, prepare) => {
    const layer = fastifyBulwark(policy);
    prepare(layer);
    const app = Fastify({ serverFactory: layer.serverFactory, routerOptions });
    setUp(app);
    await app.register(fastifyPages(layer));
    app.get('/secret', (_request, reply) => reply.type('text/html; charset=utf-8').send(MEMBERS));
    app.post('/safe', (request) => fieldsOf(request.body as string));
    await app.ready();
    return { layer, server: app.server };
  };
}

/** A parser of the application's own, as @fastify/formbody is one. */
function readsFormsAsText(app: FastifyInstance): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  );
}

/** What an application may do to a Hono before the pages are mounted. */
export type HonoSetup = (app: Hono) => void;

export const onHono: AccountHost = honoHost(() => undefined);

export function honoHost(setUp: HonoSetup): AccountHost {
  return (policy, prepare) => {
    const layer = honoBulwark(policy);
    prepare(layer);
    const app = new Hono();
    setUp(app);
    app.use(honoPages(layer));
    app.get('/secret', (context) => context.html(MEMBERS));
    app.post('/safe', async (context) => context.json(fieldsOf(await context.req.text())));
    const server = createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
    return { layer, server };
  };
}

export const ACCOUNT_HOSTS: Readonly<Record<string, AccountHost>> = {
  'node:http': onNode,
  Express: onExpress,
  Fastify: onFastify,
  Hono: onHono,
};

function fieldsOf(body: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body));
}
