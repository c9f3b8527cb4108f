/** What browsers reported, in groups, and whether the policy that is only reported is ready to hold. */
import { versionOf } from '../controls/csp/reporting.ts';
import type { Need } from '../controls/csp/advice.ts';
import type { ReportFacts } from '../controls/reports/read-report.ts';
import { clientsOf, type ReportRecord } from '../stores/ports/reports.ts';
import { html, type Html } from '../ui/html.ts';
import {
  type ConsoleAnswer,
  type ConsoleContext,
  type ConsolePage,
  type ConsoleRequest,
  page,
} from './console-page.ts';
import { counted, linesOf } from './csp-lines.ts';
import { early, isReady, leastClients, type Looked, lookedAt, promoted, whyNot } from './csp-verdict.ts';
import { shownCount, shownText, shownTime, table } from './shown.ts';

/** Reports of browsers. */
export const reportsPages: ConsolePage = {
  link: { path: '/reports', label: 'Reports' },
  routes: { 'GET /reports': showReports },
};

/** As `bulwark csp status` asks by itself. */
const LEAST = { pages: 100, hours: 24 };
const MOST_GROUPS = 100;

async function showReports(
  { parts: { layer, policy } }: ConsoleContext,
  { now }: ConsoleRequest,
): Promise<ConsoleAnswer> {
  const { reports } = layer;
  const { state, csp, routes } = policy;
  if (reports === undefined || state.reports === undefined)
    return page(
      'Reports',
      html`<h1>Reports</h1>
        <p>Nobody takes what browsers report. Write into the policy:</p>
        <pre tabindex="0">reports: { path: '/csp-reports' },</pre>`,
    );
  await reports.flush();
  const records = await state.reports.list();
  const opened = routes.routes.flatMap(({ rules }) => rules.csp ?? []);
  const versions = [versionOf(csp, opened)];
  const clients = leastClients(records, versions);
  const looked = {
    ...lookedAt({ settings: csp, records, versions, code: [], written: [], clients }),
    ...early(records, versions, LEAST, now),
  };
  const groups = records.filter(({ kind }) => kind !== 'pages').toSorted((a, b) => b.lastAt - a.lastAt);
  return page(
    'Reports',
    html`<h1>Reports</h1>
      <section aria-labelledby="verdict">
        <h2 id="verdict">The content security policy</h2>
        ${verdict(looked)}
      </section>
      ${needs('Would break', looked.needs)} ${needs('Of too few clients to count', looked.rare)}
      ${needs('Stopped by the policy that holds', looked.stopped)}
      <section aria-labelledby="groups">
        <h2 id="groups">What was reported</h2>
        <p class="soft">
          Anybody can make reports up: they are hints.
          ${groups.length > MOST_GROUPS && `The ${MOST_GROUPS} groups of the last ones.`}
        </p>
        ${groupTable(groups.slice(0, MOST_GROUPS))}
      </section>`,
  );
}

const TRIED = {
  all: 'The whole policy is only reported.',
  step: 'A tighter step is only reported, beside the policy that holds.',
  nothing: 'The policy holds, and nothing is tried out beside it.',
} as const;

function verdict(looked: Looked): Html {
  const { tried, pages, since, last, needs: found, additions } = looked;
  const ready = isReady(looked, found.length === 0);
  const why = tried === 'nothing' ? [] : whyNot(looked);
  const lines = linesOf(additions);
  return html`<p>
      ${TRIED[tried]} ${shownCount(pages)} pages were sent under
      it${
        since !== undefined &&
        last !== undefined &&
        html`, from ${shownTime(since)} to ${shownTime(last)} UTC`
      }.
    </p>
    ${tried !== 'nothing' && html`<p><span class="badge ${ready ? 'info' : 'warn'}">${ready ? 'ready to hold' : 'not ready'}</span></p>`}
    ${
      why.length > 0 &&
      html`<ul>
        ${why.map((one) => html`<li>${shownText(one)}</li>`)}
      </ul>`
    }
    ${
      lines.length > 0 &&
      html`<p>What pages need, as lines of the policy:</p>
        <pre tabindex="0">${lines.map(shownText).join('\n')}</pre>`
    }
    ${
      ready &&
      html`<p>To have it hold, write into the policy:</p>
        <pre tabindex="0">${promoted(looked).join('\n')}</pre>`
    }
    <p class="soft small">
      With scripts of your templates: <code>bulwark csp status --templates views</code>
    </p>`;
}

function needs(title: string, found: readonly Need[]): Html | false {
  if (found.length === 0) return false;
  return html`<section>
    <h2>${title}</h2>
    ${table(
      title,
      ['Directive', 'What', 'Pages', 'Seen', 'What to do'],
      found.map(({ directive, blocked, sample, pages, place, count, clients, source, word }) => [
        directive,
        html`<code>${shownText(blocked)}</code>${sample !== '' && html` ${shownText(sample)}`}`,
        html`${shownText(pages.slice(0, 3).join(', '))}${place !== '' && html` at ${shownText(place)}`}`,
        `${counted(count, 'report')}, ${counted(clients, 'client')}`,
        source === undefined
          ? word
          : html`write <code>${shownText(source)}</code>${word !== '' && ` (${word})`}`,
      ]),
    )}
  </section>`;
}

function groupTable(groups: readonly ReportRecord[]): Html {
  return table(
    'Reports in groups, latest first',
    ['Kind', 'Directive', 'Blocked', 'Page', 'Reports', 'Clients', 'First (UTC)', 'Last (UTC)'],
    groups.map((group) => {
      const { directive = '', blocked = '', page: of, sample = '' } = JSON.parse(group.facts) as ReportFacts;
      return [
        shownText(group.kind),
        shownText(directive),
        html`${shownText(blocked)}${sample !== '' && html` <code>${shownText(sample)}</code>`}`,
        shownText(of),
        shownCount(group.count),
        String(clientsOf(group)),
        shownTime(group.firstAt),
        shownTime(group.lastAt),
      ];
    }),
    'No browser has reported anything.',
  );
}
