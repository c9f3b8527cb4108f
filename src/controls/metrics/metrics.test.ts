import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HANG_MS } from '../../../test/support/hang.ts';
import { until } from '../../../test/support/until.ts';

import { Problems } from '../../core/problems.ts';
import type { EventKind } from '../../core/events.ts';
import type { MetricFamily } from '../../core/metrics.ts';
import { metricsOptions } from './metrics.options.ts';
import { toOtlpMetrics } from './otlp-metrics.ts';
import { pushMetrics } from './push-metrics.ts';

const COUNTED: MetricFamily = {
  name: 'bulwark_guard',
  type: 'counter',
  help: 'What guards did.',
  samples: [[{ guard: 'csrf', result: 'refused' }, 3]],
};

let receiver: Server;
let url = '';
let answers: number[] = [];
const bodies: string[] = [];

before(async () => {
  receiver = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(`${request.url} ${request.headers['authorization'] ?? ''} ${body}`);
      response.writeHead(answers.shift() ?? 200).end('{}');
    });
  });
  await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
after(() => receiver.close());

test('figures are written as OTLP has them: cumulative, 64-bit counts as texts, nothing without samples', () => {
  const times: MetricFamily = {
    name: 'bulwark_layer_seconds',
    type: 'histogram',
    help: 'Made up.',
    bounds: [0.1],
    samples: [[{}, { counts: [2, 1], sum: 0.5 }]],
  };
  const empty: MetricFamily = { name: 'bulwark_alerts', type: 'counter', help: 'None.', samples: [] };
  const up: MetricFamily = { name: 'bulwark_up', type: 'gauge', help: 'There.', samples: [[{}, 1]] };
  const resource = { service: 'files', instance: 'here-1', startedAt: 1000 };
  const { resourceMetrics } = toOtlpMetrics([COUNTED, times, empty, up], resource, 2000) as {
    resourceMetrics: [{ scopeMetrics: [{ metrics: unknown[] }]; resource: unknown }];
  };
  const at = { startTimeUnixNano: '1000000000', timeUnixNano: '2000000000' };
  assert.deepEqual(resourceMetrics[0].scopeMetrics[0].metrics, [
    {
      name: 'bulwark_guard',
      description: 'What guards did.',
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: [
          {
            ...at,
            attributes: [
              { key: 'guard', value: { stringValue: 'csrf' } },
              { key: 'result', value: { stringValue: 'refused' } },
            ],
            asDouble: 3,
          },
        ],
      },
    },
    {
      name: 'bulwark_layer_seconds',
      description: 'Made up.',
      unit: 's',
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [
          { ...at, attributes: [], explicitBounds: [0.1], count: '3', sum: 0.5, bucketCounts: ['2', '1'] },
        ],
      },
    },
    {
      name: 'bulwark_up',
      description: 'There.',
      gauge: { dataPoints: [{ ...at, attributes: [], asDouble: 1 }] },
    },
  ]);
});

test('a receiver that fails is told of once and again when it is back, and the last figures are sent at the end', async () => {
  const told: string[] = [];
  const tell = ({ name }: EventKind, details: object): void => {
    told.push(`${name} ${Object.keys(details).join()} ${(details as { error?: string }).error ?? ''}`.trim());
  };
  answers = [503, 400];
  const push = pushMetrics(
    { otlp: url, headers: { authorization: 'Bearer made-up' }, every: 20 },
    { service: 'files', families: () => [COUNTED], tell },
  );
  await until('it is back', () => told.length === 2);
  assert.deepEqual(told, ['sys_metrics_gone error HTTP 503', 'sys_metrics_back goneMs']);
  const before = bodies.length;
  await push?.close();
  assert.ok(bodies.length > before);
  assert.ok(bodies.every((body) => body.startsWith('/v1/metrics Bearer made-up {"resourceMetrics"')));
});

test('a receiver that hangs holds up no end, what was on its way to it included', async (t) => {
  // Not the time that a receiver has for an answer is what ends it.
  t.mock.method(AbortSignal, 'timeout', () => new AbortController().signal);
  const closed: Promise<unknown>[] = [];
  const hanging = createServer((request) => void closed.push(once(request.socket, 'close')));
  await once(hanging.listen(0, '127.0.0.1'), 'listening');
  const otlp = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
  const figures = {
    service: 'files',
    families: () => [COUNTED],
    tell: () => assert.fail('no outage is told'),
  };
  const push = pushMetrics({ otlp, headers: {}, every: 20 }, figures);
  await until('it is asked', () => closed.length === 1);
  const hangs = sleep(HANG_MS, 'hangs', { ref: false });
  assert.notEqual(await Promise.race([push?.close(), hangs]), 'hangs');
  // A socket that stayed would keep the process from ending.
  await Promise.all(closed);
  assert.equal(closed.length, 1);
  hanging.close();
});

test('header fields that no request can have are refused with the policy', () => {
  for (const headers of [{ 'a b': 'x' }, { authorization: 'Bearer \u2019' }, { authorization: undefined }])
    assert.throws(
      () => metricsOptions.headers.read(headers, 'metrics.headers', new Problems('production')),
      /header fields/,
    );
});

test('nothing is sent where no receiver is named', () => {
  const settings = { otlp: undefined, headers: {}, every: 1000 };
  assert.equal(
    pushMetrics(settings, { service: 'files', families: () => [], tell: () => undefined }),
    undefined,
  );
});
