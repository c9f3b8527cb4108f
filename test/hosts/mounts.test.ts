/**
 * Routers below a mount, asked in both forms of a target. Express cuts scheme and host off an absolute-form target once at
 * each mount: were the target rewritten while its router runs, as many characters of the path would be lost, and
 * `/api/AAAAAAAAAAAAAAA/admin/users` would be `/api/admin/users` for it and something else for every rule.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { listening } from '../support/listening.ts';
import { ask, exchangeBytes, parseAnswer, writeRequest } from '../../src/testing/wire.ts';
import { testPolicy } from './hosts.ts';

const SECRET = 'for members only';
const OPEN = 'for everyone';

const POLICY: PolicyOptions = {
  rateLimit: { mode: 'off' },
  routes: {
    '/api/admin/**': { require: 'signed-in' },
    '/sub/admin/**': { require: 'signed-in' },
    '/files/admin/**': { require: 'signed-in' },
  },
};

const files = mkdtempSync(join(tmpdir(), 'mounts-'));
mkdirSync(join(files, 'admin'));
writeFileSync(join(files, 'admin', 'users'), SECRET);
writeFileSync(join(files, 'open'), OPEN);
after(() => rmSync(files, { recursive: true }));

function expressApp(layer: express.RequestHandler): express.Express {
  const app = express();
  app.use(layer);
  const router = express.Router();
  const nested = express.Router();
  nested.get('/users', (_request, response) => void response.send(SECRET));
  router.use('/admin', nested);
  router.get('/open', (_request, response) => void response.send(OPEN));
  app.use('/api', router);
  app.use('/files', express.static(files, { index: false }));
  const sub = express();
  sub.get('/admin/users', (_request, response) => void response.send(SECRET));
  sub.get('/open', (_request, response) => void response.send(OPEN));
  app.use('/sub', sub);
  return app;
}

/** A started server, and how it ends. */
interface Site {
  readonly server: Server;
  readonly close: () => Promise<void>;
}

function expressSite(serve: (app: RequestListener) => Server): Site {
  const layer = expressBulwark(testPolicy([], POLICY));
  return { server: serve(expressApp(layer)), close: () => layer.close() };
}

const SITES: Readonly<Record<string, () => Site | Promise<Site>>> = {
  'Express, a server of the layer': () => {
    const layer = expressBulwark(testPolicy([], POLICY));
    return { server: layer.createServer(expressApp(layer)), close: () => layer.close() };
  },
  'Express, a server of its own making': () => expressSite((app) => createServer(app)),
  'Express, a server made elsewhere and handed to the layer': () => {
    const layer = expressBulwark(testPolicy([], POLICY));
    const app = expressApp(layer);
    const server = createServer((request, response) => app(request, response));
    layer.secure(server);
    return { server, close: () => layer.close() };
  },
  'node:http': () => {
    const layer = nodeBulwark(testPolicy([], POLICY));
    const listener = layer.handler((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      if (/^\/(api|sub|files)\/admin\/users$/.test(pathname)) response.end(SECRET);
      else if (/^\/(api|sub|files)\/open$/.test(pathname)) response.end(OPEN);
      else response.writeHead(404).end();
    });
    return { server: layer.createServer(listener), close: () => layer.close() };
  },
  Fastify: async () => {
    const layer = fastifyBulwark(testPolicy([], POLICY));
    const app = Fastify({ serverFactory: layer.serverFactory });
    for (const prefix of ['/api', '/sub', '/files']) {
      void app.register(
        (inner, _options, done) => {
          inner.get('/admin/users', () => SECRET);
          inner.get('/open', () => OPEN);
          done();
        },
        { prefix },
      );
    }
    await app.ready();
    return { server: app.server, close: () => layer.close() };
  },
  Hono: () => {
    const layer = honoBulwark(testPolicy([], POLICY));
    const app = new Hono();
    for (const prefix of ['/api', '/sub', '/files']) {
      app.route(
        prefix,
        new Hono()
          .get('/admin/users', (context) => context.text(SECRET))
          .get('/open', (context) => context.text(OPEN)),
      );
    }
    const server = createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
    return { server, close: () => layer.close() };
  },
};

async function withSite(
  make: () => Site | Promise<Site>,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const { server, close } = await make();
  await listening(server, use, close);
}

const MOUNTS = ['/api', '/sub', '/files'];
const FORMS = ['', 'http://example.com', 'https://example.com', 'HTTPS://example.com'];

for (const [name, make] of Object.entries(SITES)) {
  test(`${name}: below a mount, no padding of a target in either form goes past a rule`, async () => {
    await withSite(make, async (port) => {
      for (const mount of MOUNTS) {
        for (const form of FORMS) {
          for (let padding = 0; padding <= 30; padding += 1) {
            const target = `${form}${mount}/${'A'.repeat(padding)}${padding === 0 ? '' : '/'}admin/users`;
            const { status, body } = await ask(port, { target });
            assert.ok(!body.includes(SECRET), target);
            assert.equal(status, padding === 0 ? 401 : 404, target);
          }
          const open = await ask(port, { target: `${form}${mount}/open` });
          assert.deepEqual([open.status, open.body.includes(OPEN)], [200, true], `${form}${mount}/open`);
        }
      }
    });
  });

  test(`${name}: a client that expects 100 Continue is heard with the path that was judged`, async () => {
    await withSite(make, async (port) => {
      const headers = { expect: '100-continue' };
      const target = 'http://example.com/api/open';
      const bytes = (await exchangeBytes(port, writeRequest({ target, headers }))).toString();
      const last = bytes.slice(bytes.lastIndexOf('HTTP/1.1 '));
      assert.deepEqual([parseAnswer(Buffer.from(last)).status, last.includes(OPEN)], [200, true]);
    });
  });
}

test('where a framework has begun to route, absolute-form is refused, and nothing of a target is changed', async () => {
  const make = (): Site => expressSite((app) => createServer((request, response) => app(request, response)));
  await withSite(make, async (port) => {
    for (const mount of MOUNTS) {
      for (let padding = 0; padding <= 30; padding += 1) {
        const target = `http://example.com${mount}/${'A'.repeat(padding)}/admin/users`;
        assert.equal((await ask(port, { target })).status, 400);
      }
      assert.equal((await ask(port, { target: `${mount}/open` })).status, 200);
      assert.equal((await ask(port, { target: `${mount}/admin/users` })).status, 401);
    }
  });
});
