/** Figures as Prometheus reads them: its text format 0.0.4, and OpenMetrics 1.0. One bad line fails a whole scrape. */
import type { Labels, MetricFamily, NumberFamily, TimeFamily } from './metrics.ts';

/** Which of the two formats. */
export type MetricFormat = 'prometheus' | 'openmetrics';

/** The media types of what {@link metricText} makes. */
export const METRIC_TYPES: Readonly<Record<MetricFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** A page of figures. */
export function metricText(families: readonly MetricFamily[], format: MetricFormat): string {
  const lines = families.flatMap((family) => {
    const { name, type, help } = family;
    // The older format has a counter by the name of its samples.
    const shownName = format === 'prometheus' && type === 'counter' ? `${name}_total` : name;
    return [
      `# HELP ${shownName} ${help}`,
      `# TYPE ${shownName} ${type}`,
      ...(family.type === 'histogram' ? timeLines(family) : numberLines(family)),
    ];
  });
  return `${lines.join('\n')}\n${format === 'openmetrics' ? '# EOF\n' : ''}`;
}

function numberLines({ name, type, samples }: NumberFamily): readonly string[] {
  const sample = type === 'counter' ? `${name}_total` : name;
  return samples.map(([labels, value]) => `${sample}${shown(labels)} ${value}`);
}

/** Each class of a histogram holds those below it as well. */
function timeLines({ name, bounds, samples }: TimeFamily): readonly string[] {
  return samples.flatMap(([labels, { counts, sum }]) => {
    let below = 0;
    const buckets = [...bounds.map(String), '+Inf'].map((le, at) => {
      below += counts[at] ?? 0;
      return `${name}_bucket${shown({ ...labels, le })} ${below}`;
    });
    return [...buckets, `${name}_sum${shown(labels)} ${sum}`, `${name}_count${shown(labels)} ${below}`];
  });
}

function shown(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
