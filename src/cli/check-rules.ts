/** Which rules run, and what is known of each. */
import { escapedJson } from '../audit/escaped-json.ts';
import { existsSync } from 'node:fs';
import { sectionTitle } from '../check/sections.ts';
import type { RuleSet } from '../check/load-packages.ts';
import { mendOf } from '../check/mends/mend.ts';
import { helpOf } from '../check/rule-page.ts';
import { whyOf } from '../check/weaknesses.ts';
import { nearest } from '../core/nearest.ts';
import type { RuleFacts } from '../core/rule.ts';
import type { CheckSection } from '../policy/check-section.ts';
import { printingAside } from './load-module.ts';
import { messageOf, WrongUse } from './terminal.ts';

/** Where rules of others are named on a command line: by themselves, or in a policy. */
export interface RuleFlags {
  readonly rules?: readonly string[];
  readonly policy?: string;
}

/**
 * Every rule, those of packages too.
 *
 * @throws WrongUse where a package brings none that can run, or there is no policy of that name
 */
export async function everyRule({ rules = [], policy }: RuleFlags): Promise<RuleSet> {
  const { loadEveryRule } = await import('../check/every-rule.ts');
  const named = policy === undefined ? undefined : await sectionOf(policy);
  const own = await loading('--rules', () => loadEveryRule(rules));
  // Named twice, it is the same package, and runs once.
  const more = named?.rules.filter((name) => !rules.includes(name)) ?? [];
  if (named === undefined || more.length === 0) return own;
  const { withPackages } = await import('../check/load-packages.ts');
  return loading(`check.rules of ${policy}`, () => withPackages(own, more, named.from));
}

async function sectionOf(policy: string): Promise<CheckSection> {
  if (!existsSync(policy)) throw new WrongUse(`There is no ${policy}.`);
  const { readCheckSection } = await import('../policy/check-section.ts');
  try {
    return await printingAside(() => readCheckSection(policy));
  } catch (cause) {
    // Wrong use, and no finding: nothing was looked at.
    throw new WrongUse(messageOf(cause), { cause });
  }
}

async function loading(where: string, load: () => Promise<RuleSet>): Promise<RuleSet> {
  const { BadRules } = await import('../check/load-packages.ts');
  try {
    return await load();
  } catch (cause) {
    if (cause instanceof BadRules) throw new WrongUse(`${where}: ${cause.message}.`, { cause });
    throw cause;
  }
}

/**
 * Those of `--only` and `--tag`; all where neither is given.
 *
 * @throws WrongUse where one is named that there is not
 */
export function chosenRules<R extends RuleFacts>(
  rules: readonly R[],
  { only, tag }: { readonly only?: string; readonly tag?: string },
): readonly R[] {
  const tags = tag === undefined ? undefined : namesIn(tag);
  const ids = only === undefined ? undefined : namesIn(only);
  for (const id of ids ?? []) ruleNamed(rules, id);
  for (const name of tags ?? []) {
    if (!rules.some((rule) => tagsOf(rule).has(name))) {
      throw new WrongUse(
        `No rule has the tag ${name}. ${guessAt(name, new Set(rules.flatMap((rule) => [...tagsOf(rule)])))}`,
      );
    }
  }
  return rules.filter(
    (rule) =>
      (ids === undefined || ids.includes(rule.id)) &&
      (tags === undefined || tags.some((name) => tagsOf(rule).has(name))),
  );
}

/**
 * The rule of that id.
 *
 * @throws WrongUse where there is none
 */
export function ruleNamed<R extends RuleFacts>(rules: readonly R[], id: string): R {
  const rule = rules.find((one) => one.id === id);
  if (rule !== undefined) return rule;
  const guess = nearest(
    id,
    rules.map((one) => one.id),
  );
  throw new WrongUse(`There is no rule ${id}${guess === undefined ? '' : `: did you mean ${guess}?`}`);
}

/** A line for each rule, by section. */
export function rulesText(rules: readonly RuleFacts[], json: boolean): string {
  if (json) return `${escapedJson(rules.map(factsOf))}\n`;
  return [...Map.groupBy(rules, ({ guide }) => guide)]
    .toSorted(([a], [b]) => a - b)
    .map(([guide, some]) =>
      [
        sectionTitle(guide),
        ...some.map(({ id, level, title }) => `  ${id.padEnd(28)} ${level.padEnd(8)} ${title}`),
      ].join('\n'),
    )
    .join('\n\n')
    .concat('\n');
}

/** What is known of one, for programs. */
export function factsOf(rule: RuleFacts): object {
  const { id, title, level, guide, needs, asvs, cwe } = rule;
  return {
    id,
    title,
    level,
    why: whyOf(rule),
    guide,
    section: sectionTitle(guide),
    needs,
    asvs,
    cwe,
    mend: mendOf(rule),
    ...(helpOf(rule) !== undefined && { help: helpOf(rule) }),
  };
}

function namesIn(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim());
}

/** The room, the section, what it needs, its requirements and weaknesses. */
function tagsOf({ id, guide, needs, asvs, cwe }: RuleFacts): ReadonlySet<string> {
  return new Set([
    id.split('.')[0] ?? '',
    String(guide),
    needs,
    ...asvs.map((one) => one.replace('v5.0.0-', '').replace(' (in part)', '')),
    ...cwe,
  ]);
}

function guessAt(name: string, known: ReadonlySet<string>): string {
  const guess = nearest(name, [...known]);
  return guess === undefined ? 'See bulwark check --list.' : `Did you mean ${guess}?`;
}
