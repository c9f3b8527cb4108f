import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sketchExchange } from '../../test/support/exchange.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { metricText } from '../core/metric-text.ts';
import { LAYER_PARTS } from '../core/layer-parts.ts';
import { protect } from '../node/protector.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { memory } from '../stores/memory/state.ts';
import { Layer } from './layer.ts';
import { layerMetrics } from './layer-metrics.ts';
import { countingSessions } from './session-count.ts';

async function make(): Promise<Layer> {
  const policy = await readPolicy({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
  });
  return new Layer(policy);
}

test('tells what guards did and what was logged, and has as many lines whatever clients send', async () => {
  const layer = await make();
  const page = (): string => metricText(layerMetrics(layer), 'prometheus');
  await layer.decide(sketchExchange({ headers: { host: 'evil.example' } }));
  const first = page();
  assert.match(first, /^bulwark_guard_total\{guard="host",result="refused"\} 1$/m);
  assert.match(first, /^bulwark_events_total\{event="input_validation_fail"\} 1$/m);
  assert.match(first, /^bulwark_up 1$/m);
  assert.match(first, /^bulwark_layer_seconds_count\{phase="request"\} 1$/m);
  assert.match(first, /^bulwark_limiter_fill_ratio\{clients="refused"\} 0$/m);
  for (let n = 0; n < 300; n += 1)
    await layer.decide(
      sketchExchange({
        target: `/${n}"\\`,
        headers: { host: `${n}.evil.example` },
        peer: `192.0.2.${n % 250}`,
      }),
    );
  assert.equal(page().split('\n').length, first.split('\n').length);
});

test('no series stands twice, and OpenMetrics ends as it must', async () => {
  const layer = await make();
  for (const format of ['prometheus', 'openmetrics'] as const) {
    const lines = metricText(layerMetrics(layer), format).split('\n').slice(0, -1);
    const series = lines.filter((line) => !line.startsWith('#')).map((line) => line.replace(/ [^ ]*$/, ''));
    assert.equal(new Set(series).size, series.length);
    assert.equal(lines.at(-1) === '# EOF', format === 'openmetrics');
    assert.ok(!lines.includes(''));
  }
});

test('rooms that stand on the layer add figures, and sessions are counted where that is no walk across a network', () => {
  const layer = protect({
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
  });
  layer[LAYER_PARTS].onMetrics(() => [
    { name: 'bulwark_made_up', type: 'gauge', help: 'Made up.', samples: [[{}, 7]] },
  ]);
  assert.match(layer.metrics(), /^bulwark_made_up 7$/m);
  assert.match(layer.metrics(), /^bulwark_sessions 0$/m);
  const { sessions } = memory();
  assert.deepEqual(countingSessions({ reach: 'network', sessions })(), []);
});
