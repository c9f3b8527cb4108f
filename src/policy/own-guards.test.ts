import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problems } from '../core/problems.ts';
import { readEvents } from './own-events.ts';
import { readGuards } from './own-guards.ts';

const guard = { name: 'opening-hours', onRequest: (): undefined => undefined };
const CLOSED = {
  name: 'hours_closed',
  level: 'warn',
  meaning: 'Someone came outside opening hours.',
  details: { hour: 'number' },
} as const;

function refusals(guards: unknown, events?: unknown): readonly string[] {
  const problems = new Problems('production');
  const read = readGuards(guards, problems);
  readEvents(events, read.events, problems);
  return problems.errors.map(({ option, fix }) => `${option}: ${fix}`);
}

test('reads guards with their places and modes', () => {
  const problems = new Problems('production');
  const { guards } = readGuards(
    [
      { after: 'session', guard },
      { before: 'opening-hours', guard: { ...guard, name: 'second', mode: 'observe' } },
    ],
    problems,
  );
  assert.deepEqual(problems.errors, []);
  assert.deepEqual(
    guards.map(({ side, neighbour, guard: { name, mode } }) => [side, neighbour, name, mode]),
    [
      ['after', 'session', 'opening-hours', 'enforce'],
      ['before', 'opening-hours', 'second', 'observe'],
    ],
  );
});

test('a hook that is a method keeps its object', async () => {
  class Hours {
    readonly name = 'opening-hours';
    readonly #detail = 'Closed.';
    onRequest() {
      return { status: 403, type: 'closed', title: 'Closed', detail: this.#detail };
    }
  }
  const { guards } = readGuards([{ after: 'session', guard: new Hours() }], new Problems('production'));
  const verdict = await guards[0]?.guard.onRequest?.(undefined as never);
  assert.ok(verdict !== undefined && 'detail' in verdict);
  assert.equal(verdict.detail, 'Closed.');
});

test('a place that is none is refused with the nearest that is', () => {
  assert.deepEqual(refusals([{ after: 'sesion', guard }]), ["guards[0].after: did you mean 'session'?"]);
  assert.match(refusals([{ after: 'xyzzyx', guard }])[0] ?? '', /^guards\[0\]\.after: one of route, address/);
  assert.equal(refusals([{ guard }]).length, 1);
  assert.equal(refusals([{ after: 'csrf', before: 'access', guard }]).length, 1);
  assert.match(refusals([{ aftr: 'session', guard }])[0] ?? '', /did you mean guards\[0\]\.after/);
});

test('a guard of a name that is taken is refused, one of Bulwark or of the list', () => {
  assert.deepEqual(refusals([{ after: 'session', guard: { ...guard, name: 'csrf' } }]), [
    "guards[0].guard.name: name: 'own-csrf'",
  ]);
  assert.equal(
    refusals([
      { after: 'session', guard },
      { after: 'csrf', guard },
    ]).length,
    1,
  );
});

test('what is no guard is refused, all at once', () => {
  const wrong: readonly unknown[] = [
    { ...guard, name: 'Opening Hours' },
    { ...guard, mode: 'on' },
    { name: 'opening-hours' },
    { ...guard, onRequest: 'no' },
    { ...guard, onReqest: guard.onRequest },
    { ...guard, events: CLOSED },
    null,
    'opening-hours',
  ];
  for (const one of wrong)
    assert.equal(refusals([{ after: 'session', guard: one }]).length, 1, JSON.stringify(one));
  assert.equal(refusals({ after: 'session', guard }).length, 1);
  assert.equal(refusals([guard]).length > 0, true);
  assert.equal(refusals(wrong.map((one) => ({ after: 'session', guard: one }))).length, wrong.length);
});

test('events are read from the list and from guards, once each', () => {
  const problems = new Problems('production');
  const read = readGuards([{ after: 'session', guard: { ...guard, events: [CLOSED] } }], problems);
  const known = readEvents([CLOSED], read.events, problems);
  assert.deepEqual(problems.errors, []);
  assert.equal(known.get('hours_closed'), CLOSED);
  assert.equal(known.get('malicious_cors')?.level, 'warn');
});

test('an event of the application says which of its details are persons', () => {
  const problems = new Problems('production');
  const details = { colleague: 'person?', iban: 'personal', query: 'anyone?' };
  readEvents([{ ...CLOSED, details }], [], problems);
  assert.deepEqual(problems.errors, []);
});

test('an event that says nothing to an operator, or takes a name of ours, is refused', () => {
  const wrong: readonly unknown[] = [
    { ...CLOSED, name: 'authz_fail' },
    { ...CLOSED, name: 'Closed' },
    { ...CLOSED, level: 'loud' },
    { ...CLOSED, meaning: ' ' },
    { ...CLOSED, details: { hour: 'int' } },
    { ...CLOSED, details: undefined },
    { ...CLOSED, detials: {} },
    'hours_closed',
  ];
  for (const one of wrong) assert.equal(refusals(undefined, [one]).length, 1, JSON.stringify(one));
  assert.equal(refusals(undefined, CLOSED).length, 1);
  assert.equal(refusals(undefined, [CLOSED, { ...CLOSED }]).length, 1);
});
