/** A story: every event of one request, one session or one account, in the order in which it happened. */
import { html } from '../ui/html.ts';
import {
  type ConsoleAnswer,
  type ConsoleContext,
  type ConsolePage,
  type ConsoleRequest,
  oneField,
  page,
  redirect,
} from './console-page.ts';
import { eventTable } from './event-rows.ts';
import { searchEvents } from './event-search.ts';
import { noteLook } from './events-page.ts';
import { shownCount, shownText, shownTime } from './shown.ts';

/** Reached from each event. */
export const storyPages: ConsolePage = { routes: { 'GET /story': showStory } };

const KINDS = ['request', 'session', 'account'] as const;
const ON_A_PAGE = 100;

async function showStory(context: ConsoleContext, request: ConsoleRequest): Promise<ConsoleAnswer> {
  const { at, query, now } = request;
  const kind = KINDS.find((name) => oneField(query, name) !== undefined);
  const value = kind === undefined ? undefined : oneField(query, kind);
  if (kind === undefined || value === undefined) return redirect(at('/events'));
  context.feed.work(now);
  const after = oneField(query, 'after');
  noteLook(request, 'story', { [kind]: value, after });
  const { events, next } = await searchEvents(context, { [kind]: value }, ON_A_PAGE, after);
  const told = events.toReversed();
  const [first, last] = [told[0]?.event, told.at(-1)?.event];
  const others = (['account', 'sessionRef', 'client'] as const).map(
    (field) => [field, [...new Set(told.flatMap(({ event }) => event[field] ?? []))]] as const,
  );
  const [accounts, sessions, clients] = others.map(([, values]) => values);
  const title = `Story of ${kind === 'account' ? 'an' : 'a'} ${kind}`;
  return page(
    title,
    html`<h1>${title}</h1>
      <p class="subject"><code>${shownText(value)}</code></p>
      ${
        first !== undefined &&
        last !== undefined &&
        html`<dl class="facts card">
          <dt>Events here</dt>
          <dd>${shownCount(told.length)}, from ${shownTime(first.time)} to ${shownTime(last.time)} UTC</dd>
          <dt>Accounts</dt>
          <dd>${links(accounts, (account) => at('/story', { account }))}</dd>
          <dt>Sessions</dt>
          <dd>${links(sessions, (session) => at('/story', { session }))}</dd>
          <dt>Clients</dt>
          <dd>${links(clients, (client) => at('/events', { client }))}</dd>
        </dl>`
      }
      ${next !== undefined && html`<p class="actions"><a class="button quiet" href="${at('/story', { [kind]: value, after: next })}">What was before</a></p>`}
      ${eventTable('Events, oldest first', told, at, 'No event of this is in the index.')}
      <p class="actions">
        <a class="button quiet" href="${at('/events', { [kind]: value })}">Search in these</a>
      </p>`,
  );
}

const MOST_LINKS = 12;

function links(values: readonly string[] = [], to: (value: string) => string): ReturnType<typeof html> {
  if (values.length === 0) return html`none`;
  const shown = values
    .slice(0, MOST_LINKS)
    .map((value) => html`<a href="${to(value)}">${shownText(value)}</a> `);
  return html`${shown}${values.length > MOST_LINKS && `and ${values.length - MOST_LINKS} more`}`;
}
