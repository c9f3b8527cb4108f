/** Clients that a proxy names by the PROXY protocol, on every host; and frameworks that tell who asks as the layer does. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import express from 'express';
import Fastify, { type FastifyRequest } from 'fastify';
import { Hono } from 'hono';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { ask, exchangeBytes, parseAnswer, type RawRequest, writeRequest } from '../../src/testing/wire.ts';
import { gatewayHost } from './gateway-host.ts';
import { HOSTS, listen, testPolicy } from './hosts.ts';

/** A head of version 2: a client over IPv4 that came to the proxy by TLS. */
function headOf(client: string): Buffer {
  const fixed = Buffer.from('0d0a0d0a000d0a515549540a21110014', 'hex');
  const address = client.split('.').map(Number);
  return Buffer.concat([
    fixed,
    Buffer.from([...address, 127, 0, 0, 1, 0x12, 0x67, 1, 0xbb, 0x20, 0, 5, 1, 0, 0, 0, 0]),
  ]);
}

async function askFor(
  port: number,
  client: string,
  request: RawRequest,
): Promise<ReturnType<typeof parseAnswer>> {
  return parseAnswer(
    await exchangeBytes(port, Buffer.concat([headOf(client), Buffer.from(writeRequest(request))])),
  );
}

for (const [name, start] of Object.entries({ ...HOSTS, 'the gateway': gatewayHost })) {
  test(`each client that a head names has a limit of its own, whatever it writes, on ${name}`, async () => {
    const { port, stop } = await start({
      proxy: { trusted: ['127.0.0.1'], protocol: true },
      rateLimit: { perClient: '1/1h' },
    });
    const statusFor = async (client: string, forged: string): Promise<number> =>
      (await askFor(port, client, { target: '/json', headers: { 'x-forwarded-for': forged } })).status;
    try {
      assert.equal(await statusFor('192.0.2.7', '198.51.100.1'), 200);
      assert.equal(await statusFor('192.0.2.7', '198.51.100.2'), 429);
      assert.equal(await statusFor('192.0.2.8', '198.51.100.1'), 200);
      assert.equal(
        (await exchangeBytes(port, writeRequest({ target: '/json' }))).length,
        0,
        'no head, no answer',
      );
    } finally {
      await stop();
    }
  });
}

const FORGED: RawRequest = {
  headers: { 'x-forwarded-for': '198.51.100.1, 192.0.2.7', 'x-forwarded-proto': 'http, https' },
};
const INSECURE: PolicyOptions['routes'] = { '/**': { insecureHttp: true } };

/** Each way in which a proxy can tell, and what has to be told on. Where proxies disagree on the scheme it was plain http. */
const WAYS: readonly (readonly [
  PolicyOptions,
  (port: number, target?: string) => Promise<{ readonly body: string }>,
  string,
  boolean,
])[] = [
  [
    { proxy: { trusted: ['127.0.0.1'] } },
    (port, target = '/') => ask(port, { ...FORGED, target }),
    '192.0.2.7',
    false,
  ],
  [
    { proxy: { trusted: ['127.0.0.1'], header: 'forwarded' } },
    (port, target = '/') =>
      ask(port, {
        target,
        headers: { forwarded: 'for=198.51.100.1;proto=http, for="[2001:db8::7]:4711";proto=https' },
      }),
    '2001:db8::7',
    true,
  ],
  [
    { proxy: { trusted: ['127.0.0.1'], protocol: true } },
    (port, target = '/') => askFor(port, '192.0.2.9', { ...FORGED, target }),
    '192.0.2.9',
    true,
  ],
  [
    { proxy: { trusted: ['192.0.2.200'] } },
    (port, target = '/') => ask(port, { ...FORGED, target }),
    '127.0.0.1',
    false,
  ],
];

test('req.ip, req.ips, req.protocol and req.secure of Express are what the layer found, whatever trust proxy says', async () => {
  for (const [policy, visit, ip, secure] of WAYS) {
    const layer = expressBulwark(testPolicy([], { ...policy, routes: INSECURE }));
    const app = express().set('env', 'test').set('trust proxy', true);
    const above: unknown[] = [];
    app.use((request, _response, next) => {
      above.push(request.ip);
      next();
    });
    app.use(layer);
    const below = express.Router();
    below.get('/', (request, response) => {
      response.json([
        request.ip,
        request.protocol,
        request.secure,
        expressBulwark.of(request).client.address,
        request.ips,
      ]);
    });
    // An application within the application has requests of its own kind.
    app.use('/', express().use(below));
    const { port, stop } = await listen(layer, layer.createServer(app), []);
    try {
      const { body } = await visit(port);
      // By the PROXY protocol it is the client whose connection it is.
      const named = ip === '127.0.0.1' || policy.proxy?.protocol === true ? [] : [ip];
      assert.deepEqual(JSON.parse(body), [ip, secure ? 'https' : 'http', secure, ip, named]);
      await visit(port);
      assert.equal(above.at(-1), ip, 'nor above the layer, from the second request on');
    } finally {
      await stop();
    }
  }
});

test('request.ip and request.protocol of Fastify are what the layer found, in plugins too', async () => {
  for (const trustProxy of [false, true]) {
    for (const [policy, visit, ip, secure] of WAYS) {
      const layer = fastifyBulwark(testPolicy([], { ...policy, routes: INSECURE }));
      const app = Fastify({ serverFactory: layer.serverFactory, trustProxy });
      const other = Fastify({ trustProxy: false });
      other.get('/', (request: FastifyRequest) => [request.ip]);
      app.register((within, _options, done) => {
        within.decorateRequest('own', 1);
        within.get('/', (request: FastifyRequest) => [request.ip, request.protocol]);
        done();
      });
      app.get('/above', (request: FastifyRequest) => [request.ip]);
      await app.ready();
      const { port, stop } = await listen(layer, app.server, []);
      try {
        assert.deepEqual(JSON.parse((await visit(port)).body), [ip, secure ? 'https' : 'http']);
        // The kind of its requests is another one, and each of them is asked.
        for (let times = 0; times < 2; times += 1)
          assert.deepEqual(JSON.parse((await visit(port, '/above')).body), [ip]);
        // One that has no layer tells what it always told.
        assert.deepEqual((await other.inject({ url: '/', remoteAddress: '192.0.2.77' })).json(), [
          '192.0.2.77',
        ]);
      } finally {
        await stop();
      }
    }
  }
});

test('the own log of Fastify names nobody that a client made up, under trustProxy too', async () => {
  for (const trustProxy of [true, '127.0.0.1']) {
    const lines: string[] = [];
    const layer = fastifyBulwark(testPolicy([], { ...WAYS[0]?.[0], routes: INSECURE }));
    const app = Fastify({
      serverFactory: layer.serverFactory,
      trustProxy,
      logger: { stream: { write: (line) => void lines.push(line) } },
    });
    const asked: unknown[] = [];
    app.get('/', (request: FastifyRequest) => asked.push(request.ip, request.ips));
    await app.ready();
    const { port, stop } = await listen(layer, app.server, []);
    try {
      for (const from of ['198.51.100.1, 192.0.2.7', '192.0.2.8'])
        await ask(port, {
          headers: { 'x-forwarded-for': from, 'x-forwarded-host': 'attacker.example' },
        });
    } finally {
      await stop();
    }
    assert.deepEqual(asked, ['192.0.2.7', undefined, '192.0.2.8', undefined]);
    assert.equal(lines.filter((line) => line.includes('incoming request')).length, 2);
    assert.doesNotMatch(lines.join(''), /198\.51\.100\.1|attacker/);
  }
});

const OTHER_HOST: RawRequest = {
  headers: { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-host': 'attacker.example:99, attacker.example' },
};
const OWN_HOST = ['example.com', 'example.com'];

for (const trusted of [true, 1, 'loopback'])
  test(`req.host of Express is of the Host line, which was judged, under trust proxy ${trusted}`, async () => {
    const layer = expressBulwark(testPolicy([], { ...WAYS[0]?.[0], routes: INSECURE }));
    const app = express().set('env', 'test').set('trust proxy', trusted);
    app.use(layer);
    app.get('/', (request, response) => void response.json([request.host, request.hostname]));
    const { port, stop } = await listen(layer, layer.createServer(app), []);
    try {
      assert.deepEqual(JSON.parse((await ask(port, OTHER_HOST)).body), OWN_HOST);
      const withPort = { host: 'example.com:443', ...OTHER_HOST.headers };
      const { body } = await ask(port, { headers: withPort });
      assert.deepEqual(JSON.parse(body), ['example.com:443', 'example.com']);
    } finally {
      await stop();
    }
  });

test('so are they in applications that a Router mounts or that are called by hand, and behind those that pass on', async () => {
  const layer = expressBulwark(testPolicy([], { ...WAYS[0]?.[0], routes: INSECURE }));
  const make = (): express.Express => express().set('env', 'test').set('trust proxy', true);
  const tell: express.Handler = ({ host, hostname, ip, protocol, secure }, response) =>
    void response.json([host, hostname, ip, protocol, secure]);
  const byHand = make().get('/hand', tell);
  const app = make().use(layer);
  app.use(express.Router().use(make().get('/router', tell)));
  app.use((request, response, next) => void byHand(request, response, next));
  app.get('/behind', tell);
  const { port, stop } = await listen(layer, layer.createServer(app), []);
  const forged = { ...FORGED.headers, ...OTHER_HOST.headers, 'x-forwarded-for': '198.51.100.1, 192.0.2.7' };
  try {
    for (const target of ['/router', '/hand', '/behind']) {
      const { body } = await ask(port, { target, headers: forged });
      assert.deepEqual(JSON.parse(body), [...OWN_HOST, '192.0.2.7', 'http', false], target);
    }
    // One that has no layer tells what it always told.
    const without = make().get('/', tell).listen(0, '127.0.0.1');
    await once(without, 'listening');
    try {
      const { body } = await ask((without.address() as AddressInfo).port, { headers: forged });
      assert.deepEqual((JSON.parse(body) as unknown[]).slice(1, 3), ['attacker.example', '198.51.100.1']);
    } finally {
      without.close();
    }
  } finally {
    await stop();
  }
});

for (const trustProxy of [true, '127.0.0.1', false])
  test(`request.host of Fastify is of the Host line, under trustProxy ${trustProxy}`, async () => {
    const layer = fastifyBulwark(testPolicy([], { ...WAYS[0]?.[0], routes: INSECURE }));
    const app = Fastify({ serverFactory: layer.serverFactory, trustProxy });
    app.get('/', (request: FastifyRequest) => [request.host, request.hostname]);
    await app.ready();
    const { port, stop } = await listen(layer, app.server, []);
    try {
      assert.deepEqual(JSON.parse((await ask(port, OTHER_HOST)).body), OWN_HOST);
    } finally {
      await stop();
    }
  });

test('what Hono reads of the connection is the client of a head; of headers the view knows', async () => {
  for (const [policy, visit, ip, secure] of WAYS) {
    const layer = honoBulwark(testPolicy([], { ...policy, routes: INSECURE }));
    const app = new Hono<{ Bindings: HttpBindings }>();
    app.get('/', (context) =>
      context.json([
        honoBulwark.of(context).client.address,
        getConnInfo(context).remote.address,
        context.req.url,
      ]),
    );
    const server = createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
    const { port, stop } = await listen(layer, server, []);
    try {
      const [client, remote, url] = JSON.parse((await visit(port)).body) as string[];
      assert.equal(client, ip);
      const isNamed = policy.proxy?.protocol === true;
      assert.equal(remote, isNamed ? ip : '127.0.0.1');
      assert.equal(url, `${isNamed && secure ? 'https' : 'http'}://example.com/`);
    } finally {
      await stop();
    }
  }
});
