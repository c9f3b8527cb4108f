/** Reports of browsers: one place that takes them, and believes none of them more than that somebody sent it. */
import { eventOf } from '../../core/events.ts';
import { type Exchange, header } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { whenReady } from '../../core/maybe-promise.ts';
import type { OwnOrigins } from '../../core/own-origins.ts';
import { PROBLEMS, type ProblemType } from '../../core/problem-types.ts';
import { showRate } from '../../core/rate.ts';
import { type Refusal, unavailable, type Verdict } from '../../core/verdict.ts';
import type { CounterAnswer, CounterStore } from '../../stores/ports/counters.ts';
import { readReports } from './read-report.ts';
import type { ReportBook } from './report-book.ts';
import { REPORTS_EVENTS } from './reports.events.ts';
import type { ReportsSettings } from './reports.options.ts';

/** What the guard stands on. */
export interface ReportsSurroundings {
  /** Undefined: nothing is taken. */
  readonly book: ReportBook | undefined;
  readonly own: OwnOrigins;
  readonly counters: CounterStore;
}

/** Three times what Chromium packs into one body; a page with many violations sends several. */
const MOST_BYTES = 64 * 1024;

/**
 * The guard. After the general limit and before whoever asks who is there: browsers send reports with cookies or without, and
 * neither is anybody's wish. Only a POST to its own path is answered here, and nothing about anything else is changed by it.
 */
export function reportsGuard(settings: ReportsSettings, { book, own, counters }: ReportsSurroundings): Guard {
  const { mode, path, limit } = settings;
  if (book === undefined || path === undefined) return { name: 'reports', mode };
  const take = (exchange: Exchange): Verdict | Promise<Verdict> =>
    exchange.body.peek(MOST_BYTES).then((bytes) => {
      if (bytes === undefined)
        return exchange.signal.aborted ? undefined : refuse('it is too large', PROBLEMS.bodyTooLarge);
      return note(book, exchange, bytes, own.of(exchange));
    });
  return {
    name: 'reports',
    mode,
    onRequest(exchange) {
      const { request, now, client } = exchange;
      if (exchange.path !== path || request.method !== 'POST') return undefined;
      const foreign = foreignTo(exchange, own);
      if (foreign !== undefined) {
        book.fates.foreign += 1;
        return foreign;
      }
      if (!hasTypeOfReports(exchange))
        return refuse('its type is none of reports', PROBLEMS.bodyNotSupported);
      const { length } = exchange.body.declared;
      if (length !== undefined && length > MOST_BYTES)
        return refuse('it is too large', PROBLEMS.bodyTooLarge);
      return whenReady(count(counters, client.key, limit, now), (counted) =>
        'status' in counted ? counted : counted.allowed ? take(exchange) : tooMany(settings, counted),
      );
    },
  };
}

/** It was taken, and there is nothing to say: a cookie or a page would go to nobody. */
const TAKEN: Refusal = { type: 'report', title: 'Taken', status: 204, detail: '' };

function note(book: ReportBook, exchange: Exchange, bytes: Buffer, own: string): Verdict {
  const reports = readReports(bytes.toString('utf8'), own);
  if (reports === undefined) {
    book.fates.unknown += 1;
    return refuse('it is no report', PROBLEMS.badRequest);
  }
  const version = VERSION.exec(exchange.query)?.[1] ?? '';
  for (const report of reports) {
    if (typeof report === 'string') book.fates[report] += 1;
    else book.note(report, version, exchange.client.key, exchange.now);
  }
  return TAKEN;
}

/** Which policy a report is about: the address that the policy named has it. */
const VERSION = /^v=([\w-]{10})$/;

/** That of the Reporting API, or the one from before it. Neither is one that a form of another site can send. */
function hasTypeOfReports({ request }: Exchange): boolean {
  const type = header(request, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return type === 'application/reports+json' || type === 'application/csp-report';
}

/** Pages of other sites may name this place in a policy of theirs: what they run is nothing that we want to hear of. */
function foreignTo(exchange: Exchange, own: OwnOrigins): Verdict {
  const origin = header(exchange.request, 'origin');
  const site = header(exchange.request, 'sec-fetch-site');
  if ((origin === undefined || own.has(origin, exchange)) && site !== 'cross-site' && site !== 'same-site')
    return undefined;
  return refuse('it is of a page of another site', PROBLEMS.notAllowed);
}

function refuse(reason: string, problem: ProblemType): Refusal {
  return {
    ...problem,
    detail: 'Here browsers send reports about pages of this site, and nothing else is taken.',
    event: eventOf(REPORTS_EVENTS.refused, { reason }),
    // The body may not have been read.
    close: true,
  };
}

function tooMany({ limit }: ReportsSettings, { retryAfterMs }: CounterAnswer): Refusal {
  return {
    ...PROBLEMS.tooManyRequests,
    detail: 'That is more than a browser has to report.',
    headers: [['Retry-After', String(Math.ceil(retryAfterMs / 1000))]],
    event: eventOf(REPORTS_EVENTS.tooMany, { limit: showRate(limit), by: 'client' }),
    close: true,
  };
}

function count(
  counters: CounterStore,
  client: string,
  limit: ReportsSettings['limit'],
  now: number,
): CounterAnswer | Refusal | Promise<CounterAnswer | Refusal> {
  const failed = (error: unknown): Refusal =>
    unavailable('Reports cannot be taken at the moment.', error, { limit: 'reports' });
  try {
    const counted = counters.take(`reports/${client}`, limit, now);
    return counted instanceof Promise ? counted.catch(failed) : counted;
  } catch (error) {
    return failed(error);
  }
}
