/** Puts back into an entry what is sealed in it, as far as keys are there. */
import type { AuditEvent } from '../audit-event.ts';
import type { PersonKeys } from './person-keys.ts';
import { PERSON, SEALED } from './seal-event.ts';

/** What is shown of somebody whose key was destroyed. */
export const FORGOTTEN = '(forgotten)';

/** An entry as it stands in a log with keys of persons. */
interface SealedEvent extends AuditEvent {
  readonly sealed?: unknown;
}

/** The entry as it was, where keys are there; `(forgotten)` in the place of what nobody can read any more. */
export function openEvent(event: AuditEvent, keys: Pick<PersonKeys, 'open'>): AuditEvent {
  const { sealed, ...shown } = event as SealedEvent;
  if (typeof sealed !== 'object' || sealed === null) return event;
  const fields = new Map<string, unknown>(Object.entries(shown));
  const details = new Map<string, unknown>(Object.entries(shown.details ?? {}));
  // By the very names of this entry: a stranger may write anything that looks like one.
  const gone = new Set<string>();
  for (const [ref, text] of Object.entries(sealed)) {
    const values = typeof text === 'string' ? read(keys.open(ref, text, event.time)) : undefined;
    if (values === undefined) {
      gone.add(`${PERSON}${ref}`);
      continue;
    }
    const { details: own = {}, ...top } = values;
    for (const [name, value] of Object.entries(top)) fields.set(name, value);
    for (const [name, value] of Object.entries(own)) details.set(name, value);
  }
  hideRest(fields, gone);
  hideRest(details, gone);
  if (shown.details !== undefined) fields.set('details', Object.fromEntries(details));
  return Object.fromEntries(fields) as unknown as AuditEvent;
}

/** Without a person or an address that nobody can read: a rule would take all of those for one. */
export function withoutHidden(event: AuditEvent): AuditEvent {
  const { account, client, ...rest } = event;
  return {
    ...rest,
    ...(account !== undefined && account !== FORGOTTEN && { account }),
    ...(client !== undefined && client !== FORGOTTEN && client !== SEALED && { client }),
  };
}

/** What no key has opened. */
function hideRest(fields: Map<string, unknown>, gone: ReadonlySet<string>): void {
  if (gone.size === 0) return;
  for (const [name, value] of fields)
    if (typeof value === 'string' && (value === SEALED || gone.has(value))) fields.set(name, FORGOTTEN);
}

/** What we sealed ourselves, and nobody has changed since: it opened. */
function read(text: string | undefined): { readonly details?: object } | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as { readonly details?: object });
}
