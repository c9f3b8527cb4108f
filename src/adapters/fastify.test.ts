import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, ServerResponse } from 'node:http';
import { request as requestOverTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { duplexPair, Readable } from 'node:stream';
import { test } from 'node:test';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { hasTheHeaders } from '../testing/hosts/cases.ts';
import { testPolicy } from '../../test/hosts/hosts.ts';
import { makeCertificate } from '../../test/support/certificate.ts';
import { ask, exchangeBytes, parseAnswer, type RawAnswer, writeRequest } from '../testing/wire.ts';
import { hasCode } from '../../test/support/sessions.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { bulwark } from './fastify.ts';

interface Served {
  readonly app: FastifyInstance;
  readonly port: number;
  readonly events: readonly AuditEvent[];
}

const SECRET = 'the database password is hunter2';
/** What a proxy adds, for requests that come by no wire. */
const FORWARDED = { host: 'example.com', 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' };
const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };

/** Serves an application as a user would, and hands it to a test. */
async function serve(
  routes: (app: FastifyInstance) => unknown,
  use: (served: Served) => Promise<unknown>,
  options: FastifyServerOptions = {},
  policy: PolicyOptions = {},
): Promise<void> {
  const events: AuditEvent[] = [];
  const layer = bulwark(testPolicy(events, policy));
  const app = Fastify({ ...options, serverFactory: layer.serverFactory });
  routes(app);
  await app.listen({ port: 0, host: '127.0.0.1' });
  try {
    await use({ app, port: (app.server.address() as AddressInfo).port, events });
  } finally {
    app.server.closeAllConnections();
    await app.close();
    await layer.close();
  }
}

function problemIn(answer: RawAnswer): { readonly status: number; readonly type: string } {
  hasTheHeaders(answer);
  assert.ok(!answer.body.includes('hunter2'), answer.body);
  return JSON.parse(answer.body) as { status: number; type: string };
}

test("Fastify's own answers have the headers of the policy", async () => {
  const routes = (app: FastifyInstance): void => {
    app.get('/item/:id', () => 'item');
    app.post('/json', (request) => request.body);
  };
  const post = (type: string, body: string): object => ({
    method: 'POST',
    target: '/json',
    headers: { ...OWN_PAGE, 'content-type': type },
    body,
  });
  await serve(
    routes,
    async ({ port }) => {
      for (const [request, status] of [
        [{ target: '/nowhere' }, 404],
        [{ method: 'PUT', target: '/json', headers: OWN_PAGE }, 404],
        [{ target: '/item/longer-than-ten' }, 414],
        [{ method: 'HEAD', target: '/item/1' }, 200],
        [post('application/json', '{"a":'), 400],
        [post('application/json', '{"__proto__":{}}'), 400],
        [post('image/png', 'a'), 415],
        [post('application/json', `"${'a'.repeat(2000)}"`), 413],
      ] as const) {
        const answer = await ask(port, request);
        assert.equal(answer.status, status, JSON.stringify(request));
        hasTheHeaders(answer);
      }
    },
    { bodyLimit: 1024, routerOptions: { maxParamLength: 10 } },
  );
});

test('with clientErrors: all it no longer tells by its words what runs here', async () => {
  const use = async ({ port }: Served): Promise<void> => {
    const answer = await ask(port, { target: '/nowhere' });
    assert.equal(answer.status, 404);
    assert.equal(problemIn(answer).type, 'urn:bulwark:problem:not-found');
  };
  await serve(() => undefined, use, {}, { errors: { clientErrors: 'all' } });
});

function failing(pieces: number): Readable {
  let left = pieces;
  return new Readable({
    read() {
      left -= 1;
      if (left < 0) this.destroy(new Error(SECRET));
      else this.push('a piece');
    },
  });
}

const BROKEN: readonly (readonly [
  name: string,
  status: number,
  routes: (app: FastifyInstance) => unknown,
])[] = [
  ['throws', 500, (app) => app.get('/', () => assert.fail(SECRET))],
  ['rejects', 500, (app) => app.get('/', async () => Promise.reject(new Error(SECRET)))],
  ['rejects with what is no error', 500, (app) => app.get('/', async () => Promise.reject(SECRET as never))],
  [
    'names its own status',
    503,
    (app) => app.get('/', async () => Promise.reject(Object.assign(new Error(SECRET), { statusCode: 503 }))),
  ],
  ['answers 500 itself', 500, (app) => app.get('/', (_request, reply) => reply.code(500).send(SECRET))],
  ['sends a stream that fails', 500, (app) => app.get('/', (_request, reply) => reply.send(failing(0)))],
  [
    'sets a header that cannot be one',
    500,
    (app) => app.get('/', (_request, reply) => reply.header('x', 'a\nb').send()),
  ],
  ['fails in a hook', 500, (app) => app.get('/', { onSend: async () => assert.fail(SECRET) }, () => 'fine')],
  ['takes too long', 503, (app) => app.get('/', { handlerTimeout: 1 }, () => new Promise(() => undefined))],
  [
    'has its error handled badly',
    500,
    (app) => {
      app.setErrorHandler((error: Error, _request, reply) => reply.code(500).send(error.stack));
      app.get('/', () => assert.fail(SECRET));
    },
  ],
  [
    'takes the reply over, and fails by hand',
    500,
    (app) => app.get('/', (_request, reply) => reply.hijack().raw.writeHead(500).end(SECRET)),
  ],
];

for (const [name, status, routes] of BROKEN) {
  test(`v5.0.0-16.5.1 a handler that ${name} is a plain ${status}`, async () => {
    await serve(routes, async ({ port }) => {
      const answer = await ask(port, {});
      assert.equal(answer.status, status);
      assert.equal(problemIn(answer).status, status);
    });
  });
}

test('what fails before its route is found is a plain 500 too, and not the end of the process', async () => {
  const genReqId = (): never => assert.fail(SECRET);
  await serve(
    (app) => app.get('/', () => 'fine'),
    async ({ port, events }) => {
      assert.equal(problemIn(await ask(port, {})).status, 500);
      assert.equal(events.at(-1)?.event, 'sys_crash');
    },
    { genReqId },
  );
});

test('what fails when part of it is out is cut, and taken for no malformed request', async () => {
  const routes = (app: FastifyInstance): void => {
    app.get('/stream', (_request, reply) => reply.send(failing(3)));
    app.get('/raw', async (_request, reply) => {
      reply.raw.write('half');
      throw new Error(SECRET);
    });
  };
  await serve(routes, async ({ port, events }) => {
    for (const target of ['/stream', '/raw']) {
      const bytes = (await exchangeBytes(port, writeRequest({ target }))).toString();
      assert.ok(!bytes.includes('hunter2') && !bytes.endsWith('0\r\n\r\n'), bytes);
    }
    assert.deepEqual(
      events.filter(({ event }) => event === 'input_validation_fail'),
      [],
    );
  });
});

test("the parser's error has one answer, whole, whatever Fastify would say to it", async () => {
  let asked = 0;
  const options = { clientErrorHandler: (): void => void (asked += 1) };
  for (const each of [{}, options]) {
    const use = async ({ port }: Served): Promise<void> => {
      const bytes = (await exchangeBytes(port, 'no HTTP\r\n\r\n')).toString();
      assert.equal(bytes.match(/HTTP\/1\.1 \d/g)?.length, 1);
      assert.equal(problemIn(parseAnswer(Buffer.from(bytes))).status, 400);
    };
    await serve(() => undefined, use, each);
  }
  assert.equal(asked, 0);
});

test('of() takes the request of Fastify and that of Node.js, and gives one view', async () => {
  const routes = (app: FastifyInstance): void => {
    app.get('/', (request) => `${bulwark.of(request) === bulwark.of(request.raw)}`);
  };
  await serve(routes, async ({ port }) => assert.equal((await ask(port, {})).body, 'true'));
  const bare = Fastify();
  bare.get('/', (request) => {
    assert.throws(() => bulwark.of(request), hasCode('ERR_BULWARK_NOT_PROTECTED'));
    assert.throws(() => bulwark.of(request), /serverFactory: layer\.serverFactory/);
    return 'asserted';
  });
  assert.equal((await bare.inject('/')).body, 'asserted');
});

test('app.inject gets what a client would get', async () => {
  const routes = (app: FastifyInstance): void => {
    app.get('/', (request) => bulwark.of(request).client.address);
    app.get('/members/page', () => SECRET);
    app.post('/login', (request) => request.body);
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      (_request, body, done) => done(null, body),
    );
  };
  await serve(routes, async ({ app }) => {
    const page = await app.inject({ url: '/', headers: FORWARDED });
    assert.equal(page.body, '192.0.2.1');
    assert.equal(page.headers['x-frame-options'], 'DENY');
    assert.equal((await app.inject('/')).statusCode, 421, 'its default host is not ours');
    assert.equal((await app.inject({ url: '/members/page', headers: FORWARDED })).statusCode, 401);
    const form = { ...FORWARDED, ...OWN_PAGE, 'content-type': 'application/x-www-form-urlencoded' };
    const signIn = { method: 'POST', url: '/login', headers: form, body: 'email=anna' } as const;
    for (let count = 0; count < 5; count += 1) assert.equal((await app.inject(signIn)).body, 'email=anna');
    assert.equal((await app.inject(signIn)).statusCode, 429);
    const body = Readable.from([Buffer.from('email='), Buffer.from('bert')]);
    const headers = { ...form, 'x-forwarded-for': '192.0.2.2', 'transfer-encoding': 'chunked' };
    assert.equal((await app.inject({ ...signIn, headers, body })).body, 'email=bert');
  });
});

test('a body over the limit of a route ends in the middle of an injected request as well', async () => {
  const routes = (app: FastifyInstance): void => {
    app.addContentTypeParser('text/x', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    app.post('/', (request) => request.body);
  };
  const use = async ({ app }: Served): Promise<void> => {
    const headers = { ...FORWARDED, ...OWN_PAGE, 'content-type': 'text/x', 'transfer-encoding': 'chunked' };
    const body = Readable.from(Array.from({ length: 8 }, () => Buffer.alloc(1000)));
    assert.equal((await app.inject({ method: 'POST', url: '/', headers, body })).statusCode, 413);
    const small = Readable.from([Buffer.from('small')]);
    assert.equal((await app.inject({ method: 'POST', url: '/', headers, body: small })).body, 'small');
  };
  await serve(routes, use, {}, { body: { limit: '4KB' } });
});

/** As @fastify/websocket does it. */
function routeUpgrades(app: FastifyInstance): void {
  app.server.on('upgrade', (request: IncomingMessage, socket) => {
    const response = new ServerResponse(request);
    response.assignSocket(socket as typeof request.socket);
    response.on('finish', () => socket.end());
    app.routing(request, response);
  });
}

test('an upgrade that a plugin hands to the router is answered under the layer', async () => {
  const routes = (app: FastifyInstance): void => {
    app.get('/', () => assert.fail(SECRET));
    routeUpgrades(app);
  };
  await serve(routes, async ({ port }) => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket', origin: 'https://example.com' };
    const answer = await ask(port, { headers });
    assert.equal(answer.status, 500);
    assert.equal(problemIn(answer).status, 500);
  });
});

test('so is one that a test makes up, with as little to it as injectWS has', async () => {
  const routes = (app: FastifyInstance): void => {
    app.get('/', (request) => bulwark.of(request).client.address);
    routeUpgrades(app);
  };
  await serve(routes, async ({ app }) => {
    const handshake = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': 13 };
    for (const [origin, status] of [
      ['https://example.com', 200],
      ['https://evil.example', 403],
    ] as const) {
      const headers = { ...FORWARDED, ...handshake, origin };
      const [socket, client] = duplexPair();
      const request = { method: 'GET', url: '/', httpVersion: '1.1', headers };
      app.server.emit('upgrade', request, socket, Buffer.alloc(0));
      const answer = parseAnswer(Buffer.concat(await client.toArray()));
      assert.equal(answer.status, status);
      hasTheHeaders(answer);
    }
  });
});

test('served by another server it holds all the same, and says which one it wants', async (context) => {
  const warned: unknown[] = [];
  context.mock.method(process, 'emitWarning', (message: string) => void warned.push(message));
  await serve(
    (app) => app.get('/', () => 'page'),
    async ({ app, events }) => {
      const other = createServer((request, response) => app.routing(request, response));
      await new Promise<void>((resolve) => {
        other.listen(0, '127.0.0.1', resolve);
      });
      const { port } = other.address() as AddressInfo;
      const answer = await ask(port, {});
      assert.equal(answer.body, 'page');
      hasTheHeaders(answer);
      assert.equal((await ask(port, { headers: { host: 'evil.example' } })).status, 421);
      other.close();
      assert.equal(events.filter(({ event }) => event === 'sys_misconfigured').length, 1);
      assert.match(String(warned[0]), /use Fastify\(\{ serverFactory: layer\.serverFactory \}\)$/);
    },
  );
});

test('registered as a plugin it asks for its server, and adds nothing', async () => {
  const layer = bulwark(testPolicy([]));
  const bare = Fastify().register(layer);
  await assert.rejects(async () => bare.ready(), hasCode('ERR_BULWARK_SERVER_NOT_HARDENED'));
  const others = Fastify({ serverFactory: bulwark(testPolicy([])).serverFactory }).register(layer);
  await assert.rejects(async () => others.ready(), /serverFactory: layer\.serverFactory/);
  const own = Fastify({ serverFactory: layer.serverFactory });
  // In a context of its own, as plugins are.
  await own.register(async (child) => void child.register(layer)).ready();
  await layer.close();
});

test('refuses what it cannot serve, and the next application is under the layer all the same', async () => {
  const layer = bulwark(testPolicy([]));
  const { serverFactory } = layer;
  for (const options of [
    { http2: true },
    { http: { maxHeaderSize: 5 } },
    { https: { ...makeCertificate(), minVersion: 'TLSv1' } },
    { https: {} },
    { https: true },
    { routerOptions: { useSemicolonDelimiter: true } },
  ]) {
    assert.throws(
      () => Fastify({ ...options, serverFactory } as FastifyServerOptions),
      hasCode('ERR_BULWARK_SERVER_OPTION'),
    );
  }
  // Fails after the factory made a server.
  assert.throws(() => Fastify({ schemaErrorFormatter: 5, serverFactory } as unknown as FastifyServerOptions));
  const app = Fastify({ serverFactory });
  assert.equal((await app.inject({ url: '/', headers: FORWARDED })).headers['x-frame-options'], 'DENY');
  await layer.close();
});

test('serves TLS with the key and certificate of the option https', async () => {
  const layer = bulwark(testPolicy([], { proxy: { trusted: [] } }));
  const https = makeCertificate();
  const app = Fastify({ https, serverFactory: layer.serverFactory });
  app.get('/', () => 'over TLS');
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = { port, host: '127.0.0.1', ca: https.cert, servername: 'localhost', agent: false } as const;
  requestOverTls({ ...options, headers: { host: 'example.com' } }, resolve)
    .on('error', reject)
    .end();
  const answer = await promise;
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers['x-frame-options'], 'DENY');
  answer.resume();
  await app.close();
  await layer.close();
});
