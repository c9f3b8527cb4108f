/** The figures of a gateway: those of its workers added up, and what the process over them knows. */
import { addFamilies, type MetricFamily, type NumberFamily } from '../../core/metrics.ts';
import { type Figures, UPSTREAM_UP } from './figures.ts';

/** What the process over the workers knows. */
export interface RunFigures {
  readonly workers: number;
  readonly ready: boolean;
  readonly reloads: number;
  readonly refusedReloads: number;
  readonly crashes: number;
}

/** The figures of workers. What only grows is that of all there ever were: a reload does not begin it anew. */
export interface AllFigures {
  readonly serving: readonly Figures[];
  /** Those that end with their last connection. */
  readonly retiring: readonly Figures[];
  /** Of those that are no more, what only grows. */
  readonly ended: readonly Figures[];
}

/** The figures of all workers, added up. */
export function allFamilies(
  { serving, retiring, ended }: AllFigures,
  run: RunFigures,
): readonly MetricFamily[] {
  const leaving = retiring.map(({ families }) => families.filter(isStillTrue));
  return [
    ...addFamilies(
      [...serving.map(({ families }) => families), ...leaving],
      ended.map(({ families }) => families),
    ),
    gauge('bulwark_workers', 'Processes that serve.', run.workers),
    gauge('bulwark_ready', 'What /-/ready says.', Number(run.ready)),
    counter('bulwark_reloads', 'Policies that took the place of the one before, and that were refused.', [
      [{ result: 'taken' }, run.reloads],
      [{ result: 'refused' }, run.refusedReloads],
    ]),
    counter('bulwark_worker_crashes', 'Workers that ended though nobody told them to.', [[{}, run.crashes]]),
  ];
}

/** Whether stores and upstreams are there is what those say that serve. */
function isStillTrue(family: MetricFamily): boolean {
  return family.name !== UPSTREAM_UP && (family.type !== 'gauge' || family.together !== 'least');
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return { name, type: 'gauge', help, samples: [[{}, value]] };
}

function counter(name: string, help: string, samples: NumberFamily['samples']): MetricFamily {
  return { name, type: 'counter', help, samples };
}
