/** Figures as Prometheus reads them: its text format, version 0.0.4. */
import { type Figures, TIME_BOUNDS } from './figures.ts';

/** The media type of what {@link metricsText} makes. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What the process over the workers knows. */
export interface RunFigures {
  readonly workers: number;
  readonly ready: boolean;
  readonly reloads: number;
  readonly refusedReloads: number;
  readonly crashes: number;
}

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number, suffix?: string];

const STATUS_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'none'];

/** The figures of workers. What only grows is that of all there ever were: a reload does not begin it anew. */
export interface AllFigures {
  readonly serving: readonly Figures[];
  /** Those that end with their last connection. */
  readonly retiring: readonly Figures[];
  /** Of those that are no more, what only grows. */
  readonly ended: readonly Figures[];
}

/** The figures of all workers, added up. */
export function metricsText({ serving, retiring, ended }: AllFigures, run: RunFigures): string {
  const running = [...serving, ...retiring];
  const ever = [...running, ...ended];
  const family = (name: string, type: string, help: string, samples: readonly Sample[]): string =>
    [
      `# HELP bulwark_${name} ${help}`,
      `# TYPE bulwark_${name} ${type}`,
      ...samples.map(([labels, value, suffix = '']) => `bulwark_${name}${suffix}${shown(labels)} ${value}`),
      '',
    ].join('\n');
  const total = (of: (figures: Figures) => number): number => ever.reduce((sum, one) => sum + of(one), 0);
  const one = (of: (figures: Figures) => number): readonly Sample[] => [
    [{}, running.reduce((sum, figures) => sum + of(figures), 0)],
  ];
  return [
    family(
      'answers_total',
      'counter',
      'Answers to clients, by the first digit of their status.',
      byStatus(total),
    ),
    family('answer_seconds', 'histogram', 'How long answers took, from head to end.', byTime(total)),
    family(
      'connections',
      'gauge',
      'Connections of clients.',
      one((figures) => figures.connections),
    ),
    family(
      'websockets',
      'gauge',
      'WebSockets that are open.',
      one((figures) => figures.sockets),
    ),
    family(
      'spool_bytes',
      'gauge',
      'What request bodies take at the moment.',
      one((figures) => figures.spoolBytes),
    ),
    family('guard_total', 'counter', 'How often a guard refused, or in observe would have.', byGuard(ever)),
    family('reports_total', 'counter', 'What became of reports of browsers.', byFate(ever)),
    family(
      'store_up',
      'gauge',
      'Whether a store across a network is there for every worker.',
      storesUp(serving),
    ),
    family(
      'upstream_up',
      'gauge',
      'How many workers find an upstream there.',
      byUpstream(serving, ({ up }) => Number(up)),
    ),
    family(
      'upstream_busy',
      'gauge',
      'Connections that carry a request.',
      byUpstream(running, ({ busy }) => busy),
    ),
    family(
      'upstream_answers_total',
      'counter',
      'Answers of an upstream.',
      byUpstream(ever, ({ answers }) => answers),
    ),
    family(
      'upstream_faults_total',
      'counter',
      'Requests that an upstream did not answer, by why.',
      faults(ever),
    ),
    family('workers', 'gauge', 'Processes that serve.', [[{}, run.workers]]),
    family('ready', 'gauge', 'What /-/ready says.', [[{}, Number(run.ready)]]),
    family(
      'reloads_total',
      'counter',
      'Policies that took the place of the one before, and that were refused.',
      [
        [{ result: 'taken' }, run.reloads],
        [{ result: 'refused' }, run.refusedReloads],
      ],
    ),
    family('worker_crashes_total', 'counter', 'Workers that ended though nobody told them to.', [
      [{}, run.crashes],
    ]),
    family(
      'resident_bytes',
      'gauge',
      'Memory of all workers.',
      one((figures) => figures.residentBytes),
    ),
    family('cpu_seconds_total', 'counter', 'Processor time of all workers.', [
      [{}, total((figures) => figures.cpuSeconds)],
    ]),
  ].join('');
}

type Total = (of: (figures: Figures) => number) => number;

function byStatus(total: Total): readonly Sample[] {
  return STATUS_CLASSES.map((status, at) => [{ status }, total(({ answers }) => answers.byStatus[at] ?? 0)]);
}

/** Each class of a histogram holds those below it as well. */
function byTime(total: Total): readonly Sample[] {
  let below = 0;
  const buckets = [...TIME_BOUNDS.map(String), '+Inf'].map((le, at): Sample => {
    below += total(({ answers }) => answers.byTime[at] ?? 0);
    return [{ le }, below, '_bucket'];
  });
  return [...buckets, [{}, total(({ answers }) => answers.seconds), '_sum'], [{}, below, '_count']];
}

function byGuard(workers: readonly Figures[]): readonly Sample[] {
  const names = new Set(workers.flatMap(({ guards }) => Object.keys(guards)));
  return [...names].flatMap((guard) =>
    (['refused', 'observed'] as const).map((result): Sample => [
      { guard, result },
      workers.reduce((sum, { guards }) => sum + (guards[guard]?.[result] ?? 0), 0),
    ]),
  );
}

function byFate(workers: readonly Figures[]): readonly Sample[] {
  const fates = new Set(workers.flatMap(({ reports }) => Object.keys(reports)));
  return [...fates].map((result) => [
    { result },
    workers.reduce((sum, { reports }) => sum + (reports[result] ?? 0), 0),
  ]);
}

function storesUp(workers: readonly Figures[]): readonly Sample[] {
  const names = new Set(workers.flatMap(({ stores }) => Object.keys(stores)));
  return [...names].map((store) => [
    { store },
    Number(workers.every(({ stores }) => stores[store]?.up !== false)),
  ]);
}

function byUpstream(
  workers: readonly Figures[],
  of: (state: Figures['upstreams'][number]) => number,
): readonly Sample[] {
  const sums = new Map<string, number>();
  for (const state of workers.flatMap(({ upstreams }) => upstreams))
    sums.set(state.upstream, (sums.get(state.upstream) ?? 0) + of(state));
  return [...sums].map(([upstream, sum]) => [{ upstream }, sum]);
}

function faults(workers: readonly Figures[]): readonly Sample[] {
  const kinds = ['connect', 'busy', 'late', 'cut', 'malformed', 'left'] as const;
  return kinds.flatMap((kind) =>
    byUpstream(workers, (state) => state.faults[kind]).map(([labels, value]): Sample => [
      { ...labels, kind },
      value,
    ]),
  );
}

function shown(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
