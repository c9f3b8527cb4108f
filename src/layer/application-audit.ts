/** How an application writes events: by the names of docs/events.md, or by what it declared itself. */
import type { AuditLog } from '../audit/audit.ts';
import type { Details, DetailsOf, EventKind } from '../core/events.ts';
import type { Exchange } from '../core/exchange.ts';
import { nearest } from '../core/nearest.ts';
import type { EventName } from '../policy/controls.ts';
import type { KnownEvents } from '../policy/own-events.ts';
import { LAYER_EVENTS } from './layer.events.ts';

/** Writes one event of an application. Never throws, never waits. */
export interface ApplicationAudit {
  <Kind extends EventKind>(event: Kind, details: DetailsOf<Kind>): void;
  (event: EventName, details?: Details): void;
}

/** What writes events of no request, and of all knows when they are on the disk. */
export interface LayerAudit extends ApplicationAudit {
  /**
   * Resolves once every event so far is on the disk, those of requests too: where the policy has a file for them
   * (`audit.file`). Where it has none, at once.
   *
   * @throws BulwarkError ERR_BULWARK_AUDIT_FILE where the disk does not take them
   */
  flushed(): Promise<void>;
}

/** What `bulwark.of(request).audit` is. */
export function auditOf(log: AuditLog, known: KnownEvents, exchange: Exchange | undefined): ApplicationAudit {
  return (event: EventKind | string, given?: Details): void => {
    const details = readable(given);
    const name = nameOf(event);
    const found = known.get(name);
    if (found === undefined) {
      // Written all the same: an entry that is lost over a misspelt name is missed when it is needed.
      const guess = nearest(name, [...known.keys()]);
      return log.writeGated(
        LAYER_EVENTS.undeclared,
        { ...details, undeclared: name, ...(guess !== undefined && { guess }) },
        exchange,
      );
    }
    const kind = typeof event === 'string' ? found : event;
    // A developer is shown the application's own report of its crash in place of its answer.
    if (kind.stack === true && exchange !== undefined) exchange.failure ??= details['error'];
    log.write(kind, details, exchange);
  };
}

/** Of an application in JavaScript, where anything may be handed over. */
function nameOf(event: unknown): string {
  const name = typeof event === 'object' && event !== null && 'name' in event ? event.name : event;
  return typeof name === 'string' ? name : '';
}

/** A copy, which can be looked at again: details that throw when they are read must not end what handler wrote them. */
function readable(details: Details | undefined): Details {
  try {
    return { ...details };
  } catch {
    return { unreadable: true };
  }
}
