/** Events: searched, filtered, page by page, and as a file for a spreadsheet. */
import type { EventQuery } from '../audit/reading/event-filter.ts';
import { COLUMNS, csvLine } from '../audit/reading/event-text.ts';
import { html, type Html } from '../ui/html.ts';
import { CONSOLE_EVENTS } from './console.events.ts';
import {
  type ConsoleAnswer,
  type ConsoleContext,
  type ConsolePage,
  type ConsoleRequest,
  oneField,
  page,
} from './console-page.ts';
import { eventTable } from './event-rows.ts';
import { searchEvents } from './event-search.ts';
import { shownCount } from './shown.ts';

/** Events, and how they are kept. */
export const eventsPages: ConsolePage = {
  link: { path: '/events', label: 'Events' },
  routes: { 'GET /events': showEvents, 'GET /events.csv': exportEvents },
};

/** What a search asks, by the names of its fields. */
export type GivenQuery = Partial<Record<(typeof FIELDS)[number], string>>;

const FIELDS = [
  'event',
  'level',
  'outcome',
  'account',
  'client',
  'guard',
  'request',
  'session',
  'since',
  'until',
  'text',
] as const;
const ON_A_PAGE = 50;
const MOST_EXPORTED = 5_000;
/** Each looks at some thousand events: a search for what is rare ends. */
const MOST_ROUNDS = 50;

/** Reads a search. What is no moment is said, and not searched by. */
export function readQuery(fields: URLSearchParams): {
  readonly given: GivenQuery;
  readonly query: EventQuery;
  readonly wrong: readonly string[];
} {
  const given: GivenQuery = {};
  for (const name of FIELDS) {
    const value = oneField(fields, name);
    if (value !== undefined) given[name] = value;
  }
  const { since, until, ...rest } = given;
  const wrong = (
    [
      ['since', since],
      ['until', until],
    ] as const
  ).flatMap(([name, value]) => (value !== undefined && momentOf(value) === undefined ? [name] : []));
  return { given, query: { ...rest, since: momentOf(since), until: momentOf(until) }, wrong };
}

/** Fields of searches that are about no person, unless an address is typed there. */
const NAMES_NOBODY = new Set([
  'level',
  'event',
  'outcome',
  'guard',
  'since',
  'until',
  'request',
  'session',
  'state',
  'role',
  'act',
  // A place in the index.
  'after',
]);

/** Tells the log what an operator looked for: whom they looked at is nobody's business without a trace. */
export function noteLook(
  { view }: ConsoleRequest,
  what: string,
  given: Readonly<Record<string, string | undefined>>,
): void {
  const { account, ...rest } = given;
  const [about, typed]: [string[], string[]] = [[], []];
  for (const [name, value] of Object.entries(rest))
    if (value !== undefined)
      (NAMES_NOBODY.has(name) && !/[@\s]/.test(value) ? about : typed).push(`${name}=${value}`);
  view.audit(CONSOLE_EVENTS.looked, {
    what,
    // By itself, so that it is sealed under the key of whom it names.
    ...(account !== undefined && { account }),
    ...(about.length > 0 && { about: about.join(' ') }),
    ...(typed.length > 0 && { typed: typed.join(' ') }),
  });
}

async function showEvents(context: ConsoleContext, request: ConsoleRequest): Promise<ConsoleAnswer> {
  const { at, now } = request;
  context.feed.work(now);
  const { query, given, wrong } = readQuery(request.query);
  const after = oneField(request.query, 'after');
  noteLook(request, 'events', { ...given, after });
  const found = await searchEvents(context, query, ON_A_PAGE, after);
  const { events, next, looked } = found;
  const further = next !== undefined && events.length === 0;
  return page(
    'Events',
    html`<h1>Events</h1>
      ${searchForm(at('/events'), given, wrong)}
      <p role="status">
        ${shownCount(events.length)} ${events.length === 1 ? 'event' : 'events'}, newest
        first${
          looked > events.length && `; ${shownCount(looked)} were looked at`
        }.${further && ' There may be some further back: go on to older events.'}
      </p>
      ${eventTable('Events', events, at, 'No event here is like this.')}
      <p class="actions">
        ${
          next !== undefined &&
          html`<a class="button quiet" href="${at('/events', { ...given, after: next })}" rel="next"
            >Older events</a
          >`
        } <a class="button quiet" href="${at('/events.csv', given)}" download>Save as CSV</a>
      </p>
      <p class="soft small after-card">
        A file has the newest ${shownCount(MOST_EXPORTED)} at most. All of the log:
        <code>bulwark audit export</code>.
      </p>`,
  );
}

async function exportEvents(context: ConsoleContext, request: ConsoleRequest): Promise<ConsoleAnswer> {
  context.feed.work(request.now);
  const { query, given } = readQuery(request.query);
  noteLook(request, 'export', given);
  const lines = [COLUMNS.join(',')];
  let next: string | undefined;
  for (let round = 0; round < MOST_ROUNDS && lines.length <= MOST_EXPORTED; round += 1) {
    const found = await searchEvents(context, query, MOST_EXPORTED, next);
    for (const { event } of found.events) lines.push(csvLine(event));
    ({ next } = found);
    if (next === undefined) break;
  }
  const body = `${lines.slice(0, MOST_EXPORTED + 1).join('\r\n')}\r\n`;
  return { kind: 'file', type: 'text/csv; charset=utf-8', body, name: 'events.csv' };
}

function searchForm(action: string, given: GivenQuery, wrong: readonly string[]): Html {
  const more = Object.keys(given).some((name) => !['event', 'account', 'client', 'text'].includes(name));
  return html`<form class="card search" method="get" action="${action}" role="search">
    ${
      wrong.length > 0 &&
      html`<p class="errors" role="alert">
        ${wrong.join(' and ')}: it is no moment. Write 2026-01-31T14:00, in UTC.
      </p>`
    }
    <div class="fields">
      ${input('event', 'Event', given, 'authn_* finds all that begin so')}
      ${input('account', 'Account', given)}
      ${input('client', 'Client', given)}
      ${input('text', 'Text', given, 'Anywhere in the entry')}
    </div>
    <details${more && html` open`}>
      <summary>More conditions</summary>
      <div class="fields">
        ${choice('level', 'Level', ['critical', 'warn', 'info'], given)}
        ${choice('outcome', 'Outcome', ['success', 'failure'], given)}
        ${input('guard', 'Guard', given)}
        ${input('since', 'From (UTC)', given, 'Such as 2026-01-31T14:00')}
        ${input('until', 'Before (UTC)', given)}
        ${input('request', 'Request', given)}
        ${input('session', 'Session', given)}
      </div>
    </details>
    <p class="actions"><button class="button">Search</button> <a class="button quiet" href="${action}">All events</a></p>
  </form>`;
}

function input(name: keyof GivenQuery, label: string, given: GivenQuery, hint?: string): Html {
  return html`<div class="field">
    <label for="f-${name}">${label}</label>
    <input
      id="f-${name}"
      name="${name}"
      value="${given[name] ?? ''}"
      maxlength="300"
      autocomplete="off"
      spellcheck="false"
      ${hint !== undefined && html` aria-describedby="h-${name}"`}
    />${hint !== undefined && html`<p class="hint soft small" id="h-${name}">${hint}</p>`}
  </div>`;
}

function choice(name: keyof GivenQuery, label: string, values: readonly string[], given: GivenQuery): Html {
  const options = values.map(
    (value) => html`<option value="${value}" ${given[name] === value && html` selected`}>${value}</option>`,
  );
  return html`<div class="field">
    <label for="f-${name}">${label}</label>
    <select id="f-${name}" name="${name}">
      <option value="">any</option>
      ${options}
    </select>
  </div>`;
}

function momentOf(value: string | undefined): string | undefined {
  if (value === undefined || !/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z?)?$/.test(value))
    return undefined;
  const whole = value.includes('T') ? value : `${value}T00:00`;
  const at = new Date(whole.endsWith('Z') ? whole : `${whole}Z`);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
