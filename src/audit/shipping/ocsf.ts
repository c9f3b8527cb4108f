/** Open Cybersecurity Schema Framework 1.6: an event as data lakes for security take it. */
import type { AuditEvent } from '../audit-event.ts';
import { categoryOf } from './categories.ts';

const SEVERITY = { info: 1, warn: 3, critical: 5 } as const;
const UNKNOWN_ACTIVITY = 0;
const OTHER_ACTIVITY = 99;

/** What somebody did in a class: its number there, by the words of the vocabulary. */
function activityOf(ocsfClass: number, name: string): number {
  if (ocsfClass === 3002) return /expire|end|revoked|logout/.test(name) ? 2 : 1;
  if (ocsfClass === 2004) return 1;
  if (ocsfClass === 3001) return /created/.test(name) ? 1 : OTHER_ACTIVITY;
  return ocsfClass === 6002 ? OTHER_ACTIVITY : UNKNOWN_ACTIVITY;
}

/** An event as OCSF has it. */
export function toOcsf(id: string, event: AuditEvent): Readonly<Record<string, unknown>> {
  const { ocsfClass } = categoryOf(event.event);
  const activity = activityOf(ocsfClass, event.event);
  const hasClient = event.client !== undefined && !event.client.includes('/');
  return {
    class_uid: ocsfClass,
    category_uid: Math.floor(ocsfClass / 1000),
    activity_id: activity,
    type_uid: ocsfClass * 100 + activity,
    time: Date.parse(event.time),
    severity_id: SEVERITY[event.level],
    status_id: event.outcome === 'success' ? 1 : 2,
    message: event.event,
    metadata: {
      version: '1.6.0',
      uid: id,
      event_code: event.event,
      correlation_uid: event.traceId ?? event.requestId,
      product: { name: 'Bulwark', vendor_name: 'Bulwark' },
    },
    ...(event.account !== undefined && { user: { uid: event.account, name: event.account } }),
    ...(hasClient && { src_endpoint: { ip: event.client } }),
    ...(event.method !== undefined && {
      http_request: { http_method: event.method, url: { path: event.path ?? '' }, uid: event.requestId },
    }),
    ...(event.status !== undefined && { http_response: { code: event.status } }),
    ...(ocsfClass === 2004 && {
      finding_info: { uid: id, title: event.event },
      action_id: event.mode === 'observe' ? 3 : 2,
    }),
    ...(ocsfClass === 6002 && { app: { name: event.service } }),
    unmapped: { ...event.details, service: event.service, guard: event.guard, session: event.sessionRef },
  };
}
