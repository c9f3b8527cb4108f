/** The plots of the page. */
import { SCENARIOS } from '../load/measure.ts';
import type { Curve, CurveName, Point } from '../scale/curves.ts';
import { barChart, type LineChart, lineCharts } from './svg.ts';
import type { Row } from './summary.ts';

/** What security adds to a page, by framework. */
export function costChart(rows: readonly Row[]): string {
  const pages = rows.filter(({ scenario, added }) => scenario === SCENARIOS[0]?.name && added !== undefined);
  const frameworks = [...new Set(pages.map(({ framework }) => framework))];
  return barChart({
    title: 'CPU added to a page of someone who is signed in',
    unit: 'microseconds a request',
    groups: frameworks.map((framework) => ({
      name: framework,
      bars: pages
        .filter((row) => row.framework === framework)
        .map(({ stack, store, kind, added }) => ({
          name: `${stack}, ${store}`,
          value: added?.best ?? 0,
          own: kind === 'bulwark',
        })),
    })),
  });
}

/** How it grows. */
export function scaleCharts(curves: readonly Curve[]): string {
  return lineCharts('What grows with the number of clients, sessions and routes', [
    chart(
      curves,
      'limiter',
      'Limiter: memory by clients',
      'bytes a client',
      ({ bytesPerKey }) => bytesPerKey,
    ),
    chart(curves, 'limiter', 'Limiter: time by clients', 'ns a decision', ({ ns }) => ns),
    chart(curves, 'sessions', 'Sessions: time by sessions', 'ns a look-up', ({ ns }) => ns),
    chart(curves, 'routes', 'Routes: time by routes', 'ns a match', ({ ns }) => ns),
  ]);
}

function chart(
  curves: readonly Curve[],
  name: CurveName,
  title: string,
  unit: string,
  read: (point: Point) => number | undefined,
): LineChart {
  return {
    title,
    unit,
    lines: curves
      .filter(({ curve }) => curve === name)
      .map(({ subject, points }) => ({
        name: subject,
        own: subject.startsWith('bulwark'),
        points: points.map((point) => [point.size, read(point) ?? 0] as const),
      })),
  };
}
