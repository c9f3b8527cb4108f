/** Events as they come: read from the index once a second, so that those of every process are there. */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { eventMatcher } from '../audit/reading/event-filter.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import { header } from '../core/exchange.ts';
import { View } from '../layer/view.ts';
import { html } from '../ui/html.ts';
import {
  type ConsoleAnswer,
  type ConsoleContext,
  type ConsolePage,
  type ConsoleRequest,
  page,
} from './console-page.ts';
import type { EventFeed } from './event-feed.ts';
import { noteLook, readQuery } from './events-page.ts';
import { LiveIds } from './live-id.ts';
import { liveStream } from './live-stream.ts';
import { shownText } from './shown.ts';

/** What is going on. */
export const livePages: ConsolePage = {
  link: { path: '/live', label: 'Live' },
  routes: {
    'GET /live': showLive,
    'GET /live/events': streamEvents,
    'GET /live.js': () => ({ kind: 'file', type: 'text/javascript; charset=utf-8', body: script }),
  },
};

// Read once: opened for each request, it fails as soon as strangers have used up the files that a process may open.
const script = readFileSync(new URL('./live.browser.js', import.meta.url), 'utf8');

const MOST_STREAMS = 20;
/** Of a second. What is over is counted, and left out. */
const MOST_SENT = 50;
const MOST_READ = 500;
const FIELDS = ['event', 'level', 'account', 'client', 'guard'] as const;
const LABELS = {
  event: 'Event',
  level: 'Level',
  account: 'Account',
  client: 'Client',
  guard: 'Guard',
} as const;

const streams = new WeakMap<EventFeed, Set<Readable>>();

function showLive(_context: ConsoleContext, { at, query, view }: ConsoleRequest): ConsoleAnswer {
  const { given } = readQuery(query);
  const fields = FIELDS.map(
    (name) =>
      html`<div class="field">
        <label for="f-${name}">${LABELS[name]}</label
        ><input
          id="f-${name}"
          name="${name}"
          value="${given[name] ?? ''}"
          maxlength="300"
          autocomplete="off"
          spellcheck="false"
        />
      </div>`,
  );
  return page(
    'Live',
    html`<h1>Live</h1>
      <form class="card search" method="get" action="${at('/live')}">
        <div class="fields">${fields}</div>
        <p class="actions">
          <button class="button">Only these</button> <a class="button quiet" href="${at('/live')}">All</a>
        </p>
      </form>
      <div data-live="${at('/live/events', given)}" data-story="${at('/story')}">
        <p class="actions">
          <button type="button" class="button quiet" data-pause aria-pressed="false" hidden>Pause</button>
        </p>
        <p role="status" data-state>
          This page needs script. Without it: <a href="${at('/events', given)}">the latest events</a>, and
          again by loading the page anew.
        </p>
        <div class="table">
          <table>
            <caption class="visually-hidden">
              Events as they come, newest first
            </caption>
            <thead>
              <tr>
                <th scope="col">Time (UTC)</th>
                <th scope="col">Level</th>
                <th scope="col">Event</th>
                <th scope="col">Who</th>
                <th scope="col">Request</th>
                <th scope="col">Details</th>
              </tr>
            </thead>
            <tbody></tbody>
          </table>
        </div>
      </div>
      <script src="${at('/live.js')}" nonce="${view.nonce}" defer></script>`,
  );
}

function streamEvents(context: ConsoleContext, request: ConsoleRequest): ConsoleAnswer {
  const { feed, index, log } = context;
  const open = streams.get(feed) ?? new Set();
  streams.set(feed, open);
  const exchange = View.exchangeOf(request.view);
  const { query, given } = readQuery(request.query);
  const ids = new LiveIds(context.parts.policy.keys, exchange, given);
  const came = ids.read(header(exchange.request, 'last-event-id'));
  if (came?.isOurs !== true)
    noteLook(request, 'live', { ...given, ...(came !== undefined && { after: String(came.place) }) });
  const type = 'text/event-stream; charset=utf-8';
  if (open.size >= MOST_STREAMS)
    return { kind: 'stream', type, body: Readable.from(['retry: 30000\nevent: full\ndata: {}\n\n']) };
  const place = Math.min(came?.place ?? index.lastPlace, index.lastPlace);
  const wants = eventMatcher(query, (event) => log.opened(event));
  const body = liveStream({
    from: place,
    read: (from) => read(index.behind(from, MOST_READ), wants, from, () => index.lastPlace, ids),
    opening: `retry: 500\nid: ${ids.of(place)}\nevent: open\ndata: {}\n\n`,
    signal: request.view.signal,
  });
  open.add(body);
  body.once('close', () => open.delete(body));
  return { kind: 'stream', type, body };
}

function read(
  rows: readonly { readonly place: number; readonly line: string }[],
  wants: ReturnType<typeof eventMatcher>,
  from: number,
  lastPlace: () => number,
  ids: LiveIds,
): { readonly text: string; readonly to: number } {
  let to = rows.at(-1)?.place ?? from;
  let skipped = 0;
  if (rows.length === MOST_READ) {
    const end = lastPlace();
    skipped = end - to;
    to = end;
  }
  const found = rows.flatMap(({ line }) => wants(line) ?? []);
  const shown = found.slice(-MOST_SENT).map(({ event }) => cellsOf(event));
  skipped += found.length - shown.length;
  if (shown.length === 0 && skipped === 0)
    return { text: `: \n\nid: ${ids.of(to)}\nevent: quiet\ndata: {}\n\n`, to };
  return {
    text: `id: ${ids.of(to)}\nevent: events\ndata: ${JSON.stringify({ events: shown, skipped })}\n\n`,
    to,
  };
}

/** As texts, which the script puts in as texts. */
function cellsOf({
  time,
  level,
  event,
  account,
  client,
  method,
  path,
  status,
  guard,
  mode,
  requestId,
  details,
}: AuditEvent): object {
  const text = (value: string): string => {
    const shown = shownText(value);
    return shown.length > 300 ? `${shown.slice(0, 300)}...` : shown;
  };
  const told = Object.entries(details ?? {}).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : (JSON.stringify(value) ?? '')}`,
  );
  return {
    time: time.slice(0, 19).replace('T', ' '),
    level,
    event: text(event),
    who: text([account, client].filter((one) => one !== undefined).join(' ')),
    request: text(
      [method, path, status, guard, mode === 'observe' ? '(observes)' : undefined]
        .filter((one) => one !== undefined)
        .join(' '),
    ),
    details: text(told.join(', ')),
    ...(requestId !== undefined && { id: requestId }),
  };
}
