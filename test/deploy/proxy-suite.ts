/** What a proxy in front must do, whichever it is: the same attacks on each shipped configuration. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { after, before, test } from 'node:test';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import type { View } from '../../src/layer/view.ts';
import { start, UNLIMITED } from '../failure/support.ts';
import type { Running } from '../hosts/hosts.ts';
import { type RawAnswer, type RawRequest, valueOf, valuesOf } from '../../src/testing/wire.ts';
import { freePort } from '../support/processes.ts';
import {
  askPlain,
  askTls,
  type Client,
  exchangeTls,
  openTls,
  type Site,
  writeClientRequest,
} from './tls-client.ts';
import { until } from '../support/until.ts';

/** A running proxy. */
export interface Proxy extends Site {
  /** What it wrote to its outputs and its error log. */
  readonly said: () => string;
  readonly stop: () => Promise<void>;
}

/** Starts a proxy in front of a port of this machine. */
export type StartProxy = (upstreamPort: number) => Promise<Proxy>;

interface Paths {
  readonly reached: string[];
  readonly finished: string[];
}

/** What the application behind saw of a request. */
interface Seen {
  readonly client: string;
  readonly method: string;
  readonly url: string;
  readonly lines: readonly string[];
  readonly bytes: number;
}

const OWN_ORIGIN = 'https://files.example.com';
const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
};
const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };

/** A site: the application, and the proxy in front of it. */
export class Behind {
  readonly app: Running;
  readonly proxy: Proxy;
  /** Paths of everything that reached the application. */
  readonly reached: readonly string[];
  /** Paths of everything that arrived whole. */
  readonly finished: readonly string[];

  private constructor(app: Running, proxy: Proxy, paths: Paths) {
    this.app = app;
    this.proxy = proxy;
    this.reached = paths.reached;
    this.finished = paths.finished;
  }

  static async start(startProxy: StartProxy, policy: PolicyOptions = {}): Promise<Behind> {
    const paths: Paths = { reached: [], finished: [] };
    const defaults = { origin: OWN_ORIGIN, rateLimit: UNLIMITED };
    const app = await start({ ...defaults, ...policy }, (request, response, view) =>
      tellWhatCame(request, response, view, paths),
    );
    app.server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      paths.reached.push(request.url ?? '');
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      socket.pipe(socket);
    });
    try {
      return new Behind(app, await startProxy(app.port), paths);
    } catch (error) {
      await app.stop();
      throw error;
    }
  }

  ask(request: RawRequest | string, client?: Client): Promise<RawAnswer> {
    return askTls(this.proxy, request, client);
  }

  /** What the application saw of a request that it answered. */
  async seen(request: RawRequest, client?: Client): Promise<Seen> {
    const answer = await this.ask(request, client);
    assert.equal(answer.status, 200, answer.body);
    return JSON.parse(answer.body) as Seen;
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
    await this.app.stop();
  }
}

async function tellWhatCame(
  request: IncomingMessage,
  response: ServerResponse,
  view: View,
  paths: Paths,
): Promise<void> {
  paths.reached.push(request.url ?? '');
  let bytes = 0;
  for await (const chunk of request) bytes += (chunk as Buffer).length;
  paths.finished.push(request.url ?? '');
  const { rawHeaders } = request;
  const lines = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [`${name.toLowerCase()}: ${rawHeaders[index + 1] ?? ''}`] : [],
  );
  const seen: Seen = {
    client: view.client.address,
    method: request.method ?? '',
    url: request.url ?? '',
    lines,
    bytes,
  };
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(seen));
}

/** Runs the suite on a proxy. */
export function proxySuite(startProxy: StartProxy): void {
  let site: Behind;
  before(async () => {
    site = await Behind.start(startProxy);
  });
  after(async () => {
    await site.stop();
  });

  test('v5.0.0-4.1.3 v5.0.0-15.3.4 the address of the client arrives, and nothing that a client writes in its place', async () => {
    const forged = {
      'x-forwarded-for': ['198.51.100.1', '127.0.0.1'],
      forwarded: 'for=198.51.100.2;proto=http;host=evil.example',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'evil.example',
      connection: 'close, X-Forwarded-For, X-Forwarded-Proto',
    };
    for (const from of ['127.0.0.2', '127.0.0.3']) {
      assert.equal((await site.seen({}, { from })).client, from);
      const { client, lines } = await site.seen({ headers: forged }, { from });
      assert.equal(client, from);
      const forwarding = lines.filter((line) => /^x[-_]forwarded|^forwarded/.test(line));
      assert.deepEqual(forwarding.toSorted(), [
        `x-forwarded-for: ${from}`,
        'x-forwarded-host: files.example.com',
        'x-forwarded-proto: https',
      ]);
    }
    // Some programs take the one for the other: it is dropped in front, or refused behind.
    const underscored = await site.ask({ headers: { x_forwarded_for: '198.51.100.3' } });
    if (underscored.status === 200) assert.doesNotMatch(underscored.body, /198\.51\.100/);
    else assert.equal(underscored.status, 400);
    assert.deepEqual(
      site.app.events.filter(({ event }) => event === 'sys_misconfigured'),
      [],
    );
  });

  test('v5.0.0-2.4.1 the limit of a client is its own, and not one for all behind the proxy', async () => {
    const limited = await Behind.start(startProxy, { rateLimit: { perClient: '3/minute' } });
    try {
      const statuses = async (from: string): Promise<number[]> => {
        const all: number[] = [];
        for (let attempt = 0; attempt < 4; attempt += 1) {
          const headers = { 'x-forwarded-for': `198.51.100.${attempt}` };
          all.push((await limited.ask({ headers }, { from })).status);
        }
        return all;
      };
      assert.deepEqual(await statuses('127.0.0.2'), [200, 200, 200, 429]);
      assert.deepEqual(await statuses('127.0.0.3'), [200, 200, 200, 429]);
    } finally {
      await limited.stop();
    }
  });

  test('v5.0.0-3.4.1 answers have the headers of the layer, each of them once, and no word on what runs in front', async () => {
    const answer = await site.ask({});
    assert.match(valueOf(answer, 'strict-transport-security') ?? '', /^max-age=63072000; includeSubDomains$/);
    for (const name of ['content-security-policy', 'x-content-type-options', 'cache-control']) {
      assert.ok(valuesOf(answer, name).length <= 1, name);
    }
    assert.doesNotMatch(valuesOf(answer, 'server').join(), /\d/);
    for (const name of ['via', 'x-powered-by', 'alt-svc']) assert.deepEqual(valuesOf(answer, name), [], name);
  });

  test('the path and query arrive as they were sent', async () => {
    for (const target of ['/a//b', '/a%20b?c=%2F&d', '/caf%C3%A9', '/~x;y=1']) {
      assert.equal((await site.seen({ target })).url, target);
    }
  });

  test('v5.0.0-12.2.1 plain http leads to the public origin, whatever host is asked for', async () => {
    const targets = ['/', '/a?b=c', '//evil.example/x', '/%0d%0aSet-Cookie:%20x=y', '/..//evil.example'];
    for (const host of [
      'files.example.com',
      'evil.example',
      'files.example.com.evil.example:80',
      '127.0.0.1',
    ]) {
      for (const target of targets) {
        const answer = await askPlain(site.proxy, { target, headers: { host } });
        assert.deepEqual(valuesOf(answer, 'set-cookie'), []);
        // A path that climbs out of the root is no request to some.
        if (target.startsWith('/..') && answer.status === 400) continue;
        assert.equal(answer.status, 308, target);
        assert.equal(new URL(valueOf(answer, 'location') ?? '').origin, OWN_ORIGIN);
      }
    }
    const absolute = 'GET http://evil.example/x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n';
    const location = valueOf(await askPlain(site.proxy, absolute), 'location') ?? OWN_ORIGIN;
    assert.equal(new URL(location).origin, OWN_ORIGIN);
  });

  test('v5.0.0-4.1.2 (in part) a form or credentials that came by plain http are refused, not led on', async () => {
    const reachedBefore = site.reached.length;
    const form = await askPlain(site.proxy, { method: 'POST', body: 'password=x', headers: OWN_PAGE });
    const credentials = await askPlain(site.proxy, { headers: { authorization: 'Bearer x' } });
    assert.deepEqual([form.status, credentials.status], [403, 403]);
    assert.equal(site.reached.length, reachedBefore);
  });

  test('v5.0.0-4.4.2 a WebSocket of our own origin opens, and one of another is refused', async () => {
    const socket = await openTls(site.proxy);
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    socket.write(
      writeClientRequest(site.proxy, { target: '/own', headers: { ...HANDSHAKE, origin: OWN_ORIGIN } }),
    );
    await until('it is upgraded', () => received.includes('101 Switching'));
    socket.write('ping');
    await until('it echoes', () => received.endsWith('ping'));
    socket.destroy();

    const headers = { ...HANDSHAKE, origin: 'https://evil.example' };
    const refused = await site.ask({
      target: '/foreign',
      headers: { ...headers, connection: 'Upgrade, close' },
    });
    assert.equal(refused.status, 403);
    assert.ok(site.reached.includes('/own'));
    assert.ok(!site.reached.includes('/foreign'));
  });

  test('no other upgrade gets through: h2c would be a tunnel past the policy', async () => {
    const h2c = {
      connection: 'Upgrade, HTTP2-Settings, close',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAAP__',
    };
    for (const upgrade of ['h2c', 'h2c, websocket', 'TLS/1.3']) {
      const answer = await site.ask({ headers: { ...h2c, upgrade } });
      assert.notEqual(answer.status, 101);
      if (answer.status !== 200) continue;
      const { lines } = JSON.parse(answer.body) as Seen;
      assert.deepEqual(
        lines.filter((line) => /^upgrade|^connection: .*upgrade/i.test(line)),
        [],
      );
    }
  });

  test('v5.0.0-4.2.1 what two programs could read as one request or as two never arrives as two', async () => {
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: files.example.com\r\n\r\n';
    const head = 'POST /front HTTP/1.1\r\nHost: files.example.com\r\nSec-Fetch-Site: same-origin\r\n';
    const length = `Content-Length: ${smuggled.length + 5}\r\n`;
    const bodies = [
      `${head}${length}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n${smuggled}`,
      `${head}Transfer-Encoding: chunked\r\n${length}Connection: close\r\n\r\n0\r\n\r\n${smuggled}`,
      `${head}${length}Transfer-Encoding : chunked\r\nConnection: close\r\n\r\n0\r\n\r\n${smuggled}`,
      `${head}${length}Transfer-Encoding: xchunked\r\nConnection: close\r\n\r\n0\r\n\r\n${smuggled}`,
      `${head}${length}Transfer-Encoding:\tchunked\r\nConnection: close\r\n\r\n0\r\n\r\n${smuggled}`,
      `${head}Content-Length: 0\r\n${length}Connection: close\r\n\r\n${smuggled}`,
      `${head}Content-Length: +0\r\nConnection: close\r\n\r\n${smuggled}`,
      `${head}X: y\nTransfer-Encoding: chunked\r\n${length}Connection: close\r\n\r\n0\r\n\r\n${smuggled}`,
    ];
    for (const bytes of bodies) {
      await exchangeTls(site.proxy, bytes);
      assert.ok(!site.reached.includes('/smuggled'), bytes);
    }
  });

  test('another host is answered with nothing of ours, by whatever name the handshake was', async () => {
    const reachedBefore = site.reached.length;
    const foreign = await site.ask({ headers: { host: 'evil.example' } });
    assert.equal(foreign.status, 421);
    await assert.rejects(site.ask({}, { servername: 'evil.example' }), /alert/i);
    assert.equal(site.reached.length, reachedBefore);
  });

  test('v5.0.0-5.2.1 a body past the limit never arrives, declared or in chunks, and one within it arrives whole', async () => {
    const limit = 10 * 1024 * 1024;
    const headers = { ...OWN_PAGE, 'content-type': 'application/octet-stream' };
    const large = 'x'.repeat(limit + 1);
    const chunked = {
      headers: { ...headers, 'transfer-encoding': 'chunked' },
      body: `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`,
    };
    for (const form of [{ headers, body: large }, chunked]) {
      const request = writeClientRequest(site.proxy, { method: 'POST', target: '/large', ...form });
      const answer = (await exchangeTls(site.proxy, request)).toString();
      // Whoever is cut off while still sending may lose the answer with it.
      assert.match(answer, /^(HTTP\/1\.1 413 .*[^]*)?$/);
    }
    assert.ok(!site.finished.includes('/large'));
    assert.equal((await site.seen({ method: 'POST', headers, body: large.slice(1) })).bytes, limit);
  });

  test('v5.0.0-13.4.6 where the application is gone, the answer is 502 and tells nothing of what runs here', async () => {
    const proxy = await startProxy(await freePort());
    try {
      const answer = await askTls(proxy, {});
      assert.equal(answer.status, 502);
      assert.equal(valueOf(answer, 'cache-control'), 'no-store');
      assert.equal(valueOf(answer, 'x-content-type-options'), 'nosniff');
      assert.match(answer.body, /Try again/);
      const text = `${answer.headers.join('\n')}${answer.body}`;
      assert.doesNotMatch(text, /nginx\/|caddy\/|\d+\.\d+\.\d+|127\.0\.0\.1|upstream|dial/i);
    } finally {
      await proxy.stop();
    }
  });
}
