import assert from 'node:assert/strict';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import type { AuditEvent } from '../audit/audit-event.ts';
import { ask, exchangeBytes, openSocket, parseAnswer, valueOf } from '../testing/wire.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { memory } from '../stores/memory/state.ts';
import { protect } from './protector.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A handler under the layer, on a real port. The longer tests of what clients do to it are in test/failure. */
async function withServer(
  handler: Handler,
  use: (port: number, server: Server, events: AuditEvent[]) => Promise<void>,
  options: PolicyOptions = {},
): Promise<void> {
  const events: AuditEvent[] = [];
  const layer = protect({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    proxy: { trusted: ['127.0.0.1'] },
    audit: { sink: (_line, event) => void events.push(event) },
    ...options,
  });
  const server = layer.createServer((request, response) =>
    layer(request, response, () => void handler(request, response)),
  );
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    await use((server.address() as AddressInfo).port, server, events);
  } finally {
    server.closeAllConnections();
    server.close();
    await layer.close();
  }
}

const FORWARDED = 'Host: example.com\r\nX-Forwarded-Proto: https\r\n';
const TWO_HOSTS = `GET /bad HTTP/1.1\r\n${FORWARDED}Host: evil.example\r\n\r\n`;

test('a request behind a refusal that closes is not carried out', async () => {
  const seen: string[] = [];
  const handler: Handler = (request, response) => {
    seen.push(request.url ?? '');
    response.end();
  };
  await withServer(handler, async (port) => {
    const behind = `POST /transfer HTTP/1.1\r\n${FORWARDED}Sec-Fetch-Site: same-origin\r\nContent-Length: 0\r\n\r\n`;
    const answer = (await exchangeBytes(port, TWO_HOSTS + behind)).toString();
    assert.equal(answer.match(/HTTP\/1\.1 \d/g)?.length, 1);
    assert.deepEqual(seen, []);
  });
});

test('bytes behind it that are no HTTP neither cut its answer nor are a second event', async () => {
  await withServer(
    () => undefined,
    async (port, _server, events) => {
      const answer = parseAnswer(await exchangeBytes(port, `${TWO_HOSTS}no HTTP\r\n\r\n`));
      assert.equal(answer.status, 400);
      assert.equal((JSON.parse(answer.body) as { status: number }).status, 400);
      assert.equal(events.filter(({ event }) => event === 'input_validation_fail').length, 1);
    },
  );
});

test('who else listens for errors of the parser is not asked: there is one answer, and it is ours', async () => {
  await withServer(
    () => undefined,
    async (port, server) => {
      let asked = 0;
      server.on('clientError', (_error, socket: Duplex) => {
        asked += 1;
        socket.destroy();
      });
      assert.equal(parseAnswer(await exchangeBytes(port, 'no HTTP\r\n\r\n')).status, 400);
      assert.equal(asked, 0);
    },
  );
});

test('an answer that its handler destroys with an error is no malformed request', async () => {
  const handler: Handler = (_request, response) => {
    response.write('half');
    response.destroy(new Error('the source failed'));
  };
  await withServer(handler, async (port, _server, events) => {
    await exchangeBytes(port, `GET / HTTP/1.1\r\n${FORWARDED}\r\n`);
    assert.deepEqual(
      events.filter(({ event }) => event === 'input_validation_fail'),
      [],
    );
  });
});

test('a refused upgrade whose client resets has someone to hear of it: else Node.js ends the process', async () => {
  await withServer(
    () => undefined,
    async (port, server) => {
      const { promise, resolve } = Promise.withResolvers<number>();
      server.on('upgrade', () => undefined);
      server.prependListener('connection', (socket: Duplex) => {
        socket.once('close', () => resolve(socket.listenerCount('error')));
      });
      const { socket } = await openSocket(port);
      socket.write(
        `GET / HTTP/1.1\r\n${FORWARDED}Connection: Upgrade\r\nUpgrade: websocket\r\nOrigin: https://b\r\n\r\n`,
      );
      socket.resetAndDestroy();
      assert.ok((await promise) > 0);
    },
  );
});

test('CONNECT is answered, with nobody listening for it', async () => {
  await withServer(
    () => undefined,
    async (port) => {
      assert.equal((await ask(port, 'CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n')).status, 400);
    },
  );
});

test('a write after the end is an event, not the end of the process', async () => {
  const handler: Handler = (_request, response) => {
    response.end('whole');
    response.write('more');
  };
  await withServer(handler, async (port, _server, events) => {
    assert.equal((await ask(port, {})).body, 'whole');
    assert.ok(events.some(({ event }) => event === 'sys_crash'));
  });
});

test('what a framework answers after a head that Node.js refused is judged like any other', async () => {
  const handler: Handler = (_request, response) => {
    try {
      response.writeHead(200, 'a\r\nb');
    } catch (error) {
      response.statusCode = 500;
      response.statusMessage = '';
      response.end(String((error as Error).stack));
    }
  };
  await withServer(handler, async (port) => {
    const answer = await ask(port, {});
    assert.equal(answer.status, 500);
    assert.ok(!answer.body.includes('at '), answer.body);
    assert.equal(answer.headers.filter(([name]) => name === 'x-content-type-options').length, 1);
  });
});

const UNREAD = {
  'bytes that are no HTTP': ['no HTTP\r\n\r\n', 400],
  'an expectation nobody meets': [`GET / HTTP/1.1\r\n${FORWARDED}Expect: 200-maybe\r\n\r\n`, 417],
} as const;

for (const [what, [bytes, status]] of Object.entries(UNREAD)) {
  test(`one limit over everything: ${what} counts like a request, and its answer says so`, async () => {
    await withServer(
      () => undefined,
      async (port, _server, events) => {
        for (const left of [1, 0]) {
          const answer = parseAnswer(await exchangeBytes(port, bytes));
          assert.equal(answer.status, status);
          assert.match(valueOf(answer, 'ratelimit') ?? '', new RegExp(`^"default";r=${left};t=`));
        }
        const refused = parseAnswer(await exchangeBytes(port, bytes));
        assert.equal(refused.status, 429);
        assert.match(valueOf(refused, 'retry-after') ?? '', /^\d+$/);
        assert.equal(events.at(-1)?.event, 'excess_rate_limit_exceeded');
      },
      { rateLimit: { perClient: '2/1h' }, proxy: {} },
    );
  });
}

test('what the parser gives up on behind a proxy counts against none of its clients', async () => {
  await withServer(
    () => undefined,
    async (port) => {
      for (let index = 0; index < 4; index += 1) {
        assert.equal(parseAnswer(await exchangeBytes(port, 'no HTTP\r\n\r\n')).status, 400);
      }
    },
    { rateLimit: { perClient: '2/1h' } },
  );
});

test('a server that never listens, as of app.inject in tests, is kept by no timer', async (context) => {
  const layer = protect({
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
  });
  const { mock } = context.mock.method(globalThis, 'setInterval');
  layer.createServer(() => undefined);
  assert.equal(mock.callCount(), 0);
  await layer.close();
});
