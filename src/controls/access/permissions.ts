/** What an account may do with one thing: rules as functions, asked by handlers, who know the thing. */
import { types } from 'node:util';
import { call, callback, type Check, made } from '../../core/call.ts';
import { BulwarkError } from '../../core/errors.ts';
import { type Audit, eventOf } from '../../core/events.ts';
import type { Principal } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { nearest } from '../../core/nearest.ts';
import { isPlainObject } from '../../core/options.ts';
import { Problems } from '../../core/problems.ts';
import type { Refusable } from '../../core/refuse.ts';
import { type Slot, slot } from '../../core/slot.ts';
import type { Refusal } from '../../core/verdict.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import { ACCESS_EVENTS } from './access.events.ts';

/** Whether someone may do something with this object. `true` or `false`, at once: anything else is a no. */
export type PermissionRule = (principal: Principal, object: never) => boolean;

/** Rules by the name of what is done: `'note:delete'`. */
export type PermissionRules = Readonly<Record<string, PermissionRule>>;

/** As much of `bulwark.of(request)` as is looked at. */
export interface PermissionView extends Refusable {
  readonly principal: Principal | undefined;
  readonly audit: Audit;
}

/** What is handed over with an action: the object that its rule asks for, and what the log may call it. */
export type About<Rule> = Rule extends (principal: Principal, ...object: infer Object) => boolean
  ? Object extends []
    ? [object?: undefined, id?: string | number]
    : Object extends [infer One]
      ? [object: One, id?: string | number]
      : [object?: Object extends [(infer One)?] ? One : never, id?: string | number]
  : never;

/**
 * Asks the rules. The answer is no where nobody is signed in, where the action does not exist, and where a rule throws or
 * answers with anything but `true` or `false`. The event of a refusal has the action, the account, and the id that is handed over; the
 * object itself is never logged.
 *
 * All three throw a StoreDownError where the store of sessions is gone, and nobody knows who is asking.
 */
export interface Permissions<Rules extends PermissionRules> {
  /** Whether it may be done. A no is an event `authz_fail`. */
  can<Action extends keyof Rules & string>(
    view: PermissionView,
    action: Action,
    ...about: About<Rules[Action]>
  ): boolean;
  /** The same answer without the event: whether to show a button or a link, where nobody has tried anything. */
  offers<Action extends keyof Rules & string>(
    view: PermissionView,
    action: Action,
    ...about: About<Rules[Action]>
  ): boolean;
  /**
   * Goes on only if it may be done.
   *
   * @throws BulwarkError ERR_BULWARK_FORBIDDEN. Let it pass: a 500 that comes of it leaves as 403
   */
  require<Action extends keyof Rules & string>(
    view: PermissionView,
    action: Action,
    ...about: About<Rules[Action]>
  ): void;
}

/**
 * Declares what accounts may do, once, beside each other and not in each handler.
 *
 * @example
 * ```ts
 * const permissions = definePermissions({
 *   'note:delete': (principal, note: Note) => note.owner === principal.account,
 *   'admin:see': (principal) => principal.roles.includes('operator'),
 * });
 * permissions.require(bulwark.of(request), 'note:delete', note, note.id);
 * ```
 * @throws PolicyError where a name is none, or a rule is no function or an asynchronous one
 */
export function definePermissions<const Rules extends PermissionRules>(rules: Rules): Permissions<Rules> {
  const known = readRules(rules);
  return {
    can: (view, action, ...[object, id]: unknown[]) => {
      const denial = judge(known, view, action, object);
      if (denial !== undefined) refuse(view, action, id, denial, false);
      return denial === undefined;
    },
    offers: (view, action, ...[object]: unknown[]) => judge(known, view, action, object) === undefined,
    require: (view, action, ...[object, id]: unknown[]) => {
      const denial = judge(known, view, action, object);
      if (denial === undefined) return;
      refuse(view, action, id, denial, true);
      const message = `whoever asked may not do this: ${denial}; answer 403`;
      throw new BulwarkError('ERR_BULWARK_FORBIDDEN', message);
    },
  };
}

/** The refusal that a call of a handler threw, logged already. A 500 that comes of it leaves as this refusal. */
export const THROWN: Slot<Refusal> = slot();

/**
 * Turns the 500 of a handler that was refused, and did not answer itself, into the 403 that it means. Enforces always:
 * whether `access` does is about routes.
 */
export function permissionsGuard(): Guard {
  return {
    name: 'access',
    mode: 'enforce',
    onAnswer: (exchange, head) => (head.statusCode === 500 ? exchange.get(THROWN) : undefined),
  };
}

const VIEW_CHECK: Check = call("permissions.require(bulwark.of(request), 'note:delete', note)", {
  view: made('what bulwark.of(request) gives back', { refuse: callback, audit: callback }),
});

type AnyRule = (principal: Principal, object: unknown) => unknown;

/** A name that stands in logs as it is written. */
const ACTION = /^[a-z][\w:.-]{0,63}$/i;
const EXAMPLE = "'note:delete': (principal, note: Note) => note.owner === principal.account";

// A map: what every object inherits (`constructor`, `__proto__`) is no action.
function readRules(rules: unknown): ReadonlyMap<string, AnyRule> {
  const problems = new Problems('production');
  const known = new Map<string, AnyRule>();
  const refuseRule = (action: string, reason: string, fix = EXAMPLE): void =>
    problems.refuse('ERR_BULWARK_INVALID_OPTION', `permissions['${action}']`, reason, fix);
  if (!isPlainObject(rules)) {
    problems.refuse('ERR_BULWARK_INVALID_OPTION', 'permissions', 'it must be an object of rules.', EXAMPLE);
  }
  for (const [action, rule] of Object.entries(isPlainObject(rules) ? rules : {})) {
    if (!ACTION.test(action)) refuseRule(action, 'it is no name of letters, digits and :._-');
    else if (action in Object.prototype) refuseRule(action, 'every object has something of this name.');
    else if (typeof rule !== 'function') refuseRule(action, 'it must be a function.');
    else if (types.isAsyncFunction(rule) || types.isGeneratorFunction(rule)) {
      refuseRule(action, 'it answers with a promise or an iterator, which is true whatever it holds.', ASYNC);
    } else known.set(action, rule as AnyRule);
  }
  problems.throwIfAny();
  return known;
}

const ASYNC = 'load what the rule needs first, and hand it over as the object';

/** Why not; undefined where it may be done. What is wrong with the rules themselves is told loudly. */
function judge(
  known: ReadonlyMap<string, AnyRule>,
  view: PermissionView,
  action: string,
  object: unknown,
): string | undefined {
  if (typeof view?.refuse !== 'function') VIEW_CHECK(view);
  const { principal } = view;
  const rule = known.get(action);
  if (rule === undefined) {
    const guess = nearest(nameOf(action), [...known.keys()]);
    return miswritten(view, action, 'there is no such action', guess === undefined ? {} : { guess });
  }
  if (principal === undefined) return 'nobody is signed in';
  let answer: unknown;
  try {
    answer = rule(principal, object);
  } catch (error) {
    const reason = 'the rule failed';
    view.audit(ACCESS_EVENTS.ruleBroken, { guard: 'access', action: nameOf(action), reason, error });
    return reason;
  }
  if (answer === true) return undefined;
  if (answer === false) return 'the rule says no';
  // Nobody waits for it: without this its failure would end the process.
  Promise.resolve(answer).catch(() => undefined);
  const reason = 'the rule answered with neither true nor false';
  return miswritten(view, action, reason, { answer: typeof answer });
}

/** Tells whoever runs this that the rules do not hold as they are written. The answer is no until they do. */
function miswritten(
  view: PermissionView,
  action: string,
  reason: string,
  more: { readonly guess?: string; readonly answer?: string },
): string {
  view.audit(ACCESS_EVENTS.ruleMiswritten, { guard: 'access', action: nameOf(action), reason, ...more });
  return reason;
}

function refuse(view: PermissionView, action: string, id: unknown, because: string, ends: boolean): void {
  // Only what is an id: a whole object that slips in here would be in the log.
  const object = typeof id === 'string' || typeof id === 'number' ? { object: id } : {};
  const event = eventOf(ACCESS_EVENTS.denied, { action: nameOf(action), ...object, because });
  view.refuse('access', { ...PROBLEMS.notAllowed, detail: 'Your account may not do this.', event }, ends);
}

const LONGEST_NAME = 64;

/** An action as the log shows it: where it comes from a request, it may be anything. */
function nameOf(action: unknown): string {
  return typeof action === 'string' ? action.slice(0, LONGEST_NAME) : typeof action;
}
