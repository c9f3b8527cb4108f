/** Which events somebody wants to see: what commands and the index ask a log. */
import type { AuditEvent } from '../audit-event.ts';
import { escapedJson } from '../escaped-json.ts';

/** What an event must be to be wanted. All of what is named. */
export interface EventQuery {
  /** Its name, or the beginning of it with a `*`: `authn_*`. */
  readonly event?: string | undefined;
  readonly level?: string | undefined;
  readonly outcome?: string | undefined;
  readonly account?: string | undefined;
  /** What else an index may call that account. */
  readonly persons?: readonly string[] | undefined;
  readonly client?: string | undefined;
  readonly request?: string | undefined;
  readonly session?: string | undefined;
  readonly guard?: string | undefined;
  /** ISO 8601; this moment is in it. */
  readonly since?: string | undefined;
  /** ISO 8601; this moment is not in it. */
  readonly until?: string | undefined;
  /** Anywhere in the line, whatever the case. */
  readonly text?: string | undefined;
}

/** An event of a log, and the line that it stands in. */
export interface FoundEvent {
  readonly event: AuditEvent;
  readonly line: string;
}

const FIELDS = [
  ['level', 'level'],
  ['outcome', 'outcome'],
  ['account', 'account'],
  ['client', 'client'],
  ['request', 'requestId'],
  ['session', 'sessionRef'],
  ['guard', 'guard'],
] as const;

/**
 * Says whether a line is wanted. Undefined: it is not, or is no event.
 *
 * @param open - what is sealed in it; the line of what is found is then that of the opened event
 */
export function eventMatcher(
  query: EventQuery,
  open?: (event: AuditEvent) => AuditEvent,
): (line: string) => FoundEvent | undefined {
  const { event: name, since, until, text } = query;
  const wanted = FIELDS.flatMap(([asked, field]) =>
    query[asked] === undefined ? [] : [[field, query[asked]] as const],
  );
  const start = name?.endsWith('*') === true ? name.slice(0, -1) : undefined;
  const needle = text?.toLowerCase();
  return (line) => {
    const isThere = (text: string): boolean => needle === undefined || text.toLowerCase().includes(needle);
    if (open === undefined && !isThere(line)) return undefined;
    const read = parseEvent(line);
    if (read === undefined) return undefined;
    const { event, line: shown } = open === undefined ? { event: read, line } : openedLine(read, open);
    if (open !== undefined && !isThere(shown)) return undefined;
    if (start === undefined ? name !== undefined && event.event !== name : !event.event.startsWith(start))
      return undefined;
    if ((since !== undefined && event.time < since) || (until !== undefined && event.time >= until))
      return undefined;
    for (const [field, value] of wanted) if (event[field] !== value) return undefined;
    return { event, line: shown };
  };
}

/** Without the hash and signature that are of the sealed record. */
export function openedLine(sealed: AuditEvent, open: (event: AuditEvent) => AuditEvent): FoundEvent {
  const event = open(sealed);
  if (event === sealed) return { event, line: escapedJson(event) };
  const { hash: _hash, signature: _signature, ...own } = event as AuditEvent & Record<string, unknown>;
  return { event, line: escapedJson(own) };
}

/** A line of a log as the event it is; undefined where it is none. */
export function parseEvent(line: string): AuditEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const event = JSON.parse(line) as AuditEvent;
    return typeof event.event === 'string' && typeof event.time === 'string' ? event : undefined;
  } catch {
    return undefined;
  }
}
