/** What a policy says of the operators' console: whether there is one, and who may see it. */
import { isPlainObject } from '../core/options.ts';
import { showDuration } from '../core/readers.ts';
import type { PolicyOptions } from './policy.ts';
import type { PolicySections } from './controls.ts';

type Console = PolicySections['console'];

/** The console; undefined where the policy declares none. */
export function readConsole(
  given: PolicyOptions['console'],
  sections: Pick<PolicySections, 'console'>,
): Console | undefined {
  return given === undefined || given === false ? undefined : sections.console;
}

/**
 * The routes of a policy with those of the console: a role, a second factor and a sign-in that is not long ago, for all that
 * stands there, and one of just now for what changes something. A line of the application's own has the place of ours.
 */
export function withConsoleRules(routes: unknown, console: Console | undefined): unknown {
  if (console === undefined || (routes !== undefined && !isPlainObject(routes))) return routes;
  const { base, role, fresh, freshActs } = console;
  const looks = { role, mfa: true, fresh: showDuration(fresh) };
  const acts = { ...looks, fresh: showDuration(Math.min(fresh, freshActs)) };
  return {
    [`${base}/**`]: { require: looks },
    [`POST ${base}/**`]: { require: acts, bodyLimit: '64KB' },
    ...routes,
  };
}
