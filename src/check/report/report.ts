/** What a run ends with. */
import type { Level, Need, Outcome, RuleFacts } from '../../core/rule.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { shownText } from '../shown-text.ts';
import type { Enforced } from '../source/enforced/enforced-book.ts';

/** What one rule ended with. */
export type RuleResult = { readonly rule: string } & (
  | { readonly outcome: 'held'; readonly evidence: string }
  | { readonly outcome: 'fell-short'; readonly findings: readonly Finding[] }
  | {
      readonly outcome: 'not-seen';
      readonly why: string;
      /** It was not tried, since this was not handed over. */
      readonly lacks?: Need;
      /** It has a mistake of its own, so that nobody knows what it would have found: the run is no pass. */
      readonly failed?: true;
    }
);

/** Part of a source tree that was left out on purpose, such as packages of others: nothing is known of it. */
export interface LeftOut {
  readonly why: string;
  readonly count: number;
  /** The first of them. */
  readonly paths: readonly string[];
}

/** A whole run. */
export interface CheckReport {
  /** The address under test; nothing where only a source tree was looked at. */
  readonly url: string | undefined;
  /** The folder of the source tree. */
  readonly source: string | undefined;
  /** In the order of the rules. */
  readonly results: readonly RuleResult[];
  /** Why it is no pass although nothing was found: it has hardly seen anything. Undefined where it has. */
  readonly blind: string | undefined;
  /** What the run has changed there, as far as it knows: forms that it sent, accounts that it made. */
  readonly changed: readonly string[];
  /** What of the source tree was left out on purpose. */
  readonly leftOut: readonly LeftOut[];
  /** Controls that the source has, by the requirements they are for. Undefined where no source was looked at. */
  readonly enforced?: readonly Enforced[];
  readonly counts: {
    readonly held: number;
    readonly fellShort: number;
    readonly notSeen: number;
    readonly errors: number;
    readonly warnings: number;
    readonly notes: number;
    readonly requests: number;
    /** Of those, how many ended a rule since too much was asked: then the run is no pass. */
    readonly limited: number;
  };
}

/** What a run was about, and what it cost. */
export interface RunFacts {
  readonly url?: string | undefined;
  readonly source?: string | undefined;
  readonly requests: number;
  readonly limited: number;
  readonly changed?: readonly string[];
  readonly leftOut?: readonly LeftOut[];
  readonly enforced?: readonly Enforced[] | undefined;
  /** Of the parts that it was put together from, where one of them was blind. */
  readonly blind?: string | undefined;
}

const NONE: ReadonlySet<string> = new Set();

/** Counts what a run found. */
export function reportOf(results: readonly RuleResult[], run: RunFacts): CheckReport {
  const ended = (outcome: RuleResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  const findings = allFindings(results);
  const of = (level: Level): number => findings.filter((one) => one.level === level).length;
  const report = {
    url: run.url,
    source: run.source === undefined ? undefined : shownText(run.source, NONE),
    results,
    changed: (run.changed ?? []).map((text) => shownText(text, NONE)),
    leftOut: run.leftOut ?? [],
    ...(run.enforced !== undefined && { enforced: run.enforced }),
    counts: {
      held: ended('held'),
      fellShort: ended('fell-short'),
      notSeen: ended('not-seen'),
      errors: of('error'),
      warnings: of('warning'),
      notes: of('note'),
      requests: run.requests,
      limited: run.limited,
    },
  };
  return { ...report, blind: run.blind ?? blindnessOf(report) };
}

/** The result of a rule, with every text that came from outside made safe to pass on. */
export function resultOf(
  rule: RuleFacts,
  outcome: Outcome,
  secrets: ReadonlySet<string>,
  target?: string,
): RuleResult {
  switch (outcome.outcome) {
    case 'held':
      return { rule: rule.id, outcome: 'held', evidence: shownText(outcome.evidence, secrets) };
    case 'not-seen':
      return { rule: rule.id, outcome: 'not-seen', why: shownText(outcome.why, secrets) };
    case 'fell-short':
      return {
        rule: rule.id,
        outcome: 'fell-short',
        findings: findingsOf(rule, outcome.faults, secrets, target),
      };
  }
}

const RANK: Readonly<Record<Level, number>> = { error: 0, warning: 1, note: 2 };

/** Every finding, the worst first. */
export function allFindings(results: readonly RuleResult[]): readonly Finding[] {
  return results
    .flatMap((result) => (result.outcome === 'fell-short' ? result.findings : []))
    .toSorted((a, b) => RANK[a.level] - RANK[b.level]);
}

function blindnessOf({ results, counts }: Pick<CheckReport, 'results' | 'counts'>): string | undefined {
  if (counts.limited > 0) return 'The site said that too much was asked of it, so this is no pass.';
  const failed = results.find((result) => result.outcome === 'not-seen' && result.failed === true);
  if (failed !== undefined) return `The rule ${failed.rule} could not run, so this is no pass.`;
  const seen = counts.held + counts.fellShort;
  if (seen === 0) return 'Nothing could be seen, so this is no pass.';
  const unseen = results.filter(
    (result) => result.outcome === 'not-seen' && result.lacks === undefined,
  ).length;
  return unseen > 2 * seen
    ? `Of ${seen + unseen} rules that could be tried, ${unseen} saw nothing, so this is no pass: give the address of a page.`
    : undefined;
}
