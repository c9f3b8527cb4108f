/** Who is told of alerts: what `alerts.to` of a policy takes. Subpath `bulwark/alerts`. */
export { slack, teams } from './chat.ts';
export { type AlertMailOptions, type AlertMailTransport, mailAlerts } from './mail.ts';
export { alertmanager, type AlertmanagerOptions, pagerDuty, type PagerDutyOptions } from './on-call.ts';
export type { HttpSinkOptions } from '../../audit/shipping/http-post.ts';
export type { LogSink, ShippedRecord } from '../../audit/shipping/log-sink.ts';
export type { AuditEvent } from '../../audit/audit-event.ts';
export type { Outcome } from '../../audit/outcome.ts';
