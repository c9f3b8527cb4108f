import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { StoreDownError } from '../../core/errors.ts';
import { type Principal, UNKNOWN_WHO } from '../../core/exchange.ts';
import type { RouteRules } from '../../core/route-rules.ts';
import { type Refusal } from '../../core/verdict.ts';
import { defaultsOf } from '../../core/options.ts';
import { accessOptions, type Otherwise } from './access.options.ts';
import { accessGuard, type StepUp } from './access.ts';

const SETTINGS = defaultsOf(accessOptions);
const NOW = Date.parse('2026-01-01T00:00:00Z');

function judge(
  rule: RouteRules['require'],
  principal?: Partial<Principal>,
  signIn?: string,
  otherwise: Otherwise = 'anyone',
): Refusal | undefined {
  const exchange = sketchExchange({ target: '/notes?page=2', headers: { accept: 'text/html' }, now: NOW });
  if (rule !== undefined) exchange.rules = { require: rule };
  if (principal !== undefined) {
    const session = { via: 'session', scopes: [], signedInAt: NOW, mfaAt: undefined } as const;
    exchange.session = { idHash: 'h', principal: { account: 'a', roles: [], ...session, ...principal } };
  }
  const verdict = accessGuard({ ...SETTINGS, signIn, otherwise }, { restricts: true }).onRequest?.(exchange);
  assert.ok(!(verdict instanceof Promise));
  return verdict;
}

test('lets everyone in where no rule asks for more', () => {
  assert.equal(judge(undefined), undefined);
  assert.equal(judge('anyone'), undefined);
});

test('v5.0.0-8.2.1 refuses a visitor where someone signed in is asked for', () => {
  assert.equal(judge({})?.status, 401);
  assert.equal(judge({}, {}), undefined);
});

test('refuses a session in which nobody signed in', () => {
  const exchange = sketchExchange();
  exchange.rules = { require: {} };
  exchange.session = { idHash: 'h', principal: undefined };
  const verdict = accessGuard(SETTINGS, { restricts: true }).onRequest?.(exchange);
  assert.equal((verdict as Refusal).status, 401);
});

test('refuses an account without the role', () => {
  assert.equal(judge({ roles: ['operator'] }, { roles: ['client'] })?.type, 'not-allowed');
  assert.equal(judge({ roles: ['operator'] }, { roles: ['client', 'operator'] }), undefined);
});

test('refuses a sign-in without a second factor where one is asked for', () => {
  assert.equal(judge({ mfa: true }, {})?.type, 'stronger-sign-in-required');
  assert.equal(judge({ mfa: true }, { mfaAt: NOW }), undefined);
});

test('refuses a sign-in that is no longer fresh, at the exact boundary', () => {
  assert.equal(judge({ freshMs: 1000 }, { signedInAt: NOW - 1000 }), undefined);
  assert.equal(judge({ freshMs: 1000 }, { signedInAt: NOW - 1001 })?.type, 'stronger-sign-in-required');
  assert.equal(judge({ freshMs: 1000 }, { signedInAt: NOW - 5000, mfaAt: NOW - 10 }), undefined);
});

test('a person who is signed in has every scope, and a visitor none', () => {
  assert.equal(judge({ scopes: ['files:read'] }, {}), undefined);
  const refusal = judge({ scopes: ['files:read'] });
  assert.equal(refusal?.status, 401);
  assert.deepEqual(refusal?.headers, [['WWW-Authenticate', 'Bearer']]);
  assert.equal(judge({})?.headers, undefined);
});

test('leads a person to the sign-in page and back', () => {
  const refusal = judge({}, undefined, '/login');
  assert.equal(refusal?.status, 303);
  assert.deepEqual(refusal?.headers, [['Location', '/login?next=%2Fnotes%3Fpage%3D2']]);
});

test('v5.0.0-14.2.5 (in part) marks an answer that a rule decided, so that it is not cached', () => {
  const exchange = sketchExchange();
  exchange.rules = { require: {} };
  assert.ok(accessGuard(SETTINGS, { restricts: true }).onRequest?.(exchange) !== undefined);
  assert.ok(exchange.sessionRead);
});

test('a path with two readings is closed where any route is, even if the firewall let it pass', () => {
  const judgePath = (restricts: boolean, otherwise: Otherwise = 'anyone'): number | undefined => {
    const exchange = sketchExchange();
    exchange.pathHasOneReading = false;
    const verdict = accessGuard({ ...SETTINGS, otherwise }, { restricts }).onRequest?.(exchange);
    return (verdict as Refusal | undefined)?.status;
  };
  assert.equal(judgePath(true), 400);
  assert.equal(judgePath(false), undefined);
  assert.equal(judgePath(false, 'signed-in'), 400);
  assert.equal(judgePath(false, 'nobody'), 400);
});

test('v5.0.0-8.2.1 a route without a rule is closed to visitors where the policy says signed-in', () => {
  assert.equal(judge(undefined, undefined, undefined, 'signed-in')?.status, 401);
  assert.equal(judge(undefined, undefined, '/login', 'signed-in')?.status, 303);
  assert.equal(judge(undefined, {}, undefined, 'signed-in'), undefined);
  assert.equal(judge('anyone', undefined, undefined, 'signed-in'), undefined);
});

test('v5.0.0-8.2.1 a route without a rule is closed to everyone where the policy says nobody, as if there were none', () => {
  for (const principal of [undefined, {}, { roles: ['operator'] }]) {
    const refusal = judge(undefined, principal, '/login', 'nobody');
    assert.deepEqual(
      [refusal?.status, refusal?.type, refusal?.event?.kind.name],
      [404, 'not-found', 'authz_fail'],
    );
  }
  assert.equal(judge('anyone', undefined, undefined, 'nobody'), undefined);
  assert.equal(judge({}, {}, undefined, 'nobody'), undefined);
  assert.equal(judge({}, undefined, undefined, 'nobody')?.status, 401);
});

const PERSON: Principal = {
  account: 'a',
  roles: [],
  signedInAt: 0,
  mfaAt: undefined,
  via: 'session',
  scopes: [],
};

test('leads who is signed in, but not well enough, to the step-up page, and tells what for', async () => {
  const needs: string[] = [];
  const lead: StepUp = (_exchange, _principal, need, refusal) => {
    needs.push(need);
    return { ...refusal, status: 303 };
  };
  const status = async (
    rule: RouteRules['require'],
    principal: Partial<Principal>,
    settings = SETTINGS,
  ): Promise<number | undefined> => {
    const exchange = sketchExchange({ now: NOW });
    exchange.rules = { require: rule ?? 'anyone' };
    const whole = { ...PERSON, signedInAt: NOW - 5000, ...principal };
    exchange.session = { idHash: 'h', principal: whole };
    return (await accessGuard(settings, { restricts: true }, lead).onRequest?.(exchange))?.status;
  };
  assert.equal(await status({ mfa: true, freshMs: 1000 }, {}), 303);
  assert.equal(await status({ mfa: true, freshMs: 1000 }, { mfaAt: NOW - 5000 }), 303);
  assert.equal(await status({ freshMs: 1000 }, {}), 303);
  assert.deepEqual(needs, ['mfa', 'fresh', 'fresh']);
  // No proof gives a role, and what is only observed is done to nobody.
  assert.equal(await status({ roles: ['operator'], mfa: true }, {}), 403);
  assert.equal(await status({ mfa: true }, { mfaAt: NOW }), undefined);
  assert.equal(await status({ mfa: true }, {}, { ...SETTINGS, mode: 'observe' }), 403);
  assert.equal(needs.length, 3);
});

test('each refusal says what to do, and the log what was missing', () => {
  const told = (refusal: Refusal | undefined): unknown[] => [
    refusal?.status,
    refusal?.type,
    refusal?.event?.kind.name,
    refusal?.detail,
    refusal?.event?.details,
  ];
  const missing =
    'There is nothing at this address. It may have moved, or the link may have a mistake in it.';
  assert.deepEqual(told(judge(undefined, {}, undefined, 'nobody')), [
    404,
    'not-found',
    'authz_fail',
    missing,
    { reason: 'no rule of the policy opens this route, and access.otherwise is nobody' },
  ]);
  assert.deepEqual(told(judge({ roles: ['operator'] }, {})), [
    403,
    'not-allowed',
    'authz_fail',
    'Your account may not do this.',
    { needs: { role: 'operator' } },
  ]);
  assert.deepEqual(told(judge({ mfa: true }, {})), [
    403,
    'stronger-sign-in-required',
    'authz_fail',
    'This needs a second factor. Sign in again and repeat what you did.',
    { needs: { mfa: true } },
  ]);
  assert.deepEqual(told(judge({ freshMs: 1000 }, { signedInAt: NOW - 5000 })), [
    403,
    'stronger-sign-in-required',
    'authz_fail',
    'This needs a fresh sign-in. Sign in again and repeat what you did.',
    { needs: { freshMs: 1000 } },
  ]);
  assert.deepEqual(told(judge({})), [
    401,
    'sign-in-required',
    'authz_fail',
    'Sign in first.',
    { needs: 'signed-in' },
  ]);
  const led = judge({}, undefined, '/login');
  assert.deepEqual(
    [led?.type, led?.detail, led?.event?.kind.name],
    ['redirect', 'Sign in first.', undefined],
  );
  const ambiguous = sketchExchange();
  ambiguous.pathHasOneReading = false;
  assert.deepEqual(told(accessGuard(SETTINGS, { restricts: true }).onRequest?.(ambiguous) as Refusal), [
    400,
    'bad-request',
    'input_validation_fail',
    'This address can be read in more than one way.',
    { reason: 'no route rule can be matched to this path for sure' },
  ]);
});

test('leads to the sign-in page whoever asked for a page, and nobody else', () => {
  const status = (method: string, accept: string | undefined): number | undefined => {
    const exchange = sketchExchange({ method, ...(accept !== undefined && { headers: { accept } }) });
    exchange.rules = { require: {} };
    const verdict = accessGuard({ ...SETTINGS, signIn: '/login' }, { restricts: true }).onRequest?.(exchange);
    return (verdict as Refusal | undefined)?.status;
  };
  assert.deepEqual([status('GET', 'text/html'), status('HEAD', 'text/html,*/*')], [303, 303]);
  assert.deepEqual(
    [status('POST', 'text/html'), status('GET', 'application/json'), status('GET', undefined)],
    [401, 401, 401],
  );
});

test('where nobody knows who is asking, a closed route is 503 and not a sign-in', () => {
  const exchange = sketchExchange();
  exchange.rules = { require: {} };
  exchange.set(UNKNOWN_WHO, new StoreDownError('gone', true));
  const guard = accessGuard({ ...SETTINGS, mode: 'observe' }, { restricts: true });
  assert.equal((guard.onRequest?.(exchange) as Refusal | undefined)?.status, 503);
  assert.deepEqual([guard.name, guard.mode], ['access', 'observe']);
});
