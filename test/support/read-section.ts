/** One section of a policy, read as a start does. */
import { type OptionTable, readOptions } from '../../src/core/options.ts';
import { type Environment, Problems } from '../../src/core/problems.ts';

/** @throws PolicyError with everything wrong with it */
export function readSection<Settings>(
  name: string,
  table: OptionTable<Settings>,
  options: unknown,
  environment: Environment = 'production',
): Settings {
  const problems = new Problems(environment);
  const settings = readOptions(name, table, options, problems);
  problems.throwIfAny();
  return settings;
}
