/** OpenTelemetry metrics: OTLP 1.x over HTTP, in JSON. */
import type { Labels, MetricFamily, TimeCounts } from '../../core/metrics.ts';

/** What all figures of a process are of. */
export interface MetricResource {
  readonly service: string;
  /** Tells this process from all others: a receiver adds up what they count. */
  readonly instance: string;
  /** When it began to count, in milliseconds since 1970. A counter that begins anew says so by this. */
  readonly startedAt: number;
}

// AGGREGATION_TEMPORALITY_CUMULATIVE: one that was lost on its way costs no count.
const CUMULATIVE = 2;

/** An ExportMetricsServiceRequest. */
export function toOtlpMetrics(
  families: readonly MetricFamily[],
  { service, instance, startedAt }: MetricResource,
  now: number,
): object {
  // Milliseconds and six zeros: as a number it would not be exact.
  const times = { startTimeUnixNano: `${startedAt}000000`, timeUnixNano: `${now}000000` };
  const metrics = families.filter(({ samples }) => samples.length > 0).map((family) => metric(family, times));
  return {
    resourceMetrics: [
      {
        resource: { attributes: attributes({ 'service.name': service, 'service.instance.id': instance }) },
        scopeMetrics: [{ scope: { name: 'bulwark' }, metrics }],
      },
    ],
  };
}

function metric(family: MetricFamily, times: object): object {
  const { name, help: description, type } = family;
  if (family.type === 'histogram') {
    const dataPoints = family.samples.map(([labels, value]) => ({
      ...times,
      attributes: attributes(labels),
      explicitBounds: family.bounds,
      ...histogramPoint(value),
    }));
    return { name, description, unit: 's', histogram: { dataPoints, aggregationTemporality: CUMULATIVE } };
  }
  const dataPoints = family.samples.map(([labels, asDouble]) => ({
    ...times,
    attributes: attributes(labels),
    asDouble,
  }));
  return type === 'counter'
    ? { name, description, sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true } }
    : { name, description, gauge: { dataPoints } };
}

/** 64-bit integers are texts in its JSON. */
function histogramPoint({ counts, sum }: TimeCounts): object {
  const count = counts.reduce((before, one) => before + one, 0);
  return { count: String(count), sum, bucketCounts: counts.map(String) };
}

function attributes(labels: Labels): readonly object[] {
  return Object.entries(labels).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
