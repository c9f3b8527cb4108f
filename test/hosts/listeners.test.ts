/**
 * What takes over a server's events: socket.io's polling transport, SockJS and health checks put themselves before every
 * listener, and answer for paths of their own. They stand under the layer on every host.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import express from 'express';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { isJudged } from '../../src/node/server.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { viewOf } from '../../src/layer/view.ts';
import { listening } from '../support/listening.ts';
import { ask, type RawRequest } from '../../src/testing/wire.ts';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';
import { HOSTS, testPolicy } from './hosts.ts';

const PATH = '/socket.io/';

/** As engine.io attaches itself: all listeners off, its own on, the others asked for what is not its own. */
function takeOver(
  server: Server,
  event: 'request' | 'checkContinue' = 'request',
): { readonly seen: string[] } {
  const seen: string[] = [];
  const before = server.listeners(event) as ((...args: unknown[]) => void)[];
  server.removeAllListeners(event);
  server.on(event, (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith(PATH) !== true) {
      for (const listener of before) listener.call(server, request, response);
      return;
    }
    seen.push(request.url);
    const view = viewOf(request, '');
    response.writeHead(200, { 'Content-Type': 'text/plain', Server: 'engine' });
    response.end(`what members get, ${view.requestId.length > 0}`);
  });
  return { seen };
}

const POLLING: Readonly<Record<string, { readonly request: RawRequest; readonly status: number }>> = {
  'a visitor, where members are let in': {
    request: { target: `${PATH}members/?transport=polling` },
    status: 401,
  },
  'a foreign Host': { request: { target: PATH, headers: { host: 'evil.example' } }, status: 421 },
  'a cross-site post': {
    request: { method: 'POST', target: PATH, headers: { 'sec-fetch-site': 'cross-site' }, body: '40' },
    status: 403,
  },
};

for (const [name, host] of Object.entries(HOSTS)) {
  for (const event of ['request', 'checkContinue'] as const) {
    test(`${name}: a listener that takes over ${event} hears of nothing that the layer refuses`, async () => {
      const { server, port, stop } = await host({
        routes: { [`${PATH}members/**`]: { require: 'signed-in' } },
      });
      const { seen } = takeOver(server, event);
      const expect = event === 'checkContinue' ? { expect: '100-continue' } : {};
      try {
        for (const [what, { request, status }] of Object.entries(POLLING)) {
          const answer = await ask(port, { ...request, headers: { ...request.headers, ...expect } });
          assert.equal(answer.status, status, what);
          hasTheHeaders(answer);
        }
        assert.deepEqual(seen, []);
      } finally {
        await stop();
      }
    });
  }

  test(`${name}: what such a listener answers is sealed, counted, and has its view`, async () => {
    const { server, port, stop } = await host({ rateLimit: { perClient: '3/minute' } });
    const { seen } = takeOver(server);
    try {
      const statuses: number[] = [];
      for (let index = 0; index < 4; index += 1) {
        const answer = await ask(port, { target: PATH });
        statuses.push(answer.status);
        hasTheHeaders(answer);
        if (index === 0) assert.equal(answer.body, 'what members get, true');
      }
      assert.deepEqual(statuses, [200, 200, 200, 429]);
      assert.equal(seen.length, 3);
      assert.equal(
        (await ask(port, { target: '/json', headers: { 'x-forwarded-for': '192.0.2.9' } })).status,
        200,
      );
    } finally {
      await stop();
    }
  });

  test(`${name}: an upgrade in absolute-form comes to its listener as the path that was judged`, async () => {
    const { server, port, stop } = await host();
    const seen: (string | undefined)[] = [];
    server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      seen.push(request.url);
      assert.ok(viewOf(request, '').requestId);
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    });
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      origin: 'https://example.com',
    };
    try {
      assert.equal((await ask(port, { target: 'https://example.com/live', headers })).status, 101);
      const foreign = { ...headers, origin: 'https://evil.example' };
      assert.equal((await ask(port, { target: '/live', headers: foreign })).status, 403);
      assert.deepEqual(seen, ['/live']);
    } finally {
      await stop();
    }
  });
}

test('Express: a route above the layer is judged, on a server of the layer and on one of the application', async () => {
  for (const own of [true, false]) {
    const layer = expressBulwark(testPolicy([], { access: { otherwise: 'nobody' } }));
    const app = express();
    app.get('/above', (_request, response) => void response.send('open'));
    app.use(layer);
    await listening(own ? layer.createServer(app) : createServer(app), async (port) => {
      assert.equal((await ask(port, { target: '/above' })).status, 404);
    });
    await layer.close();
  }
});

test('Express: the first upgrade to a server of the application is judged, with no request before it', async () => {
  const layer = expressBulwark(testPolicy([]));
  const server = createServer(express().use(layer));
  let upgrades = 0;
  server.on('upgrade', (_request, socket: Duplex) => {
    upgrades += 1;
    socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  });
  await listening(server, async (port) => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket', origin: 'https://evil.example' };
    assert.equal((await ask(port, { headers })).status, 403);
    assert.equal(upgrades, 0);
  });
  await layer.close();
});

// nestjs/nest#13098, socketio/engine.io#668: its listeners are off, and in a closure, by the time the server listens.
test('Express: a server of the application is found where a listener took it over before it listened', async () => {
  for (const tls of [false, true]) {
    for (const mountedFirst of [true, false]) {
      const layer = expressBulwark(testPolicy([], { routes: { [`${PATH}**`]: { require: 'signed-in' } } }));
      const app = express();
      if (mountedFirst) app.use(layer);
      const server = tls ? createTlsServer(app) : createServer(app);
      const { seen } = takeOver(server);
      server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
        seen.push(request.url ?? '');
        socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
      });
      if (!mountedFirst) app.use(layer);
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
      assert.equal(isJudged(server), true);
      server.close();
      await layer.close();
      assert.deepEqual(seen, []);
    }
  }
});

test('Express: polling and the first upgrade on such a server are judged, with no page asked before', async () => {
  const layer = expressBulwark(testPolicy([], { routes: { [`${PATH}**`]: { require: 'signed-in' } } }));
  const server = createServer(express().use(layer));
  const { seen } = takeOver(server);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    seen.push(request.url ?? '');
    socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  });
  await listening(server, async (port) => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket', origin: 'https://evil.example' };
    assert.equal((await ask(port, { target: PATH, headers })).status, 403);
    const polling = await ask(port, { target: PATH });
    assert.equal(polling.status, 401);
    hasTheHeaders(polling);
  });
  assert.deepEqual(seen, []);
  await layer.close();
});

/** As tracers do (OpenTelemetry's Express instrumentation, shimmer): another handle, with what hangs on the first. */
function traced(app: express.Express): express.Express {
  for (const mounted of app.router.stack) {
    const { handle } = mounted;
    const wrapped: typeof handle = (request, response, next) => handle(request, response, next);
    for (const name in handle)
      Object.defineProperty(wrapped, name, {
        get: () => (handle as unknown as Record<string, unknown>)[name],
      });
    mounted.handle = wrapped;
  }
  return app;
}

test('Express: a server is found where a tracer has wrapped what is mounted', async () => {
  const layer = expressBulwark(testPolicy([], { access: { otherwise: 'nobody' } }));
  const app = express();
  app.get('/above', (_request, response) => void response.send('open'));
  await listening(createServer(traced(app.use(layer))), async (port) => {
    assert.equal((await ask(port, { target: '/above' })).status, 404);
  });
  await layer.close();
});

test('an answer that leaves unjudged on a server nobody gave to the layer is one critical event with its path', async () => {
  const events: AuditEvent[] = [];
  const layer = expressBulwark(testPolicy(events));
  const app = express();
  app.get('/above', (_request, response) => void response.send('open'));
  app.use(layer);
  app.get('/below', (_request, response) => void response.send('judged'));
  // Wrapped: nobody can tell where this listener leads.
  await listening(
    createServer((request, response) => app(request, response)),
    async (port) => {
      for (const target of ['/below', '/above?token=a', '/above']) await ask(port, { target });
    },
  );
  const told = events.filter(({ details }) => details?.['code'] === 'ERR_BULWARK_NOT_PROTECTED');
  assert.deepEqual(
    told.map(({ event, level, details }) => [event, level, details?.['method'], details?.['path']]),
    [['sys_misconfigured', 'critical', 'GET', '/above']],
  );
  await layer.close();
});

test('layers of two virtual hosts on one server each judge what is theirs', async () => {
  const layers = ['a.example', 'b.example'].map((host) =>
    nodeBulwark(
      testPolicy([], {
        origin: `https://${host}`,
        routes: { [`/${host}/**`]: { require: 'signed-in' } },
      }),
    ),
  );
  const server = createServer((request, response) => void response.end(request.headers.host));
  for (const layer of layers) layer.secure(server);
  await listening(server, async (port) => {
    const statusOf = async (host: string, target: string): Promise<number> =>
      (await ask(port, { target, headers: { host } })).status;
    for (const host of ['a.example', 'b.example']) {
      assert.equal(await statusOf(host, '/'), 200);
      assert.equal(await statusOf(host, `/${host}/x`), 401);
    }
    assert.equal(await statusOf('a.example', '/b.example/x'), 200);
    assert.equal(await statusOf('c.example', '/'), 421);
  });
  for (const layer of layers) await layer.close();
});

test('layers of one server that take heads of proxies from different peers are refused', async () => {
  const make = (proxy: NonNullable<PolicyOptions['proxy']>): ReturnType<typeof nodeBulwark> =>
    nodeBulwark(testPolicy([], { proxy }));
  const plain = make({ trusted: ['127.0.0.1'] });
  const spoken = make({ trusted: ['127.0.0.1', '10.0.0.5'], protocol: true });
  const alike = make({ trusted: ['10.0.0.5', '127.0.0.1'], protocol: true });
  const others = make({ trusted: ['10.0.0.6'], protocol: true });
  const secure = (...layers: readonly ReturnType<typeof nodeBulwark>[]): void => {
    const server = createServer(() => undefined);
    for (const layer of layers) layer.secure(server);
  };
  const refused = { code: 'ERR_BULWARK_INVALID_ARGUMENT', message: /proxy\.protocol or proxy\.trusted/ };
  assert.throws(() => secure(plain, spoken), refused);
  assert.throws(() => secure(spoken, plain), refused);
  assert.throws(() => secure(spoken, others), refused);
  secure(spoken, alike, spoken);
  secure(plain, make({ trusted: ['10.0.0.7'] }));
  for (const layer of [plain, spoken, alike, others]) await layer.close();
});

test('a second copy of the package finds the view of a request, and refuses to judge it once more', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'second-copy-'));
  cpSync(join(import.meta.dirname, '../../src'), join(folder, 'src'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const copy = (await import(join(folder, 'src/adapters/node.ts'))) as { bulwark: typeof nodeBulwark };
  const layer = nodeBulwark(testPolicy([]));
  const second = copy.bulwark(testPolicy([]));
  const server = layer.createServer((request, response) => {
    if (request.url === '/twice') second(request, response, () => response.end('judged by the second only'));
    else response.end(copy.bulwark.of(request).requestId);
  });
  await listening(server, async (port) => {
    assert.match((await ask(port, {})).body, /^[\w-]{10,}$/);
    const twice = await ask(port, { target: '/twice' });
    assert.equal(twice.status, 500);
    hasTheHeaders(twice);
  });
  for (const one of [layer, second]) await one.close();
  rmSync(folder, { recursive: true });
});
