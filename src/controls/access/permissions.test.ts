import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeHead, sketchExchange } from '../../../test/support/exchange.ts';
import { BulwarkError, PolicyError, StoreDownError } from '../../core/errors.ts';
import type { Principal } from '../../core/exchange.ts';
import type { Refusal } from '../../core/verdict.ts';
import {
  definePermissions,
  permissionsGuard,
  type PermissionRules,
  type PermissionView,
  THROWN,
} from './permissions.ts';
import { PROBLEMS } from '../../core/problem-types.ts';

interface Note {
  readonly id: string;
  readonly owner: string;
  readonly text: string;
}

const ANNAS: Note = { id: 'n1', owner: 'anna', text: 'the combination is 4711' };
const ANNA = principal('anna');
const BEN = principal('ben');
const RULES = {
  'note:delete': (who: Principal, note: Note) => note.owner === who.account,
  'admin:see': (who: Principal) => who.roles.includes('operator'),
};
const permissions = definePermissions(RULES);

function principal(account: string, ...roles: string[]): Principal {
  return { account, roles, signedInAt: 0, mfaAt: undefined, via: 'session', scopes: [] };
}

/** A view that keeps what it is told. */
class FakeView implements PermissionView {
  readonly principal: Principal | undefined;
  readonly refusals: { readonly refusal: Refusal; readonly ends: boolean }[] = [];
  readonly loud: [event: string, details: Readonly<Record<string, unknown>> | undefined][] = [];

  constructor(who?: Principal) {
    this.principal = who;
  }

  readonly audit: PermissionView['audit'] = ({ name }, details) => void this.loud.push([name, details]);

  refuse(guard: string, refusal: Refusal, ends: boolean): void {
    assert.equal(guard, 'access');
    this.refusals.push({ refusal, ends });
  }
}

/** Asks in all three ways, as JavaScript may, and expects a no of each. Returns what the first one told. */
function assertRefused(
  rules: PermissionRules,
  action: string,
  view: () => FakeView = () => new FakeView(ANNA),
): FakeView {
  const asked = definePermissions(rules);
  const about = [ANNAS as never] as const;
  const [first, second, third] = [view(), view(), view()];
  assert.equal(asked.can(first, action, ...about), false);
  assert.equal(asked.offers(second, action, ...about), false);
  assert.throws(() => asked.require(third, action, ...about), { code: 'ERR_BULWARK_FORBIDDEN' });
  assert.deepEqual(
    [first, second, third].map(({ refusals }) => refusals.length),
    [1, 0, 1],
  );
  assert.deepEqual(second.loud, first.loud);
  assert.deepEqual(third.loud, first.loud);
  return first;
}

function problemsOf(rules: unknown): readonly string[] {
  try {
    definePermissions(rules as PermissionRules);
  } catch (error) {
    assert.ok(error instanceof PolicyError);
    return error.problems.map(({ code, option }) => `${code} ${option}`);
  }
  return [];
}

test('v5.0.0-8.2.2 lets an account do what its rule allows for this object, and nothing for another', () => {
  const [anna, ben] = [new FakeView(ANNA), new FakeView(BEN)];
  assert.equal(permissions.can(anna, 'note:delete', ANNAS), true);
  assert.equal(permissions.offers(anna, 'note:delete', ANNAS), true);
  permissions.require(anna, 'note:delete', ANNAS, ANNAS.id);
  assert.deepEqual(anna.refusals, []);
  assert.equal(permissions.can(ben, 'note:delete', ANNAS), false);
  assert.equal(permissions.can(new FakeView(principal('c', 'operator')), 'admin:see'), true);
  assert.equal(permissions.can(ben, 'admin:see'), false);
});

test('v5.0.0-16.3.2 a refusal is one event, with the action and the id that was handed over, and never the object', () => {
  const view = new FakeView(BEN);
  assert.throws(
    () => permissions.require(view, 'note:delete', ANNAS, ANNAS.id),
    (error) => error instanceof BulwarkError && error.code === 'ERR_BULWARK_FORBIDDEN',
  );
  assert.equal(view.refusals.length, 1);
  const [{ refusal, ends } = assert.fail()] = view.refusals;
  assert.deepEqual(
    [refusal.status, refusal.type, refusal.event?.kind.name, ends],
    [403, 'not-allowed', 'authz_fail', true],
  );
  const evidence = { action: 'note:delete', object: 'n1', because: 'the rule says no' };
  assert.deepEqual(refusal.event?.details, evidence);
  assert.deepEqual(view.loud, []);
});

test('an id that is none, such as the whole object, is not logged', () => {
  const view = new FakeView(BEN);
  permissions.can(view, 'note:delete', ANNAS, ANNAS as unknown as string);
  permissions.can(view, 'note:delete', ANNAS, { toString: () => ANNAS.text } as unknown as string);
  permissions.can(view, 'note:delete', ANNAS);
  assert.ok(!JSON.stringify(view.refusals).includes('4711'));
  for (const { refusal } of view.refusals) assert.equal('object' in (refusal.event?.details ?? {}), false);
});

test('only can and require tell of a no: a button that is not shown is no attempt', () => {
  const view = new FakeView(BEN);
  assert.equal(permissions.offers(view, 'note:delete', ANNAS), false);
  assert.deepEqual(view.refusals, []);
});

test('a visitor is refused without the rule being asked', () => {
  const rules = { 'note:delete': () => assert.fail('asked') };
  const view = assertRefused(rules, 'note:delete', () => new FakeView());
  assert.equal(view.refusals[0]?.refusal.event?.details['because'], 'nobody is signed in');
  assert.deepEqual(view.loud, []);
});

test('a rule that throws is a no, and someone is told why', () => {
  const error = new Error('no such column');
  const view = assertRefused(
    {
      'note:delete': () => {
        throw error;
      },
    },
    'note:delete',
  );
  assert.deepEqual(
    view.loud.map(([event, details]) => [event, details?.['error']]),
    [['sys_crash', error]],
  );
  assert.equal(permissions.can(new FakeView(ANNA), 'note:delete', undefined as unknown as Note), false);
});

test('a rule that answers with anything but true is a no, and loud', () => {
  for (const answer of [1, 'yes', {}, [], Object(true), undefined, null, 0, '']) {
    const rule = (() => answer) as unknown as () => boolean;
    const { loud } = assertRefused({ 'note:delete': rule }, 'note:delete');
    assert.deepEqual(
      loud.map(([event]) => event),
      ['sys_misconfigured'],
    );
  }
});

test('a promise is true whatever it holds: it is a no, and its failure ends no process', async () => {
  const unhandled: unknown[] = [];
  const listener = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', listener);
  for (const answer of [() => Promise.resolve(true), () => Promise.reject(new Error('later'))]) {
    const { loud } = assertRefused({ 'note:delete': answer as unknown as () => boolean }, 'note:delete');
    assert.equal(loud[0]?.[0], 'sys_misconfigured');
  }
  // Node tells of rejections nobody has handled once the microtasks are through.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  process.off('unhandledRejection', listener);
  assert.deepEqual(unhandled, []);
});

test('an action that does not exist is a no, and loud, and what every object has is none', () => {
  for (const action of ['note:delet', '', 'constructor', '__proto__', 'toString', 'x'.repeat(5000)]) {
    const { loud, refusals } = assertRefused(RULES, action);
    assert.equal(loud[0]?.[0], 'sys_misconfigured');
    assert.ok(JSON.stringify([loud, refusals]).length < 1000);
  }
  const { loud } = assertRefused(RULES, 'note:delet');
  assert.equal(loud[0]?.[1]?.['guess'], 'note:delete');
  assertRefused(RULES, ANNAS as unknown as string);
  // A visitor's misspelt action is as loud.
  assert.equal(assertRefused(RULES, 'nope', () => new FakeView()).loud.length, 1);
});

test('rules cannot be added or changed afterwards', () => {
  const rules: Record<string, () => boolean> = { 'note:read': () => false };
  const fixed = definePermissions(rules);
  rules['note:read'] = () => true;
  rules['note:write'] = () => true;
  assert.equal(fixed.can(new FakeView(ANNA), 'note:read'), false);
  assert.equal(fixed.can(new FakeView(ANNA), 'note:write'), false);
});

test('where nobody knows who is asking the answer is neither yes nor no', () => {
  const gone = Object.defineProperty(new FakeView(), 'principal', {
    get: () => {
      throw new StoreDownError('gone', true);
    },
  });
  assert.throws(() => permissions.can(gone, 'note:delete', ANNAS), StoreDownError);
  assert.throws(() => permissions.require(gone, 'note:delete', ANNAS), StoreDownError);
});

test('refuses rules that could not hold where they are defined, all at once', () => {
  const code = 'ERR_BULWARK_INVALID_OPTION';
  assert.deepEqual(
    problemsOf({
      'a:async': async () => Promise.resolve(true),
      'a:generator': function* rule() {
        yield true;
      },
      'a:text': 'yes',
      'two words': () => true,
      constructor: () => true,
    }),
    ['a:async', 'a:generator', 'a:text', 'two words', 'constructor'].map(
      (action) => `${code} permissions['${action}']`,
    ),
  );
  assert.deepEqual(problemsOf(undefined), [`${code} permissions`]);
  assert.deepEqual(problemsOf({ __proto__: { 'note:delete': () => true } }), [`${code} permissions`]);
  assert.deepEqual(problemsOf(RULES), []);
});

test('actions and their objects are known to the compiler', () => {
  const view = new FakeView(ANNA);
  const typed = definePermissions({
    'note:delete': (who, note: Note) => note.owner === who.account,
    'note:list': (who, note?: Note) => note?.owner === who.account,
    'admin:see': (who) => who.roles.includes('operator'),
  });
  typed.can(view, 'note:delete', ANNAS, 7);
  typed.can(view, 'note:list');
  typed.can(view, 'note:list', ANNAS, 'n1');
  typed.can(view, 'admin:see', undefined, 'users');
  // @ts-expect-error there is no such action
  typed.can(view, 'note:delet', ANNAS);
  // @ts-expect-error the rule needs its object
  typed.can(view, 'note:delete');
  // @ts-expect-error and not another one
  typed.can(view, 'note:delete', { id: 'n1' });
  const missing = [ANNAS].find(({ id }) => id === 'n2');
  // @ts-expect-error nor one that may be missing
  typed.can(view, 'note:delete', missing);
  // @ts-expect-error a rule without an object takes none
  typed.can(view, 'admin:see', ANNAS);
  // @ts-expect-error a promise is no answer
  assert.throws(() => definePermissions({ 'note:delete': async () => Promise.resolve(true) }));
});

test('the 500 of a handler that was refused is the 403 that it means, and no other answer is touched', () => {
  const guard = permissionsGuard();
  const exchange = sketchExchange();
  assert.equal(guard.onAnswer?.(exchange, new FakeHead(500)), undefined);
  const refusal: Refusal = { ...PROBLEMS.notAllowed, detail: 'No.' };
  exchange.set(THROWN, refusal);
  assert.equal(guard.onAnswer?.(exchange, new FakeHead(500)), refusal);
  for (const status of [200, 403, 404, 503])
    assert.equal(guard.onAnswer?.(exchange, new FakeHead(status)), undefined);
});

test('asking ends nothing, and the log has an id that is a number as well as one that is a text', () => {
  const view = new FakeView(BEN);
  permissions.can(view, 'note:delete', ANNAS, 17);
  permissions.can(view, 'note:delete', ANNAS, 'n1');
  assert.deepEqual(
    view.refusals.map(({ refusal, ends }) => [refusal.event?.details['object'], refusal.detail, ends]),
    [
      [17, 'Your account may not do this.', false],
      ['n1', 'Your account may not do this.', false],
    ],
  );
  assert.throws(
    () => permissions.require(view, 'note:delete', ANNAS),
    /whoever asked may not do this: the rule says no; answer 403/,
  );
});

test('what is wrong with the rules is told with the action and why, to a guard of this name', () => {
  const told = (rules: PermissionRules, action: string): unknown => assertRefused(rules, action).loud[0]?.[1];
  const error = new Error('no such column');
  const throws = (): boolean => {
    throw error;
  };
  const about = { guard: 'access', action: 'note:delete' };
  assert.deepEqual(told({ 'note:delete': throws }, 'note:delete'), {
    ...about,
    reason: 'the rule failed',
    error,
  });
  assert.deepEqual(told({ 'note:delete': (() => 'yes') as unknown as () => boolean }, 'note:delete'), {
    ...about,
    reason: 'the rule answered with neither true nor false',
    answer: 'string',
  });
  assert.deepEqual(told({ 'admin:see': () => true }, 'zzz'), {
    guard: 'access',
    action: 'zzz',
    reason: 'there is no such action',
  });
  const guard = permissionsGuard();
  assert.deepEqual([guard.name, guard.mode], ['access', 'enforce']);
});

test('each rule that could not hold is refused with the reason and the line to write', () => {
  const problems = (rules: unknown): readonly (readonly [string, string])[] => {
    try {
      definePermissions(rules as PermissionRules);
    } catch (error) {
      assert.ok(error instanceof PolicyError);
      return error.problems.map(({ reason, fix }) => [reason, fix] as const);
    }
    return [];
  };
  const line = "'note:delete': (principal, note: Note) => note.owner === principal.account";
  assert.deepEqual(problems({ 'two words': () => true, valueOf: () => true, 'a:text': 'yes' }), [
    ['it is no name of letters, digits and :._-', line],
    ['every object has something of this name.', line],
    ['it must be a function.', line],
  ]);
  assert.deepEqual(problems({ 'a:async': async () => Promise.resolve(true) }), [
    [
      'it answers with a promise or an iterator, which is true whatever it holds.',
      'load what the rule needs first, and hand it over as the object',
    ],
  ]);
  assert.deepEqual(problems([]), [['it must be an object of rules.', line]]);
});
