/** OpenTelemetry logs: OTLP 1.x over HTTP, in JSON. */
import type { AuditEvent } from '../audit-event.ts';
import { type HttpSinkOptions, post, receiverUrl } from './http-post.ts';
import { type LogSink, RefusedRecords, type ShippedRecord } from './log-sink.ts';
import { SHIPPING_CALLS } from './shipping.calls.ts';

/** A collector, or what takes OTLP itself. Where the address has no path it is `/v1/logs`. */
export type OtlpOptions = HttpSinkOptions;

// SeverityNumber: INFO, WARN, FATAL.
const SEVERITY = { info: 9, warn: 13, critical: 21 } as const;

/** Sends records to an OpenTelemetry collector. */
export function otlp(options: OtlpOptions): LogSink {
  SHIPPING_CALLS.otlp(options);
  const { url, headers = {}, name = 'otlp' } = options;
  const to = receiverUrl(url, '/v1/logs');
  const all = { 'content-type': 'application/json', ...headers };
  return {
    name,
    send: async (records) => {
      const rejected = rejectedOf(await post(to, all, JSON.stringify(toOtlp(records))));
      if (rejected > 0) throw new RefusedRecords('rejected', rejected);
    },
  };
}

/**
 * How many it will not take. The others it has: asked again, it would have them twice (OTLP, partial success). What it says
 * beside that is its own affair: some answer with no JSON, and have taken everything.
 */
function rejectedOf(answer: string): number {
  let read: unknown;
  try {
    read = JSON.parse(answer);
  } catch {
    return 0;
  }
  const { partialSuccess } = (read ?? {}) as {
    partialSuccess?: { rejectedLogRecords?: string | number } | null;
  };
  return Number(partialSuccess?.rejectedLogRecords ?? 0);
}

/** An ExportLogsServiceRequest. */
export function toOtlp(records: readonly ShippedRecord[]): object {
  const services = Map.groupBy(records, ({ event }) => event.service);
  return {
    resourceLogs: [...services].map(([service, own]) => ({
      resource: { attributes: [attribute('service.name', service)] },
      scopeLogs: [{ scope: { name: 'bulwark.audit' }, logRecords: own.map(logRecord) }],
    })),
  };
}

function logRecord({ id, line, event }: ShippedRecord): object {
  // Milliseconds and six zeros: as a number it would not be exact.
  const nanos = `${Date.parse(event.time) || 0}000000`;
  const attributes = { 'log.record.uid': id, ...attributesOf(event) };
  return {
    timeUnixNano: nanos,
    observedTimeUnixNano: nanos,
    severityNumber: SEVERITY[event.level],
    severityText: event.level.toUpperCase(),
    eventName: event.event,
    body: { stringValue: line },
    attributes: Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined ? [] : [attribute(key, value)],
    ),
    ...(event.traceId !== undefined && { traceId: event.traceId, spanId: event.spanId }),
  };
}

/** By the names of OpenTelemetry's semantic conventions where it has one. */
function attributesOf(event: AuditEvent): Readonly<Record<string, string | number | undefined>> {
  return {
    'event.outcome': event.outcome,
    'client.address': event.client,
    'http.request.method': event.method,
    'url.path': event.path,
    'http.response.status_code': event.status,
    'user.id': event.account,
    'bulwark.request.id': event.requestId,
    'bulwark.session.ref': event.sessionRef,
    'bulwark.guard': event.guard,
    'bulwark.mode': event.mode,
  };
}

function attribute(key: string, value: string | number): object {
  return { key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } };
}
