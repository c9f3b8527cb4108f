/** How many sessions are stored, for metrics. */
import type { MetricSource } from '../core/metrics.ts';
import type { State } from '../stores/ports/state.ts';

const COUNT_EVERY_MS = 60_000;

/**
 * How many sessions are stored, counted when somebody asks and once a minute at most. Across a network that would be a walk
 * over all there are, for each process: whoever keeps that store has better means.
 */
export function countingSessions({ reach, sessions }: Pick<State, 'reach' | 'sessions'>): MetricSource {
  let countedAt = Number.NEGATIVE_INFINITY;
  let stored: number | undefined;
  const count = (): void => {
    try {
      const counted = sessions.count();
      if (counted instanceof Promise) counted.then((value) => (stored = value), forget);
      else stored = counted;
    } catch {
      forget();
    }
  };
  // A store that is gone is told of elsewhere.
  const forget = (): void => {
    stored = undefined;
  };
  return () => {
    if (reach === 'network') return [];
    if (performance.now() - countedAt > COUNT_EVERY_MS) {
      countedAt = performance.now();
      count();
    }
    return stored === undefined
      ? []
      : [
          {
            name: 'bulwark_sessions',
            type: 'gauge',
            help: 'Sessions that are stored, ended ones that were not swept yet included.',
            together: 'most',
            samples: [[{}, stored]],
          },
        ];
  };
}
