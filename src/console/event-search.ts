/**
 * Searches the index as pages do: by the one condition that finds fewest, and looks at what that finds for the others, a bounded
 * number of events at a time. However much an operator asks for, requests come in between.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { EventSearch } from '../audit/index/event-search.ts';
import { type EventQuery, eventMatcher, type FoundEvent } from '../audit/reading/event-filter.ts';

/** What was found, and where to look on. */
export interface SearchPage {
  readonly events: readonly FoundEvent[];
  /** Where the next page begins. Undefined: there is no more. */
  readonly next: string | undefined;
  /** How many events were looked at: where these are many and few were found, there may be more further on. */
  readonly looked: number;
}

/** What is asked: an index of one machine, or of several; and the log, which opens what is sealed of persons. */
export interface Searched {
  readonly index: Pick<EventSearch, 'page'>;
  readonly log?: {
    opened(event: AuditEvent): AuditEvent;
    namesOf(account: string): readonly string[];
    /** Whether the index has addresses of clients sealed, so that it cannot be asked by one. */
    readonly sealsClients?: boolean;
  };
}

const CHUNK = 50;
/** Some tens of milliseconds in all, in turns of less than one. */
const MOST_LOOKED = 4_000;

/**
 * @param most - a page has as many, or some more: it ends where what was read at once ends
 * @param after - what the page before gave as `next`
 */
export async function searchEvents(
  { index, log }: Searched,
  query: EventQuery,
  most: number,
  after?: string,
): Promise<SearchPage> {
  const persons = query.account === undefined ? undefined : log?.namesOf(query.account);
  const asked = {
    ...narrowed(log?.sealsClients === true ? { ...query, client: undefined } : query),
    persons,
  };
  const wants = eventMatcher(query, log && ((event) => log.opened(event)));
  const events: FoundEvent[] = [];
  let looked = 0;
  let next = after;
  for (;;) {
    const page = await index.page(asked, Math.min(CHUNK, most), next);
    for (const { line } of page.events) {
      const found = wants(line);
      if (found !== undefined) events.push(found);
    }
    looked += page.events.length;
    next = page.next;
    if (next === undefined || events.length >= most || looked >= MOST_LOOKED) return { events, next, looked };
    await nextTurn();
  }
}

/** What the index is asked by: one condition, of which it has the events in their order. Two would have it look through those of one. */
function narrowed(query: EventQuery): EventQuery {
  const { since, until, event, level } = query;
  const time = { since, until };
  for (const field of ['request', 'session', 'account', 'client', 'guard'] as const)
    if (query[field] !== undefined) return { ...time, [field]: query[field] };
  if (event !== undefined && !event.endsWith('*')) return { ...time, event };
  return level === 'critical' ? { ...time, level } : time;
}
