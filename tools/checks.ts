/** docs/manual/checks.md: every rule of `check`, in the order of the go-live checklist; and docs/checks/, a page for each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES } from '../src/check/rules.ts';
import { SOURCE_RULES } from '../src/check/source/source-rules.ts';
import type { RuleFacts } from '../src/core/rule.ts';
import { NEEDS, rulePage } from '../src/check/rule-page.ts';

/** The list whose sections the rules name. */
const GO_LIVE = join(import.meta.dirname, '../docs/manual/go-live.md');

/** A page for each rule: the text that `bulwark explain` prints. */
export function writeRulePages(): readonly { readonly path: string; readonly text: string }[] {
  return [...RULES, ...SOURCE_RULES].map((rule) => ({
    path: `docs/checks/${rule.id}.md`,
    text: `<!-- Made by \`npm run docs\` from the rule and from src/check/mends/. Do not edit by hand. -->\n\n${rulePage(rule)}\n[Every rule](../manual/checks.md), [the checklist](../manual/go-live.md), [requirements](../asvs.md).\n`,
  }));
}

/** The table of all. */
export function writeChecks(): string {
  const goLive = readFileSync(GO_LIVE, 'utf8');
  const titles = new Map(
    [...goLive.matchAll(/^## (\d+)\. (.+)$/gm)].map(([, number, title]) => [Number(number), title ?? '']),
  );
  const sections = [...Map.groupBy<number, RuleFacts>([...RULES, ...SOURCE_RULES], ({ guide }) => guide)]
    .toSorted(([a], [b]) => a - b)
    .map(([guide, rules]) => {
      const title = titles.get(guide);
      if (title === undefined) throw new Error(`go-live.md has no section ${guide}`);
      return [
        `## ${guide}. ${title}`,
        '',
        '| rule | where it holds | worst finding | needs | ASVS 5.0.0 | CWE |',
        '| --- | --- | --- | --- | --- | --- |',
        ...rules.map(rowOf),
      ].join('\n');
    });
  return `# Rules of the check

<!-- Made by \`npm run docs\` from the rules in src/**/*.check.ts and src/check/source/rules/. Do not edit by hand. -->

Each rule asks a running application what it has to, or reads its source, and ends with *held*, *fell short* or *not seen*, by section of the
[go-live checklist](go-live.md). What a rule needs and was not given makes it *not seen*, and no pass: so does an error of the
server, being asked to come back later, or an answer that shows nothing either way. *Error*: somebody can be harmed now.
*Warning*: a defence is missing. *Note*: a hint. *In part*: the rule sees less than the requirement asks.

${sections.join('\n\n')}
`;
}

function rowOf({ id, title, level, needs, asvs, cwe }: RuleFacts): string {
  const requirements = asvs.map((one) => one.replace('v5.0.0-', '')).join(', ');
  const where = title.replaceAll('|', '\\|').replaceAll('<', '&lt;');
  return `| [\`${id}\`](../checks/${id}.md) | ${where} | ${level} | ${NEEDS[needs]} | ${requirements} | ${cwe.join(', ')} |`;
}
