/** Elastic Common Schema 9: an event by the names that dashboards and detection rules know. */
import type { AuditEvent } from '../audit-event.ts';
import { categoryOf } from './categories.ts';

const SEVERITY = { info: 3, warn: 5, critical: 9 } as const;

/** An event as ECS has it. What it has no name for stands under `bulwark`. */
export function toEcs(id: string, event: AuditEvent): Readonly<Record<string, unknown>> {
  const { time, level, event: action, outcome, service, requestId, client, method, path, account } = event;
  const { category, type } = categoryOf(action);
  const isAddress = client !== undefined && !client.includes('/');
  return present({
    '@timestamp': time,
    'ecs.version': '9.0.0',
    'event.id': id,
    'event.kind': level === 'info' ? 'event' : 'alert',
    'event.category': [category],
    'event.type': [type],
    'event.action': action,
    'event.outcome': outcome,
    'event.severity': SEVERITY[level],
    'event.module': 'bulwark',
    'event.dataset': 'bulwark.audit',
    'log.level': level,
    'service.name': service,
    'http.request.id': requestId,
    'http.request.method': method,
    'http.response.status_code': event.status,
    'url.path': path,
    'client.address': client,
    'source.ip': isAddress ? client : undefined,
    'user.id': account,
    'trace.id': event.traceId,
    'span.id': event.spanId,
    'rule.name': event.guard,
    bulwark: present({
      mode: event.mode,
      sessionRef: event.sessionRef,
      tokenRef: event.tokenRef,
      details: event.details,
    }),
  });
}

function present(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
