/** Whether what an event tells of was done: the words of ECS `event.outcome`, by the vocabulary's own names. */

/** How it ended. */
export type Outcome = 'success' | 'failure';

const FAILURE =
  /(?:^|_)(?:fail|failed|max|lock|exceeded|reuse|crash|unavailable|lost|refused|gone|expire|misconfigured)(?:_|$)/;
const known = new Map<string, Outcome>();

/**
 * How it ended.
 *
 * @param status - of the refusal, where a guard refused
 * @param isObserved - the guard only looked on: what was asked for was done
 */
export function outcomeOf(name: string, status: number | undefined, isObserved: boolean): Outcome {
  if (isObserved) return 'success';
  if (status !== undefined && status >= 400) return 'failure';
  let outcome = known.get(name);
  if (outcome === undefined) {
    outcome = FAILURE.test(name) ? 'failure' : 'success';
    // Names are those that were declared: the table does not grow by what a client sends.
    known.set(name, outcome);
  }
  return outcome;
}
