/** The figures of a layer. Their number follows the policy, and never what clients send. */
import type { ShipHealth } from '../audit/shipping/shipper.ts';
import type { MetricFamily, NumberFamily } from '../core/metrics.ts';
import type { Layer } from './layer.ts';

/** All figures of a layer, of this process since its start. */
export function layerMetrics(layer: Layer): readonly MetricFamily[] {
  const { audit, alerts, counts, stores, reports, times, metricSources } = layer;
  const receivers = [...audit.shipping, ...(alerts?.receivers ?? [])];
  const byReceiver = (of: (health: ShipHealth) => number): NumberFamily['samples'] =>
    receivers.map(([receiver, health]) => [{ receiver }, of(health)]);
  return [
    // Always there: an empty page is a healthy one to Prometheus.
    { name: 'bulwark_up', type: 'gauge', help: 'The layer is there.', together: 'most', samples: [[{}, 1]] },
    times.family,
    {
      name: 'bulwark_guard',
      type: 'counter',
      help: 'How often a guard refused, or in observe would have.',
      samples: [...counts].flatMap(([guard, { refused, observed }]) => [
        [{ guard, result: 'refused' }, refused] as const,
        [{ guard, result: 'observed' }, observed] as const,
      ]),
    },
    {
      name: 'bulwark_events',
      type: 'counter',
      help: 'Events of the audit log, by name.',
      samples: [...audit.counts].map(([event, count]) => [{ event }, count]),
    },
    {
      name: 'bulwark_events_dropped',
      type: 'counter',
      help: 'Events that never reached their sink.',
      samples: [[{}, audit.dropped]],
    },
    {
      name: 'bulwark_alerts',
      type: 'counter',
      help: 'Alerts raised, and events that the rules of alerts did not see or failed on.',
      samples: Object.entries(alerts?.counts ?? {}).map(([result, count]) => [{ result }, count]),
    },
    {
      name: 'bulwark_reports',
      type: 'counter',
      help: 'What became of reports of browsers.',
      samples: Object.entries(reports?.fates ?? {}).map(([result, count]) => [{ result }, count]),
    },
    {
      name: 'bulwark_store_up',
      type: 'gauge',
      help: 'Whether a store across a network is there.',
      together: 'least',
      samples: [...stores].map(([store, { up }]) => [{ store }, Number(up)]),
    },
    {
      name: 'bulwark_store_outages',
      type: 'counter',
      help: 'How often a store was gone.',
      samples: [...stores].map(([store, { outages }]) => [{ store }, outages]),
    },
    {
      name: 'bulwark_store_gone_seconds',
      type: 'counter',
      help: 'How long a store was gone, of the outages that are over.',
      samples: [...stores].map(([store, { goneMs }]) => [{ store }, goneMs / 1000]),
    },
    {
      name: 'bulwark_log_failing',
      type: 'gauge',
      help: 'Whether the file of the audit log cannot be written.',
      together: 'most',
      samples: [[{}, Number(audit.file?.isFailing ?? false)]],
    },
    {
      name: 'bulwark_receiver_failing',
      type: 'gauge',
      help: 'Whether a receiver of the audit log does not take it.',
      together: 'most',
      samples: byReceiver(({ isFailing }) => Number(isFailing)),
    },
    {
      name: 'bulwark_receiver_sent',
      type: 'counter',
      help: 'Records that a receiver has taken.',
      samples: byReceiver(({ sent }) => sent),
    },
    {
      name: 'bulwark_receiver_refused',
      type: 'counter',
      help: 'Records that a receiver will never take.',
      samples: byReceiver(({ refused }) => refused),
    },
    {
      name: 'bulwark_receiver_lost',
      type: 'counter',
      help: 'Records that found no room in the spool.',
      samples: byReceiver(({ lost }) => lost),
    },
    {
      name: 'bulwark_receiver_waiting_bytes',
      type: 'gauge',
      help: 'What waits for a receiver.',
      samples: byReceiver(({ waitingBytes }) => waitingBytes),
    },
    {
      name: 'bulwark_receiver_waiting_most_bytes',
      type: 'gauge',
      help: 'What may wait for a receiver: beyond it the oldest records are lost.',
      samples: byReceiver(({ mostBytes }) => mostBytes),
    },
    ...metricSources.flatMap((source) => source()),
  ];
}
