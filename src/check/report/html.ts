/**
 * A report that an auditor keeps: one file, no script, nothing from elsewhere, and a policy of its own that holds it to that
 * wherever it is opened. What is written in it is escaped by the template (`ui/html.ts`), whatever it is.
 */
import { createHash } from 'node:crypto';
import { html, type Html, trusted } from '../../ui/html.ts';
import { waiverText } from '../baseline.ts';
import { type Finding, placeText } from '../finding.ts';
import { sectionTitle } from '../sections.ts';
import { weaknessName } from '../weaknesses.ts';
import { asvsTable, type RequirementRow, type RequirementState } from './asvs-table.ts';
import { figure } from './html-figure.ts';
import { REPORT_STYLE } from './html-style.ts';
import type { RuleResult } from './report.ts';
import type { Shown } from './shown.ts';

/** Of the way of a value: more than anybody reads. */
const MOST_STEPS = 30;
const HASH = createHash('sha256').update(REPORT_STYLE).digest('base64');
/** As a whole: a blank more would not be what was hashed. */
const STYLE = `<style>${REPORT_STYLE}</style>`;
const POLICY = `default-src 'none'; style-src 'sha256-${HASH}'; base-uri 'none'; form-action 'none'`;

/** The file. */
export function asHtml(shown: Shown): string {
  const { report, rules, version, at } = shown;
  const about = [report.url, report.source].filter((part) => part !== undefined).join(' and ');
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>Check of ${about}</title>
        ${trusted(STYLE)}
      </head>
      <body>
        <main>
          <h1>Check of ${about}</h1>
          <p class="soft">
            ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC, bulwark ${version},
            ${report.counts.requests} requests, ${report.results.length} rules
          </p>
          ${verdict(shown)}
          <nav class="small">
            <a href="#findings">Findings</a> | <a href="#unseen">What was not tested</a> |
            <a href="#held">What held</a> | <a href="#asvs">ASVS</a>
          </nav>
          <h2>By section of the checklist</h2>
          <div class="figure">${figure(rules, report.results)}</div>
          <h2 id="findings">Findings</h2>
          ${findings(shown.judged.open)} ${aside(shown)}
          <h2 id="unseen">What was not tested, and why</h2>
          ${unseen(report.results)}
          <h2 id="held">What held, and what showed it</h2>
          ${held(report.results)}
          <h2 id="asvs">Requirements of OWASP ASVS 5.0.0 that were looked at</h2>
          <p class="soft small">
            "In part": rules and controls see less than the requirement asks. A requirement held where all
            rules that asked the application about it held; it is enforced by the source where a control for
            it begins there and no rule found a fault. Where neither was seen, nothing enforces it, as far as
            the source shows.
          </p>
          ${asvs(asvsTable(rules, report))}
          ${
            report.changed.length === 0
              ? undefined
              : html`<h2>What the run changed</h2>
                  ${list(report.changed)}`
          }
        </main>
      </body>
    </html> `.text;
}

function verdict({ report, judged }: Shown): Html {
  const { counts } = report;
  const blind = report.blind;
  const errors = judged.open.filter(({ level }) => level === 'error').length;
  const warnings = judged.open.filter(({ level }) => level === 'warning').length;
  const bad = errors + warnings > 0 || blind !== undefined || judged.expired.length > 0;
  return html`<p class="verdict ${bad ? 'bad' : 'good'}">
    Errors: ${errors}, warnings: ${warnings}, notes: ${judged.open.length - errors - warnings}. Of
    ${report.results.length} rules ${counts.held} held, ${counts.fellShort} fell short, ${counts.notSeen} saw
    nothing.${blind !== undefined && ` ${blind}`}
  </p>`;
}

function findings(open: readonly Finding[]): Html | readonly Html[] {
  if (open.length === 0) return html`<p>None that counts.</p>`;
  return [...Map.groupBy(open, ({ guide }) => guide)]
    .toSorted(([a], [b]) => a - b)
    .map(
      ([guide, some]) =>
        html`<h3>${sectionTitle(guide)}</h3>
          ${some.map(findingCard)}`,
    );
}

function findingCard(finding: Finding): Html {
  const {
    level,
    rule,
    title,
    message,
    where,
    evidence,
    why,
    fix,
    asvs,
    cwe,
    confidence,
    fingerprint,
    flow,
    help,
  } = finding;
  return html`<article class="card">
    <h4><span class="badge ${level}">${level}</span>${message}</h4>
    <p class="soft small">
      ${help === undefined ? html`<code>${rule}</code>` : html`<a href="${help}"><code>${rule}</code></a>`}
      holds where: ${title}
    </p>
    <dl>
      <dt>At</dt>
      <dd><code>${placeText(where)}</code></dd>
      <dt>Seen</dt>
      <dd><code>${evidence}</code></dd>
      ${
        flow !== undefined &&
        flow.length > 0 &&
        html`<dt>Way</dt>
          <dd>
            <ol>
              ${flow.slice(0, MOST_STEPS).map((step) => html`<li><code>${placeText(step)}</code> ${step.message}</li>`)}
            </ol>
          </dd>`
      }
      <dt>Why</dt>
      <dd>${why}</dd>
      <dt>Fix</dt>
      <dd><code>${fix}</code></dd>
      ${
        asvs.length > 0 &&
        html`<dt>ASVS</dt>
          <dd>${asvs.map((one) => one.replace('v5.0.0-', '')).join(', ')}</dd>`
      }
      ${
        cwe.length > 0 &&
        html`<dt>Weakness</dt>
          <dd>${cwe.map((one) => `${one} ${weaknessName(one)}`).join(', ')}</dd>`
      }
      <dt>Known by</dt>
      <dd class="small"><code>${fingerprint}</code>, confidence: ${confidence}</dd>
    </dl>
  </article>`;
}

function aside({ judged }: Shown): readonly Html[] {
  const parts: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['Waivers past their last day', judged.expired.map(waiverText)],
    ['Waived', judged.waived.map(({ finding, waiver }) => `${finding.message} (${waiverText(waiver)})`)],
    ['In the baseline', judged.known.map(({ rule, message }) => `${rule}: ${message}`)],
    ['Waivers of what is found no more', judged.idle.map(waiverText)],
  ];
  return parts.flatMap(([title, lines]) =>
    lines.length === 0
      ? []
      : html`<h3>${title}</h3>
          ${list(lines)}`,
  );
}

function unseen(results: readonly RuleResult[]): Html {
  const rows = results.flatMap((result) => (result.outcome === 'not-seen' ? [result] : []));
  if (rows.length === 0) return html`<p>Everything was.</p>`;
  return html`<div class="wide">
    <table>
      <tr>
        <th>Why</th>
        <th>Rules</th>
      </tr>
      ${[...Map.groupBy(rows, ({ why }) => why)].map(
        ([why, some]) =>
          html`<tr>
            <td data-label="Why">${why}</td>
            <td data-label="Rules"><code>${some.map(({ rule }) => rule).join(', ')}</code></td>
          </tr>`,
      )}
    </table>
  </div>`;
}

function held(results: readonly RuleResult[]): Html {
  const rows = results.flatMap((result) => (result.outcome === 'held' ? [result] : []));
  if (rows.length === 0) return html`<p>Nothing.</p>`;
  return html`<div class="wide">
    <table>
      <tr>
        <th>Rule</th>
        <th>Seen</th>
      </tr>
      ${rows.map(
        ({ rule, evidence }) =>
          html`<tr>
            <td data-label="Rule"><code>${rule}</code></td>
            <td data-label="Seen"><code>${evidence}</code></td>
          </tr>`,
      )}
    </table>
  </div>`;
}

const WORDS: Readonly<Record<RequirementState, string>> = {
  held: 'held',
  'falls-short': 'falls short',
  enforced: 'enforced by the source',
  'not-enforced': 'nothing enforces it',
  'not-seen': 'not seen',
};

function asvs(rows: readonly RequirementRow[]): Html {
  return html`<div class="wide">
    <table class="asvs">
      <tr>
        <th>Requirement</th>
        <th>Result</th>
        <th>Enforced by</th>
        <th>Rules</th>
      </tr>
      ${rows.map(({ requirement, state, inPart, rules, by }) => {
        const mark = state === 'held' || state === 'enforced' ? 'yes' : state === 'falls-short' ? 'no' : '';
        return html`<tr>
          <td data-label="Requirement">${requirement}${inPart && ' (in part)'}</td>
          <td data-label="Result" class="${mark}">${WORDS[state]}</td>
          <td data-label="Enforced by">
            ${by.map(({ control, file, line }) => html`${control} <code>${file}:${line}</code> `)}
          </td>
          <td data-label="Rules"><code>${rules.join(', ')}</code></td>
        </tr>`;
      })}
    </table>
  </div>`;
}

function list(lines: readonly string[]): Html {
  return html`<ul>
    ${lines.map((line) => html`<li>${line}</li>`)}
  </ul>`;
}
