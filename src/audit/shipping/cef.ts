/** ArcSight Common Event Format, version 0: one line for receivers that know no JSON. */
import type { AuditEvent } from '../audit-event.ts';

const SEVERITY = { info: 3, warn: 6, critical: 10 } as const;
const VERSION = '1';

/** An event as a line of CEF. Everything in it is escaped: what a stranger wrote is never a field of its own. */
export function toCef(id: string, event: AuditEvent): string {
  const head = ['Bulwark', 'Bulwark', VERSION, event.event, event.event.replaceAll('_', ' ')].map(inHeader);
  const { client, details } = event;
  const fields: readonly (readonly [key: string, value: string | number | undefined])[] = [
    ['rt', Date.parse(event.time)],
    ['externalId', id],
    ['outcome', event.outcome],
    ['src', client?.includes('/') === false ? client : undefined],
    ['suser', event.account],
    ['requestMethod', event.method],
    ['request', event.path],
    ['app', event.service],
    ['act', event.guard],
    ['cn1', event.status],
    ['cn1Label', event.status === undefined ? undefined : 'status'],
    ['cs1', event.requestId],
    ['cs1Label', event.requestId === undefined ? undefined : 'requestId'],
    ['cs2', event.sessionRef],
    ['cs2Label', event.sessionRef === undefined ? undefined : 'sessionRef'],
    ['msg', details === undefined ? undefined : JSON.stringify(details)],
  ];
  const extension = fields.flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [`${key}=${inExtension(String(value))}`],
  );
  return `CEF:0|${head.join('|')}|${SEVERITY[event.level]}|${extension.join(' ')}`;
}

function inHeader(text: string): string {
  return text.replaceAll(/[\\|]/g, '\\$&').replaceAll(/[\r\n]/g, ' ');
}

function inExtension(text: string): string {
  return text.replaceAll(/[\\=]/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}
