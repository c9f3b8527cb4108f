import { type OptionTable, type Read, Unfit } from '../../core/options.ts';
import { type Duration, duration, optional } from '../../core/readers.ts';
import { address, headerFields } from '../../audit/shipping/shipping.calls.ts';

/** Where figures are sent, beside being read by `layer.metrics()`. */
export interface MetricsOptions {
  /** An OpenTelemetry collector, or what takes OTLP itself: https, or http on this machine. Without a path it is `/v1/metrics`. */
  otlp?: string;
  /** More headers, such as `{ authorization: 'Bearer ...' }`. */
  headers?: Readonly<Record<string, string>>;
  /** Default `1m`. */
  every?: Duration;
}

/** {@link MetricsOptions}, read. */
export interface MetricsSettings {
  readonly otlp: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly every: number;
}

const receiver: Read<string> = (value) => {
  if (address(value) !== undefined)
    throw new Unfit(
      "an https address, or http on this machine, such as 'https://collector.example.com:4318'",
    );
  return value as string;
};

const fieldsRead: Read<Readonly<Record<string, string>>> = (value) => {
  if (headerFields(value) !== undefined)
    throw new Unfit("an object of header fields, such as { authorization: 'Bearer ...' }, in Latin-1");
  return { ...(value as Readonly<Record<string, string>>) };
};

/** The defaults and why. */
export const metricsOptions: OptionTable<MetricsSettings> = {
  otlp: {
    default: undefined,
    shown: 'nowhere',
    read: optional(receiver),
    reason:
      'Figures tell an attacker what works: they go where you say, or are read where only operators are.',
    source: 'OpenTelemetry Protocol 1.x; OWASP Logging Cheat Sheet',
    example: "metrics: { otlp: 'https://collector.example.com:4318' }",
  },
  headers: {
    default: {},
    shown: 'none',
    read: fieldsRead,
    reason: 'Whom a collector lets in only it knows.',
    source: 'OpenTelemetry Protocol 1.x',
    secret: true,
    example: 'metrics: { otlp: ..., headers: { authorization: `Bearer ${token}` } }',
  },
  every: {
    default: 60_000,
    shown: "'1m'",
    read: duration(1_000, 3_600_000),
    reason: 'As often as the SDKs of OpenTelemetry do.',
    source: 'OpenTelemetry specification, periodic exporting MetricReader',
    example: "metrics: { otlp: ..., every: '15s' }",
  },
};
