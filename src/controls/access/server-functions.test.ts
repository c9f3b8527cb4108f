import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RequestSketch, sketchExchange } from '../../../test/support/exchange.ts';
import type { Exchange, Principal } from '../../core/exchange.ts';
import { defaultsOf } from '../../core/options.ts';
import type { RouteRules } from '../../core/route-rules.ts';
import type { Refusal } from '../../core/verdict.ts';
import { type AccessSettings, accessOptions } from './access.options.ts';
import { accessGuard, type AccessSurroundings } from './access.ts';
import { FRAMEWORK_NAMES, type FrameworkName } from './frameworks.ts';
import { serverFunctionCall } from './server-functions.ts';

const SETTINGS = defaultsOf(accessOptions);
const ANN: Principal = {
  account: 'ann',
  roles: [],
  signedInAt: 0,
  mfaAt: undefined,
  via: 'session',
  scopes: [],
};

/** `METHOD /path?query`, and headers. */
function exchangeOf(text: string, headers: RequestSketch['headers'] = {}): Exchange {
  const [target = '', method = 'GET'] = text.split(' ').toReversed();
  const exchange = sketchExchange({ method, target, headers });
  const [path = '', query = ''] = target.split('?');
  exchange.path = path;
  exchange.query = query;
  return exchange;
}

const NEXT = { 'next-action': '7f3a' };
const FORM = { 'content-type': 'Multipart/form-data; boundary=x' };

test('knows the calls of functions of the server by their shapes', () => {
  const all = new Set(FRAMEWORK_NAMES);
  const calls: readonly (readonly [FrameworkName, string, Record<string, string>?])[] = [
    ['tanstack-start', '/_serverFn/abc'],
    ['tanstack-start', 'POST /base/_SERVERFN/abc'],
    ['astro', 'POST /_actions/cart.add'],
    ['astro', '/_server-islands/Cart?e=1'],
    ['astro', 'POST /shop?_action=cart.add'],
    ['astro', 'POST /shop?%5Faction=cart.add'],
    ['solid-start', '/_server?id=1'],
    ['solid-start', 'POST /_server/'],
    ['nuxt', '/__nuxt_island/Card_x.json'],
    ['sveltekit', 'POST /_app/remote/x1/add'],
    ['sveltekit', 'POST /shop?/remote=x1%2Fadd'],
    ['qwik', 'POST /shop?qfunc=x1'],
    ['qwik', 'POST /shop?qaction=x1'],
    ['qwik', 'POST /shop?%71func=x1', { 'x-qrl': 'x1' }],
    ['next', 'POST /shop', NEXT],
    ['react-router', 'POST /shop', { 'rsc-action-id': 'x1' }],
    ['next', 'POST /shop', FORM],
  ];
  for (const [framework, text, headers] of calls)
    assert.equal(serverFunctionCall(exchangeOf(text, headers), all)?.framework, framework, text);
  for (const text of [
    '/',
    '/shop?q=qfunc',
    '/_astro/app.js',
    '/_server.css',
    '/_app/version.json',
    '/a/b/_actions/x',
    'GET /shop?_action=x',
  ])
    assert.equal(serverFunctionCall(exchangeOf(text), all), undefined, text);
});

test('what any application may send counts only where the framework is there', () => {
  for (const [text, headers] of [
    ['POST /shop?_action=add'],
    ['POST /shop?qaction=add'],
    ['POST /shop', FORM],
  ] as const) {
    assert.equal(serverFunctionCall(exchangeOf(text, headers), new Set()), undefined, text);
  }
});

function judge(
  exchange: Exchange,
  settings: Partial<AccessSettings>,
  rule?: RouteRules['require'],
  surroundings: Partial<AccessSurroundings> = {},
  principal?: Principal,
): Refusal | undefined {
  if (rule !== undefined) exchange.rules = { require: rule };
  if (principal !== undefined) exchange.session = { idHash: 'h', principal };
  const guard = accessGuard({ ...SETTINGS, ...settings }, { restricts: true, ...surroundings });
  const verdict = guard.onRequest?.(exchange);
  assert.ok(!(verdict instanceof Promise));
  return verdict;
}

test('refuses a call until the policy says who may, and names the framework and the line', () => {
  for (const [text, headers] of [['POST /_serverFn/x'], ['POST /open', NEXT]] as const) {
    const refusal = judge(exchangeOf(text, headers), {}, 'anyone', {}, ANN);
    assert.equal(refusal?.status, 404, text);
    assert.match(String(refusal.event?.details['fix']), /access: \{ serverFunctions: 'signed-in' \}/);
  }
  assert.match(String(judge(exchangeOf('/_serverFn/x'), {})?.event?.details['reason']), /TanStack Start/);
  // Where nothing is closed there is nothing to get round.
  assert.equal(judge(exchangeOf('POST /_serverFn/x'), {}, undefined, { restricts: false }), undefined);
});

test('asks of a call what the policy says of calls, and what the page asks for that it was sent to', () => {
  const signedIn = { serverFunctions: {} };
  assert.equal(judge(exchangeOf('POST /open', NEXT), signedIn, 'anyone')?.status, 401);
  assert.equal(judge(exchangeOf('POST /open', NEXT), signedIn, 'anyone', {}, ANN), undefined);
  assert.equal(judge(exchangeOf('POST /admin', NEXT), signedIn, { roles: ['admin'] }, {}, ANN)?.status, 403);
  assert.equal(judge(exchangeOf('POST /open', NEXT), { serverFunctions: 'anyone' }, 'anyone'), undefined);
  assert.equal(judge(exchangeOf('POST /admin', NEXT), { serverFunctions: 'anyone' }, {})?.status, 401);
  assert.equal(
    judge(exchangeOf('POST /gone', NEXT), { ...signedIn, otherwise: 'nobody' }, undefined, {}, ANN)?.status,
    404,
  );
});

test('a call at an address of its own needs no rule of that address beside, and one is enough', () => {
  const call = 'POST /_serverFn/x';
  const closed = { otherwise: 'nobody' } as const;
  assert.equal(judge(exchangeOf(call), { ...closed, serverFunctions: {} }, undefined, {}, ANN), undefined);
  assert.equal(judge(exchangeOf(call), { ...closed, serverFunctions: {} })?.status, 401);
  const names = (segment: string): boolean => segment === '_serverfn';
  assert.equal(judge(exchangeOf(call), {}, 'anyone', { names }), undefined);
  assert.equal(judge(exchangeOf(call), {}, {}, { names })?.status, 401);
});

test('what a framework that was found may call is refused too', () => {
  assert.equal(judge(exchangeOf('POST /open', FORM), {}, 'anyone', { found: ['next'] })?.status, 404);
  assert.equal(judge(exchangeOf('POST /open', FORM), { frameworks: ['next'] }, 'anyone')?.status, 404);
  assert.equal(judge(exchangeOf('POST /open', FORM), {}, 'anyone'), undefined);
});
