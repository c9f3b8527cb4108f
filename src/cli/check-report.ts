/** What `bulwark check` prints. */
import type { CheckReport, Finding, RuleResult } from '../check/report.ts';
import type { Rule } from '../core/rule.ts';
import { faint, type Output, strong } from './terminal.ts';

/** A report, and the rules that it is of. */
export interface Shown {
  readonly report: CheckReport;
  readonly rules: readonly Rule[];
  /** What held is shown, too. */
  readonly verbose: boolean;
}

/** One line of JSON. */
export function asJson({ report, rules }: Shown): string {
  const { results, url, counts } = report;
  return `${JSON.stringify({
    version: 1,
    target: url,
    ran: results.flatMap(({ rule, outcome }) => (outcome === 'not-seen' ? [] : [rule])),
    skipped: results.flatMap((result) =>
      result.outcome === 'not-seen' ? [{ rule: result.rule, why: result.why }] : [],
    ),
    findings: findingsOf(results).map((finding) => describe(finding, rules)),
    counts,
  })}\n`;
}

function describe(finding: Finding, rules: readonly Rule[]): object {
  const rule = rules.find(({ id }) => id === finding.rule);
  const { title, guide, asvs, cwe } = rule ?? {};
  return { ...finding, title, guide, asvs, cwe };
}

/** Findings, the worst first, then what could not be seen, by reason, and a line that counts. */
export function asText({ report, rules, verbose }: Shown, out: Output): string {
  const { results, counts, url } = report;
  const paragraphs = [
    strong(url, out),
    ...findingsOf(results).map((finding) => findingText(finding, rules, out)),
    ...(verbose ? [heldText(results)] : []),
    unseenText(results),
    strong(`${counts.held} held, ${counts.fellShort} fell short, ${counts.notSeen} not seen.`, out) +
      (counts.limited === 0 ? '' : `\n${LIMITED}`) +
      `\n${faint(`Errors: ${counts.errors}, warnings: ${counts.warnings}, notes: ${counts.notes}; requests: ${counts.requests}.`, out)}`,
  ];
  return `${paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')}\n`;
}

const LIMITED = 'The site said that too much was asked of it, so this is no pass.';
const RANK = { error: 0, warning: 1, note: 2 } as const;

function findingsOf(results: readonly RuleResult[]): readonly Finding[] {
  return results
    .flatMap((result) => (result.outcome === 'fell-short' ? result.findings : []))
    .toSorted((a, b) => RANK[a.level] - RANK[b.level]);
}

function findingText(finding: Finding, rules: readonly Rule[], out: Output): string {
  const title = rules.find(({ id }) => id === finding.rule)?.title ?? '';
  return [
    `${strong(`${finding.level.padEnd(7)} ${finding.rule}`, out)}  ${faint(`(holds where: ${title})`, out)}`,
    `        ${finding.message}`,
    `  seen  ${finding.evidence}`,
    `  fix   ${finding.fix}`,
  ].join('\n');
}

function heldText(results: readonly RuleResult[]): string {
  const held = results.flatMap((result) =>
    result.outcome === 'held' ? [`  ${result.rule}: ${result.evidence}`] : [],
  );
  return held.length === 0 ? '' : `Held:\n${held.join('\n')}`;
}

/** What a program hands over, by the name it has on the command line. */
const FLAGS: readonly (readonly [option: string, flag: string])[] = [
  ['(ownHost: true)', '(--own-host)'],
  ['(burst)', '(--burst)'],
  ['(plain)', '(--plain)'],
  ['(signIn)', '(which this command cannot take yet)'],
];

function asFlags(why: string): string {
  return FLAGS.reduce((text, [option, flag]) => text.replace(option, flag), why);
}

function unseenText(results: readonly RuleResult[]): string {
  const unseen = results.filter((result) => result.outcome === 'not-seen');
  if (unseen.length === 0) return '';
  const lines = [...Map.groupBy(unseen, ({ why }) => why)].map(
    ([why, some]) => `  ${some.map(({ rule }) => rule).join(', ')}\n    ${asFlags(why)}`,
  );
  return `Not seen, and no pass:\n${lines.join('\n')}`;
}
