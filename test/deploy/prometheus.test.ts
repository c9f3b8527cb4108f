/** Figures and alert rules, by the real promtool. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bulwark } from '../../src/adapters/node.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { installRequirements } from '../../tools/requirements.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';

const RULES = join(import.meta.dirname, '../../deploy/prometheus/bulwark.rules.yml');
const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-prometheus-'));
before(() => installRequirements());
after(() => rmSync(FOLDER, { recursive: true, force: true }));

function promtool(argv: readonly string[], input = ''): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', argv, {
    input,
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, said: stdout + stderr };
}

test('promtool finds nothing wrong with the page, and understands every name', async () => {
  const layer = bulwark({
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: {
      sink: () => undefined,
      ship: [{ name: 'own', send: () => Promise.resolve() }],
      spool: { folder: join(FOLDER, 'spool') },
    },
  });
  layer.audit('sensitive_create', {});
  const { status, said } = promtool(['check', 'metrics'], layer.metrics());
  assert.equal(status, 0, said);
  assert.match(layer.metrics(), /^bulwark_receiver_failing\{receiver="own"\} 0$/m);
  assert.throws(() => layer.metrics('json' as never), { code: 'ERR_BULWARK_INVALID_ARGUMENT' });
  await layer.close();
});

test('the rules are good, each fires on what it is for, and none over a quiet day', () => {
  assert.equal(promtool(['check', 'rules', RULES]).status, 0);
  const series = (name: string, values: string): string =>
    `      - series: '${name}'\n        values: '${values}'\n`;
  // Of those that take at most 50 ms, and of all.
  const layerSeconds = (quick: string, all: string): readonly string[] => [
    series('bulwark_layer_seconds_bucket{phase="request",le="0.05"}', quick),
    series('bulwark_layer_seconds_bucket{phase="request",le="0.5"}', all),
    series('bulwark_layer_seconds_bucket{phase="request",le="+Inf"}', all),
    series('bulwark_layer_seconds_count{phase="request"}', all),
  ];
  const quiet = [
    series('bulwark_up', '1x2000'),
    series('bulwark_log_failing', '0x2000'),
    series('bulwark_events_dropped_total', '0x2000'),
    series('bulwark_receiver_failing{receiver="otlp"}', '0x5 1x5 0x1990'),
    series('bulwark_receiver_lost_total{receiver="otlp"}', '0x2000'),
    series('bulwark_receiver_waiting_bytes{receiver="otlp"}', '1000x5 200000000x5 1000x1990'),
    series('bulwark_receiver_waiting_most_bytes{receiver="otlp"}', '268435456x2000'),
    series('bulwark_hashes_refused_total', '0x1000 3x1000'),
    series('bulwark_limiter_fill_ratio{clients="counted"}', '0.3x2000'),
    series('bulwark_limiter_fill_ratio{clients="refused"}', '0.9x2000'),
    ...layerSeconds('0+60x2000', '0+60x2000'),
    series('bulwark_store_up{store="redis"}', '1x2000'),
    series('bulwark_events_total{event="authn_login_fail"}', '0+3x2000'),
    series('bulwark_guard_total{guard="csrf",result="refused"}', '0+30x2000'),
  ].join('');
  const loud = [
    series('bulwark_log_failing', '0x1450 1x550'),
    series('bulwark_events_dropped_total', '0x1450 0+1x550'),
    series('bulwark_receiver_failing{receiver="otlp"}', '0x1450 1x550'),
    series('bulwark_receiver_lost_total{receiver="otlp"}', '0x1450 0+5x550'),
    series('bulwark_receiver_waiting_bytes{receiver="otlp"}', '0x1450 250000000x550'),
    series('bulwark_receiver_waiting_most_bytes{receiver="otlp"}', '268435456x2000'),
    series('bulwark_hashes_refused_total', '0x1450 0+5x550'),
    series('bulwark_limiter_fill_ratio{clients="counted"}', '0.3x1450 0.9x550'),
    ...layerSeconds('0+60x1450 87000x550', '0+60x2000'),
    series('bulwark_store_up{store="redis"}', '1x1450 0x550'),
    series('bulwark_events_total{event="authn_login_fail"}', '0x1450 0+50x550'),
    series('bulwark_guard_total{guard="csrf",result="refused"}', '0x1450 0+600x550'),
  ].join('');
  const names = [
    'BulwarkLogFailing',
    'BulwarkEventsDropped',
    'BulwarkReceiverFailing',
    'BulwarkReceiverLosing',
    'BulwarkReceiverFilling',
    'BulwarkHashQueueFull',
    'BulwarkLayerSlow',
    'BulwarkLimiterFilling',
    'BulwarkStoreGone',
    'BulwarkSignInsFailing',
    'BulwarkRefusalsSurging',
  ];
  const count = (name: string): string => `count(ALERTS{alertname="${name}",alertstate="firing"})`;
  const asks = (all: readonly string[], at: string, fires: boolean): string =>
    all
      .map(
        (name) =>
          `      - expr: '${count(name)}'\n        eval_time: ${at}\n        exp_samples: ${fires ? "[{ labels: '{}', value: 1 }]" : '[]'}\n`,
      )
      .join('');
  const file = join(FOLDER, 'tests.yml');
  writeFileSync(
    file,
    `rule_files: ['${RULES}']
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
${quiet}    promql_expr_test:
${asks([...names, 'BulwarkGone'], '1500m', false)}  - interval: 1m
    input_series:
${loud}    promql_expr_test:
${asks([...names, 'BulwarkGone'], '1480m', true)}`,
  );
  const { status, said } = promtool(['test', 'rules', file]);
  assert.equal(status, 0, said);
});
