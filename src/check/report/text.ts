/** A report for a terminal: findings by section of the checklist, what could not be seen, and a summary that fits a screen. */
import type { RuleFacts } from '../../core/rule.ts';
import { waiverText } from '../baseline.ts';
import { type Finding, placeText } from '../finding.ts';
import { sectionTitle } from '../sections.ts';
import type { Paint } from './paint.ts';
import type { LeftOut, RuleResult } from './report.ts';
import type { Shown } from './shown.ts';

/** The whole text. The summary stands at its end, where a terminal leaves it in sight. */
export function asText(shown: Shown, paint: Paint): string {
  const { report, rules, judged, verbose } = shown;
  const paragraphs = [
    paint.strong([report.url, report.source].filter((part) => part !== undefined).join(' and ')),
    ...sectionsOf(judged.open, paint),
    ...(verbose ? [heldText(report.results)] : []),
    unseenText(report.results),
    listText(
      'Waived:',
      judged.waived.map(({ finding, waiver }) => `${finding.rule}: ${waiverText(waiver)}`),
    ),
    listText('Waivers past their last day, which make this no pass:', judged.expired.map(waiverText)),
    listText('Waivers of what is found no more:', judged.idle.map(waiverText)),
    listText('Changed there:', report.changed),
    listText('Left out, and nothing is known of it:', report.leftOut.map(leftOutText)),
    summary(shown, rules, paint),
  ];
  return `${paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')}\n`;
}

function sectionsOf(findings: readonly Finding[], paint: Paint): readonly string[] {
  return [...Map.groupBy(findings, ({ guide }) => guide)]
    .toSorted(([a], [b]) => a - b)
    .map(([guide, some]) =>
      [paint.strong(sectionTitle(guide)), ...some.map((finding) => findingText(finding, paint))].join('\n\n'),
    );
}

function findingText(finding: Finding, paint: Paint): string {
  const { level, rule, title, message, where, evidence, why, fix, confidence } = finding;
  const unsure = confidence === 'high' ? '' : `, confidence: ${confidence}`;
  return [
    `${paint.strong(`${level.padEnd(7)} ${rule}`)}  ${paint.faint(`(holds where: ${title})`)}`,
    `        ${message}${unsure}`,
    `  at    ${placeText(where)}`,
    `  seen  ${evidence}`,
    `  why   ${why}`,
    `  fix   ${fix}`,
  ].join('\n');
}

function heldText(results: readonly RuleResult[]): string {
  return listText(
    'Held:',
    results.flatMap((result) => (result.outcome === 'held' ? [`${result.rule}: ${result.evidence}`] : [])),
  );
}

function unseenText(results: readonly RuleResult[]): string {
  const unseen = results.filter((result) => result.outcome === 'not-seen');
  if (unseen.length === 0) return '';
  const lines = [...Map.groupBy(unseen, ({ why }) => why)].map(
    ([why, some]) => `  ${some.map(({ rule }) => rule).join(', ')}\n    ${why}`,
  );
  return `Not seen, and no pass:\n${lines.join('\n')}`;
}

function leftOutText({ why, count, paths }: LeftOut): string {
  const [some, more] = [paths.slice(0, 3).join(', '), count > 3 ? ', ...' : ''];
  return `${count} ${count === 1 ? 'place' : 'places'}: ${why} (${some}${more})`;
}

function listText(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [title, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** At most a line for each of fifteen sections, and six more: less than the 24 lines of the smallest terminal. */
function summary(shown: Shown, rules: readonly RuleFacts[], paint: Paint): string {
  const { report, judged } = shown;
  const { counts } = report;
  const sections = [...Map.groupBy(rules, ({ guide }) => guide)]
    .toSorted(([a], [b]) => a - b)
    .map(([guide, some]) => {
      const ids = new Set(some.map(({ id }) => id));
      const [held, fell, unseen] = (['held', 'fell-short', 'not-seen'] as const).map(
        (outcome) =>
          report.results.filter((result) => ids.has(result.rule) && result.outcome === outcome).length,
      );
      // What was seen in part is no section that holds.
      const mark = (fell ?? 0) > 0 ? 'no' : (held ?? 0) === 0 ? '?' : (unseen ?? 0) > 0 ? '~' : 'ok';
      return `  ${mark.padEnd(3)}${cut(sectionTitle(guide), 46).padEnd(47)}${held} held, ${fell} fell short, ${unseen} not seen`;
    });
  const aside = [
    judged.known.length === 0 ? '' : `${judged.known.length} in the baseline`,
    judged.waived.length === 0 ? '' : `${judged.waived.length} waived`,
  ].filter((part) => part !== '');
  return [
    ...sections,
    paint.faint('  ok held, ~ held where it was seen, no fell short, ? not seen'),
    paint.strong(`${counts.held} held, ${counts.fellShort} fell short, ${counts.notSeen} not seen.`),
    ...[report.blind ?? []].flat(),
    ...(judged.open.length === 0
      ? []
      : [paint.faint(`How to mend each, as code: bulwark explain ${judged.open[0]?.rule ?? 'ID'}`)]),
    paint.faint(
      `Errors: ${counts.errors}, warnings: ${counts.warnings}, notes: ${counts.notes}${aside.length === 0 ? '' : ` (${aside.join(', ')})`}; requests: ${counts.requests}.`,
    ),
  ].join('\n');
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 3)}...`;
}
