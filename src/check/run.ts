/** Runs rules over a site: several at once, none able to end the run, and none taken for a pass that could not see. */
import { fault, type Need, NotSeen, notSeen, type Outcome, type Rule } from '../core/rule.ts';
import { NO_ACCOUNT, type RunContext } from './context.ts';
import { type RuleResult, resultOf } from './report/report.ts';
import { failureText, requireOutcome } from './rule-mistake.ts';

/** What whoever runs it has handed over. */
export interface Given {
  /** The host is theirs: requests that look like attacks, or may change something, are welcome. */
  readonly ownHost: boolean;
}

/** How many rules run at once. Requests have a bound of their own. */
const RULES_AT_ONCE = 8;

/**
 * Runs every rule, and returns what each ended with, in their order.
 *
 * @param onResult - told each as it ends, for whoever waits
 */
export async function runRules(
  rules: readonly Rule[],
  context: RunContext,
  given: Given,
  onResult: (result: RuleResult) => void = () => undefined,
): Promise<readonly RuleResult[]> {
  const results = new Map<string, RuleResult>();
  const run = async (rule: Rule): Promise<void> => {
    const result = await resultFor(rule, context, given);
    results.set(rule.id, result);
    onResult(result);
  };
  const waiting = rules.filter(({ alone }) => alone !== true);
  const workers = Array.from({ length: RULES_AT_ONCE }, async () => {
    for (let rule = waiting.shift(); rule !== undefined; rule = waiting.shift()) await run(rule);
  });
  await Promise.all(workers);
  for (const rule of rules.filter(({ alone }) => alone === true)) await run(rule);
  return rules.flatMap(({ id }) => results.get(id) ?? []);
}

async function resultFor(rule: Rule, context: RunContext, given: Given): Promise<RuleResult> {
  const why = missingFor(rule.needs, context, given);
  if (why !== undefined) return { rule: rule.id, outcome: 'not-seen', why, lacks: rule.needs };
  const { origin, target } = context.site;
  const address = `${origin}${target}`;
  try {
    return resultOf(rule, bounded(await outcomeOf(rule, context)), context.secrets, address);
  } catch (error) {
    // A mistake of the rule's own: whatever it would have found, nobody has seen.
    const failure = resultOf(rule, notSeen(failureText(rule, error)), context.secrets);
    return failure.outcome === 'not-seen' && rule.package !== undefined
      ? { ...failure, failed: true }
      : failure;
  }
}

/** Of one rule: a server that sets a thousand cookies is told of by some of them. */
const MOST_FAULTS = 50;

function bounded(outcome: Outcome): Outcome {
  if (outcome.outcome !== 'fell-short' || outcome.faults.length <= MOST_FAULTS) return outcome;
  const [first, ...rest] = outcome.faults;
  const more = outcome.faults.length - MOST_FAULTS;
  const last = fault(first.level, `there are ${more} more of this kind`, first.evidence, first.fix);
  return { outcome: 'fell-short', faults: [first, ...rest.slice(0, MOST_FAULTS - 1), last] };
}

async function outcomeOf(rule: Rule, context: RunContext): Promise<Outcome> {
  try {
    if (rule.needs === 'page') await context.page();
    const outcome = await rule.run(context);
    requireOutcome(outcome);
    return outcome;
  } catch (error) {
    if (error instanceof NotSeen) return notSeen(error.message);
    throw error;
  }
}

const NOT_OURS =
  'it sends what only whoever runs a host may send there: say that it is yours (ownHost: true)';

/** What to hand over, where a rule needs what is not there. */
function missingFor(needs: Need, { site, hasAccount }: RunContext, { ownHost }: Given): string | undefined {
  switch (needs) {
    case 'page':
    case 'site':
      return undefined;
    case 'own-host':
      return ownHost ? undefined : NOT_OURS;
    case 'account':
      return hasAccount ? undefined : NO_ACCOUNT;
    case 'own-account':
      if (!hasAccount) return NO_ACCOUNT;
      return ownHost ? undefined : NOT_OURS;
    case 'tls':
      return site.secure ? undefined : `${site.origin} is plain http: give the https address`;
    case 'source':
      return 'there is no source tree to look at';
  }
}
