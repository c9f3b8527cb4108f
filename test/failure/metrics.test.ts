/** Figures that are pushed, as OpenTelemetry's own collector takes them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
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

test('a collector is sent counters, gauges and histograms, and all of what was counted while it was gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-metrics-'));
  const collector = new Collector(folder, await freePort());
  await collector.start();
  const host = await nodeHost({ metrics: { otlp: `http://127.0.0.1:${collector.port}`, every: '1s' } });
  const refuse = async (): Promise<void> => {
    const request = { method: 'POST', target: '/echo', headers: CROSS_SITE, body: 'a' };
    assert.equal((await ask(host.port, request)).status, 403);
  };
  const refused = /guard: Str\((?:csrf|isolation)\)\s+-> result: Str\(refused\)\s[^V]*Value: ([\d.]+)/g;
  const counted = (): number =>
    Math.max(0, ...[...collector.text().matchAll(refused)].map(([, value]) => Number(value)));
  try {
    await refuse();
    await until('the refusal is counted', () => counted() === 1);
    const taken = collector.text();
    assert.match(
      taken,
      /-> Name: bulwark_guard\s[^]*?-> DataType: Sum\s+-> IsMonotonic: true\s+-> AggregationTemporality: Cumulative/,
    );
    assert.match(
      taken,
      /-> Name: bulwark_layer_seconds\s[^]*?-> DataType: Histogram[^]*?ExplicitBounds #0: 0\.0000?1/,
    );
    assert.match(taken, /-> Name: bulwark_up\s[^]*?-> DataType: Gauge[^]*?Value: 1\.0/);
    assert.match(taken, /-> service\.instance\.id: Str\(/);
    await collector.kill();
    await refuse();
    await until('it is told', () => host.events.some(({ event }) => event === 'sys_metrics_gone'));
    await collector.start();
    await until('what was counted meanwhile is there', () => counted() === 2);
    await until('that is told too', () => host.events.some(({ event }) => event === 'sys_metrics_back'));
    assert.equal(host.events.filter(({ event }) => event === 'sys_metrics_gone').length, 1);
  } finally {
    await host.stop();
    await collector.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});
