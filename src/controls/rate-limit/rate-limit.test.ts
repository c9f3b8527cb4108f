import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../../core/exchange.ts';
import { gcraDebit, gcraStep } from '../../core/gcra.ts';
import type { Guard } from '../../core/guard.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { defaultsOf } from '../../core/options.ts';
import { ListedHead } from '../../core/listed-head.ts';
import type { Rate } from '../../core/rate.ts';
import type { LimitSubject, RouteLimit } from '../../core/route-rules.ts';
import type { Refusal } from '../../core/verdict.ts';
import type { CounterAnswer, CounterStore } from '../../stores/ports/counters.ts';
import { type RequestSketch, sketchExchange } from '../../../test/support/exchange.ts';
import { inTurn } from '../../../test/support/guards-in-turn.ts';
import { rateLimitOptions, type RateLimitSettings } from './rate-limit.options.ts';
import { rateGuards, type RateGuardOptions } from './rate-limit.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const keys = new KeyRing([Buffer.alloc(32, 7)]);

/** Exact counters in memory, as any number of workers would share them. */
class SharedCounters implements CounterStore {
  readonly tats = new Map<string, number>();

  take(key: string, rate: Rate, now: number): CounterAnswer {
    const { tat, ...answer } = gcraStep(rate, this.tats.get(key) ?? 0, now);
    this.tats.set(key, tat);
    return answer;
  }
  debit(key: string, rate: Rate, count: number, now: number): number {
    const tat = gcraDebit(rate, this.tats.get(key) ?? 0, count, now);
    this.tats.set(key, tat);
    return tat - now;
  }
  debt(key: string, now: number): number {
    return Math.max(0, (this.tats.get(key) ?? 0) - now);
  }
  sweep(): number {
    return 0;
  }
  count(): number {
    return this.tats.size;
  }
}

function guardOf(
  counters: CounterStore,
  settings: Partial<RateLimitSettings> = {},
  options: RateGuardOptions = {},
): Guard {
  const all = { ...defaultsOf(rateLimitOptions), capacity: 1024, ...settings };
  return inTurn(rateGuards(all, { counters, reach: 'network' }, keys, options));
}

function limitBy(...by: LimitSubject[]): RouteLimit {
  return { rate: { count: 5, windowMs: 60_000 }, by, accountField: 'email', id: 'POST /login' };
}

const BOTH = limitBy('client', 'account');

/** An exchange of a client, on a route with this limit. */
function exchangeOf(client: string, limit: RouteLimit | undefined, sketch: RequestSketch = {}): Exchange {
  const exchange = sketchExchange({ peer: client, now: NOW, ...sketch });
  if (limit !== undefined) exchange.rules = { limit };
  return exchange;
}

/** A sign-in of `email` from `client`. */
function signIn(client: string, email: string, limit: RouteLimit = BOTH): Exchange {
  return exchangeOf(client, limit, { method: 'POST', headers: FORM, body: `email=${email}&password=x` });
}

async function judge(guard: Guard, exchange: Exchange): Promise<Refusal | undefined> {
  return await guard.onRequest?.(exchange);
}

/** The status of each of so many requests, one after another. */
async function statuses(
  guard: Guard,
  times: number,
  make: (index: number) => Exchange,
): Promise<(number | 'pass')[]> {
  const seen: (number | 'pass')[] = [];
  for (let index = 0; index < times; index += 1)
    seen.push((await judge(guard, make(index)))?.status ?? 'pass');
  return seen;
}

/** What guards of these settings tell goes by the exchange alone. */
const { general: TELLING } = rateGuards(
  { ...defaultsOf(rateLimitOptions), capacity: 1024 },
  { counters: new SharedCounters(), reach: 'network' },
  keys,
);

/** The lines that the answer of an exchange is given. */
function linesOf(exchange: Exchange, head = new ListedHead(200)): ListedHead['lines'] {
  TELLING.onResponse?.(exchange, head);
  return head.lines;
}

function headerOf(exchange: Exchange, name: string): string | undefined {
  return linesOf(exchange).find(([header]) => header === name)?.[1];
}

test('v5.0.0-2.4.1 refuses the 201st request of a client in a minute, and says when to come back', async () => {
  const guard = guardOf(new SharedCounters());
  for (let index = 0; index < 200; index += 1) {
    assert.equal(guard.onRequest?.(exchangeOf('192.0.2.1', undefined)), undefined);
  }
  const exchange = exchangeOf('192.0.2.1', undefined);
  const refusal = await judge(guard, exchange);
  assert.equal(refusal?.status, 429);
  assert.equal(refusal?.type, 'too-many-requests');
  assert.equal(refusal?.event?.kind.name, 'excess_rate_limit_exceeded');
  assert.deepEqual(refusal?.headers, [['Retry-After', '1']]);
  assert.deepEqual(refusal?.event?.details, { limit: 'default', by: 'client', retryAfter: 1 });
  assert.equal(headerOf(exchange, 'RateLimit'), '"default";r=0;t=1');
  assert.equal(await judge(guard, exchangeOf('192.0.2.2', undefined)), undefined);
});

test('counts unknown paths and static files like all else: one limit over everything (past failure 8)', async () => {
  const guard = guardOf(new SharedCounters(), { perClient: { count: 3, windowMs: 60_000 } });
  const targets = ['/', '/no-such-page', '/static/app.css', '/favicon.ico'];
  const seen = await statuses(guard, 4, (index) =>
    exchangeOf('192.0.2.1', undefined, { target: targets[index] ?? '' }),
  );
  assert.deepEqual(seen, ['pass', 'pass', 'pass', 429]);
});

/** An exchange behind a proxy, once the address guard has found the client. */
function proxied(key: string): Exchange {
  const exchange = exchangeOf('10.0.0.1', undefined);
  exchange.client = { address: key, key };
  return exchange;
}

test('counts by what the address guard says, not by the socket', async () => {
  const guard = guardOf(new SharedCounters(), { perClient: { count: 1, windowMs: 60_000 } });
  assert.deepEqual(await statuses(guard, 2, (index) => proxied(`192.0.2.${index}`)), ['pass', 'pass']);
  assert.equal((await judge(guard, proxied('192.0.2.1')))?.status, 429);
});

test('answers at once and asks no store where a route has no limit of its own', () => {
  const counters = new SharedCounters();
  const guard = guardOf(counters);
  for (let index = 0; index < 10_000; index += 1) {
    const prefix = `2001:db8:${index.toString(16)}::/64`;
    assert.equal(guard.onRequest?.(exchangeOf(prefix, undefined)), undefined);
  }
  assert.equal(counters.count(), 0);
});

test('answers at once on a limited route too where the store does and no body is needed', () => {
  const guard = guardOf(new SharedCounters());
  assert.equal(guard.onRequest?.(exchangeOf('192.0.2.1', limitBy('client'))), undefined);
});

test('two workers on one store let 5 of 14 wrong sign-ins through, not 9 (past failure 6)', async () => {
  const counters = new SharedCounters();
  const workers = [guardOf(counters), guardOf(counters)];
  let passed = 0;
  for (let index = 0; index < 14; index += 1) {
    const worker = workers[index % 2];
    assert.ok(worker !== undefined);
    if ((await judge(worker, signIn('192.0.2.1', 'alice', limitBy('client')))) === undefined) passed += 1;
  }
  assert.equal(passed, 5);
});

test('v5.0.0-6.3.1 many addresses on one account add up (past failure 10)', async () => {
  const counters = new SharedCounters();
  const guard = guardOf(counters);
  const seen = await statuses(guard, 7, (index) =>
    signIn(`192.0.2.${index}`, index % 2 === 0 ? 'alice' : '+ALICE+'),
  );
  assert.deepEqual(seen, ['pass', 'pass', 'pass', 'pass', 'pass', 429, 429]);
  assert.equal(await judge(guard, signIn('192.0.2.99', 'bob')), undefined);
});

test('refuses a client before a byte of its body is read (past failure 10)', async () => {
  const guard = guardOf(new SharedCounters());
  await statuses(guard, 5, () => signIn('192.0.2.1', 'alice'));
  const exchange = signIn('192.0.2.1', 'alice');
  let read = 0;
  Object.defineProperty(exchange.body, 'peek', {
    value: () => {
      read += 1;
      return Promise.resolve(Buffer.alloc(0));
    },
  });
  const verdict = guard.onRequest?.(exchange);
  assert.ok(!(verdict instanceof Promise));
  assert.equal(verdict?.status, 429);
  assert.equal(read, 0);
});

test('what a client is refused costs the account nothing', async () => {
  const counters = new SharedCounters();
  const tight = { ...BOTH, rate: { count: 2, windowMs: 60_000 } };
  const guard = guardOf(counters);
  await statuses(guard, 10, () => signIn('192.0.2.66', 'alice', tight));
  // Two attempts of ten were let through: the account owes for those, one minute in all.
  const account = [...counters.tats].find(([key]) => key.includes('account'));
  assert.equal(account?.[1], NOW + 60_000);
});

test('puts no account name in the store, in the log or in the answer', async () => {
  const counters = new SharedCounters();
  const guard = guardOf(counters);
  let refusal: Refusal | undefined;
  for (let index = 0; index < 6; index += 1)
    refusal = await judge(guard, signIn(`192.0.2.${index}`, 'alice@example.com'));
  assert.equal(refusal?.event?.details['by'], 'account');
  assert.match(String(refusal?.event?.details['account']), /^[\w-]{8}$/);
  assert.doesNotMatch(JSON.stringify([refusal, [...counters.tats.keys()]]), /alice|example/i);
});

test('the limits of two routes are counted apart', async () => {
  const guard = guardOf(new SharedCounters());
  await statuses(guard, 5, () => signIn('192.0.2.1', 'alice'));
  assert.equal(await judge(guard, signIn('192.0.2.1', 'alice', { ...BOTH, id: 'POST /reset' })), undefined);
});

test('refuses a body from which the account cannot be read, and charges no account for it', async () => {
  const counters = new SharedCounters();
  const guard = guardOf(counters);
  const post = async (headers: Record<string, string>, body: string): Promise<number | undefined> => {
    const client = `192.0.2.${counters.count()}`;
    return (await judge(guard, exchangeOf(client, BOTH, { method: 'POST', headers, body })))?.status;
  };
  assert.equal(await post({ 'content-type': 'multipart/form-data; boundary=x' }, 'email=a'), 415);
  assert.equal(await post({}, 'email=a'), 415);
  assert.equal(await post({ ...FORM, 'content-encoding': 'gzip' }, 'email=a'), 415);
  assert.equal(await post(FORM, 'email=a&email=b'), 400);
  assert.equal(await post({ 'content-type': 'application/json' }, '{"email":["a"]}'), 400);
  assert.equal(await post(FORM, `email=a&pad=${'x'.repeat(65_536)}`), 413);
  assert.ok([...counters.tats.keys()].every((key) => !key.includes('account')));
});

test('closes the connection after a body that is too large, and not after one that is merely wrong', async () => {
  const guard = guardOf(new SharedCounters());
  const big = exchangeOf('192.0.2.1', BOTH, { method: 'POST', headers: FORM, body: 'x'.repeat(70_000) });
  assert.equal((await judge(guard, big))?.close, true);
  const wrong = exchangeOf('192.0.2.1', BOTH, { method: 'POST', headers: FORM, body: 'x=1' });
  assert.equal((await judge(guard, wrong))?.close, undefined);
});

test('reads no account out of a GET, which the client limit still counts', async () => {
  const guard = guardOf(new SharedCounters());
  const seen = await statuses(guard, 6, () => exchangeOf('192.0.2.1', BOTH));
  assert.deepEqual(seen, ['pass', 'pass', 'pass', 'pass', 'pass', 429]);
});

/** A store that fails in one way or another. */
function broken(fail: () => never | Promise<never>): CounterStore {
  return { take: fail, debit: fail, debt: fail, sweep: () => 0, count: () => 0 };
}

test('a store that fails refuses the limited route, loudly, and nothing else (past failure 30)', async () => {
  const error = Object.assign(new Error('redis://:hunter2@db failed'), { code: 'ECONNREFUSED' });
  for (const fail of [
    () => Promise.reject(error),
    () => {
      throw error;
    },
  ]) {
    const guard = guardOf(broken(fail));
    const exchange = signIn('192.0.2.1', 'alice');
    const refusal = await judge(guard, exchange);
    assert.equal(refusal?.status, 503);
    assert.equal(refusal?.type, 'unavailable');
    assert.equal(refusal?.event?.kind.name, 'sys_store_unavailable');
    assert.deepEqual(refusal?.headers, [['Retry-After', '5']]);
    assert.equal(refusal?.event?.details['error'], 'ECONNREFUSED');
    assert.doesNotMatch(JSON.stringify(refusal), /hunter2/);
    assert.equal(headerOf(exchange, 'RateLimit'), '"default";r=199;t=1');
    assert.equal((await judge(guard, signIn('192.0.2.1', 'alice', limitBy('account'))))?.status, 503);
    assert.equal(guard.onRequest?.(exchangeOf('192.0.2.1', undefined)), undefined);
  }
});

test('the general limit goes on without its store', async () => {
  const guard = guardOf(
    broken(() => Promise.reject(new Error('gone'))),
    { perClient: { count: 2, windowMs: 60_000 } },
  );
  assert.deepEqual(await statuses(guard, 3, () => signIn('192.0.2.1', 'alice')), [503, 503, 429]);
});

test('a flood over the general limit never reaches the store', async () => {
  const counters = new SharedCounters();
  const guard = guardOf(counters, { perClient: { count: 1, windowMs: 60_000 } });
  await statuses(guard, 2, () => exchangeOf('192.0.2.1', undefined));
  assert.equal((await judge(guard, signIn('192.0.2.1', 'alice')))?.status, 429);
  assert.deepEqual([...counters.tats], [['rate/default/192.0.2.1', NOW + 60_000]]);
});

test('tells every client where it stands, in the fields of the draft', async () => {
  const guard = guardOf(new SharedCounters());
  const plain = exchangeOf('192.0.2.1', undefined);
  await judge(guard, plain);
  assert.equal(headerOf(plain, 'RateLimit-Policy'), '"default";q=200;w=60');
  assert.equal(headerOf(plain, 'RateLimit'), '"default";r=199;t=1');
});

test('what the application says of its own limit does not stand beside it', async () => {
  const exchange = exchangeOf('192.0.2.1', undefined);
  await judge(guardOf(new SharedCounters()), exchange);
  assert.deepEqual(linesOf(exchange, new ListedHead(200, [['RateLimit', '"mine";r=9']])), [
    ['RateLimit', '"default";r=199;t=1'],
    ['RateLimit-Policy', '"default";q=200;w=60'],
  ]);
});

test('says nothing of it ahead of an answer', async () => {
  const exchange = exchangeOf('192.0.2.1', undefined);
  await judge(guardOf(new SharedCounters()), exchange);
  assert.deepEqual(linesOf(exchange, new ListedHead(103, [], 'hints')), []);
});

test('on a limited route shows the limit that is nearest to refusing', async () => {
  const guard = guardOf(new SharedCounters());
  const first = signIn('192.0.2.1', 'alice');
  await judge(guard, first);
  assert.equal(headerOf(first, 'RateLimit-Policy'), '"default";q=200;w=60, "route";q=5;w=60');
  assert.equal(headerOf(first, 'RateLimit'), '"route";r=4;t=12');
  await statuses(guard, 4, () => signIn('192.0.2.1', 'bob'));
  const refused = signIn('192.0.2.1', 'alice');
  assert.deepEqual((await judge(guard, refused))?.headers, [['Retry-After', '12']]);
  assert.equal(headerOf(refused, 'RateLimit'), '"route";r=0;t=12');
  assert.equal(linesOf(refused).length, 2);

  const tight = guardOf(new SharedCounters(), { perClient: { count: 3, windowMs: 60_000 } });
  const near = signIn('192.0.2.1', 'alice');
  await judge(tight, near);
  assert.equal(headerOf(near, 'RateLimit'), '"default";r=2;t=20');
});

test('does not show how often others have tried an account', async () => {
  const guard = guardOf(new SharedCounters());
  await statuses(guard, 3, (index) => signIn(`192.0.2.${index}`, 'alice'));
  const stranger = signIn('192.0.2.9', 'alice');
  await judge(guard, stranger);
  assert.equal(headerOf(stranger, 'RateLimit'), '"route";r=4;t=12');
});

test('begins what later guards will ask before it asks the store itself, and only then', async () => {
  const asked: string[] = [];
  const counters = new SharedCounters();
  const take = counters.take.bind(counters);
  counters.take = (...values) => {
    asked.push('take');
    return take(...values);
  };
  const guard = guardOf(counters, {}, { ahead: () => void asked.push('ahead') });
  await judge(guard, exchangeOf('192.0.2.1', undefined));
  assert.deepEqual(asked, []);
  await judge(guard, exchangeOf('192.0.2.1', limitBy('client')));
  assert.deepEqual(asked, ['ahead', 'take']);
});

test('counts by each of several limits, and whoever is over one of them is refused', async () => {
  const counters = new SharedCounters();
  const guard = guardOf(counters);
  const byAccount: RouteLimit = { ...limitBy('account'), id: 'narrow' };
  const byClient: RouteLimit = { ...limitBy('client'), id: 'wide', rate: { count: 2, windowMs: 60_000 } };
  const ask = async (client: string, email: string): Promise<number | undefined> => {
    const exchange = signIn(client, email, byAccount);
    exchange.rules = { limit: byAccount, furtherLimits: [byClient] };
    return (await judge(guard, exchange))?.status;
  };
  for (const email of ['a@x', 'b@x']) assert.equal(await ask('192.0.2.1', email), undefined);
  assert.equal(await ask('192.0.2.1', 'c@x'), 429);
  for (const client of ['192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'])
    assert.equal(await ask(client, 'a@x'), undefined);
  assert.equal(await ask('192.0.2.6', 'a@x'), 429);
});
