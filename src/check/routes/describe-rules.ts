/** The rules of a route in words, as short as they can be read. */
import { showRate } from '../../core/rate.ts';
import { showDuration } from '../../core/readers.ts';
import type { AccessRule, RouteLimit, RouteRules } from '../../core/route-rules.ts';

const WORDS: Readonly<Record<string, (value: unknown) => string>> = {
  roles: (roles) => `role ${(roles as readonly string[]).join(' and ')}`,
  mfa: () => 'second factor',
  deviceBound: () => 'bound to its device',
  scopes: (scopes) => `scope ${(scopes as readonly string[]).join(' and ')}`,
  freshMs: (ms) => `fresh ${showDuration(Number(ms))}`,
};

/** Who may call a route: `anyone`, `signed-in`, `role operator, second factor`. */
export function describeRequire(require: NonNullable<RouteRules['require']>): string {
  return typeof require === 'string' ? require : describeRule(require);
}

function describeRule(rule: AccessRule): string {
  // What rules will ask for one day is shown by its own name.
  const parts = Object.entries(rule).map(
    ([name, value]) => WORDS[name]?.(value) ?? `${name} ${String(value)}`,
  );
  return parts.length === 0 ? 'signed-in' : parts.join(', ');
}

/** A limit: `5/minute by client, account`. */
export function describeLimit({ rate, by }: RouteLimit): string {
  return `${showRate(rate)} by ${by.join(', ')}`;
}
