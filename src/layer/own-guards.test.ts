import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { FakeHead, sketchExchange } from '../../test/support/exchange.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import { eventOf } from '../core/events.ts';
import { ForwardLines } from '../core/forward-head.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import type { GuardPlacement, OwnGuard } from '../policy/own-guards.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { memory } from '../stores/memory/state.ts';
import { Layer } from './layer.ts';

const CLOSED = {
  name: 'hours_closed',
  level: 'warn',
  meaning: 'Someone came outside opening hours.',
  details: { hour: 'number', password: 'text?' },
} as const;

const hours: OwnGuard = {
  name: 'opening-hours',
  events: [CLOSED],
  onRequest: () => ({
    status: 403,
    type: 'closed',
    title: 'We are closed',
    detail: 'Come back at nine.',
    event: eventOf(CLOSED, { hour: 3, password: 'hunter2' }),
  }),
  onResponse: (_exchange, head) => void head.setHeader('X-Hours', '9-17'),
};

async function make(
  guards: readonly GuardPlacement[],
  more: PolicyOptions = {},
): Promise<{ readonly layer: Layer; readonly events: AuditEvent[] }> {
  const events: AuditEvent[] = [];
  const policy = await readPolicy({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: (_line, event) => void events.push(event) },
    guards,
    ...more,
  });
  return { layer: new Layer(policy), events };
}

function exchangeOf(headers: Record<string, string> = {}) {
  return sketchExchange({ headers: { host: 'example.com', ...headers }, encrypted: true });
}

test('a guard of the application refuses, is counted, and its event is in the log, redacted', async () => {
  const { layer, events } = await make([{ after: 'session', guard: hours }]);
  const exchange = exchangeOf();
  const verdict = await layer.decide(exchange);
  assert.equal(verdict?.type, 'closed');
  assert.deepEqual(layer.counts.get('opening-hours'), { refused: 1, observed: 0 });
  assert.equal(events[0]?.event, 'hours_closed');
  assert.equal(events[0]?.guard, 'opening-hours');
  assert.deepEqual(events[0]?.details, { type: 'closed', hour: 3, password: '[redacted]' });
  assert.match(layer.answer(exchange, verdict).body.toString(), /"title":"We are closed"/);
  const head = new FakeHead();
  layer.dress(exchange, head);
  assert.equal(head.getHeader('x-hours'), '9-17');
});

test('in observe it is counted and logged and lets pass, and off it is not there', async () => {
  const observed = await make([{ after: 'session', guard: { ...hours, mode: 'observe' } }]);
  assert.equal(await observed.layer.decide(exchangeOf()), undefined);
  assert.deepEqual(observed.layer.counts.get('opening-hours'), { refused: 0, observed: 1 });
  assert.equal(observed.events[0]?.details?.['observed'], true);
  const off = await make([{ after: 'session', guard: { ...hours, mode: 'off' } }]);
  assert.equal(await off.layer.decide(exchangeOf()), undefined);
  assert.equal(off.layer.counts.has('opening-hours'), false);
});

test('guards run where they were placed, beside one that is off too', async () => {
  const seen: string[] = [];
  const looks = (name: string): OwnGuard => ({ name, onRequest: () => void seen.push(name) });
  const { layer } = await make(
    [
      { after: 'csrf', guard: looks('c') },
      { after: 'csrf', guard: looks('d') },
      { before: 'address', guard: looks('a') },
      { before: 'c', guard: looks('b') },
      { after: 'headers', guard: looks('f') },
      { after: 'token', guard: looks('t') },
    ],
    { csrf: { mode: 'off' } },
  );
  assert.equal(await layer.decide(exchangeOf()), undefined);
  assert.deepEqual(seen, ['a', 't', 'b', 'c', 'd', 'f']);
});

test('what never became a request is shown to no guard of the application', async () => {
  const { layer } = await make([{ before: 'address', guard: hours }]);
  assert.equal(layer.admit(exchangeOf()), undefined);
});

test('a guard that breaks, or answers with what is no refusal, closes the door', async () => {
  const broken: readonly unknown[] = [
    () => assert.fail('broken'),
    () => false,
    () => true,
    () => ({ status: 200, type: 'x', title: 'X', detail: 'x' }),
    () => ({ status: 403, type: 'x', detail: 'x' }),
    async () => 'no',
  ];
  for (const onRequest of broken) {
    const guard = { name: 'broken', onRequest } as OwnGuard;
    const { layer, events } = await make([{ after: 'session', guard }]);
    assert.equal((await layer.decide(exchangeOf()))?.status, 500);
    assert.equal(events[0]?.event, 'sys_crash');
    assert.equal(events[0]?.guard, 'broken');
  }
});

test('a hook that has to answer at once closes the door where it answers with a promise, whatever that comes to', async () => {
  for (const later of [async () => undefined, () => Promise.reject(new Error('late'))]) {
    const guard = { name: 'late', onForward: later, onAnswer: later } as unknown as OwnGuard;
    const { layer } = await make([{ after: 'session', guard }]);
    assert.equal(layer.forward(exchangeOf(), new ForwardLines([]))?.status, 500);
    assert.equal(layer.judge(exchangeOf(), new FakeHead())?.status, 500);
  }
});

test('a promise that is none of ours is waited for as any other', async () => {
  const { onRequest, ...rest } = hours;
  const Foreign = runInNewContext('Promise') as PromiseConstructor;
  const guard: OwnGuard = { ...rest, onRequest: (exchange) => Foreign.resolve(onRequest?.(exchange)) };
  const { layer } = await make([{ after: 'session', guard }]);
  assert.equal((await layer.decide(exchangeOf()))?.status, 403);
});

test('a refusal whose event nobody declared stands, and the log says so', async () => {
  const { events: _, ...undeclared } = hours;
  const { layer, events } = await make([{ after: 'session', guard: undeclared }]);
  assert.equal((await layer.decide(exchangeOf()))?.status, 403);
  assert.equal(events[0]?.event, 'sys_misconfigured');
  assert.equal(events[0]?.details?.['undeclared'], 'hours_closed');
});

const SEEN = {
  name: 'partner_seen',
  level: 'info',
  meaning: 'A partner came by.',
  details: { at: 'text', password: 'text?' },
} as const;

/** Says at each hook that it was there, and refuses nothing. */
const tells: OwnGuard = {
  name: 'partner',
  events: [SEEN],
  onRequest: () => eventOf(SEEN, { at: 'request', password: 'hunter2' }),
  onForward: () => eventOf(SEEN, { at: 'forward' }),
  onAnswer: () => eventOf(SEEN, { at: 'answer' }),
  onResponse: () => eventOf(SEEN, { at: 'response' }),
};

/** Takes an exchange through every hook, and says what was logged. */
async function tellOf(guard: OwnGuard): Promise<readonly AuditEvent[]> {
  const { layer, events } = await make([{ after: 'session', guard }]);
  const exchange = exchangeOf();
  assert.equal(await layer.decide(exchange), undefined);
  assert.equal(layer.forward(exchange, new ForwardLines([])), undefined);
  assert.equal(layer.judge(exchange, new FakeHead()), undefined);
  layer.dress(exchange, new FakeHead());
  assert.equal(layer.counts.get('partner')?.refused ?? 0, 0);
  return events;
}

test('an event that a hook returns is written with its guard, redacted, and the request goes on', async () => {
  const events = await tellOf(tells);
  assert.deepEqual(
    events.map(({ event, guard, details }) => [event, guard, details?.['at'], details?.['observed']]),
    ['request', 'forward', 'answer', 'response'].map((at) => ['partner_seen', 'partner', at, undefined]),
  );
  assert.equal(events[0]?.details?.['password'], '[redacted]');
  assert.ok(events.every(({ requestId }) => requestId !== undefined && requestId === events[0]?.requestId));
});

test('such events are marked where the guard observes, and none are written where it is off', async () => {
  const observed = await tellOf({ ...tells, mode: 'observe' });
  assert.equal(observed.length, 4);
  assert.ok(observed.every(({ details }) => details?.['observed'] === true));
  assert.deepEqual(await tellOf({ ...tells, mode: 'off' }), []);
});

test('one that comes by a promise is written as well, and one that nobody declared is told as that', async () => {
  const later: OwnGuard = {
    name: 'partner',
    onRequest: async () => eventOf(SEEN, { at: 'request' }),
  };
  const [event, ...more] = await tellOf(later);
  assert.deepEqual(more, []);
  assert.equal(event?.event, 'sys_misconfigured');
  assert.deepEqual([event.guard, event.details?.['undeclared']], ['partner', 'partner_seen']);
});

test('a flood of one does not fill the log: as of refusals, so many a second are written', async () => {
  const { layer, events } = await make([{ after: 'session', guard: tells }]);
  for (let time = 0; time < 1000; time += 1) layer.dress(exchangeOf(), new FakeHead());
  assert.ok(events.length > 0 && events.length < 500, `${events.length} lines`);
});
