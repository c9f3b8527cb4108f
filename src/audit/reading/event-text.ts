/** Events as text for people, and as tables for their programs: nothing in them is obeyed by a terminal or a spreadsheet. */
import type { AuditEvent } from '../audit-event.ts';

/** A text in which a terminal finds nothing to obey, and nothing that reads as something else: others are `\u{...}`. */
export function plainText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e\u00a1-\u00ac\u00ae-\u024f]/gu, escapeCharacter);
}

/** One line for a person. */
export function eventText(event: AuditEvent): string {
  const { time, level, event: name, client, account, method, path, status, guard, mode, details } = event;
  const parts = [
    time,
    level.padEnd(8),
    name,
    client,
    account === undefined ? undefined : `account=${account}`,
    method === undefined ? undefined : `${method} ${path ?? ''}`,
    status === undefined ? undefined : String(status),
    guard === undefined ? undefined : `${guard}${mode === 'observe' ? ' (observes)' : ''}`,
    ...Object.entries(details ?? {}).map(([key, value]) => `${key}=${shortValue(value)}`),
  ];
  return plainText(parts.filter((part) => part !== undefined).join('  '));
}

/** The columns of a table, in order. */
export const COLUMNS: readonly (keyof AuditEvent)[] = [
  'time',
  'level',
  'event',
  'outcome',
  'service',
  'client',
  'account',
  'method',
  'path',
  'status',
  'guard',
  'mode',
  'requestId',
  'sessionRef',
  'tokenRef',
  'traceId',
  'details',
];

/** A line of CSV (RFC 4180), without its break. */
export function csvLine(event: AuditEvent): string {
  return COLUMNS.map((column) => csvCell(event[column])).join(',');
}

/**
 * A cell in quotes. One that begins as a formula does gets an apostrophe in front: a spreadsheet would run what a stranger
 * had put into a user name (OWASP, CSV Injection; CWE-1236).
 */
function csvCell(value: unknown): string {
  if (value === undefined) return '';
  const text = plainText(typeof value === 'string' ? value : JSON.stringify(value));
  const safe = /^[=+\-@\t\r|]|^[\uff1d\uff0b\uff0d\uff20]/u.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

function shortValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}...` : text;
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
