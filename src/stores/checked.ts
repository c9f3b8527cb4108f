/** The one place where what goes into a store is checked, whoever wrote the store. */
import { BulwarkError } from '../core/errors.ts';
import { accountRules } from './ports/accounts.ts';
import { counterRules } from './ports/counters.ts';
import { factorRules } from './ports/factors.ts';
import { fileRules } from './ports/files.ts';
import { reportRules } from './ports/reports.ts';
import { sessionRules } from './ports/sessions.ts';
import type { State } from './ports/state.ts';
import type { Rules } from './rules.ts';

/** What was checked already, under what it was made of and under itself. */
const known = new WeakMap<object, object>();

/**
 * The same state, whose every method refuses what no store could give back as it is, or finds nothing under such a name:
 * an engine need not. One that is checked already stays as it is.
 *
 * Our own engines come checked, a policy checks whatever it is given, and so does the conformance suite.
 *
 * @throws BulwarkError ERR_BULWARK_STORE where a method is missing
 */
export function checked(state: State): State {
  const before = known.get(state);
  if (before !== undefined) return before as State;
  const { sessions, counters, factors, accounts, files, reports } = state;
  const parts = [sessions, counters, factors, accounts, files, reports].filter((part) => part !== undefined);
  if (parts.every((part) => known.get(part) === part)) return state;
  return remember(state, {
    reach: state.reach,
    sessions: inFront('sessions', sessions, sessionRules),
    counters: inFront('counters', counters, counterRules),
    ...(factors !== undefined && { factors: inFront('factors', factors, factorRules) }),
    ...(accounts !== undefined && { accounts: inFront('accounts', accounts, accountRules) }),
    ...(files !== undefined && { files: inFront('files', files, fileRules) }),
    ...(reports !== undefined && { reports: inFront('reports', reports, reportRules) }),
    ...(state.onHealth !== undefined && { onHealth: (listener) => state.onHealth?.(listener) }),
    close: () => state.close(),
  });
}

function inFront<Port extends object>(name: string, port: Port, rules: Rules<Port>): Port {
  const before = known.get(port);
  if (before !== undefined) return before as Port;
  const checks: Record<string, unknown> = {};
  for (const [key, rule] of Object.entries(rules) as [keyof Port & string, unknown][]) {
    const part: unknown = port[key];
    const path = `${name}.${key}`;
    if (typeof rule === 'object' && typeof part === 'object' && part !== null) {
      checks[key] = inFront(path, part, rule as Rules<object>);
    } else if (typeof rule === 'function' && typeof part === 'function') {
      // Bound, and no function around it where a rule does nothing: each request asks for its session by this way.
      checks[key] = (rule as (method: unknown) => unknown)(part.bind(port));
    } else {
      const said = `The store has no ${path}. Write it, or take a release of the store that has it.`;
      throw new BulwarkError('ERR_BULWARK_STORE', said);
    }
  }
  return remember(port, checks as Port);
}

function remember<T extends object>(of: T, made: T): T {
  known.set(of, made);
  known.set(made, made);
  return made;
}
