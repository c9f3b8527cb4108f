/** The figure of a report: a bar for each section of the checklist. */
import type { RuleFacts } from '../../core/rule.ts';
import { html, type Html } from '../../ui/html.ts';
import { SECTIONS } from '../sections.ts';
import type { RuleResult } from './report.ts';

/** A phone shows no more: in a wider drawing, which it makes smaller, nobody could read the words. */
const WIDTH = 380;
const BAR = 300;
const ROW = 46;

interface Row {
  readonly title: string;
  readonly held: number;
  readonly fell: number;
  readonly unseen: number;
}

/** An SVG that needs no style of its own but classes: the page's policy allows no other. */
export function figure(rules: readonly RuleFacts[], results: readonly RuleResult[]): Html {
  const outcomes = new Map(results.map(({ rule, outcome }) => [rule, outcome]));
  const rows = [...Map.groupBy(rules, ({ guide }) => guide)]
    .toSorted(([a], [b]) => a - b)
    .map(([guide, some]): Row => {
      const count = (outcome: RuleResult['outcome']): number =>
        some.filter(({ id }) => outcomes.get(id) === outcome).length;
      return {
        title: `${guide}. ${short(SECTIONS.get(guide) ?? 'Further rules')}`,
        held: count('held'),
        fell: count('fell-short'),
        unseen: count('not-seen'),
      };
    });
  const most = Math.max(1, ...rows.map(({ held, fell, unseen }) => held + fell + unseen));
  const height = rows.length * ROW + 28;
  return html`<svg
    viewBox="0 0 ${WIDTH} ${height}"
    role="img"
    aria-label="Rules that held, fell short and saw nothing, by section: the tables below have the same"
  >
    ${rows.map((row, index) => bar(row, index * ROW, most))} ${legend(rows.length * ROW + 12)}
  </svg>`;
}

function bar({ title, held, fell, unseen }: Row, y: number, most: number): Html {
  const scale = (count: number): number => Math.round((count / most) * BAR);
  const parts: readonly (readonly [name: string, count: number])[] = [
    ['held', held],
    ['fell', fell],
    ['unseen', unseen],
  ];
  let x = 0;
  const pieces = parts.map(([name, count]) => {
    const width = scale(count);
    const piece = html`<rect class="${name}" x="${x}" y="${y + 22}" width="${width}" height="16" />`;
    x += width;
    return piece;
  });
  return html`<text x="0" y="${y + 15}">${title}</text>${pieces}<text class="count" x="${x + 8}" y="${y + 35}"
      >${held} / ${fell} / ${unseen}</text
    >`;
}

function legend(y: number): Html {
  return html`${[
    ['held', 'held', 0],
    ['fell', 'fell short', 75],
    ['unseen', 'saw nothing', 175],
  ].map(
    ([name, words, x]) =>
      html`<rect class="${name}" x="${Number(x)}" y="${y}" width="12" height="12" /><text
          class="count"
          x="${Number(x) + 17}"
          y="${y + 11}"
          >${words}</text
        >`,
  )}`;
}

function short(title: string): string {
  return title.length <= 44 ? title : `${title.slice(0, 41)}...`;
}
