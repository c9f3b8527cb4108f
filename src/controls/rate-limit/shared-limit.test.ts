import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { sketchExchange, type RequestSketch } from '../../../test/support/exchange.ts';
import { inTurn } from '../../../test/support/guards-in-turn.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { defaultsOf } from '../../core/options.ts';
import type { Refusal } from '../../core/verdict.ts';
import { MemoryCounters } from '../../stores/memory/counters.ts';
import type { CounterStore } from '../../stores/ports/counters.ts';
import { rateLimitOptions } from './rate-limit.options.ts';
import { type RateGuardOptions, rateGuards } from './rate-limit.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const keys = new KeyRing([Buffer.alloc(32, 7)]);

/** The guard of one process on a store. */
function guardOf(
  counters: CounterStore,
  reach: 'network' | 'process' = 'network',
  options: RateGuardOptions = {},
): Guard {
  const settings = { ...defaultsOf(rateLimitOptions), capacity: 1024 };
  return inTurn(rateGuards(settings, { counters, reach }, keys, options));
}

function exchangeOf(client: string, sketch: RequestSketch = {}): Exchange {
  return sketchExchange({ peer: client, now: NOW, ...sketch });
}

async function judge(guard: Guard, exchange: Exchange): Promise<Refusal | undefined> {
  return await guard.onRequest?.(exchange);
}

/** A store that fails in one way or another. */
function broken(fail: () => never | Promise<never>): CounterStore {
  return { take: fail, debit: fail, debt: fail, sweep: () => 0, count: () => 0 };
}

/** How many of so many requests of one client get through several processes on one store, in turn. */
async function passedOver(guards: readonly Guard[], requests: number): Promise<number> {
  let passed = 0;
  for (let index = 0; index < requests; index += 1) {
    const guard = guards[index % guards.length];
    if (guard !== undefined && (await judge(guard, exchangeOf('192.0.2.1'))) === undefined) passed += 1;
  }
  return passed;
}

test('several processes on one store share the general limit, to a batch each', async () => {
  const counters = new MemoryCounters();
  const guards = Array.from({ length: 4 }, () => guardOf(counters));
  const passed = await passedOver(guards, 2000);
  assert.ok(passed >= 200 && passed <= 200 + 4 * 20, `${passed} of 200`);
  const alone = Array.from({ length: 4 }, () => guardOf(new MemoryCounters(), 'process'));
  assert.equal(await passedOver(alone, 2000), 800, 'what it would be without');
});

test('who is refused for what other processes let through is told when to come back, and is let in then', async () => {
  const counters = new MemoryCounters();
  const [one, two] = [guardOf(counters), guardOf(counters)];
  await passedOver([one], 200);
  let refusal: Refusal | undefined;
  for (let index = 0; refusal === undefined; index += 1) {
    assert.ok(index <= 20);
    refusal = await judge(two, exchangeOf('192.0.2.1'));
  }
  assert.equal(refusal.status, 429);
  const wait = Number(refusal.headers?.find(([name]) => name === 'Retry-After')?.[1]);
  assert.ok(wait > 0 && wait <= 10);
  const later = exchangeOf('192.0.2.1', { now: NOW + wait * 1000 });
  assert.equal(await judge(two, later), undefined);
});

test('a visitor who asks for little costs the shared store no key', async () => {
  const counters = new MemoryCounters();
  const guard = guardOf(counters);
  for (let visitor = 0; visitor < 500; visitor += 1) {
    for (let page = 0; page < 19; page += 1) await judge(guard, exchangeOf(`2001:db8:0:${visitor}::1`));
  }
  assert.equal(counters.count(), 0);
});

test('the general limit counts for itself while the shared store is gone, at once or later', async () => {
  const gone = new Error('gone');
  const ways = [
    (): Promise<never> => Promise.reject(gone),
    (): never => {
      throw gone;
    },
  ];
  for (const fail of ways) assert.equal(await passedOver([guardOf(broken(fail))], 500), 200);
});

test('a burst that comes while a report is under way waits for its answer', async () => {
  const inner = new MemoryCounters();
  const slow: CounterStore = {
    take: (...values) => inner.take(...values),
    debt: (...values) => inner.debt(...values),
    sweep: () => 0,
    count: () => 0,
    debit: async (...values) => {
      await setImmediate();
      return inner.debit(...values);
    },
  };
  const guards = Array.from({ length: 4 }, () => guardOf(slow));
  const burst = Array.from({ length: 1600 }, (_, index) => guards[index % 4]);
  const answers = await Promise.all(burst.map(async (guard) => guard?.onRequest?.(exchangeOf('192.0.2.1'))));
  const passed = answers.filter((refusal) => refusal === undefined).length;
  assert.ok(passed >= 200 && passed <= 200 + 4 * 2 * 20, `${passed} of 200 at once`);
});

test('a report that never comes back holds nobody up once the store is known to be gone', async () => {
  const gone = Promise.withResolvers<number>();
  const guard = guardOf(broken(() => gone.promise as Promise<never>));
  const asked = Array.from({ length: 100 }, async () => guard.onRequest?.(exchangeOf('192.0.2.1')));
  gone.reject(new Error('gone'));
  assert.ok((await Promise.all(asked)).every((refusal) => refusal === undefined));
});

test('the request whose report finds that all together are over the limit is refused itself, and no sooner one', async () => {
  for (const isBadly of [true, false]) {
    const counters = new MemoryCounters();
    await passedOver([guardOf(counters)], 200);
    const other = guardOf(counters, 'network', { isBadlyFramed: () => isBadly });
    for (let index = 0; index < 19; index += 1)
      assert.equal(await judge(other, exchangeOf('192.0.2.1')), undefined);
    const refusal = await judge(other, exchangeOf('192.0.2.1'));
    assert.equal(refusal?.status, 429);
    assert.equal(refusal.close, isBadly ? true : undefined);
  }
});

test('a report goes with what later guards will ask, and nobody is told where no other process counts', async () => {
  for (const reach of ['network', 'process'] as const) {
    const asked: string[] = [];
    const counters = new MemoryCounters();
    const debit = counters.debit.bind(counters);
    counters.debit = (...values) => {
      asked.push('debit');
      return debit(...values);
    };
    const guard = guardOf(counters, reach, { ahead: () => void asked.push('ahead') });
    await passedOver([guard], 19);
    assert.deepEqual(asked, []);
    await passedOver([guard], 1);
    assert.deepEqual(asked, reach === 'network' ? ['ahead', 'debit'] : []);
  }
});
