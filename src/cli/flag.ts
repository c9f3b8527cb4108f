/** Options of a command line that are options of a policy: read by its tables, so that both take the same. */
import { existsSync } from 'node:fs';
import { type OptionSpec, Unfit } from '../core/options.ts';
import { Problems } from '../core/problems.ts';
import { WrongUse } from './terminal.ts';

const FILES = ['bulwark.config.ts', 'bulwark.config.js', 'bulwark.config.mjs'];

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

/** The option of a command that cannot do without a policy. */
export const POLICY_FLAG = [
  '--policy <file>',
  'the module that exports the policy as default (bulwark.config.ts)',
] as const;

/**
 * The policy that a command line names, or the one that lies in this folder under its usual name.
 *
 * @throws WrongUse where there is neither
 */
export function policyFile(named: string | undefined): string {
  const file = named ?? FILES.find((name) => existsSync(name));
  if (file === undefined) throw new WrongUse('Name the policy: --policy bulwark.config.ts');
  return file;
}

/** An option that may be given more than once. */
export function repeated(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
