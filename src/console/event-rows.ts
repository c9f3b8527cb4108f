/** Events in pages: one row each, with the way to the story of its request, its session, its account and its client. */
import type { AuditEvent } from '../audit/audit-event.ts';
import type { FoundEvent } from '../audit/reading/event-filter.ts';
import { html, type Html } from '../ui/html.ts';
import type { ConsoleRequest } from './console-page.ts';
import { shownText, shownTime, table } from './shown.ts';

const LONGEST_VALUE = 300;

/** A table of events, as they come. */
export function eventTable(
  caption: string,
  events: readonly FoundEvent[],
  at: ConsoleRequest['at'],
  empty?: string,
): Html {
  const rows = events.map(({ event }) => [
    shownTime(event.time),
    level(event),
    html`<b>${shownText(event.event)}</b>`,
    who(event, at),
    what(event, at),
    details(event, at),
  ]);
  return table(caption, ['Time (UTC)', 'Level', 'Event', 'Who', 'Request', 'Details'], rows, empty);
}

/** Said by a word and a frame, and not by colour alone. */
function level({ level: loud }: AuditEvent): Html {
  return html`<span class="badge ${loud === 'critical' || loud === 'warn' ? loud : 'info'}"
    >${shownText(loud)}</span
  >`;
}

function who({ account, client, tokenRef }: AuditEvent, at: ConsoleRequest['at']): Html {
  return html`${account !== undefined && html`<a href="${at('/story', { account })}">${short(account)}</a> `}${
    client !== undefined && html`<a href="${at('/events', { client })}">${short(client)}</a>`
  }${tokenRef !== undefined && html` <span class="soft">token ${short(tokenRef)}</span>`}`;
}

function what(event: AuditEvent, at: ConsoleRequest['at']): Html {
  const { method, path, status, guard, mode, requestId } = event;
  const line = method === undefined ? undefined : `${method} ${path ?? ''}`;
  const shown = line === undefined ? 'no request' : short(line);
  return html`${requestId === undefined ? html`<span class="soft">${shown}</span>` : html`<a href="${at('/story', { request: requestId })}">${shown}</a>`}${
    status !== undefined && html` ${status}`
  }${guard !== undefined && html` <span class="soft">${short(guard)}${mode === 'observe' && ' (observes)'}</span>`}`;
}

function details({ details: told = {}, sessionRef }: AuditEvent, at: ConsoleRequest['at']): Html {
  const facts = Object.entries(told).map(
    ([name, value]) =>
      html`<div>
        <dt>${short(name)}</dt>
        <dd>${short(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))}</dd>
      </div>`,
  );
  return html`<dl class="details">
    ${facts}${
      sessionRef !== undefined &&
      html`<div>
        <dt>session</dt>
        <dd><a href="${at('/story', { session: sessionRef })}">${short(sessionRef)}</a></dd>
      </div>`
    }
  </dl>`;
}

function short(text: string): string {
  const shown = shownText(text);
  return shown.length > LONGEST_VALUE ? `${shown.slice(0, LONGEST_VALUE)}...` : shown;
}
