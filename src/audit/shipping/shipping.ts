/** Where the log is sent beside its file or output: what `audit.ship` of a policy takes. Subpath `bulwark/shipping`. */
export { elastic, type ElasticOptions } from './elastic.ts';
export type { HttpSinkOptions } from './http-post.ts';
export { type LogSink, RefusedRecords, type ShippedRecord, TryLater } from './log-sink.ts';
export { loki, type LokiOptions } from './loki.ts';
export { otlp, type OtlpOptions } from './otlp.ts';
export { splunk, type SplunkOptions } from './splunk.ts';
export { syslog, type SyslogOptions } from './syslog.ts';
export { timeStamps, type TimeStampOptions } from './time-stamps.ts';
export { webhook, type WebhookSinkOptions } from './webhook.ts';
export type { AuditEvent } from '../audit-event.ts';
export type { Outcome } from '../outcome.ts';
