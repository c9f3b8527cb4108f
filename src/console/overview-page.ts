/** The first page: what happens now, and over time. It is read from counts in buckets, and takes no longer as the log grows. */
import type { Bucket, BucketWidth } from '../audit/index/event-figures.ts';
import { type Chart, barChart, rowBar } from '../ui/charts.ts';
import { html, type Html } from '../ui/html.ts';
import {
  type ConsoleAnswer,
  type ConsoleContext,
  type ConsolePage,
  type ConsoleRequest,
  oneField,
  page,
} from './console-page.ts';
import { eventsOf, observedBy, refusedBy, REQUESTS } from './event-feed.ts';
import { eventTable } from './event-rows.ts';
import { searchEvents } from './event-search.ts';
import { noteLook } from './events-page.ts';
import { shownCount, shownShare, shownTime, table } from './shown.ts';

/** Where an operator begins. */
export const overviewPages: ConsolePage = {
  link: { path: '/', label: 'Overview' },
  routes: { 'GET /': showOverview },
};

interface Span {
  readonly label: string;
  readonly width: BucketWidth;
  readonly buckets: number;
  /** So many buckets are one bar. */
  readonly joined: number;
}

const SPANS: Readonly<Record<string, Span>> = {
  hour: { label: 'Last hour', width: 60_000, buckets: 60, joined: 5 },
  day: { label: 'Last day', width: 3_600_000, buckets: 24, joined: 1 },
  month: { label: 'Last 30 days', width: 86_400_000, buckets: 30, joined: 1 },
};

interface Figures {
  readonly start: number;
  readonly requests: number;
  readonly refused: number;
  readonly limited: number;
  readonly signedIn: number;
  readonly notSignedIn: number;
}

const REFUSED = refusedBy('');
const LIMITS = refusedBy('rate-limit');
const SIGNED_IN = eventsOf('authn_login_success');
const NOT_SIGNED_IN = ['authn_login_fail', 'authn_login_fail_max', 'authn_login_lock'].map(eventsOf);
const LATEST = 10;
const LATEST_CRITICAL = 5;

async function showOverview(context: ConsoleContext, request: ConsoleRequest): Promise<ConsoleAnswer> {
  const { at, query, now } = request;
  const { figures, feed, parts } = context;
  feed.work(now);
  const asked = oneField(query, 'over') ?? 'hour';
  const name = Object.hasOwn(SPANS, asked) ? asked : 'hour';
  const span = SPANS[name] as Span;
  const buckets = joined(figures.last(span.width, span.buckets, now), span.joined);
  const all = buckets.map(figuresOf);
  const sum = (of: (one: Figures) => number): number => all.reduce((total, one) => total + of(one), 0);
  const requests = sum((one) => one.requests);
  const refused = sum((one) => one.refused);
  noteLook(request, 'overview', {});
  const critical = await searchEvents(context, { level: 'critical' }, LATEST_CRITICAL);
  const latest = await searchEvents(context, {}, LATEST);
  return page(
    'Overview',
    html`<h1>Overview</h1>
      ${spans(name, at)}
      <dl class="numbers">
        ${number('Requests', shownCount(requests))}
        ${number('Refused', shownCount(refused), shownShare(refused, requests))}
        ${number('Over a limit', shownCount(sum((one) => one.limited)))}
        ${number('Signed in', shownCount(sum((one) => one.signedIn)))}
        ${number('Sign-ins refused', shownCount(sum((one) => one.notSignedIn)))}
      </dl>
      <section aria-labelledby="over-time">
        <h2 id="over-time">Over time</h2>
        <div class="charts">${charts(all, span).map(barChart)}</div>
        ${table(
          'The same in numbers, without times at which nothing happened',
          ['From (UTC)', 'Requests', 'Refused', 'Over a limit', 'Signed in', 'Sign-ins refused'],
          all
            .toReversed()
            .filter(hasAny)
            .map((one) => [
              shownTime(one.start),
              shownCount(one.requests),
              shownCount(one.refused),
              shownCount(one.limited),
              shownCount(one.signedIn),
              shownCount(one.notSignedIn),
            ]),
          'Nothing happened.',
        )}
      </section>
      <section aria-labelledby="guards">
        <h2 id="guards">Refusals by guard</h2>
        ${guardTable(buckets, [...parts.layer.modes.keys()], at)}
      </section>
      <section aria-labelledby="critical">
        <h2 id="critical">Critical events, newest first</h2>
        ${eventTable('Critical events', critical.events, at, 'None.')}
      </section>
      <section aria-labelledby="latest">
        <h2 id="latest">Latest events</h2>
        ${eventTable('Latest events', latest.events, at, 'None yet.')}
        <p><a href="${at('/events')}">All events</a></p>
      </section>`,
  );
}

function spans(current: string, at: ConsoleRequest['at']): Html {
  const links = Object.entries(SPANS).map(
    ([name, { label }]) =>
      html`<a class="tab" href="${at('/', { over: name })}" ${name === current && html` aria-current="true"`}
        >${label}</a
      >`,
  );
  return html`<nav class="tabs" aria-label="Time">${links}</nav>`;
}

function number(name: string, value: string, beside?: string): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}${beside !== undefined && html` <span class="soft small">${beside}</span>`}</dd>
  </div>`;
}

function charts(all: readonly Figures[], { width }: Span): readonly Chart[] {
  const chart = (
    id: string,
    title: string,
    series: readonly string[],
    of: (one: Figures) => readonly number[],
  ): Chart => ({
    id,
    title,
    series,
    bars: all.map((one) => ({ label: labelOf(one.start, width), values: of(one) })),
  });
  return [
    chart('requests', 'Requests', ['requests'], ({ requests }) => [requests]),
    chart('refused', 'Refused', ['refused'], ({ refused }) => [refused]),
    chart('limited', 'Over a limit', ['over a limit'], ({ limited }) => [limited]),
    chart('sign-ins', 'Sign-ins', ['signed in', 'refused'], ({ signedIn, notSignedIn }) => [
      signedIn,
      notSignedIn,
    ]),
  ];
}

function guardTable(buckets: readonly Bucket[], guards: readonly string[], at: ConsoleRequest['at']): Html {
  const sum = (name: string): number =>
    buckets.reduce((total, { counts }) => total + (counts.get(name) ?? 0), 0);
  const rows = guards
    .map((guard) => ({ guard, refused: sum(refusedBy(guard)), observed: sum(observedBy(guard)) }))
    .filter(({ refused, observed }) => refused > 0 || observed > 0)
    .toSorted((a, b) => b.refused + b.observed - a.refused - a.observed);
  const most = Math.max(0, ...rows.map(({ refused }) => refused));
  return table(
    'Refusals by guard',
    ['Guard', 'Refused', 'Only observed', 'Share'],
    rows.map(({ guard, refused, observed }) => [
      html`<a href="${at('/events', { guard })}">${guard}</a>`,
      shownCount(refused),
      shownCount(observed),
      rowBar(refused, most),
    ]),
    'No guard has refused anything.',
  );
}

function figuresOf({ start, counts }: Bucket): Figures {
  let refused = 0;
  for (const [name, count] of counts) if (name.startsWith(REFUSED)) refused += count;
  return {
    start,
    requests: counts.get(REQUESTS) ?? 0,
    refused,
    limited: counts.get(LIMITS) ?? 0,
    signedIn: counts.get(SIGNED_IN) ?? 0,
    notSignedIn: NOT_SIGNED_IN.reduce((total, name) => total + (counts.get(name) ?? 0), 0),
  };
}

function hasAny({ start: _start, ...figures }: Figures): boolean {
  return Object.values(figures).some((figure) => figure > 0);
}

function joined(buckets: readonly Bucket[], many: number): readonly Bucket[] {
  if (many === 1) return buckets;
  const bars: Bucket[] = [];
  for (let from = 0; from < buckets.length; from += many) {
    const counts = new Map<string, number>();
    for (const bucket of buckets.slice(from, from + many))
      for (const [name, count] of bucket.counts) counts.set(name, (counts.get(name) ?? 0) + count);
    bars.push({ start: buckets[from]?.start ?? 0, counts });
  }
  return bars;
}

function labelOf(start: number, width: BucketWidth): string {
  const iso = new Date(start).toISOString();
  return width === 86_400_000 ? iso.slice(5, 10) : iso.slice(11, 16);
}
