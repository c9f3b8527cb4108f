import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricText } from '../../core/metric-text.ts';
import type { MetricFamily } from '../../core/metrics.ts';
import { type AllFigures, allFamilies } from './all-figures.ts';
import { addCounters, AnswerCounter, type Figures, heldFamilies, NOTHING_DONE } from './figures.ts';

const RUN = { workers: 2, ready: true, reloads: 1, refusedReloads: 0, crashes: 0 };

/** As a layer says them. */
function ofLayer(isStoreUp: boolean): readonly MetricFamily[] {
  return [
    { name: 'bulwark_up', type: 'gauge', help: 'It is there.', together: 'most', samples: [[{}, 1]] },
    {
      name: 'bulwark_guard',
      type: 'counter',
      help: 'What guards did.',
      samples: [
        [{ guard: 'csrf', result: 'refused' }, 2],
        [{ guard: 'csrf', result: 'observed' }, 1],
      ],
    },
    {
      name: 'bulwark_store_up',
      type: 'gauge',
      help: 'Whether it is there.',
      together: 'least',
      samples: [[{ store: 'redis' }, Number(isStoreUp)]],
    },
  ];
}

function figures(times: readonly (readonly [status: number, ms: number])[]): Figures {
  const counter = new AnswerCounter();
  for (const [status, ms] of times) counter.count(status, ms);
  const upstreams = [
    {
      upstream: 'http://a:1',
      up: true,
      busy: 1,
      answers: times.length,
      faults: { connect: 1, busy: 0, late: 0, cut: 0, malformed: 0, left: 0 },
    },
  ];
  const held = { connections: 3, sockets: 1, spoolBytes: 10, upstreams };
  return { held, families: [...counter.families, ...ofLayer(times.length > 1), ...heldFamilies(held)] };
}

function page(all: AllFigures): string {
  return metricText(allFamilies(all, RUN), 'prometheus');
}

function serving(...all: readonly Figures[]): AllFigures {
  return { serving: all, retiring: [], ended: [] };
}

function has(text: string, lines: readonly string[]): void {
  for (const line of lines) assert.ok(text.includes(`\n${line}\n`), line);
}

test('what only grows goes on over workers that are no more, and what goes up and down is of those that run', () => {
  const one = figures([[200, 5]]);
  const ended = addCounters(figures([[500, 80]]), addCounters(figures([[200, 5]]), NOTHING_DONE));
  has(page({ serving: [one], retiring: [one], ended: [ended] }), [
    'bulwark_answers_total{status="2xx"} 3',
    'bulwark_answers_total{status="5xx"} 1',
    'bulwark_answer_seconds_bucket{le="0.005"} 3',
    'bulwark_answer_seconds_count 4',
    'bulwark_connections 6',
    'bulwark_guard_total{guard="csrf",result="refused"} 8',
    'bulwark_up 1',
    'bulwark_upstream_up{upstream="http://a:1"} 1',
    'bulwark_upstream_busy{upstream="http://a:1"} 2',
    'bulwark_upstream_answers_total{upstream="http://a:1"} 4',
    'bulwark_upstream_faults_total{upstream="http://a:1",kind="connect"} 4',
  ]);
});

test('figures of workers add up, and each class of a histogram holds those below it', () => {
  const one = figures([
    [200, 5],
    [404, 80],
    [101, 70_000],
  ]);
  has(page(serving(one, figures([[0, 1]]))), [
    'bulwark_answers_total{status="1xx"} 1',
    'bulwark_answers_total{status="2xx"} 1',
    'bulwark_answers_total{status="none"} 1',
    'bulwark_answer_seconds_bucket{le="0.005"} 2',
    'bulwark_answer_seconds_bucket{le="0.1"} 3',
    'bulwark_answer_seconds_bucket{le="60"} 3',
    'bulwark_answer_seconds_bucket{le="+Inf"} 4',
    'bulwark_answer_seconds_sum 70.086',
    'bulwark_answer_seconds_count 4',
    'bulwark_connections 6',
    'bulwark_guard_total{guard="csrf",result="refused"} 4',
    'bulwark_store_up{store="redis"} 0',
    'bulwark_upstream_up{upstream="http://a:1"} 2',
    'bulwark_upstream_faults_total{upstream="http://a:1",kind="connect"} 2',
    'bulwark_reloads_total{result="taken"} 1',
    'bulwark_workers 2',
  ]);
});

test('what a worker that retires says of stores is not what those find that serve', () => {
  const well = figures([
    [200, 1],
    [200, 1],
  ]);
  has(page({ serving: [well], retiring: [figures([])], ended: [] }), ['bulwark_store_up{store="redis"} 1']);
});

test('every family has its help and its type, every line is one that Prometheus reads, and none stands twice', () => {
  const text = page(serving(figures([[200, 1]]), figures([[200, 1]])));
  const sample =
    /^bulwark_[a-z_]+(?:\{[a-z]+="(?:[^"\\\n]|\\.)*"(?:,[a-z]+="(?:[^"\\\n]|\\.)*")*\})? [\d.e+-]+$/;
  const lines = text.trimEnd().split('\n');
  for (const line of lines)
    assert.match(line, line.startsWith('#') ? /^# (?:HELP|TYPE) bulwark_[a-z_]+ \S/ : sample);
  const named = lines.map((line) =>
    line.startsWith('#') ? line.split(' ', 3).join(' ') : line.split(' ')[0],
  );
  assert.equal(new Set(named).size, named.length);
  assert.ok(text.endsWith('\n'));
});
