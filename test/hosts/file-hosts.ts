/** One application that keeps files, on every host: by the means of each framework, and in as few lines as its guide has. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import { Uploads } from '../../src/adapters/uploads.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { View } from '../../src/layer/view.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { memory } from '../../src/stores/memory/state.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { listen, type Running, testPolicy } from './hosts.ts';

/** A running one. */
export interface FileHost extends Running {
  readonly uploads: Uploads;
  readonly state: State;
  /** Where bytes lie. */
  readonly folder: string;
}

/** Starts it. */
export type StartFileHost = (policy?: PolicyOptions) => Promise<FileHost>;

/** What the application sets on its page of a link that leads nowhere, as sites do. */
const THEME = 'theme=dark; Path=/';

interface Ground {
  readonly policy: PolicyOptions;
  readonly events: AuditEvent[];
  readonly state: State;
  readonly folder: string;
}

/** Types that the tests send. */
const TYPES = ['text/plain', 'application/pdf'] as const;

function ground(own: PolicyOptions = {}): Ground {
  const events: AuditEvent[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-hosted-'));
  const state = own.state === undefined ? memory() : (own.state as State);
  const routes = {
    'POST /files': { upload: { types: [...TYPES], size: '1MB', files: 4, store: true } },
    '/files/**': { require: 'anyone' },
    '/uploads/**': {
      require: 'signed-in',
      upload: { types: [...TYPES], size: '20MB', store: 'resumable' },
    },
  } as const;
  const policy = testPolicy(events, {
    ...own,
    state,
    files: { bytes: folder, ...own.files },
    routes: { ...routes, ...own.routes },
  });
  return { policy, events, state, folder };
}

/** What the application does, whatever the framework: the account is who the address says, for the tests. */
async function signIn(view: View, url = ''): Promise<void> {
  const account = new URL(url, 'http://localhost').searchParams.get('account') ?? 'ann';
  await view.session.signIn({ account, roles: [] });
}

function hosted(running: Running, uploads: Uploads, { state, folder }: Ground): FileHost {
  const stop = async (): Promise<void> => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...running, stop, uploads, state, folder };
}

function nothing(response: ServerResponse): void {
  response.writeHead(404, { 'Content-Type': 'text/plain' }).end('nothing here');
}

const nodeFiles: StartFileHost = async (own) => {
  const on = ground(own);
  const layer = nodeBulwark(on.policy);
  const uploads = Uploads.of(layer);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url = '/' } = request;
    const [path = ''] = url.split('?');
    const [, room, id = ''] = path.split('/');
    if (room === 'sign-in') await signIn(nodeBulwark.of(request), url);
    if (room === 'uploads') {
      if ((await uploads.resume(request, response)) === undefined) nothing(response);
      return;
    }
    if (method === 'POST') {
      const body = room === 'files' ? await uploads.take(request) : { ok: true };
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(body));
    } else {
      const sent =
        room === 'shared'
          ? await uploads.sendLink(id, request, response)
          : await uploads.send(id, request, response);
      if (sent === undefined) {
        if (id === 'plant') response.setHeader('Set-Cookie', THEME);
        nothing(response);
      }
    }
  };
  return hosted(await listen(layer, layer.createServer(layer.handler(answer)), on.events), uploads, on);
};

const expressFiles: StartFileHost = async (own) => {
  const on = ground(own);
  const layer = expressBulwark(on.policy);
  const uploads = Uploads.of(layer);
  const app = express();
  app.set('env', 'test');
  app.use(layer);
  app.post('/sign-in', async (request, response) => {
    await signIn(expressBulwark.of(request), request.url);
    response.json({ ok: true });
  });
  app.post('/files', async (request, response) => {
    response.json(await uploads.take(request));
  });
  app.get('/files/:id', async (request, response, next) => {
    if ((await uploads.send(request.params.id, request, response)) === undefined) next();
  });
  app.get('/shared/:token', async (request, response, next) => {
    if ((await uploads.sendLink(request.params.token, request, response)) === undefined) next();
  });
  app.all(['/uploads', '/uploads/:id'], async (request, response, next) => {
    if ((await uploads.resume(request, response)) === undefined) next();
  });
  app.use((request, response) => {
    if (request.path === '/shared/plant') response.append('Set-Cookie', THEME);
    response.status(404).type('text/plain').send('nothing here');
  });
  return hosted(await listen(layer, layer.createServer(app), on.events), uploads, on);
};

const fastifyFiles: StartFileHost = async (own) => {
  const on = ground(own);
  const layer = fastifyBulwark(on.policy);
  const uploads = Uploads.of(layer);
  const app = Fastify({ serverFactory: layer.serverFactory });
  // For routes without `store`: Fastify answers 415 where nobody has said who reads a form.
  app.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null));
  app.post('/sign-in', async (request) => {
    await signIn(fastifyBulwark.of(request), request.url);
    return { ok: true };
  });
  app.post('/files', (request) => uploads.take(request));
  app.get<{ Params: { id: string } }>(
    '/files/:id',
    async (request, reply) => (await uploads.send(request.params.id, request, reply)) ?? reply.callNotFound(),
  );
  app.get<{ Params: { token: string } }>(
    '/shared/:token',
    async (request, reply) =>
      (await uploads.sendLink(request.params.token, request, reply)) ?? reply.callNotFound(),
  );
  for (const url of ['/uploads', '/uploads/:id'])
    app.all(url, async (request, reply) => (await uploads.resume(request, reply)) ?? reply.callNotFound());
  app.setNotFoundHandler((request, reply) => {
    if (request.url === '/shared/plant') reply.header('Set-Cookie', THEME);
    return reply.code(404).type('text/plain').send('nothing here');
  });
  await app.ready();
  return hosted(await listen(layer, app.server, on.events), uploads, on);
};

const honoFiles: StartFileHost = async (own) => {
  const on = ground(own);
  const layer = honoBulwark(on.policy);
  const uploads = Uploads.of(layer);
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.post('/sign-in', async (c) => {
    await signIn(honoBulwark.of(c), c.env.incoming.url);
    return c.json({ ok: true });
  });
  app.post('/files', async (c) => {
    const { files, refused } = await uploads.take(c);
    return c.json({ files: [...files], refused: [...refused] });
  });
  app.get('/files/:id', async (c) => (await uploads.send(c.req.param('id'), c)) ?? c.notFound());
  app.get('/shared/:token', async (c) => (await uploads.sendLink(c.req.param('token'), c)) ?? c.notFound());
  app.all('/uploads/:id?', async (c) => (await uploads.resume(c)) ?? c.notFound());
  app.notFound((c) => {
    if (c.req.path === '/shared/plant') c.header('Set-Cookie', THEME);
    return c.text('nothing here', 404);
  });
  const server = createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
  return hosted(await listen(layer, server, on.events), uploads, on);
};

/** By the name of the framework. */
export const FILE_HOSTS: Readonly<Record<string, StartFileHost>> = {
  'node:http': nodeFiles,
  Express: expressFiles,
  Fastify: fastifyFiles,
  Hono: honoFiles,
};
