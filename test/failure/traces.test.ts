/** Spans of requests, as OpenTelemetry's own collector takes them from its own exporter. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { ask } from '../../src/testing/wire.ts';
import { nodeHost } from '../hosts/hosts.ts';
import { freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { Collector } from './receivers.ts';

const CROSS_SITE = {
  'content-type': 'text/plain',
  'x-forwarded-proto': 'https',
  origin: 'https://evil.example',
  'sec-fetch-site': 'cross-site',
};

test('a collector is told which guard refused a request, and the log the same span', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-traces-'));
  const collector = new Collector(folder, await freePort());
  await collector.start();
  const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${collector.port}/v1/traces` });
  const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  const host = await nodeHost();
  try {
    const request = { method: 'POST', target: '/echo', headers: CROSS_SITE, body: 'a' };
    assert.equal((await ask(host.port, request)).status, 403);
    await until('the spans are there', async () => {
      await provider.forceFlush();
      return collector.text().includes('http.response.status_code');
    });
    const refused = host.events.find(({ guard }) => guard !== undefined);
    assert.ok(refused?.guard !== undefined && refused.traceId !== undefined && refused.spanId !== undefined);
    const taken = collector.text();
    assert.match(taken, new RegExp(`-> bulwark\\.guard: Str\\(${refused.guard}\\)`));
    assert.match(
      taken,
      new RegExp(`Trace ID +: ${refused.traceId}\\s+Parent ID +:\\s+ID +: ${refused.spanId}`),
    );
    assert.match(
      taken,
      new RegExp(`Parent ID +: ${refused.spanId}`),
      'the span of the guards stands below it',
    );
  } finally {
    await host.stop();
    await provider.shutdown();
    trace.disable();
    context.disable();
    await collector.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});
