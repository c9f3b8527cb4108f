/** `bulwark/web` on Node.js: what it can judge as the others do, and what it says of the rest. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { bulwark, type WebProtector } from '../../src/adapters/web.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { hostConformance } from '../../src/testing/hosts/conformance.ts';
import { testPolicy } from './hosts.ts';
import { webApplication } from './web-host.ts';

hostConformance(
  'bulwark/web',
  async (policy, routes) => {
    const layer = bulwark(policy);
    const fetch = layer.handler(webApplication(routes)) as (
      request: Request,
      beside: object,
    ) => Promise<Response>;
    const server = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as Server;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const stop = async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await layer.close();
    };
    return { port: (server.address() as AddressInfo).port, stop };
  },
  { ofServer: 'skip' },
);

const CLIENT = { peer: (): string => '192.0.2.7' };
const OWN = { 'sec-fetch-site': 'same-origin' };

interface Made {
  readonly layer: WebProtector;
  readonly events: AuditEvent[];
}

function make(policy: PolicyOptions = {}, options: Parameters<typeof bulwark>[1] = CLIENT): Made {
  const events: AuditEvent[] = [];
  return { layer: bulwark(testPolicy(events, policy), options), events };
}

function at(path: string, init: RequestInit & { duplex?: 'half' } = {}): Request {
  return new Request(`https://example.com${path}`, init);
}

async function problemOf(response: Response): Promise<[number, unknown]> {
  return [response.status, ((await response.json()) as { type: unknown }).type];
}

describe('a Request and a Response', () => {
  test('what the layer cannot see is said at the first request, once', async () => {
    for (const [options, hasPeer] of [
      [CLIENT, true],
      [{}, false],
    ] as const) {
      const { layer, events } = make({}, options);
      const handler = layer.handler(() => new Response('x'));
      await handler(at('/'));
      await handler(at('/'));
      const told = events.filter(({ details }) => details?.['code'] === 'ERR_BULWARK_WEB_UNSEEN');
      assert.equal(told.length, 1);
      assert.equal(/nobody says who asks/.test(String(told[0]?.details?.['message'])), !hasPeer);
      await layer.close();
    }
  });

  test('the peer is what Bun, Deno and @hono/node-server hand on, and otherwise nobody', async () => {
    const { layer } = make({}, {});
    const handler = layer.handler<readonly unknown[]>(
      (request) => new Response(bulwark.of(request).client.address),
    );
    const seen = async (...beside: unknown[]): Promise<string> => (await handler(at('/'), ...beside)).text();
    assert.equal(
      await seen({ requestIP: () => ({ address: '192.0.2.1', port: 1, family: 'IPv4' }) }),
      '192.0.2.1',
    );
    assert.equal(
      await seen({ remoteAddr: { transport: 'tcp', hostname: '192.0.2.2', port: 1 } }),
      '192.0.2.2',
    );
    assert.equal(await seen({ incoming: { socket: { remoteAddress: '192.0.2.3' } } }), '192.0.2.3');
    for (const beside of [[], [undefined], [{}], [{ requestIP: () => null }], [{ remoteAddr: {} }]])
      assert.equal(await seen(...beside), 'unknown');
    await layer.close();
  });

  test('a proxy is believed where its address is handed on, and no header without one', async () => {
    const headers = { 'x-forwarded-for': '198.51.100.1' };
    for (const [options, client] of [
      [{ peer: () => '127.0.0.1' }, '198.51.100.1'],
      [CLIENT, '192.0.2.7'],
      [{}, 'unknown'],
    ] as const) {
      const { layer } = make({}, options);
      const handler = layer.handler((request) => new Response(bulwark.of(request).client.address));
      assert.equal(await (await handler(at('/', { headers }))).text(), client);
      await layer.close();
    }
  });

  test('an address of another host than Host is two hosts, and neither is believed', async () => {
    const { layer } = make();
    let asked = 0;
    const handler = layer.handler(() => {
      asked += 1;
      return new Response('x');
    });
    const visit = async (url: string, headers: Record<string, string>): Promise<number> =>
      (await handler(new Request(url, { headers }))).status;
    assert.equal(await visit('https://evil.example/', { host: 'example.com' }), 400);
    assert.equal(await visit('https://example.com/', { host: 'evil.example' }), 421);
    assert.equal(await visit('https://evil.example/', {}), 421);
    assert.equal(asked, 0);
    assert.equal(await visit('https://example.com/', { host: 'example.com:443' }), 200);
    assert.equal(await visit('https://example.com/', {}), 200);
    await layer.close();
  });

  test('a probe by any host is one host in whatever way it writes it', async () => {
    const { layer } = make({ routes: { 'GET /healthz': { anyHost: true, insecureHttp: true } } });
    const handler = layer.handler(() => new Response('x'));
    const visit = async (url: string, host: string): Promise<number> =>
      (await handler(new Request(url, { headers: { host } }))).status;
    assert.equal(await visit('http://probe.example/healthz', 'PROBE.example'), 200);
    assert.equal(await visit('http://10.0.0.5/healthz', '10.0.0.5:80'), 200);
    assert.equal(await visit('http://10.0.0.5:3000/healthz', '10.0.0.5:3000'), 200);
    assert.equal(await visit('http://10.0.0.5/healthz', '10.0.0.5:443'), 400);
    assert.equal(await visit('http://10.0.0.5/healthz', '10.0.0.6'), 400);
    await layer.close();
  });

  test('an answer that a handler keeps and gives out again takes no cookie of anybody along', async () => {
    const { layer } = make();
    const kept = new Response(null, { status: 404, headers: { 'x-kept': '1' } });
    const handler = layer.handler(async (request) => {
      if (request.url.endsWith('/in'))
        await bulwark.of(request).session.signIn({ account: 'ann', roles: [] });
      return kept;
    });
    const first = await handler(at('/in', { method: 'POST', headers: OWN }));
    assert.match(first.headers.getSetCookie().join(), /__Host-sid=/);
    const second = await handler(at('/'));
    assert.deepEqual(second.headers.getSetCookie(), []);
    assert.equal(second.headers.get('x-kept'), '1');
    assert.equal(kept.headers.get('x-frame-options'), null);
    await layer.close();
  });

  test('headers that cannot be changed, redirects and statuses without a body keep what they are', async () => {
    const { layer } = make();
    const handler = layer.handler((request) => {
      if (request.url.endsWith('/away')) return Response.redirect('https://example.com/there', 303);
      return new Response(null, { status: 204, headers: { 'x-own': '1' } });
    });
    const led = await handler(at('/away'));
    assert.deepEqual(
      [led.status, led.headers.get('location'), led.headers.get('x-frame-options')],
      [303, 'https://example.com/there', 'DENY'],
    );
    const empty = await handler(at('/'));
    assert.deepEqual(
      [empty.status, empty.headers.get('x-own'), empty.headers.get('x-frame-options')],
      [204, '1', 'DENY'],
    );
    await layer.close();
  });

  test('what is no answer is a plain 500 that tells nothing', async () => {
    const used = new Response('x');
    await used.text();
    const bad: readonly unknown[] = [
      undefined,
      null,
      'hunter2',
      {},
      Response.error(),
      used,
      Promise.reject(new Error('hunter2')),
    ];
    for (const answer of bad) {
      const { layer, events } = make();
      const response = await layer.handler(() => answer as Response)(at('/'));
      const body = await response.text();
      assert.equal(response.status, 500);
      assert.ok(!body.includes('hunter2'));
      assert.equal(response.headers.get('x-frame-options'), 'DENY');
      assert.ok(
        events.some(({ event }) => event === 'sys_crash'),
        String(answer),
      );
      await layer.close();
    }
  });
});

/** A body in pieces, which says nothing of its length. */
function pieces(...texts: readonly string[]): ReadableStream<Uint8Array> {
  const list = texts.map((text) => new TextEncoder().encode(text));
  return new ReadableStream({
    pull: (controller) => {
      const next = list.shift();
      if (next === undefined) controller.close();
      else controller.enqueue(next);
    },
  });
}

describe('bodies of a Request', () => {
  const post = (path: string, body: string | ReadableStream, more: Record<string, string> = {}): Request =>
    at(path, { method: 'POST', body, duplex: 'half', headers: { ...OWN, ...more } });

  test('a body without a length is counted as it comes, and its end is the answer', async () => {
    const { layer, events } = make({ body: { limit: '1KB' } });
    let caught: unknown;
    const handler = layer.handler(async (request) => {
      try {
        return new Response(String((await request.text()).length));
      } catch (error) {
        caught = error;
        return new Response('I saw nothing');
      }
    });
    assert.equal(await (await handler(post('/', pieces('x'.repeat(500), 'x'.repeat(500))))).text(), '1000');
    const [status] = await problemOf(await handler(post('/', pieces('x'.repeat(1000), 'x'.repeat(1000)))));
    assert.equal(status, 413);
    assert.equal((caught as { code?: unknown }).code, 'ERR_BULWARK_BODY_TOO_LARGE');
    assert.equal(events.filter(({ event }) => event === 'input_validation_fail').length, 1);
    await layer.close();
  });

  test('a body of which nothing is looked at or counted reaches the handler as it came, and the request is the very same', async () => {
    const { layer } = make({ body: { mode: 'off' } });
    const sent = post('/', 'abc', { 'content-length': '3', 'content-type': 'application/octet-stream' });
    let got: Request | undefined;
    const handler = layer.handler(async (request) => {
      got = request;
      return new Response(await request.text());
    });
    assert.equal(await (await handler(sent)).text(), 'abc');
    assert.equal(got, sent);
    await layer.close();
  });

  test('a length that the body does not have is believed no more than none', async () => {
    const { layer } = make({ body: { limit: '1KB' } });
    const handler = layer.handler(async (request) => new Response(String((await request.text()).length)));
    const type = { 'content-type': 'application/octet-stream' };
    for (const length of ['0', '5', '1000'])
      assert.equal(
        (await handler(post('/', pieces('x'.repeat(2000)), { ...type, 'content-length': length }))).status,
        413,
        length,
      );
    assert.equal((await handler(post('/', pieces(), { ...type, 'content-length': '0' }))).status, 200);
    assert.equal((await handler(post('/', pieces('abc'), { ...type, 'content-length': '3' }))).status, 200);
    await layer.close();
  });

  test('a limit reads the account out of a body that the handler then has whole', async () => {
    const { layer } = make({ routes: { 'POST /in': { limit: '1/minute', by: ['account'] } } });
    const handler = layer.handler(async (request) => new Response(await request.text()));
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const first = await handler(post('/in', pieces('email=ann%40exam', 'ple.com'), form));
    assert.equal(await first.text(), 'email=ann%40example.com');
    assert.equal((await handler(post('/in', 'email=ann%40example.com', form))).status, 429);
    assert.equal((await handler(post('/in', 'email=bob%40example.com', form))).status, 200);
    await layer.close();
  });

  test('JSON that two parsers read in two ways is refused', async () => {
    const { layer } = make();
    const handler = layer.handler(async (request) => new Response(await request.text()));
    const json = { 'content-type': 'application/json' };
    assert.equal((await handler(post('/', '{"a":1,"a":2}', json))).status, 400);
    assert.equal(await (await handler(post('/', '{"a":1}', json))).text(), '{"a":1}');
    await layer.close();
  });

  test('who does not read a body is not made to', async () => {
    const { layer } = make();
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          pulled += 1;
          controller.enqueue(new Uint8Array(10));
        },
      },
      { highWaterMark: 0 },
    );
    const response = await layer.handler(() => new Response('x'))(
      post('/', endless, { 'content-type': 'image/png' }),
    );
    assert.equal(response.status, 200);
    await setImmediate();
    assert.equal(pulled, 0);
    await layer.close();
  });
});

describe('bodies that are still being made', () => {
  /** A page that looks at who is signed in once its head is out. */
  const late = async (cacheControl: string): Promise<{ text: Promise<string>; events: AuditEvent[] }> => {
    const { layer, events } = make();
    const handler = layer.handler(async (request) => {
      const view = bulwark.of(request);
      if (request.method === 'POST') {
        await view.session.signIn({ account: 'ann', roles: [] });
        return new Response('in');
      }
      const page = new ReadableStream<Uint8Array>(
        {
          pull: (controller) => {
            controller.enqueue(new TextEncoder().encode(`hello ${view.principal?.account}`));
            controller.close();
          },
        },
        { highWaterMark: 0 },
      );
      return new Response(page, { headers: { 'cache-control': cacheControl } });
    });
    const signedIn = await handler(at('/', { method: 'POST', headers: OWN }));
    const [cookie = ''] = signedIn.headers.getSetCookie()[0]?.split(';') ?? [];
    const response = await handler(at('/', { headers: { cookie } }));
    return { text: response.text(), events };
  };

  test('one that caches could keep breaks off where it looks at who is signed in, and is told', async () => {
    const { text, events } = await late('public, max-age=60');
    await assert.rejects(text, /left without its end/);
    assert.ok(
      events.some(
        ({ event, details }) => event === 'sys_misconfigured' && /caches/.test(String(details?.['reason'])),
      ),
    );
  });

  test('one that nobody keeps is whole', async () => {
    const { text, events } = await late('no-store');
    assert.equal(await text, 'hello ann');
    assert.ok(!events.some(({ details }) => /caches/.test(String(details?.['reason']))));
  });
});

test('a framework of the web stands behind it, and its own errors tell nothing', async () => {
  const { layer } = make({ routes: { '/members/**': { require: 'signed-in' } } });
  const app = new Hono();
  app.get('/', (context) => context.text(bulwark.of(context.req.raw).nonce));
  app.get('/members/page', (context) => context.text('secret'));
  app.get('/throw', () => {
    throw new Error('hunter2');
  });
  app.onError((error, context) => context.text(String(error.stack), 500));
  const handler = layer.handler((request) => app.fetch(request));
  assert.match(await (await handler(at('/'))).text(), /^[\w-]{22}$/);
  assert.equal((await handler(at('/members/page'))).status, 401);
  const failed = await handler(at('/throw'));
  assert.equal(failed.status, 500);
  assert.ok(!(await failed.text()).includes('hunter2'));
  await layer.close();
});
