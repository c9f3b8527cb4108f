import assert from 'node:assert/strict';
import type { IncomingMessage, Server } from 'node:http';
import { request as requestOverTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import {
  createAdaptorServer,
  getRequestListener,
  upgradeWebSocket,
  type WebSocketServerLike,
} from '@hono/node-server';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { stream } from 'hono/streaming';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { hasTheHeaders } from '../testing/hosts/cases.ts';
import { testPolicy } from '../../test/hosts/hosts.ts';
import { makeCertificate } from '../../test/support/certificate.ts';
import {
  ask,
  exchangeBytes,
  openSocket,
  parseAnswer,
  type RawAnswer,
  type RawRequest,
  valueOf,
  writeRequest,
} from '../testing/wire.ts';
import { hasCode } from '../../test/support/sessions.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { bulwark } from './hono.ts';

type ServeOptions = Omit<Parameters<typeof createAdaptorServer>[0], 'fetch'>;

interface Served {
  readonly port: number;
  readonly events: readonly AuditEvent[];
}

const SECRET = 'the database password is hunter2';
const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };

/** Serves an application as a user would, and hands it to a test. */
async function serve(
  app: Pick<Hono, 'fetch'>,
  use: (served: Served) => Promise<unknown>,
  options: ServeOptions = {},
  policy: PolicyOptions = {},
): Promise<void> {
  const events: AuditEvent[] = [];
  const layer = bulwark(testPolicy(events, policy));
  const all = { ...options, fetch: app.fetch, createServer: layer.createServer };
  const server = createAdaptorServer(all as Parameters<typeof createAdaptorServer>[0]) as Server;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    await use({ port: (server.address() as AddressInfo).port, events });
  } finally {
    server.closeAllConnections();
    server.close();
    await layer.close();
  }
}

/** An application that keeps its errors off this terminal. */
function quiet(): Hono {
  return new Hono().onError((error, context) => context.text(String(error.stack), 500));
}

function problemIn(answer: RawAnswer): { readonly status: number; readonly type: string } {
  hasTheHeaders(answer);
  assert.ok(!answer.body.includes('hunter2'), answer.body);
  return JSON.parse(answer.body) as { status: number; type: string };
}

function failing(pieces: number): ReadableStream {
  let left = pieces;
  return new ReadableStream({
    pull(controller) {
      left -= 1;
      if (left < 0) controller.error(new Error(SECRET));
      else controller.enqueue(new TextEncoder().encode('a piece'));
    },
  });
}

// @hono/node-server answers in one of two ways, by whose Response it is given.
// The second stays for as long as the process lives.
for (const overrideGlobalObjects of [false, true]) {
  const options = { overrideGlobalObjects };
  describe(`Response of ${overrideGlobalObjects ? 'the server' : 'Node.js'}`, () => {
    test('answers of every form have the headers, and their own bytes', async () => {
      const large = 'a'.repeat(3_000_000);
      const app = new Hono()
        .get('/text', (context) => context.text('text'))
        .get('/null', (context) => context.body(null))
        .get('/204', (context) => context.body(null, 204))
        .get('/buffer', (context) => context.body(new TextEncoder().encode('buffer')))
        .get('/large', (context) => context.text(large))
        .get('/new', () => new Response('new', { headers: { 'set-cookie': 'a=1' } }))
        .get('/moved', (context) => context.redirect('/elsewhere'))
        .get('/stream', (context) =>
          stream(context, async (out) => {
            for (const piece of ['one ', 'two ', large]) await out.write(piece);
          }),
        )
        .get('/no', () => {
          throw new HTTPException(403, { message: 'no' });
        });
      const bodies = {
        '/text': [200, 'text'],
        '/null': [200, ''],
        '/204': [204, ''],
        '/buffer': [200, 'buffer'],
        '/large': [200, large],
        '/new': [200, 'new'],
        '/moved': [302, ''],
        '/stream': [200, `one two ${large}`],
        '/no': [403, 'no'],
        '/nowhere': [404, '404 Not Found'],
      } as const;
      const use = async ({ port }: Served): Promise<void> => {
        for (const [target, [status, body]] of Object.entries(bodies)) {
          const answer = await ask(port, { target });
          assert.equal(answer.status, status, target);
          assert.ok(answer.body === body, `${target}: ${answer.body.slice(0, 100)}`);
          hasTheHeaders(answer);
          const head = await ask(port, { method: 'HEAD', target });
          assert.equal(head.status, status, `HEAD ${target}`);
          assert.equal(head.body, '');
          hasTheHeaders(head);
        }
        const cookie = valueOf(await ask(port, { target: '/new' }), 'set-cookie');
        assert.match(cookie ?? '', /HttpOnly/);
      };
      await serve(app, use, options);
    });

    const broken: Record<string, Pick<Hono, 'fetch'>> = {
      throws: quiet().get('/', () => assert.fail(SECRET)),
      rejects: quiet().get('/', async () => Promise.reject(new Error(SECRET))),
      'rejects with what is no error': quiet().get('/', async () => Promise.reject(SECRET as never)),
      'throws a 500 of its own': quiet().get('/', () => {
        throw new HTTPException(500, { message: SECRET });
      }),
      'answers 500 itself': quiet().get('/', (context) => context.text(SECRET, 500)),
      'streams a 500': quiet().get('/', (context) => context.body(failing(2), 500)),
      'has a status that is none': quiet().get('/', (context) =>
        context.text(SECRET, 99 as ContentfulStatusCode),
      ),
      'has its error handled badly': quiet()
        .onError(() => assert.fail(SECRET))
        .get('/', () => assert.fail('first')),
      'is not even Hono': { fetch: () => assert.fail(SECRET) },
      'is not even Hono, and rejects': { fetch: async () => Promise.reject(new Error(SECRET)) },
    };
    for (const [name, app] of Object.entries(broken)) {
      test(`v5.0.0-16.5.1 a handler that ${name} is a plain 500`, async (context) => {
        // @hono/node-server tells of a stream that fails.
        context.mock.method(console, 'error', () => undefined);
        const use = async ({ port }: Served): Promise<void> => {
          const answer = await ask(port, {});
          assert.equal(answer.status, 500, answer.body);
          assert.equal(problemIn(answer).status, 500);
        };
        await serve(app, use, options);
      });
    }

    test('a stream that fails is cut, tells nothing, and is taken for no malformed request', async (context) => {
      context.mock.method(console, 'error', () => undefined);
      const app = quiet().get('/:pieces', (one) => one.body(failing(Number(one.req.param('pieces')))));
      const use = async ({ port, events }: Served): Promise<void> => {
        for (const target of ['/0', '/1', '/9']) {
          const bytes = (await exchangeBytes(port, writeRequest({ target }))).toString();
          assert.ok(!bytes.includes('hunter2'), bytes);
          assert.ok(!bytes.startsWith('HTTP/1.1 200') || !bytes.endsWith('0\r\n\r\n'), bytes);
        }
        assert.deepEqual(
          events.filter(({ event }) => event === 'input_validation_fail'),
          [],
        );
      };
      await serve(app, use, options);
    });

    test('a sign-in that a limit has looked at is whole for every way that Hono reads bodies', async () => {
      const app = quiet()
        .post('/login/text', async (context) => context.text(await context.req.text()))
        .post('/login/json', async (context) => context.json(await context.req.json<object>()))
        .post('/login/form', async (context) => context.json(await context.req.parseBody()))
        .post('/login/bytes', async (context) => context.body(await context.req.arrayBuffer()))
        .post('/login/raw', async (context) => new Response(await new Response(context.req.raw.body).text()));
      const routes = { 'POST /login/*': { limit: '5/minute', by: ['client', 'account'] } } as const;
      const form = 'application/x-www-form-urlencoded';
      const cases = [
        ['/login/text', form, 'email=anna', 'email=anna'],
        ['/login/form', form, 'email=anna&password=%C3%A4', '{"email":"anna","password":"\u00e4"}'],
        ['/login/json', 'application/json', '{"email":"anna"}', '{"email":"anna"}'],
        ['/login/bytes', 'application/json', '{"email":"anna"}', '{"email":"anna"}'],
        ['/login/raw', form, 'email=anna', 'email=anna'],
      ] as const;
      const use = async ({ port }: Served): Promise<void> => {
        for (const [target, type, body, expected] of cases) {
          const headers = { ...OWN_PAGE, 'content-type': type };
          const answer = await ask(port, { method: 'POST', target, headers, body });
          assert.equal(answer.body, expected, target);
        }
        const headers = { ...OWN_PAGE, 'content-type': form };
        const sixth = await ask(port, { method: 'POST', target: '/login/text', headers, body: 'email=anna' });
        assert.equal(sixth.status, 429);
      };
      await serve(app, use, options, { routes });
    });

    test('a body that grows past its limit ends in an error for Hono, and is answered for the client', async () => {
      const seen: string[] = [];
      const app = quiet().post('/', async (context) => {
        await context.req.text().then(
          (text) => seen.push(`${text.length} bytes`),
          (error: unknown) => seen.push((error as { code: string }).code),
        );
        return context.text('read');
      });
      const use = async ({ port }: Served): Promise<void> => {
        const headers = { ...OWN_PAGE, 'transfer-encoding': 'chunked' };
        const piece = `200\r\n${'a'.repeat(0x200)}\r\n`;
        const request = (pieces: number): RawRequest => ({
          method: 'POST',
          headers,
          body: `${piece.repeat(pieces)}0\r\n\r\n`,
        });
        assert.equal((await ask(port, request(2))).body, 'read');
        const answer = await ask(port, request(3));
        assert.equal(answer.status, 413);
        assert.equal(problemIn(answer).status, 413);
        assert.deepEqual(seen, ['1024 bytes', 'ERR_BULWARK_BODY_TOO_LARGE']);
      };
      await serve(app, use, options, { body: { limit: '1KB' } });
    });
  });
}

test('of() takes the Context and the request of Node.js, and gives one view', async () => {
  const app = new Hono<{ Bindings: { incoming: IncomingMessage } }>().get('/', (context) =>
    context.text(`${bulwark.of(context) === bulwark.of(context.env.incoming)}`),
  );
  await serve(app as unknown as Hono, async ({ port }) => {
    assert.equal((await ask(port, {})).body, 'true');
  });
});

test('of() names the call where there is no layer, or where it is hidden from Hono', async () => {
  const app = new Hono().get('/', (context) => {
    assert.throws(() => bulwark.of(context), hasCode('ERR_BULWARK_NOT_PROTECTED'));
    assert.throws(() => bulwark.of(context), /createServer: layer\.createServer/);
    return context.text('asserted');
  });
  assert.equal(await (await app.request('/')).text(), 'asserted');
  const hidden = { fetch: (request: Request) => app.fetch(request) };
  await serve(hidden, async ({ port }) => assert.equal((await ask(port, {})).body, 'asserted'));
});

test('as middleware the layer lets nothing through that came around its server', async () => {
  const layer = bulwark(testPolicy([]));
  const app = quiet()
    .use(layer)
    .get('/', (context) => context.text(SECRET));
  const answer = await app.request('/');
  assert.equal(answer.status, 500);
  assert.match(await answer.text(), /did not come through the layer/);
  const server = createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  assert.equal((await ask((server.address() as AddressInfo).port, {})).body, SECRET);
  server.close();
  await layer.close();
});

test('createServer takes a bare listener as that of node:http does, and no server without one', async () => {
  const layer = bulwark(testPolicy([]));
  const app = new Hono().get('/', (context) => context.text(bulwark.of(context).client.address));
  const listener = getRequestListener(app.fetch);
  const server = layer.createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  assert.equal((await ask((server.address() as AddressInfo).port, {})).body, '192.0.2.1');
  server.close();
  assert.throws(() => layer.createServer(), hasCode('ERR_BULWARK_SERVER_OPTION'));
  await layer.close();
});

test('serverOptions may have key and certificate, and nothing that the policy decides', async () => {
  const tls = makeCertificate();
  const layer = bulwark(testPolicy([], { proxy: { trusted: [] } }));
  const { fetch } = new Hono().get('/', (context) => context.text(context.req.url));
  for (const serverOptions of [{ insecureHTTPParser: true }, { ...tls, maxHeaderSize: 5 }]) {
    assert.throws(
      () => createAdaptorServer({ fetch, serverOptions, createServer: layer.createServer }),
      hasCode('ERR_BULWARK_SERVER_OPTION'),
    );
  }
  const server = createAdaptorServer({
    fetch,
    serverOptions: tls,
    createServer: layer.createServer,
  }) as Server;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = { port, host: '127.0.0.1', ca: tls.cert, servername: 'localhost', agent: false } as const;
  requestOverTls({ ...options, headers: { host: 'example.com' } }, resolve)
    .on('error', reject)
    .end();
  const answer = await promise;
  assert.equal(answer.headers['x-frame-options'], 'DENY');
  let url = '';
  for await (const piece of answer) url += String(piece);
  assert.equal(url, 'https://example.com/');
  server.close();
  await layer.close();
});

/** As much of the package ws as @hono/node-server asks for: it answers the handshake. */
const sockets: WebSocketServerLike = {
  options: { noServer: true },
  on: () => sockets,
  off: () => sockets,
  emit: () => true,
  handleUpgrade: (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.end();
  },
  close: () => undefined,
};

test("a WebSocket of the site reaches Hono's handler, which knows who asks; one of another site does not", async () => {
  const seen: string[] = [];
  const app = new Hono().get(
    '/chat',
    upgradeWebSocket((context) => {
      seen.push(bulwark.of(context).client.address);
      return {};
    }),
  );
  const handshake = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
  const use = async ({ port }: Served): Promise<void> => {
    const own = await openSocket(port);
    const headers = { ...handshake, origin: 'https://example.com' };
    own.socket.write(writeRequest({ target: '/chat', headers }));
    await own.closed;
    assert.match(own.received(), /^HTTP\/1\.1 101 /);
    const bytes = await exchangeBytes(
      port,
      writeRequest({ target: '/chat', headers: { ...handshake, origin: 'https://evil.example' } }),
    );
    const refused = parseAnswer(bytes);
    assert.equal(refused.status, 403);
    hasTheHeaders(refused);
    assert.deepEqual(seen, ['192.0.2.1']);
  };
  await serve(app, use, { websocket: { server: sockets } });
});
