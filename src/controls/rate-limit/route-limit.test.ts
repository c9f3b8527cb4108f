/** What the two guards of the room hand each other, and the whole of what a route's limit says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RequestSketch, sketchExchange } from '../../../test/support/exchange.ts';
import { eventOf } from '../../core/events.ts';
import type { Exchange } from '../../core/exchange.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { ListedHead } from '../../core/listed-head.ts';
import { defaultsOf } from '../../core/options.ts';
import type { LimitSubject, RouteLimit } from '../../core/route-rules.ts';
import { CORE_EVENTS, type Refusal } from '../../core/verdict.ts';
import { MemoryCounters } from '../../stores/memory/counters.ts';
import type { CounterStore } from '../../stores/ports/counters.ts';
import { RATE_LIMIT_EVENTS } from './rate-limit.events.ts';
import { rateLimitOptions, type RateLimitSettings } from './rate-limit.options.ts';
import { type RateGuardOptions, rateGuards, type RateGuards } from './rate-limit.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const keys = new KeyRing([Buffer.alloc(32, 7)]);

/** Counters that note the keys they were asked for. */
class NotedCounters extends MemoryCounters {
  readonly asked: string[] = [];

  override take(...values: Parameters<MemoryCounters['take']>): ReturnType<MemoryCounters['take']> {
    this.asked.push(values[0]);
    return super.take(...values);
  }
}

function guardsOf(
  counters: CounterStore,
  settings: Partial<RateLimitSettings> = {},
  options: RateGuardOptions = {},
): RateGuards {
  const all = { ...defaultsOf(rateLimitOptions), capacity: 1024, ...settings };
  return rateGuards(all, { counters, reach: 'process' }, keys, options);
}

/** Both guards in their order; as where they only observe, the second runs whatever the first said. */
async function judge(guards: RateGuards, exchange: Exchange): Promise<readonly (Refusal | undefined)[]> {
  return [await guards.general.onRequest?.(exchange), await guards.routes.onRequest?.(exchange)];
}

/** What the client is told. */
function linesOf({ general }: RateGuards, exchange: Exchange): ListedHead['lines'] {
  const head = new ListedHead(200);
  general.onResponse?.(exchange, head);
  return head.lines;
}

function limitBy(...by: LimitSubject[]): RouteLimit {
  return { rate: { count: 5, windowMs: 60_000 }, by, accountField: 'email', id: 'POST /login' };
}

function exchangeOf(limit: RouteLimit | undefined, sketch: RequestSketch = {}): Exchange {
  const exchange = sketchExchange({
    now: NOW,
    method: 'POST',
    headers: FORM,
    body: 'email=alice',
    ...sketch,
  });
  if (limit !== undefined) exchange.rules = { limit };
  return exchange;
}

test('where it only observes it tells the client nothing, and goes on past what it would refuse', async () => {
  const guards = guardsOf(new NotedCounters(), {
    mode: 'observe',
    perClient: { count: 1, windowMs: 60_000 },
  });
  const first = exchangeOf(limitBy('client'));
  assert.deepEqual(await judge(guards, first), [undefined, undefined]);
  assert.deepEqual(linesOf(guards, first), []);
  const [general, route] = await judge(guards, exchangeOf(limitBy('client')));
  assert.equal(general?.status, 429);
  assert.equal(route, undefined);
});

test('what another site had a browser send costs its sender the general limit alone', async () => {
  const counters = new NotedCounters();
  const guards = guardsOf(counters, {}, { isForged: () => true });
  for (let index = 0; index < 10; index += 1)
    assert.deepEqual(await judge(guards, exchangeOf(limitBy('client', 'account'))), [undefined, undefined]);
  assert.deepEqual(counters.asked, []);
});

test('refuses and closes the connection where the next request on it cannot be told from this one', async () => {
  const perClient = { count: 1, windowMs: 60_000 };
  for (const isBadly of [true, false]) {
    const guards = guardsOf(new NotedCounters(), { perClient }, { isBadlyFramed: () => isBadly });
    await judge(guards, exchangeOf(undefined));
    const [refusal] = await judge(guards, exchangeOf(undefined));
    assert.equal(refusal?.status, 429);
    assert.equal(refusal.close, isBadly ? true : undefined);
  }
});

test('a limit by account counts no client, and knows an account by 128 bits', async () => {
  const counters = new NotedCounters();
  await judge(guardsOf(counters), exchangeOf(limitBy('account')));
  assert.equal(counters.asked.length, 1);
  assert.match(counters.asked[0] ?? '', /^rate\/POST \/login\/account\/[\w-]{22}$/);
});

test('looks for an account in what changes something, and in nothing that only reads', async () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    const counters = new NotedCounters();
    assert.deepEqual(await judge(guardsOf(counters), exchangeOf(limitBy('account'), { method })), [
      undefined,
      undefined,
    ]);
    assert.deepEqual(counters.asked, [], method);
  }
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const counters = new NotedCounters();
    await judge(guardsOf(counters), exchangeOf(limitBy('account'), { method }));
    assert.equal(counters.asked.length, 1, method);
  }
});

test('of two limits that are as near, shows the general one', async () => {
  const guards = guardsOf(new NotedCounters(), { perClient: { count: 5, windowMs: 60_000 } });
  const exchange = exchangeOf(limitBy('client'));
  await judge(guards, exchange);
  assert.deepEqual(linesOf(guards, exchange)[1], ['RateLimit', '"default";r=4;t=12']);
});

test('each refusal is what it says to its sender, to the log and to the connection', async () => {
  const { malformed, large, kind, over, gone } = REFUSALS;
  const by = limitBy('account');
  const of = async (sketch: RequestSketch, counters: CounterStore = new NotedCounters()): Promise<unknown> =>
    (await judge(guardsOf(counters), exchangeOf(by, sketch)))[1];
  assert.deepEqual(await of({ body: 'name=alice' }), malformed);
  assert.deepEqual(await of({ body: 'x'.repeat(70_000) }), large);
  assert.deepEqual(await of({ headers: { 'content-type': 'text/plain' } }), kind);
  const lost = new NotedCounters();
  lost.take = () => {
    throw new Error('gone');
  };
  assert.deepEqual(await of({}, lost), gone);
  const guards = guardsOf(new NotedCounters());
  for (let index = 0; index < 5; index += 1) await judge(guards, exchangeOf(limitBy('client')));
  assert.deepEqual((await judge(guards, exchangeOf(limitBy('client'))))[1], over);
});

const REFUSALS = {
  malformed: {
    type: 'bad-request',
    title: 'The request could not be understood',
    status: 400,
    detail: 'The body must name "email" exactly once, as text of at most 320 characters.',
    event: eventOf(RATE_LIMIT_EVENTS.accountUnread, {
      reason: 'the account is not named exactly once',
      limit: 'POST /login',
    }),
  },
  large: {
    type: 'body-too-large',
    title: 'That is too large',
    status: 413,
    detail: 'The body of this request is larger than 64 KB.',
    event: eventOf(RATE_LIMIT_EVENTS.accountUnread, {
      reason: 'more body than an account is looked for in',
      limit: 65_536,
    }),
    close: true,
  },
  kind: {
    type: 'body-not-supported',
    title: 'This kind of content is not accepted',
    status: 415,
    detail:
      'Send this as application/x-www-form-urlencoded or application/json, in UTF-8 and not compressed.',
    event: eventOf(RATE_LIMIT_EVENTS.accountUnread, {
      reason: 'the account cannot be read from this kind of body',
    }),
  },
  over: {
    type: 'too-many-requests',
    title: 'Too many requests',
    status: 429,
    detail: 'Too many requests. Wait 12 seconds, then try again.',
    event: eventOf(RATE_LIMIT_EVENTS.exceeded, { limit: 'POST /login', by: 'client', retryAfter: 12 }),
    headers: [['Retry-After', '12']],
  },
  gone: {
    type: 'unavailable',
    title: 'Unavailable for the moment',
    status: 503,
    detail: 'This cannot be answered right now. Try again in a few seconds.',
    headers: [['Retry-After', '5']],
    event: eventOf(CORE_EVENTS.storeUnavailable, { limit: 'POST /login', store: 'counters', error: 'Error' }),
  },
} as const satisfies Readonly<Record<string, Refusal>>;
