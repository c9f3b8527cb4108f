/** What reaches a handler was judged by that handler's rule, however its path is spelled and whatever router reads it. */
import assert from 'node:assert/strict';
import { Agent, type IncomingMessage, request as sendRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import express from 'express';
import Fastify, { type FastifyServerOptions } from 'fastify';
import { Hono } from 'hono';
import { TrieRouter } from 'hono/router/trie-router';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import type { LayerHandle } from '../../src/node/protector.ts';
import { View } from '../../src/layer/view.ts';
import { ask, sessionCookieOf } from '../../src/testing/wire.ts';
import { spellingsOf } from '../support/spellings.ts';
import { testPolicy } from './hosts.ts';

/** The routes of the application; a name is the role that its rule asks for, `open` the exemptions. */
const ROUTES: readonly (readonly [path: string, name: string])[] = [
  ['/notes/new', 'open'],
  ['/users/demo', 'open'],
  ['/', 'home'],
  ['/notes', 'list'],
  ['/notes/:id', 'note'],
  ['/users/:id', 'user'],
  ['/accounts/:account/files/:file', 'file'],
  ['/admin/users', 'admin'],
];

const RULES: NonNullable<PolicyOptions['routes']> = {
  '/sign-in': { require: 'anyone' },
  '/notes/new': { require: 'anyone' },
  '/users/demo': { require: 'anyone' },
  '/': { require: { role: 'home' } },
  '/notes': { require: { role: 'list' } },
  '/notes/:id': { require: { role: 'note' } },
  '/users/:id': { require: { role: 'user' } },
  '/accounts/:account/files/:file': { require: { role: 'file' } },
  '/admin/**': { require: { role: 'admin' } },
};

const NAMES = ROUTES.map(([, name]) => name);
/** Whoever asks may do everything: what stops a request is then no rule, and it reaches whatever it can reach. */
const ROLES = [...new Set(NAMES)];
const POLICY: PolicyOptions = { rateLimit: { perClient: '100000/1m' }, routes: RULES };

const SPELLINGS = spellingsOf([
  '/',
  '/notes',
  '/notes/7',
  '/notes/new',
  '/users/demo',
  '/users/ann',
  '/accounts/a/files/17',
  '/admin/users',
]);

/** What reached a handler, and which rules it was judged by. */
type Arrive = (name: string, view: View) => void;

interface Application {
  readonly layer: LayerHandle;
  readonly server: Server;
}

type Make = (arrive: Arrive) => Application | Promise<Application>;

const signIn = (view: View): Promise<unknown> => view.session.signIn({ account: 'ann', roles: ROLES });

/** A router as people write one, over the segments of a path. */
function onNode(segmentsOf: (url: string) => readonly string[]): Make {
  return (arrive) => {
    const layer = nodeBulwark(testPolicy([], POLICY));
    const patterns = ROUTES.map(([path, name]) => ({ segments: path.slice(1).split('/'), name }));
    const listener = layer.handler(async (request, response) => {
      const view = nodeBulwark.of(request);
      const segments = segmentsOf(request.url ?? '');
      if (segments.join('/') === 'sign-in') await signIn(view);
      const found = patterns.find(
        (one) =>
          one.segments.length === segments.length &&
          one.segments.every((segment, index) => segment.startsWith(':') || segment === segments[index]),
      );
      if (found !== undefined) arrive(found.name, view);
      response.end();
    });
    return { layer, server: layer.createServer(listener) };
  };
}

const pathOf = (url: string): string => new URL(url, 'http://localhost').pathname;

function onExpress(isStrict: boolean): Make {
  return (arrive) => {
    const layer = expressBulwark(testPolicy([], POLICY));
    const app = express();
    app.set('strict routing', isStrict);
    app.set('case sensitive routing', isStrict);
    app.use(layer);
    app.post('/sign-in', async (request, response) => {
      await signIn(expressBulwark.of(request));
      response.end();
    });
    for (const [path, name] of ROUTES) {
      app.get(path, (request, response) => {
        arrive(name, expressBulwark.of(request));
        response.end();
      });
    }
    return { layer, server: layer.createServer(app) };
  };
}

function onFastify(routerOptions: FastifyServerOptions['routerOptions'] & object): Make {
  return async (arrive) => {
    const layer = fastifyBulwark(testPolicy([], POLICY));
    const app = Fastify({ serverFactory: layer.serverFactory, routerOptions });
    app.post('/sign-in', async (request) => {
      await signIn(fastifyBulwark.of(request));
      return '';
    });
    for (const [path, name] of ROUTES) {
      app.get(path, (request) => {
        arrive(name, fastifyBulwark.of(request));
        return '';
      });
    }
    await app.ready();
    return { layer, server: app.server };
  };
}

function onHono(options: ConstructorParameters<typeof Hono<{ Bindings: HttpBindings }>>[0] & object): Make {
  return (arrive) => {
    const layer = honoBulwark(testPolicy([], POLICY));
    const app = new Hono<{ Bindings: HttpBindings }>(options);
    app.post('/sign-in', async (context) => {
      await signIn(honoBulwark.of(context));
      return context.text('');
    });
    for (const [path, name] of ROUTES) {
      app.get(path, (context) => {
        arrive(name, honoBulwark.of(context));
        return context.text('');
      });
    }
    const server = createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
    return { layer, server };
  };
}

const LENIENT_FASTIFY = { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, caseSensitive: false };

const APPLICATIONS: Readonly<Record<string, Make>> = {
  'node:http, where an empty segment is a parameter': onNode((url) =>
    pathOf(url).slice(1).split('/').map(decodeURIComponent),
  ),
  'node:http, where nothing is decoded': onNode((url) => (url.split('?')[0] ?? '').slice(1).split('/')),
  'node:http, where case and slashes are nothing': onNode((url) => {
    const segments = decodeURIComponent(pathOf(url)).toLowerCase().split('/').filter(Boolean);
    return segments.length === 0 ? [''] : segments;
  }),
  'Express 5': onExpress(false),
  'Express 5, strict': onExpress(true),
  Fastify: onFastify({}),
  'Fastify, lenient': onFastify(LENIENT_FASTIFY),
  Hono: onHono({}),
  'Hono, lenient': onHono({ strict: false }),
  'Hono, by another router': onHono({ router: new TrieRouter() }),
};

test('there are enough spellings to say something', () => {
  assert.ok(SPELLINGS.length >= 1500, String(SPELLINGS.length));
});

for (const [name, make] of Object.entries(APPLICATIONS)) {
  test(`what reaches a handler was judged by its rule, in every spelling, on ${name} (fastify/fastify, empty parameters)`, async () => {
    const reached = new Map<string, Set<string>>(NAMES.map((one) => [one, new Set()]));
    const unjudged: string[] = [];
    let asked = '';
    const { layer, server } = await make((handler, view) => {
      reached.get(handler)?.add(asked);
      const { require } = View.exchangeOf(view).rules;
      const roles = (typeof require === 'object' ? require.roles : undefined) ?? [];
      if (handler !== 'open' && !roles.includes(handler)) unjudged.push(`${asked} reached ${handler}`);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const { port } = server.address() as AddressInfo;
      const cookie = await signedIn(port);
      for (const spelling of SPELLINGS) {
        asked = spelling;
        await get(port, spelling, cookie, agent);
      }
    } finally {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await layer.close();
    }
    assert.deepEqual(unjudged, []);
    for (const [handler, by] of reached) assert.ok(by.size > 0, `${handler} was reached by no spelling`);
  });
}

async function signedIn(port: number): Promise<string> {
  const headers = { 'sec-fetch-site': 'same-origin' };
  return sessionCookieOf(await ask(port, { method: 'POST', target: '/sign-in', headers })) ?? assert.fail();
}

/** Sends a target as it is. One that the client itself does not write is none of a browser's either. */
function get(port: number, target: string, cookie: string, agent: Agent): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = {
    host: 'example.com',
    cookie,
    'x-forwarded-for': '192.0.2.1',
    'x-forwarded-proto': 'https',
    'sec-fetch-site': 'same-origin',
  };
  const answered = (response: IncomingMessage): void => void response.resume().once('end', resolve);
  sendRequest({ port, host: '127.0.0.1', path: target, headers, agent }, answered)
    .once('error', reject)
    .end();
  return promise;
}
