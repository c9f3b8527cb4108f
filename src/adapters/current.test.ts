import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { testPolicy } from '../../test/hosts/hosts.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { ask, sessionCookieOf, valueOf } from '../testing/wire.ts';
import { current } from './current.ts';
import { bulwark, type NodeHandler } from './node.ts';
import { bulwark as web } from './web.ts';

const POST = { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } };

async function serving(
  handle: NodeHandler,
  visit: (port: number) => Promise<void>,
  more: PolicyOptions = {},
): Promise<void> {
  const layer = bulwark(testPolicy([], more));
  const server = layer.createServer(layer.handler(handle)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await visit((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    server.close();
    await layer.close();
  }
}

test('two requests at once each find their own view, however late they ask', async () => {
  const gate = new EventEmitter();
  let waiting = 0;
  await serving(
    async (request, response) => {
      if (request.method === 'POST') {
        await current().session.signIn({ account: request.url?.slice(1) ?? '', roles: [] });
        response.end();
        return;
      }
      waiting += 1;
      if (waiting === 2) gate.emit('both');
      else await once(gate, 'both');
      await sleep(0);
      assert.equal(current(), bulwark.of(request));
      response.end(current().principal?.account);
    },
    async (port) => {
      const cookies = await Promise.all(
        ['ann', 'bob'].map(async (name) => sessionCookieOf(await ask(port, { ...POST, target: `/${name}` }))),
      );
      const answers = await Promise.all(
        cookies.map((cookie) => ask(port, { headers: { cookie: cookie ?? '' } })),
      );
      assert.deepEqual(
        answers.map(({ body }) => body),
        ['ann', 'bob'],
      );
    },
  );
});

test('what one request has left behind does not find its account once the answer is out', async () => {
  const left: Promise<unknown>[] = [];
  const over = new EventEmitter();
  await serving(
    (_request, response) => {
      left.push(once(over, 'over').then(() => current()));
      response.end(current().requestId);
    },
    async (port) => {
      assert.match((await ask(port, {})).body, /^[\w-]{22}$/);
      over.emit('over');
      await assert.rejects(left[0] ?? Promise.resolve(), { code: 'ERR_BULWARK_REQUEST_OVER' });
    },
  );
});

test('where no request is at work there is none', () => {
  assert.throws(() => current(), { name: 'BulwarkError', code: 'ERR_BULWARK_NOT_PROTECTED' });
});

test('an upgrade and a handler of the web find theirs', async () => {
  const layer = bulwark(testPolicy([]));
  const server = layer.createServer(layer.handler((_request, response) => response.end()));
  server.on('upgrade', (request, socket) => {
    socket.end(
      `HTTP/1.1 200 OK\r\nX-Same: ${current() === bulwark.of(request)}\r\nContent-Length: 0\r\n\r\n`,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = await ask(port, {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      origin: 'https://example.com',
    },
  });
  assert.equal(valueOf(answer, 'x-same'), 'true');
  server.close();
  await layer.close();

  const other = web(testPolicy([]));
  const handler = other.handler(async (request) => {
    await sleep(0);
    return new Response(String(current() === web.of(request)));
  });
  const same = await handler(new Request('https://example.com/'));
  assert.equal(await same.text(), 'true');
  await other.close();
});

test('behind Next.js the nonce of the page is in the request, and what a client says of it is not', async () => {
  const said: NodeHandler = (request, response) => {
    const { 'content-security-policy': policy, 'content-security-policy-report-only': second } =
      request.headers;
    response.end(JSON.stringify([policy, second, `script-src 'nonce-${bulwark.of(request).nonce}'`]));
  };
  const forged = {
    headers: {
      'content-security-policy': "script-src 'nonce-theirs'",
      'content-security-policy-report-only': "script-src 'nonce-theirs'",
    },
  };
  const seen = async (more: PolicyOptions): Promise<readonly unknown[]> => {
    let parsed: readonly unknown[] = [];
    await serving(
      said,
      async (port) => void (parsed = JSON.parse((await ask(port, forged)).body) as unknown[]),
      more,
    );
    return parsed;
  };
  const [policy, second, own] = await seen({ access: { frameworks: ['next'] } });
  assert.deepEqual([policy, second], [own, null]);
  const [theirs] = await seen({});
  assert.equal(theirs, "script-src 'nonce-theirs'");
});

test('behind SvelteKit the request says by which scheme it came, and what a client says of it is not', async () => {
  const said: NodeHandler = (request, response) => {
    response.end(request.headers['x-forwarded-proto']);
  };
  // As the proxy of this policy never writes it.
  const forged = { headers: { 'x-forwarded-proto': 'https,https' } };
  const seen = async (more: PolicyOptions): Promise<string> => {
    let body = '';
    await serving(said, async (port) => void (body = (await ask(port, forged)).body), more);
    return body;
  };
  assert.equal(await seen({ access: { frameworks: ['sveltekit'] } }), 'https');
  assert.equal(await seen({}), 'https,https');
});
