/** Every rule there is: the one place where rules are registered, ours (policy/controls.ts and source/load-source-rules.ts) and others'. */
import { loadRules } from './load-rules.ts';
import { type ImportModule, type RuleSet, withPackages } from './load-packages.ts';
import { loadSourceRules } from './source/load-source-rules.ts';

/**
 * Loads them.
 *
 * @param packages - names of packages or paths of files that bring rules
 * @param from - the folder that they are looked for from
 * @throws BadRules
 */
export async function loadEveryRule(
  packages: readonly string[] = [],
  from: string = process.cwd(),
  importModule?: ImportModule,
): Promise<RuleSet> {
  const ours = { outside: await loadRules(), inside: await loadSourceRules() };
  return packages.length === 0 ? ours : withPackages(ours, packages, from, importModule);
}
