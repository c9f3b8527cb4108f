/** A middleware behind the layer that changes the method or the path: the rules of what it becomes were not asked, and that is told. */
import assert from 'node:assert/strict';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import express from 'express';
import Fastify from 'fastify';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { LayerHandle, Protector } from '../../src/node/protector.ts';
import type { RequestListener } from '../../src/node/server.ts';
import { listening } from '../support/listening.ts';
import { ask } from '../../src/testing/wire.ts';
import { testPolicy } from './hosts.ts';

const ROUTES = {
  'DELETE /admin/**': { require: { role: 'admin' } },
  '/notes/**': { bodyLimit: '1KB' },
} as const;

/** As `methodOverride('_method')` does it. Its header is refused by the firewall already. */
function override(request: IncomingMessage): void {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (request.method === 'POST') request.method = searchParams.get('_method') ?? 'POST';
}

interface Application {
  readonly layer: Protector;
  readonly listener: RequestListener;
}

const APPLICATIONS: Readonly<Record<string, (events: AuditEvent[]) => Application>> = {
  'node:http': (events) => {
    const layer = nodeBulwark(testPolicy(events, { routes: ROUTES }));
    const listener = layer.handler((request, response) => {
      override(request);
      response.end(request.method);
    });
    return { layer, listener };
  },
  Express: (events) => {
    const layer = expressBulwark(testPolicy(events, { routes: ROUTES }));
    const app = express();
    app.use(layer, (request, _response, next) => {
      override(request);
      next();
    });
    app.delete('/*path', (_request, response) => void response.send('DELETE'));
    return { layer, listener: app };
  },
};

for (const [name, make] of Object.entries(APPLICATIONS)) {
  test(`a method that was changed past a rule is an event, and a warning once, on ${name} (expressjs/method-override)`, async (context) => {
    const warned = context.mock.method(process, 'emitWarning', () => undefined);
    const events: AuditEvent[] = [];
    const { layer, listener } = make(events);
    const server = layer.createServer(listener);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    try {
      const { port } = server.address() as AddressInfo;
      const headers = { 'sec-fetch-site': 'same-origin' };
      const post = async (path: string): Promise<string> =>
        (await ask(port, { method: 'POST', target: `${path}?_method=DELETE`, headers })).body;
      for (const target of ['/admin/7', '/admin/8', '/notes/7']) assert.equal(await post(target), 'DELETE');
      const told = events.filter(({ details }) => details?.['code'] === 'ERR_BULWARK_METHOD_CHANGED');
      assert.deepEqual(
        told.map(({ event }) => event),
        ['sys_misconfigured', 'sys_misconfigured'],
      );
      assert.match(String(told[0]?.details?.['message']), /made DELETE of a POST/);
      const codes = warned.mock.calls.map(
        ({ arguments: [, options] }) => (options as { code?: string } | undefined)?.code,
      );
      assert.equal(codes.filter((code) => code === 'ERR_BULWARK_METHOD_CHANGED').length, 1);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await layer.close();
    }
  });
}

const SECRET = 'for members only';
const PATHS = { '/admin/**': { require: 'signed-in' }, '/v1/**': { require: 'anyone' } } as const;

/** Each answers `/admin/x`, at `/api/admin/x` by a rewrite and at `/v1/admin/x` by a mount, which changes nothing. */
const REWRITING: Readonly<
  Record<string, (events: AuditEvent[]) => Promise<{ server: Server; layer: LayerHandle }>>
> = {
  'node:http': async (events) => {
    const layer = nodeBulwark(testPolicy(events, { routes: PATHS }));
    const listener = layer.handler((request, response) => {
      request.url = request.url?.replace(/^\/api/, '');
      response.end(SECRET);
    });
    return { layer, server: layer.createServer(listener) };
  },
  Express: async (events) => {
    const layer = expressBulwark(testPolicy(events, { routes: PATHS }));
    const app = express();
    app.use(layer, (request, _response, next) => {
      request.url = request.url.replace(/^\/api/, '');
      next();
    });
    const admin = express.Router().get('/x', (_request, response) => void response.send(SECRET));
    app.use('/admin', admin);
    app.use('/v1', express.Router().use('/admin', admin));
    app.use('/v1/admin', (_request, response) => void response.send(SECRET));
    return { layer, server: layer.createServer(app) };
  },
  Fastify: async (events) => {
    const layer = fastifyBulwark(testPolicy(events, { routes: PATHS }));
    const app = Fastify({
      serverFactory: layer.serverFactory,
      rewriteUrl: ({ url = '/' }) => url.replace(/^\/api/, ''),
    });
    app.get('/admin/x', () => SECRET);
    app.get('/v1/admin/x', () => SECRET);
    app.get('/v1/admin', () => SECRET);
    await app.ready();
    return { layer, server: app.server };
  },
};

for (const [name, make] of Object.entries(REWRITING)) {
  test(`a path that was changed past a rule is an event, and a warning once, on ${name} (nestjs/nest#16384)`, async (context) => {
    const warned = context.mock.method(process, 'emitWarning', () => undefined);
    const events: AuditEvent[] = [];
    const { layer, server } = await make(events);
    await listening(
      server,
      async (port) => {
        for (const target of ['/api/admin/x?a=1', '/api/admin/x'])
          assert.equal((await ask(port, { target })).body, SECRET);
        assert.equal((await ask(port, { target: '/admin/x' })).status, 401);
        for (const target of ['/v1/admin/x', '/v1/admin', '/v1/admin?a=1'])
          assert.equal((await ask(port, { target })).body, SECRET);
      },
      async () => layer.close(),
    );
    const told = events.filter(({ details }) => details?.['code'] === 'ERR_BULWARK_PATH_CHANGED');
    assert.deepEqual(
      told.map(({ event, details }) => [event, /made \/admin\/x of/.test(String(details?.['message']))]),
      [
        ['sys_misconfigured', true],
        ['sys_misconfigured', true],
      ],
    );
    const codes = warned.mock.calls.map(
      ({ arguments: [, options] }) => (options as { code?: string } | undefined)?.code,
    );
    assert.equal(codes.filter((code) => code === 'ERR_BULWARK_PATH_CHANGED').length, 1);
  });
}
