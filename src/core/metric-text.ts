/** Figures as Prometheus reads them: its text format 0.0.4, and OpenMetrics 1.0. One bad line fails a whole scrape. */

/** Labels of a sample: few values each, whatever strangers send. */
type Labels = Readonly<Record<string, string>>;

/** One figure, and what it is of. */
export interface MetricFamily {
  /** Lower-case words and underscores. Of a counter without `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  /** One sentence. */
  readonly help: string;
  readonly samples: readonly (readonly [labels: Labels, value: number])[];
}

/** Which of the two formats. */
export type MetricFormat = 'prometheus' | 'openmetrics';

/** A page of figures. */
export function metricText(families: readonly MetricFamily[], format: MetricFormat): string {
  const lines = families.flatMap(({ name, type, help, samples }) => {
    const sample = type === 'counter' ? `${name}_total` : name;
    // The older format has a counter by the name of its samples.
    const family = format === 'openmetrics' ? name : sample;
    return [
      `# HELP ${family} ${help}`,
      `# TYPE ${family} ${type}`,
      ...samples.map(([labels, value]) => `${sample}${shown(labels)} ${value}`),
    ];
  });
  return `${lines.join('\n')}\n${format === 'openmetrics' ? '# EOF\n' : ''}`;
}

function shown(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
