import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeHead, sketchExchange } from '../../test/support/exchange.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import { eventOf } from '../core/events.ts';
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

test('a refusal whose event nobody declared stands, and the log says so', async () => {
  const { events: _, ...undeclared } = hours;
  const { layer, events } = await make([{ after: 'session', guard: undeclared }]);
  assert.equal((await layer.decide(exchangeOf()))?.status, 403);
  assert.equal(events[0]?.event, 'sys_misconfigured');
  assert.equal(events[0]?.details?.['undeclared'], 'hours_closed');
});
