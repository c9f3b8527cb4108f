/** Requirements of OWASP ASVS 5.0.0 over a whole run: what fell short, what was seen to be enforced, and what nothing enforces. */
import type { RuleFacts } from '../../core/rule.ts';
import { KNOWN_CONTROLS } from '../source/enforced/controls-seen.ts';
import type { Enforced } from '../source/enforced/enforced-book.ts';
import type { CheckReport } from './report.ts';

/**
 * `falls-short`: a rule about it has a finding. `held`: every rule that asked the running application held. `enforced`: the source
 * has a control for it. `not-enforced`: the source has none. `not-seen`: nobody could say.
 */
export type RequirementState = 'falls-short' | 'held' | 'enforced' | 'not-enforced' | 'not-seen';

/** One requirement. */
export interface RequirementRow {
  /** Such as `3.4.1`. */
  readonly requirement: string;
  readonly state: RequirementState;
  /** Every rule and control sees less of it than it asks. */
  readonly inPart: boolean;
  /** Rules that speak to it. */
  readonly rules: readonly string[];
  /** Controls of the source, and where each begins. */
  readonly by: readonly Omit<Enforced, 'asvs'>[];
}

/** The table, in the order of the standard. */
export function asvsTable(
  rules: readonly RuleFacts[],
  { results, enforced, source }: CheckReport,
): readonly RequirementRow[] {
  const outcomes = new Map(results.map((result) => [result.rule, result.outcome]));
  const asked = rules.filter(({ id }) => outcomes.has(id));
  const speaking = Map.groupBy(
    asked.flatMap((rule) => rule.asvs.map((asvs) => ({ asvs, rule }))),
    ({ asvs }) => numberOf(asvs),
  );
  const enforcing = Map.groupBy(
    (enforced ?? []).flatMap(({ asvs, ...where }) => asvs.map((one) => ({ asvs: one, where }))),
    ({ asvs }) => numberOf(asvs),
  );
  // What no rule speaks of, and a control could enforce, is missing all the same where there is none.
  const known = source === undefined ? [] : KNOWN_CONTROLS.flatMap((control) => control.asvs.map(numberOf));
  return [...new Set([...speaking.keys(), ...enforcing.keys(), ...known])]
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((requirement) => {
      const [some, by] = [speaking.get(requirement) ?? [], enforcing.get(requirement) ?? []];
      const fell = some.some(({ rule }) => outcomes.get(rule.id) === 'fell-short');
      const outside = some
        .filter(({ rule }) => rule.needs !== 'source')
        .map(({ rule }) => outcomes.get(rule.id));
      const heldOutside = outside.length > 0 && outside.every((one) => one === 'held');
      return {
        requirement,
        state: fell
          ? 'falls-short'
          : by.length > 0
            ? 'enforced'
            : heldOutside
              ? 'held'
              : // That no rule found a fault in a source says of no control that it is there.
                source !== undefined && !outside.includes('held')
                ? 'not-enforced'
                : 'not-seen',
        inPart: [...some, ...by].every(({ asvs }) => asvs.endsWith('(in part)')),
        rules: some.map(({ rule }) => rule.id),
        by: by.map(({ where }) => where),
      };
    });
}

function numberOf(asvs: string): string {
  return asvs.replace('v5.0.0-', '').replace(' (in part)', '');
}
