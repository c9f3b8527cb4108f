/**
 * A guard as somebody else would write and test one: it lives in this file and knows public subpaths only. No file of ours
 * changes for it. `test/consumers` runs this file against the packed package as well.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Exchange, eventOf, type OwnGuard, type Verdict } from 'bulwark';
import { guardConformance, manualClock, openRecorder } from 'bulwark/testing';

const ASKED_AT_NIGHT = {
  name: 'asked_at_night',
  level: 'info',
  meaning: 'Someone came while the shop was closed.',
  details: { hour: 'number' },
} as const;

/** Nobody is served at night, and no answer tells the stock. A class, as one with a state of its own would be. */
class ShopHours implements OwnGuard {
  readonly name = 'shop-hours';
  readonly events = [ASKED_AT_NIGHT];
  readonly #opens: number;

  constructor(opens: number) {
    this.#opens = opens;
  }

  onRequest(exchange: Exchange): Verdict {
    const hour = new Date(exchange.now).getUTCHours();
    if (hour >= this.#opens) return undefined;
    return {
      status: 503,
      type: 'closed-at-night',
      title: 'We are closed',
      detail: 'Come back in the morning.',
      event: eventOf(ASKED_AT_NIGHT, { hour }),
    };
  }

  onResponse(_exchange: Exchange, head: { removeHeader(name: string): void }): void {
    head.removeHeader('x-stock');
  }
}

const NIGHT = Date.UTC(2026, 0, 1, 3);
const NOON = Date.UTC(2026, 0, 1, 12);

guardConformance(() => ({ after: 'session', guard: new ShopHours(8) }), {
  stops: {
    'a visitor at night': { asked: { now: NIGHT }, holds: 503 },
    'an answer that tells the stock': {
      asked: { now: NOON },
      answer: () => ({ headers: { 'X-Stock': '7' } }),
      holds: ({ head }) => assert.equal(head.getHeader('x-stock'), undefined),
    },
  },
  passes: { 'a visitor at noon': { asked: { now: NOON } } },
});

/** One visit for everybody: a guard with a memory, which is tried more than once. */
guardConformance(
  () => {
    let visits = 0;
    const onRequest = (): Verdict => {
      visits += 1;
      return visits === 1
        ? undefined
        : { status: 429, type: 'once-only', title: 'Once only', detail: 'You were here.' };
    };
    return { before: 'access', guard: { name: 'once-only', onRequest } };
  },
  {
    stops: { 'the second visit': { asked: {}, times: 2, holds: 429 } },
    passes: { 'the first visit': { asked: {} } },
  },
);

test('the shop opens as its clock goes on', async () => {
  const clock = manualClock(NIGHT);
  const recorder = await openRecorder({ guards: [{ after: 'session', guard: new ShopHours(8) }] });
  assert.equal((await recorder.run({ now: clock.now() })).verdict?.status, 503);
  clock.pass(5 * 3_600_000);
  const { verdict, head } = await recorder.run({ now: clock.now() });
  assert.deepEqual([verdict, head.statusCode], [undefined, 200]);
  assert.deepEqual(
    recorder.events.filter(({ guard }) => guard === 'shop-hours').map(({ details }) => details?.['hour']),
    [3],
  );
  await recorder.close();
});
