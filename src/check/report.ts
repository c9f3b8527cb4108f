/** What a run ends with. */
import type { Fault } from '../core/rule.ts';

/** Something that fell short, with the rule that says so. */
export interface Finding extends Fault {
  readonly rule: string;
}

/** What one rule ended with. */
export type RuleResult = { readonly rule: string } & (
  | { readonly outcome: 'held'; readonly evidence: string }
  | { readonly outcome: 'fell-short'; readonly findings: readonly Finding[] }
  | { readonly outcome: 'not-seen'; readonly why: string }
);

/** A whole run. */
export interface CheckReport {
  readonly url: string;
  /** In the order of the rules. */
  readonly results: readonly RuleResult[];
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

/** Counts what a run found. */
export function reportOf(
  url: string,
  results: readonly RuleResult[],
  spent: Pick<CheckReport['counts'], 'requests' | 'limited'>,
): CheckReport {
  const ended = (outcome: RuleResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  const findings = results.flatMap((result) => (result.outcome === 'fell-short' ? result.findings : []));
  const of = (level: Fault['level']): number => findings.filter((one) => one.level === level).length;
  return {
    url,
    results,
    counts: {
      held: ended('held'),
      fellShort: ended('fell-short'),
      notSeen: ended('not-seen'),
      errors: of('error'),
      warnings: of('warning'),
      notes: of('note'),
      requests: spent.requests,
      limited: spent.limited,
    },
  };
}

const MOST_SHOWN = 400;
/** Controls, and the marks that turn the direction of writing: what a server sends must not write on a terminal. */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** A text of a report: one line, cut where it is long, without what opens a session. */
export function shownText(text: string, secrets: ReadonlySet<string>): string {
  let line = text.toWellFormed();
  for (const secret of secrets) line = line.replaceAll(secret, '...');
  line = line.replaceAll(UNSEEN, ' ').trim();
  return line.length <= MOST_SHOWN ? line : `${line.slice(0, MOST_SHOWN)}...`;
}
