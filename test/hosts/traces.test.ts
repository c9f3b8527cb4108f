/** Spans of requests under the layer, by the real SDK of OpenTelemetry, on every host. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { bulwark as honoBulwark } from '../../src/adapters/hono.ts';
import { bulwark as nodeBulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import type { LayerHandle } from '../../src/node/protector.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { ask, openSocket, type RawRequest, writeRequest } from '../../src/testing/wire.ts';
import { listening } from '../support/listening.ts';
import { until } from '../support/until.ts';
import { testPolicy } from './hosts.ts';

const THEIRS = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const FROM_THEM = { traceparent: `00-${THEIRS.traceId}-${THEIRS.spanId}-01`, tracestate: 'them=1' };
const JSON_BODY: RawRequest = {
  method: 'POST',
  target: '/work?token=not-for-traces',
  headers: {
    'content-type': 'application/json',
    origin: 'https://example.com',
    'x-forwarded-proto': 'https',
  },
  body: '{"a":1}',
};
const FOREIGN: RawRequest = {
  ...JSON_BODY,
  headers: {
    ...JSON_BODY.headers,
    origin: 'https://evil.example',
    'sec-fetch-site': 'cross-site',
    cookie: 'a=b',
  },
};

/** What an application does that has a library of its own traced. */
function work(): { done: true } {
  trace.getTracer('application').startSpan('work').end();
  return { done: true };
}

type Start = (policy: PolicyOptions) => Promise<{ server: Server; layer: LayerHandle }>;

const node: Start = async (policy) => {
  const layer = nodeBulwark(policy);
  const listener = layer.handler((request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify(work())));
  });
  return { layer, server: layer.createServer(listener) };
};

const onExpress: Start = async (policy) => {
  const layer = expressBulwark(policy);
  const app = express();
  app.set('env', 'test');
  app.use(layer);
  app.use(express.json());
  app.use((_request, response) => void response.json(work()));
  return { layer, server: layer.createServer(app) };
};

const STARTS: Readonly<Record<string, Start>> = {
  'node:http': node,
  Express: onExpress,
  Fastify: async (policy) => {
    const layer = fastifyBulwark(policy);
    const app = Fastify({ serverFactory: layer.serverFactory });
    app.all('/*', async () => work());
    await app.ready();
    return { layer, server: app.server };
  },
  Hono: async (policy) => {
    const layer = honoBulwark(policy);
    const app = new Hono();
    app.all('/*', async (asked) => {
      await asked.req.text();
      return asked.json(work());
    });
    const server = createAdaptorServer({ fetch: app.fetch, createServer: layer.createServer }) as Server;
    return { layer, server };
  },
};

/** The spans that were ended while a host with this policy was asked. */
async function spansOf(
  start: Start,
  request: RawRequest,
  policy: PolicyOptions = {},
  processors: SpanProcessor[] = [],
  last = 'POST',
): Promise<{ status: number; spans: readonly ReadableSpan[]; events: readonly AuditEvent[] }> {
  const exporter = new InMemorySpanExporter();
  register([new SimpleSpanProcessor({ exporter }), ...processors]);
  const events: AuditEvent[] = [];
  const { server, layer } = await start(testPolicy(events, policy));
  const { status } = await listening(
    server,
    async (port) => {
      const answer = await ask(port, request);
      await until('the spans have ended', () =>
        exporter.getFinishedSpans().some(({ name }) => name === last),
      );
      return answer;
    },
    async () => await layer.close(),
  );
  return { status, spans: exporter.getFinishedSpans(), events };
}

function register(spanProcessors: SpanProcessor[]): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors }));
}

function named(spans: readonly ReadableSpan[], name: string): ReadableSpan {
  const span = spans.find((one) => one.name === name);
  assert.ok(span, `${name} is among ${spans.map((one) => one.name).join()}`);
  return span;
}

afterEach(() => {
  trace.disable();
  context.disable();
});

for (const [host, start] of Object.entries(STARTS)) {
  describe(host, () => {
    test('a request that passes is a span, with those of the guards and of the application below it', async () => {
      const { status, spans } = await spansOf(start, JSON_BODY);
      assert.equal(status, 200);
      const request = named(spans, 'POST');
      assert.equal(request.kind, SpanKind.SERVER);
      assert.equal(request.parentSpanContext, undefined);
      assert.equal(request.attributes['http.response.status_code'], 200);
      assert.equal(request.attributes['bulwark.outcome'], 'passed');
      assert.equal(request.attributes['url.path'], '/work');
      assert.ok(!JSON.stringify(spans.map(({ attributes }) => attributes)).includes('not-for-traces'));
      for (const below of ['bulwark.guards', 'work'])
        assert.equal(named(spans, below).parentSpanContext?.spanId, request.spanContext().spanId, below);
    });

    test('a request that is refused names the guard, and the log the trace', async () => {
      const { status, spans, events } = await spansOf(start, FOREIGN);
      assert.equal(status, 403);
      const request = named(spans, 'POST');
      const refused = events.find(({ guard }) => guard !== undefined);
      assert.ok(refused);
      for (const span of [request, named(spans, 'bulwark.guards')]) {
        assert.equal(span.attributes['bulwark.guard'], refused.guard);
        assert.equal(span.attributes['bulwark.outcome'], 'refused');
      }
      assert.equal(request.status.code, SpanStatusCode.UNSET);
      assert.equal(refused.traceId, request.spanContext().traceId);
      assert.equal(refused.spanId, request.spanContext().spanId);
      assert.equal(request.attributes['bulwark.request_id'], refused.requestId);
      assert.ok(spans.every(({ name }) => name !== 'work'));
    });

    test('the trace that a client names is linked, and goes on only where the policy says so', async () => {
      const request = { ...JSON_BODY, headers: { ...JSON_BODY.headers, ...FROM_THEM } };
      const linked = named((await spansOf(start, request)).spans, 'POST');
      assert.notEqual(linked.spanContext().traceId, THEIRS.traceId);
      assert.deepEqual(
        linked.links.map(({ context: { spanId } }) => spanId),
        [THEIRS.spanId],
      );
      trace.disable();
      context.disable();
      const policy: PolicyOptions = { traces: { incoming: 'parent' } };
      const going = named((await spansOf(start, request, policy)).spans, 'POST');
      assert.equal(going.spanContext().traceId, THEIRS.traceId);
      assert.equal(going.parentSpanContext?.spanId, THEIRS.spanId);
      assert.equal(going.spanContext().traceState?.get('them'), '1');
    });
  });
}

test('what waits for a body that comes later goes on in the span of its request', async () => {
  const exporter = new InMemorySpanExporter();
  register([new SimpleSpanProcessor({ exporter })]);
  const { server, layer } = await node(testPolicy([]));
  // No guard waits for a body of this type.
  const headers = { ...JSON_BODY.headers, 'content-type': 'application/octet-stream', connection: 'close' };
  const text = writeRequest({ ...JSON_BODY, headers });
  const split = text.length - 3;
  await listening(
    server,
    async (port) => {
      const { socket, closed } = await openSocket(port);
      const arrived = once(server, 'request');
      socket.write(text.slice(0, split));
      await arrived;
      socket.write(text.slice(split));
      await closed;
      await until('the spans have ended', () => exporter.getFinishedSpans().length === 3);
    },
    async () => await layer.close(),
  );
  const spans = exporter.getFinishedSpans();
  const request = named(spans, 'POST').spanContext();
  assert.equal(named(spans, 'work').parentSpanContext?.spanId, request.spanId);
});

test('a guard that only observes is named, and the request passes', async () => {
  const { status, spans } = await spansOf(node, FOREIGN, {
    csrf: { mode: 'observe' },
    isolation: { mode: 'observe' },
  });
  assert.equal(status, 200);
  const { attributes } = named(spans, 'POST');
  assert.equal(attributes['bulwark.outcome'], 'passed');
  assert.ok((attributes['bulwark.observed'] as string[]).length > 0);
  assert.equal(attributes['bulwark.guard'], undefined);
});

test('within a span of the request that is there already none is made but that of the guards', async () => {
  const instrumented: Start = async (policy) => {
    const made = await node(policy);
    const emit = made.server.emit.bind(made.server) as (...args: unknown[]) => boolean;
    made.server.emit = (event: string, ...args: unknown[]): boolean => {
      if (event !== 'request') return emit(event, ...args);
      const span = trace.getTracer('theirs').startSpan('theirs', { kind: SpanKind.SERVER });
      (args[1] as ServerResponse).on('close', () => span.end());
      return context.with(trace.setSpan(context.active(), span), () => emit(event, ...args));
    };
    return made;
  };
  const { spans } = await spansOf(instrumented, FOREIGN, {}, [], 'theirs');
  assert.deepEqual(spans.map(({ name }) => name).toSorted(), ['bulwark.guards', 'theirs']);
  assert.equal(named(spans, 'theirs').attributes['bulwark.outcome'], 'refused');
});

test("OpenTelemetry's own instrumentation of node:http goes on in the trace of the layer, not in the client's", async () => {
  const instrumentation = new HttpInstrumentation();
  instrumentation.enable();
  createRequire(import.meta.url)('node:http');
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  try {
    const instrumented: Start = async (policy) => {
      instrumentation.setTracerProvider(trace.getTracerProvider());
      return await node(policy);
    };
    const request = { ...JSON_BODY, headers: { ...JSON_BODY.headers, ...FROM_THEM } };
    const { spans } = await spansOf(instrumented, request);
    const servers = spans.filter(({ kind }) => kind === SpanKind.SERVER);
    assert.equal(servers.length, 2);
    const ours = servers.find(({ attributes }) => attributes['bulwark.outcome'] !== undefined);
    const theirs = servers.find((one) => one !== ours);
    assert.ok(ours && theirs);
    assert.equal(theirs.parentSpanContext?.spanId, ours.spanContext().spanId);
    for (const span of spans) assert.equal(span.spanContext().traceId, ours.spanContext().traceId, span.name);
    assert.notEqual(ours.spanContext().traceId, THEIRS.traceId);
  } finally {
    instrumentation.disable();
    propagation.disable();
  }
});

test('a server that began to listen within the span of a start-up gives its requests traces of their own', async () => {
  register([]);
  const starting = trace.getTracer('application').startSpan('start-up');
  const within: Start = async (policy) => {
    const made = await node(policy);
    const { server } = made;
    const listen = server.listen.bind(server) as (...args: unknown[]) => Server;
    const asked = (...args: unknown[]): Server =>
      context.with(trace.setSpan(context.active(), starting), () => listen(...args));
    return { ...made, server: Object.assign(server, { listen: asked }) };
  };
  trace.disable();
  const { spans } = await spansOf(within, JSON_BODY);
  assert.equal(named(spans, 'POST').parentSpanContext, undefined);
});

test('a processor of spans that throws lets nothing pass and ends nothing', async () => {
  const fails = ({ name }: ReadableSpan): void => {
    if (name !== 'work') throw new Error('a processor that is broken');
  };
  const broken: SpanProcessor = {
    onStart: () => undefined,
    onEnd: fails,
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  assert.equal((await spansOf(node, FOREIGN, {}, [broken])).status, 403);
  trace.disable();
  context.disable();
  assert.equal((await spansOf(node, JSON_BODY, {}, [broken])).status, 200);
});

test('an upgrade that is refused is a span that names the guard', async () => {
  const exporter = new InMemorySpanExporter();
  register([new SimpleSpanProcessor({ exporter })]);
  const { server, layer } = await node(testPolicy([]));
  server.on('upgrade', (_request, socket) => void socket.end());
  await listening(
    server,
    async (port) => {
      const { socket } = await openSocket(port);
      socket.write(
        writeRequest({
          headers: {
            connection: 'upgrade',
            upgrade: 'websocket',
            origin: 'https://evil.example',
            'sec-websocket-version': '13',
            'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
          },
        }),
      );
      await until('the span has ended', () => exporter.getFinishedSpans().length === 2);
      socket.destroy();
    },
    async () => await layer.close(),
  );
  const { attributes } = named(exporter.getFinishedSpans(), 'GET');
  assert.equal(attributes['bulwark.outcome'], 'refused');
  assert.notEqual(attributes['bulwark.guard'], undefined);
});

test('the gateway tells its upstream the span of the request, and no state of a trace that a client names', async () => {
  const told: Record<string, unknown>[] = [];
  const upstream = createServer((request, response) => {
    told.push(request.headers);
    response.end('{}');
  });
  await new Promise<void>((resolve) => void upstream.listen(0, '127.0.0.1', resolve));
  const { port } = upstream.address() as AddressInfo;
  const gateway: Start = async (policy) => {
    const layer = createGateway(policy, { upstream: `http://127.0.0.1:${port}` });
    return { layer, server: layer.server };
  };
  const request = { ...JSON_BODY, headers: { ...JSON_BODY.headers, ...FROM_THEM } };
  const linked = named((await spansOf(gateway, request)).spans, 'POST').spanContext();
  trace.disable();
  context.disable();
  await spansOf(gateway, request, { traces: { incoming: 'parent' } });
  trace.disable();
  context.disable();
  upstream.closeAllConnections();
  const closed = once(upstream, 'close');
  upstream.close();
  await closed;
  assert.equal(told[0]?.['traceparent'], `00-${linked.traceId}-${linked.spanId}-01`);
  assert.equal(told[0]?.['tracestate'], undefined);
  assert.match(
    String(told[1]?.['traceparent']),
    new RegExp(`^00-${THEIRS.traceId}-(?!${THEIRS.spanId})[\\da-f]{16}-01$`),
  );
  assert.equal(told[1]?.['tracestate'], 'them=1');
});

test('without an SDK a request costs one look, and has no span', async () => {
  const registered = Symbol.for('opentelemetry.js.api.1');
  const before = Object.getOwnPropertyDescriptor(globalThis, registered);
  let looks = 0;
  Object.defineProperty(globalThis, registered, {
    configurable: true,
    get: () => {
      looks += 1;
      return undefined;
    },
  });
  try {
    const { server, layer } = await node(testPolicy([]));
    const asking = async (port: number): Promise<void> => {
      for (const request of [JSON_BODY, FOREIGN, JSON_BODY]) await ask(port, request);
    };
    looks = 0;
    await listening(server, asking, async () => await layer.close());
  } finally {
    delete (globalThis as Record<symbol, unknown>)[registered];
    if (before !== undefined) Object.defineProperty(globalThis, registered, before);
  }
  // One more each, where a handler asks for a span itself.
  assert.ok(looks >= 3 && looks <= 3 + 2 * 4, String(looks));
});
