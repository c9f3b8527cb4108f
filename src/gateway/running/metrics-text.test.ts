import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addCounters, AnswerCounter, type Figures, NOTHING_DONE } from './figures.ts';
import { type AllFigures, metricsText } from './metrics-text.ts';

const RUN = { workers: 2, ready: true, reloads: 1, refusedReloads: 0, crashes: 0 };

function figures(times: readonly (readonly [status: number, ms: number])[]): Figures {
  const counter = new AnswerCounter();
  for (const [status, ms] of times) counter.count(status, ms);
  return {
    answers: counter.figures,
    connections: 3,
    sockets: 1,
    spoolBytes: 10,
    guards: { csrf: { refused: 2, observed: 1 } },
    reports: { taken: 2, noise: 1 },
    stores: { redis: { up: times.length > 1, outages: 1, goneMs: 5 } },
    upstreams: [
      {
        upstream: 'http://a:1',
        up: true,
        busy: 1,
        answers: times.length,
        faults: { connect: 1, busy: 0, late: 0, cut: 0, malformed: 0, left: 0 },
      },
    ],
    residentBytes: 100,
    cpuSeconds: 0.5,
  };
}

function serving(...all: readonly Figures[]): AllFigures {
  return { serving: all, retiring: [], ended: [] };
}

test('what only grows goes on over workers that are no more, and what goes up and down is of those that run', () => {
  const one = figures([[200, 5]]);
  const ended = addCounters(figures([[500, 80]]), addCounters(figures([[200, 5]]), NOTHING_DONE));
  const text = metricsText({ serving: [one], retiring: [one], ended: [ended] }, RUN);
  for (const line of [
    'bulwark_answers_total{status="2xx"} 3',
    'bulwark_answers_total{status="5xx"} 1',
    'bulwark_answer_seconds_bucket{le="0.005"} 3',
    'bulwark_answer_seconds_count 4',
    'bulwark_connections 6',
    'bulwark_guard_total{guard="csrf",result="refused"} 8',
    'bulwark_reports_total{result="taken"} 8',
    'bulwark_upstream_up{upstream="http://a:1"} 1',
    'bulwark_upstream_busy{upstream="http://a:1"} 2',
    'bulwark_upstream_answers_total{upstream="http://a:1"} 4',
    'bulwark_upstream_faults_total{upstream="http://a:1",kind="connect"} 4',
    'bulwark_resident_bytes 200',
    'bulwark_cpu_seconds_total 2',
  ])
    assert.ok(text.includes(`\n${line}\n`), line);
});

test('figures of workers add up, and each class of a histogram holds those below it', () => {
  const text = metricsText(
    serving(
      figures([
        [200, 5],
        [404, 80],
        [101, 70_000],
      ]),
      figures([[0, 1]]),
    ),
    RUN,
  );
  for (const line of [
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
  ])
    assert.ok(text.includes(`\n${line}\n`), line);
});

test('every family has its help and its type, every line is one that Prometheus reads', () => {
  const text = metricsText(serving(figures([[200, 1]])), RUN);
  const sample =
    /^bulwark_[a-z_]+(?:\{[a-z]+="(?:[^"\\\n]|\\.)*"(?:,[a-z]+="(?:[^"\\\n]|\\.)*")*\})? [\d.e+-]+$/;
  for (const line of text.trimEnd().split('\n'))
    assert.match(line, line.startsWith('#') ? /^# (?:HELP|TYPE) bulwark_[a-z_]+ \S/ : sample);
  const families = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  assert.equal(new Set(families).size, families.length);
  assert.ok(text.endsWith('\n'));
});

test('a label cannot end its line', () => {
  const odd = figures([]);
  const text = metricsText(serving({ ...odd, guards: { 'a"\n\\b': { refused: 1, observed: 0 } } }), RUN);
  assert.ok(text.includes('guard="a\\"\\n\\\\b"'));
});
