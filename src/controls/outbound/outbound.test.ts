import assert from 'node:assert/strict';
import type { lookup, LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import { after, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { makeCertificate } from '../../../test/support/certificate.ts';
import { LAYER_PARTS } from '../../core/layer-parts.ts';
import { readSection } from '../../../test/support/read-section.ts';
import { guardedLookup } from './guarded-lookup.ts';
import { Outbound, type OutboundOptions } from './outbound.ts';
import { outboundOptions } from './outbound.options.ts';

const closing: (() => unknown)[] = [];
after(() => Promise.all(closing.map((close) => close())));

/** A server on this machine, and what came to it. */
interface Site {
  readonly url: string;
  readonly port: number;
  readonly seen: IncomingMessage[];
}

async function serve(listener: RequestListener, host = '127.0.0.1'): Promise<Site> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    listener(request, response);
  });
  return { ...(await listening(server, host)), seen };
}

async function listening(server: Server | TcpServer, host = '127.0.0.1'): Promise<Omit<Site, 'seen'>> {
  server.listen(0, host);
  await once(server, 'listening');
  closing.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host}:${port}`, port };
}

/** Requests that may go to this machine, at these ports. */
function outboundTo(sites: readonly { readonly port: number }[], options: OutboundOptions = {}) {
  const events: unknown[] = [];
  const outbound = readSection('outbound', outboundOptions, {
    schemes: ['http', 'https'],
    ports: sites.map(({ port }) => port),
    allow: ['127.0.0.0/8'],
    ...options,
  });
  const audit = (_kind: unknown, details: unknown): void => void events.push(details);
  return { outbound: Outbound.of({ [LAYER_PARTS]: { policy: { outbound }, audit } }), events };
}

const REFUSED = { code: 'ERR_BULWARK_OUTBOUND_REFUSED' };
const LIMIT = { code: 'ERR_BULWARK_OUTBOUND_LIMIT' };
const FAILED = { code: 'ERR_BULWARK_OUTBOUND_FAILED' };

test('gives the answer as fetch does', async () => {
  const site = await serve((request, response) => {
    response.writeHead(404, {
      'Content-Type': 'text/plain',
      'X-Of': request.headers['x-of'] ?? '',
      'Set-Cookie': 'a=b',
    });
    request.pipe(response);
  });
  const { outbound } = outboundTo([site]);
  const answer = await outbound.fetch(`${site.url}/a?b`, {
    method: 'put',
    headers: { 'X-Of': '1' },
    body: 'grüße',
  });
  assert.deepEqual(
    [answer.status, answer.ok, answer.redirected, answer.url],
    [404, false, false, `${site.url}/a?b`],
  );
  assert.equal(answer.headers.get('x-of'), '1');
  assert.equal(answer.headers.get('set-cookie'), null);
  assert.equal(await answer.text(), 'grüße');
  assert.equal(site.seen[0]?.method, 'PUT');
  const form = await outbound.fetch(site.url, { method: 'POST', body: new URLSearchParams({ a: 'b c' }) });
  assert.equal(await form.text(), 'a=b+c');
  assert.match(site.seen[1]?.headers['content-type'] ?? '', /^application\/x-www-form-urlencoded/);
  assert.equal((await outbound.fetch(site.url, { method: 'HEAD' })).body, null);
});

test('inflates what it asked for, and takes no other coding', async () => {
  const site = await serve(({ url }, response) => {
    const codings = {
      '/gzip': gzipSync('plain'),
      '/br': brotliCompressSync('plain'),
      '/deflate': Buffer.from('plain'),
    };
    const coding = (url ?? '').slice(1);
    response.setHeader('Content-Encoding', coding);
    response.end(codings[url as keyof typeof codings]);
  });
  const { outbound } = outboundTo([site]);
  for (const coding of ['gzip', 'br']) {
    const answer = await outbound.fetch(`${site.url}/${coding}`);
    assert.equal(await answer.text(), 'plain');
    assert.equal(answer.headers.get('content-encoding'), null);
  }
  await assert.rejects(outbound.fetch(`${site.url}/deflate`), FAILED);
});

test('v5.0.0-1.3.6 asks nothing of this machine unless it is allowed, by number or by name, and tells the log', async () => {
  const site = await serve((_request, response) => response.end('inside'));
  const { outbound, events } = outboundTo([site], { allow: [] });
  for (const host of ['127.0.0.1', '2130706433', '[::ffff:7f00:1]', 'localhost'])
    await assert.rejects(outbound.fetch(`http://${host}:${site.port}/`), REFUSED, host);
  assert.equal(site.seen.length, 0);
  assert.equal(events.length, 4);
  assert.deepEqual(events[3], {
    host: 'localhost',
    reason: 'it leads to an address that is not public: loopback (RFC 1122)',
    redirect: false,
    requestId: undefined,
  });
  // Whose address it was.
  await assert.rejects(
    outbound.fetch(`http://127.0.0.1:${site.port}/`, { requestId: 'of-a-request' }),
    REFUSED,
  );
  assert.equal((events[4] as { requestId?: string }).requestId, 'of-a-request');
});

test('judges what a name leads to as it connects: one that answers otherwise the second time gains nothing', async () => {
  const answers: LookupAddress[][] = [
    [{ address: '8.8.8.8', family: 4 }],
    [{ address: '127.0.0.1', family: 4 }],
    [
      { address: '8.8.8.8', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ],
    [{ address: '::1', family: 6 }],
  ];
  const find = ((_name: string, _options: object, done: (error: null, found: LookupAddress[]) => void) =>
    done(null, answers.shift() ?? [])) as unknown as typeof lookup;
  const look = guardedLookup(readSection('outbound', outboundOptions, {}), find);
  const ask = (): Promise<string> =>
    new Promise((resolve, reject) => {
      look('rebinding.example', { all: true }, (error, found) => {
        if (error === null) resolve(JSON.stringify(found));
        else reject(error);
      });
    });
  assert.match(await ask(), /8\.8\.8\.8/);
  for (const reason of [/loopback/, /private/, /not public/]) await assert.rejects(ask(), reason);
});

test('v5.0.0-15.3.2 judges where an answer leads as it judged the first address', async () => {
  const inside = await serve((_request, response) => response.end('inside'), '127.0.0.2');
  for (const [to, reason] of [
    [`http://127.0.0.2:${inside.port}/`, /loopback/],
    [`http://[::ffff:127.0.0.2]:${inside.port}/`, /loopback/],
    [`//127.2:${inside.port}/`, /loopback/],
    ['file:///etc/passwd', /scheme/],
    ['http://169.254.169.254/latest/meta-data/', /port/],
    [`http://169.254.169.254:${inside.port}/latest/meta-data/`, /link-local/],
    [`http://user:word@127.0.0.1:${inside.port}/`, /password/],
    ['http://', /no address/],
  ] as const) {
    const site = await serve((_request, response) => response.writeHead(302, { Location: to }).end());
    const { outbound, events } = outboundTo([site, inside], { allow: ['127.0.0.1'] });
    await assert.rejects(outbound.fetch(site.url), REFUSED, to);
    const [event] = events as { readonly redirect: boolean; readonly reason: string }[];
    assert.equal(event?.redirect, true);
    assert.match(event.reason, reason, to);
  }
  assert.equal(inside.seen.length, 0);
});

test('follows a redirect by the rules of fetch, and no more of them than allowed', async () => {
  const site = await serve((request, response) => {
    const left = Number(request.url?.slice(1));
    if (left > 0) response.writeHead(302, { Location: `/${left - 1}` }).end();
    else response.end(request.method);
  });
  const { outbound } = outboundTo([site]);
  const answer = await outbound.fetch(`${site.url}/3`, { method: 'POST', body: 'a' });
  assert.deepEqual([await answer.text(), answer.redirected, answer.url], ['GET', true, `${site.url}/0`]);
  await assert.rejects(outbound.fetch(`${site.url}/4`), LIMIT);
});

test('keeps credentials with the origin they were given for', async () => {
  const other = await serve((_request, response) => response.end());
  const site = await serve((request, response) => {
    const to = request.url === '/same' ? '/end' : other.url;
    if (request.url === '/end') response.end();
    else response.writeHead(request.url === '/kept' ? 307 : 302, { Location: to }).end();
  });
  const { outbound, events } = outboundTo([site, other]);
  const headers = {
    Authorization: 'Bearer a',
    Cookie: 'a=b',
    'X-Api-Key': 'c',
    Accept: 'text/plain',
    Host: 'other.example',
  };
  await outbound.fetch(`${site.url}/away`, { headers });
  const got = other.seen[0]?.headers ?? {};
  assert.deepEqual(Object.keys(got).sort(), ['accept', 'accept-encoding', 'connection', 'host']);
  await outbound.fetch(`${site.url}/same`, { headers });
  assert.equal(site.seen.at(-1)?.headers['x-api-key'], 'c');
  assert.equal(site.seen.at(-1)?.headers.host, `127.0.0.1:${site.port}`, 'the host is that of the address');
  await assert.rejects(outbound.fetch(`${site.url}/kept`, { method: 'POST', body: 'secret' }), REFUSED);
  assert.equal(other.seen.length, 1);
  assert.match((events[0] as { reason: string }).reason, /body/);
});

test('ends at the size of the policy, as sent and as inflated, by length and without', async () => {
  const zeros = Buffer.alloc(4096);
  const bodies: Readonly<Record<string, RequestListener>> = {
    '/length': (_request, response) => response.end(zeros),
    '/chunked': (_request, response) => {
      response.write(zeros.subarray(0, 1024));
      response.end(zeros);
    },
    '/inflated': (_request, response) =>
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(zeros)),
    '/enough': (_request, response) => response.end(zeros.subarray(0, 1024)),
  };
  const site = await serve((request, response) => bodies[request.url ?? '']?.(request, response));
  const { outbound } = outboundTo([site], { size: '1KB' });
  await assert.rejects(outbound.fetch(`${site.url}/length`), LIMIT);
  for (const path of ['/chunked', '/inflated'])
    await assert.rejects(async () => (await outbound.fetch(site.url + path)).text(), LIMIT, path);
  assert.equal((await (await outbound.fetch(`${site.url}/enough`)).bytes()).length, 1024);
});

test('ends at the time of the policy, before the head, within it and within the body', async () => {
  const sockets: Socket[] = [];
  closing.push(() => sockets.forEach((socket) => socket.destroy()));
  const starts = ['', 'HTTP/1.1 200', 'HTTP/1.1 200 OK\r\n\r\nsome'];
  for (const start of starts) {
    const site = await listening(
      createTcpServer((socket) => {
        sockets.push(socket);
        socket.on('error', () => undefined);
        socket.write(start);
      }),
    );
    const { outbound } = outboundTo([site], { timeout: '200ms' });
    await assert.rejects(async () => (await outbound.fetch(site.url)).text(), LIMIT, start);
  }
});

test('a caller can call it off, with a reason of their own', async () => {
  const site = await serve(() => undefined);
  const { outbound } = outboundTo([site]);
  const calling = new AbortController();
  const asked = outbound.fetch(site.url, { signal: calling.signal });
  calling.abort(new Error('enough'));
  await assert.rejects(asked, /enough/);
});

test('an answer that is none, or ends too soon, is an error', async () => {
  for (const answer of [
    'SSH-2.0-x\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort',
    'HTTP/1.1 101 a\r\nUpgrade: b\r\nConnection: upgrade\r\n\r\n',
  ]) {
    const site = await listening(
      createTcpServer((socket) => socket.on('error', () => undefined).end(answer)),
    );
    const { outbound } = outboundTo([site]);
    await assert.rejects(async () => (await outbound.fetch(site.url)).text(), FAILED, answer);
  }
});

test('believes certificates of nobody but the authorities of the system, whatever the environment says', async () => {
  const server = createSecureServer(makeCertificate(), (_request, response) => response.end('inside'));
  const { port } = await listening(server);
  const { outbound } = outboundTo([{ port }]);
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  try {
    await assert.rejects(outbound.fetch(`https://localhost:${port}/`), FAILED);
  } finally {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  }
});

test('asks no proxy of the environment', async () => {
  const proxy = await serve((_request, response) => response.end('proxied'));
  const site = await serve((_request, response) => response.end('direct'));
  const before = { ...process.env };
  Object.assign(process.env, {
    NODE_USE_ENV_PROXY: '1',
    HTTP_PROXY: proxy.url,
    http_proxy: proxy.url,
    NODE_TLS_REJECT_UNAUTHORIZED: '1',
  });
  try {
    const { outbound } = outboundTo([site]);
    assert.equal(await (await outbound.fetch(site.url)).text(), 'direct');
  } finally {
    process.env = before;
  }
  assert.equal(proxy.seen.length, 0);
});

test('takes no method that sends back what was sent, and no header of the connection', async () => {
  const site = await serve((request, response) => {
    response.end(JSON.stringify(request.headers));
  });
  const { outbound } = outboundTo([site]);
  for (const method of ['TRACE', 'connect', 'GET /\r\n', ''])
    await assert.rejects(outbound.fetch(site.url, { method }), { code: 'ERR_BULWARK_INVALID_ARGUMENT' });
  const asked = await outbound.fetch(site.url, {
    headers: {
      'Transfer-Encoding': 'chunked',
      Upgrade: 'h2c',
      Expect: '100-continue',
      'Content-Length': '9',
      TE: 'trailers',
    },
  });
  assert.deepEqual(Object.keys((await asked.json()) as object).sort(), [
    'accept-encoding',
    'connection',
    'host',
  ]);
});
