/** The refusals that several guards of this room give. */
import { cutForLog } from '../../core/log-text.ts';
import type { Refusal } from '../../core/verdict.ts';
import { eventOf, type SecurityEvent } from '../../core/events.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import { FIREWALL_EVENTS } from './firewall.events.ts';

/** Why a request cannot be read in one way only. Prebuilt: a flood of bad requests must not cost much. */
export interface Flaw {
  /** A few words for the log, such as `'two Host lines'`. */
  readonly flaw: string;
}

/** A flaw under its name. */
export function flaw(words: string): Flaw {
  return Object.freeze({ flaw: words });
}

/** The start of a path, for the log. Never the query, where tokens travel. */
export function pathEvidence(target: string): string {
  const query = target.indexOf('?');
  return cutForLog(query === -1 ? target : target.slice(0, query));
}

/** 400: the request has more than one reading. The detail says no more than that, since who sent it knows. */
export function badRequest(reason: Flaw, extra: Partial<Refusal> = {}): Refusal {
  return {
    ...PROBLEMS.badRequest,
    detail: 'This request is malformed or can be read in more than one way.',
    event: malformed(reason),
    ...extra,
  };
}

/** What the log has of a flaw. */
export function malformed(reason: Flaw, path?: string): SecurityEvent {
  return eventOf(FIREWALL_EVENTS.malformed, {
    reason: reason.flaw,
    ...(path !== undefined && { path }),
  });
}
