/** Options of a command line that are options of a policy: read by its tables, so that both take the same. */
import { type OptionSpec, Unfit } from '../core/options.ts';
import { Problems } from '../core/problems.ts';
import { WrongUse } from './terminal.ts';

/**
 * Looks at what was given for an option of the policy.
 *
 * @throws WrongUse where it does not fit
 */
export function checkFlag(flag: string, spec: OptionSpec<unknown>, value: unknown): void {
  if (value === undefined) return;
  const problems = new Problems('production');
  try {
    spec.read(value, flag, problems);
    problems.throwIfAny();
  } catch (cause) {
    if (!(cause instanceof Unfit)) throw new WrongUse((cause as Error).message, { cause });
    throw new WrongUse(`${flag} takes ${cause.expected}.`, { cause });
  }
}

/** An option that may be given more than once. */
export function repeated(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
