/** The guards and events of an application: the same door as ours, and looked at before the first request. */
import type { EventKind, SecurityEvent } from '../core/events.ts';
import type { Exchange } from '../core/exchange.ts';
import type { ForwardHead } from '../core/forward-head.ts';
import type { Guard, Mode } from '../core/guard.ts';
import type { OutgoingHead, ResponseHead } from '../core/head.ts';
import { nearest } from '../core/nearest.ts';
import { isPlainObject, refuseUnknown } from '../core/options.ts';
import type { Problems } from '../core/problems.ts';
import type { Verdict } from '../core/verdict.ts';
import { guardNames } from './controls.ts';

/** What a guard of an application comes to: nothing, a refusal, or an event that is written while the request goes on. */
export type OwnVerdict = Verdict | SecurityEvent;

/** A guard of an application: a control of its own, run, counted and logged as those of Bulwark are. */
export interface OwnGuard extends Pick<Guard, 'onObserve'> {
  /** Letters, digits and dashes: what counts, metrics and the log call it. */
  readonly name: string;
  /** `enforce` (default), `observe`: what it refuses is counted and logged, and passes; `off`: it is not there. */
  readonly mode?: Mode;
  /** The events that it writes, each as `eventOf` takes it. */
  readonly events?: readonly EventKind[];
  /** Before the handler. Answers at once where it can; a promise only where it must wait. */
  readonly onRequest?: (exchange: Exchange) => OwnVerdict | Promise<OwnVerdict>;
  /** Over the head that an upstream will get. */
  readonly onForward?: (exchange: Exchange, head: ForwardHead) => SecurityEvent | void;
  /** Before any of the handler's answer leaves: a refusal takes its place. */
  readonly onAnswer?: (exchange: Exchange, head: ResponseHead) => OwnVerdict;
  /** As the head of any answer leaves, Bulwark's own included. */
  readonly onResponse?: (exchange: Exchange, head: OutgoingHead) => SecurityEvent | void;
}

/** Where a guard of an application stands: over the request in this order, over the response likewise. */
export type GuardPlacement =
  | { readonly after: string; readonly guard: OwnGuard }
  | { readonly before: string; readonly guard: OwnGuard };

/** A guard that was read. */
export interface PlacedGuard {
  readonly side: 'after' | 'before';
  readonly neighbour: string;
  readonly guard: ReadGuard;
}

/** A guard of an application whose mode is known. */
export interface ReadGuard extends OwnGuard {
  readonly mode: Mode;
}

/** The option `guards`, read. */
export interface ReadGuards {
  readonly guards: readonly PlacedGuard[];
  /** Events that guards declare: checked together with those of the policy. */
  readonly events: readonly unknown[];
}

const CODE = 'ERR_BULWARK_INVALID_OPTION';
const NAME = /^[a-z][a-z0-9]{0,39}(?:-[a-z0-9]{1,40}){0,5}$/;
const EXAMPLE = "guards: [{ after: 'session', guard: openingHours }]";
type Hook = Exclude<keyof Guard, 'name' | 'mode' | 'derives'>;
/** Every hook of a guard: a table without one of them does not compile. */
const HOOK_TABLE: Readonly<Record<Hook, true>> = {
  onRequest: true,
  onForward: true,
  onAnswer: true,
  onResponse: true,
  onObserve: true,
};
const HOOKS = Object.keys(HOOK_TABLE) as readonly Hook[];
const KEYS: readonly string[] = ['name', 'mode', 'events', ...HOOKS];

/** Reads `guards` of a policy. Every problem is told with the place in the list. */
export function readGuards(value: unknown, problems: Problems): ReadGuards {
  if (value === undefined) return { guards: [], events: [] };
  if (!Array.isArray(value)) {
    problems.refuse(CODE, 'guards', 'it must be a list of guards, each with its place.', EXAMPLE);
    return { guards: [], events: [] };
  }
  const guards: PlacedGuard[] = [];
  const events: unknown[] = [];
  const taken = new Set(guardNames());
  for (const [index, one] of (value as readonly unknown[]).entries()) {
    const path = `guards[${index}]`;
    const placed = readPlacement(one, path, taken, problems);
    if (placed === undefined) continue;
    guards.push(placed);
    taken.add(placed.guard.name);
    const given: unknown = placed.guard.events;
    if (given === undefined) continue;
    if (Array.isArray(given)) events.push(...(given as readonly unknown[]));
    else problems.refuse(CODE, `${path}.guard.events`, 'it must be a list of events.', EXAMPLE);
  }
  return { guards, events };
}

function readPlacement(
  value: unknown,
  path: string,
  taken: ReadonlySet<string>,
  problems: Problems,
): PlacedGuard | undefined {
  if (!isPlainObject(value)) {
    problems.refuse(CODE, path, 'it must say where the guard stands, and which it is.', EXAMPLE);
    return undefined;
  }
  for (const key of Object.keys(value)) {
    const known = ['after', 'before', 'guard'];
    if (!known.includes(key)) refuseUnknown(path, key, known, problems);
  }
  const { after, before } = value;
  if ((after === undefined) === (before === undefined)) {
    problems.refuse(CODE, path, 'it must say `after` or `before`, one of the two.', EXAMPLE);
    return undefined;
  }
  const side = after === undefined ? 'before' : 'after';
  const neighbour = after ?? before;
  const isThere = typeof neighbour === 'string' && taken.has(neighbour);
  if (!isThere) refuseNeighbour(`${path}.${side}`, neighbour, taken, problems);
  const guard = readGuard(value['guard'], `${path}.guard`, taken, problems);
  return guard === undefined || !isThere ? undefined : { side, neighbour, guard };
}

function refuseNeighbour(
  option: string,
  neighbour: unknown,
  taken: ReadonlySet<string>,
  problems: Problems,
): void {
  const guess = typeof neighbour === 'string' ? nearest(neighbour, [...taken]) : undefined;
  const reason = 'there is no guard of this name: it would stand nowhere.';
  const fix = guess === undefined ? `one of ${[...taken].join(', ')}` : `did you mean '${guess}'?`;
  problems.refuse(CODE, option, reason, fix);
}

function readGuard(
  value: unknown,
  path: string,
  taken: ReadonlySet<string>,
  problems: Problems,
): ReadGuard | undefined {
  const before = problems.errors.length;
  // An instance of a class is one too: what its methods keep is its own business.
  if (typeof value !== 'object' || value === null) {
    problems.refuse(CODE, path, 'it must be a guard: a name, and a function for each hook.', EXAMPLE);
    return undefined;
  }
  const given = value as Readonly<Record<string, unknown>>;
  if (isPlainObject(value)) {
    for (const key of Object.keys(value)) if (!KEYS.includes(key)) refuseUnknown(path, key, KEYS, problems);
  }
  readName(given['name'], path, taken, problems);
  const mode = given['mode'] ?? 'enforce';
  if (mode !== 'enforce' && mode !== 'observe' && mode !== 'off') {
    const reason = "it must be one of 'enforce', 'observe', 'off'.";
    problems.refuse(CODE, `${path}.mode`, reason, "mode: 'observe'");
  }
  let hooks = 0;
  for (const hook of HOOKS) {
    const run = given[hook];
    if (run === undefined) continue;
    hooks += 1;
    if (typeof run === 'function') continue;
    problems.refuse(CODE, `${path}.${hook}`, 'it must be a function.', `${hook}(exchange) { ... }`);
  }
  if (hooks === 0) {
    const reason = 'it looks at nothing: a guard that never runs is one you believe in and do not have.';
    problems.refuse(CODE, path, reason, `${path}.onRequest: (exchange) => undefined`);
  }
  return problems.errors.length > before ? undefined : bound(given as unknown as OwnGuard, mode as Mode);
}

function readName(name: unknown, path: string, taken: ReadonlySet<string>, problems: Problems): void {
  const option = `${path}.name`;
  if (typeof name !== 'string' || !NAME.test(name)) {
    const reason = 'it must be lower-case words joined by dashes.';
    problems.refuse(CODE, option, reason, "name: 'opening-hours'");
  } else if (taken.has(name)) {
    const reason = 'there is a guard of this name: their counts and log lines could not be told apart.';
    problems.refuse(CODE, option, reason, `name: 'own-${name}'`);
  }
}

/** The guard as the layer runs it: hooks are taken out once, with what `this` is in them. */
function bound(guard: OwnGuard, mode: Mode): ReadGuard {
  const hooks: Record<string, unknown> = {};
  for (const hook of HOOKS) {
    const run = guard[hook];
    if (run !== undefined) hooks[hook] = run.bind(guard);
  }
  return { name: guard.name, mode, ...hooks, ...(guard.events !== undefined && { events: guard.events }) };
}
