import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricText } from './metric-text.ts';
import { addFamilies, type MetricFamily, type NumberFamily, TimeCounter } from './metrics.ts';

function family(value: number, more: Partial<NumberFamily> = {}): MetricFamily {
  return {
    name: 'bulwark_made_up',
    type: 'gauge',
    help: 'Made up.',
    samples: [[{ a: 'b' }, value]],
    ...more,
  };
}

function valuesOf(families: readonly MetricFamily[]): readonly unknown[] {
  return families.flatMap(({ samples }) => samples.map(([, value]) => value));
}

test('gauges add up, or are the most or the least of all, and those of processes that are no more are forgotten', () => {
  const of = (more: Partial<NumberFamily>): readonly unknown[] =>
    valuesOf(addFamilies([[family(2, more)], [family(5, more)]], [[family(100, more)]]));
  assert.deepEqual(of({}), [7]);
  assert.deepEqual(of({ together: 'most' }), [5]);
  assert.deepEqual(of({ together: 'least' }), [2]);
  assert.deepEqual(of({ type: 'counter' }), [107]);
});

test('the order of labels makes no second series, and other labels do', () => {
  const one = family(1, { samples: [[{ a: '1', b: '2' }, 1]] });
  const other = family(1, { samples: [[{ b: '2', a: '1' }, 2], [{ a: '1', b: '3' }, 4]] }); // prettier-ignore
  assert.deepEqual(valuesOf(addFamilies([[one], [other]])), [3, 4]);
});

test('times are counted each in one class, shown with those below, and added up by class', () => {
  const counter = new TimeCounter([0.01, 0.1]);
  for (const ms of [10, 11, 100, 101, 5000]) counter.count(ms);
  assert.deepEqual(counter.figures.counts, [1, 2, 2]);
  const times: MetricFamily = {
    name: 'bulwark_seconds',
    type: 'histogram',
    help: 'Made up.',
    bounds: [0.01, 0.1],
    samples: [[{ phase: 'x' }, counter.figures]],
  };
  const text = metricText(addFamilies([[times]], [[times]]), 'openmetrics');
  assert.equal(
    text,
    `# HELP bulwark_seconds Made up.
# TYPE bulwark_seconds histogram
bulwark_seconds_bucket{phase="x",le="0.01"} 2
bulwark_seconds_bucket{phase="x",le="0.1"} 6
bulwark_seconds_bucket{phase="x",le="+Inf"} 10
bulwark_seconds_sum{phase="x"} ${counter.figures.sum * 2}
bulwark_seconds_count{phase="x"} 10
# EOF
`,
  );
  const otherwise = { ...times, bounds: [1, 2] };
  assert.deepEqual(valuesOf(addFamilies([[times], [otherwise]])), [counter.figures]);
});

test('a label cannot end its line', () => {
  const text = metricText([family(1, { samples: [[{ guard: 'a"\n\\b' }, 1]] })], 'prometheus');
  assert.ok(text.includes('guard="a\\"\\n\\\\b"'));
});
