/**
 * The suite that a guard of an application passes, in each of its modes. Run it with node:test against your own:
 *
 * ```ts
 * import { guardConformance } from 'bulwark/testing';
 * guardConformance(() => ({ after: 'session', guard: openingHours }), { stops: { ... }, passes: { ... } });
 * ```
 */
import assert, { AssertionError } from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Mode } from '../core/guard.ts';
import type { GuardCount } from '../layer/layer.ts';
import type { GuardPlacement } from '../policy/own-guards.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { openRecorder } from './open-recorder.ts';
import type { Answered, Asked, Recorded } from './recorder.ts';
import { seen } from './seen.ts';
import { checks } from './testing.calls.ts';

/** A request that the guard lets be. */
export interface PassedCase {
  readonly asked: Asked;
  /** What the application answers. */
  readonly answer?: (exchange: Exchange) => Answered | Promise<Answered>;
}

/** A request in which there is something for the guard to stop. */
export interface StoppedCase extends PassedCase {
  /** How often it is asked, for guards that count; looked at is the last time. */
  readonly times?: number;
  /**
   * The status of the refusal; or, of a guard that changes heads, what fails where the guard is not there.
   *
   * @throws AssertionError
   */
  readonly holds: number | ((recorded: Recorded) => void);
}

/** What a guard is tried with, each named by what happens in it. */
export interface GuardCases {
  readonly stops: Readonly<Record<string, StoppedCase>>;
  /** At least one: a guard that refuses everybody stops all there is to stop. */
  readonly passes: Readonly<Record<string, PassedCase>>;
  /** The policy around the guard, made anew for each run. */
  readonly policy?: () => PolicyOptions;
}

/**
 * Registers the suite. In `enforce` the guard holds, is counted and lets the rest pass; in `observe` it is counted and told,
 * and all that leaves is as without it; in `off` it is not there.
 *
 * @param makeGuard - makes the guard anew, with its place; its own `mode` is put aside
 */
export function guardConformance(makeGuard: () => GuardPlacement, cases: GuardCases): void {
  checks.guardConformance(makeGuard, cases);
  const { name } = makeGuard().guard;
  describe(`${name} as a guard`, () => {
    for (const [what, one] of Object.entries(cases.stops)) {
      test(`enforce: stopped: ${what}`, async () => {
        const { recorded, count, events } = await run(makeGuard, cases, one, 'enforce');
        check(recorded, one);
        assert.equal(count?.observed, 0, 'nothing is counted as observed');
        assert.equal(count.refused > 0, recorded.verdict !== undefined, 'a refusal is counted');
        declared(events);
      });

      test(`off: ${name} is not there: ${what}`, async () => {
        const { recorded, count, events } = await run(makeGuard, cases, one, 'off');
        assert.throws(() => check(recorded, one), AssertionError, 'without the guard this happens');
        assert.equal(count, undefined);
        assert.deepEqual(seen(recorded), seen((await run(makeGuard, cases, one, undefined)).recorded));
        assert.deepEqual(told(events, name), []);
      });

      test(`observe: counted and told, and nothing is changed: ${what}`, async () => {
        const { recorded, count, events } = await run(makeGuard, cases, one, 'observe');
        assert.throws(() => check(recorded, one), AssertionError);
        assert.deepEqual(seen(recorded), seen((await run(makeGuard, cases, one, undefined)).recorded));
        assert.equal(count?.refused, 0);
        assert.ok(count.observed > 0, 'it is counted');
        const lines = told(events, name);
        assert.ok(lines.every(({ details }) => details?.['observed'] === true));
        const { verdict } = (await run(makeGuard, cases, one, 'enforce')).recorded;
        assert.ok(
          lines.length > 0 || (verdict !== undefined && verdict.event === undefined),
          'the log is told',
        );
        declared(events);
      });
    }
    for (const [what, one] of Object.entries(cases.passes)) {
      test(`enforce: passes: ${what}`, async () => {
        const { recorded, count } = await run(makeGuard, cases, one, 'enforce');
        assert.equal(recorded.verdict, undefined, 'it is refused');
        assert.equal(count?.refused, 0);
      });
    }
  });
}

interface Ran {
  /** Of the last time it was asked. */
  readonly recorded: Recorded;
  /** Undefined: no guard of its name is there. */
  readonly count: Readonly<GuardCount> | undefined;
  readonly events: readonly AuditEvent[];
}

/** @param mode - undefined: a policy without the guard */
async function run(
  makeGuard: () => GuardPlacement,
  { policy }: GuardCases,
  { asked, answer, times = 1 }: PassedCase & Pick<StoppedCase, 'times'>,
  mode: Mode | undefined,
): Promise<Ran> {
  const placed = makeGuard();
  const { name } = placed.guard;
  const around = policy?.() ?? {};
  const own = mode === undefined ? [] : [{ ...placed, guard: inMode(placed.guard, mode) }];
  const recorder = await openRecorder({ ...around, guards: [...(around.guards ?? []), ...own] });
  try {
    // All runs of a case are at one moment, so that what they answer can be compared.
    const request = { now: Date.UTC(2026, 0, 1), ...asked };
    let recorded = await recorder.run(request, answer);
    for (let time = 1; time < times; time += 1) recorded = await recorder.run(request, answer);
    return { recorded, count: recorder.counts.get(name), events: recorder.events };
  } finally {
    await recorder.close();
  }
}

/** The guard in another mode. It may be an instance of a class, whose hooks want it and no copy of it. */
function inMode(guard: GuardPlacement['guard'], mode: Mode): GuardPlacement['guard'] {
  return new Proxy(guard, {
    get(target, key) {
      if (key === 'mode') return mode;
      const part: unknown = Reflect.get(target, key);
      return typeof part === 'function' ? (part.bind(target) as unknown) : part;
    },
  });
}

function check(recorded: Recorded, { holds }: StoppedCase): void {
  if (typeof holds === 'number') assert.equal(recorded.verdict?.status, holds);
  else holds(recorded);
}

function told(events: readonly AuditEvent[], name: string): readonly AuditEvent[] {
  return events.filter(({ guard }) => guard === name);
}

function declared(events: readonly AuditEvent[]): void {
  const unknown = events.filter(({ details }) => details?.['undeclared'] !== undefined);
  assert.deepEqual(
    unknown.map(({ details }) => details?.['undeclared']),
    [],
    'its events are declared: name them in `events` of the guard',
  );
}
