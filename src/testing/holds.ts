/** A control as a test: it passes with the control on, and is seen to fail with the control off, every time. */
import assert, { AssertionError } from 'node:assert/strict';
import { test } from 'node:test';
import { checks } from './testing.calls.ts';

/** A check that waits for what never comes is a failed one. Far above what any of them takes. */
const MOST_MS = 60_000;

/** What a check looks at. */
export interface Subject {
  /** Ends what was started. Called whatever came of the check. */
  readonly stop?: () => unknown;
}

/** Ways to start a subject, by what is special about each. */
export type Starts<S extends object> = Readonly<Record<string, () => S | Promise<S>>>;

/** Both sides of one control. */
export interface Sides<S extends object> {
  /** Under the layer: the check passes on each. */
  readonly on: Starts<S>;
  /** The control's own switch, or the usual recipe without it: the very same check fails on each. */
  readonly off: Starts<S>;
  readonly check: (subject: S) => unknown;
  /** What the check says where it fails. A recipe that is broken in some other way would fail it too, and prove nothing. */
  readonly seen: RegExp;
}

/**
 * Registers a test of one control: with it on the check passes, with it off the very same check fails. A test that has
 * never failed proves nothing, and this one fails each time it is run.
 *
 * @param fact - what holds with the control on, in words
 */
export function holds<S extends object>(fact: string, sides: Sides<S>): void {
  checks.holds(fact, sides);
  void test(fact, { timeout: MOST_MS }, async (t) => {
    for (const [name, start] of Object.entries(sides.on)) {
      await t.test(`holds: ${name}`, () => withSubject(start, sides.check));
    }
    for (const [name, start] of Object.entries(sides.off)) {
      await t.test(`is seen to fail: ${name}`, () => seesFailure(start, sides));
    }
  });
}

async function withSubject<S extends object>(
  start: () => S | Promise<S>,
  check: (subject: S) => unknown,
): Promise<void> {
  const subject = await start();
  try {
    await check(subject);
  } finally {
    await (subject as Subject).stop?.();
  }
}

async function seesFailure<S extends object>(
  start: () => S | Promise<S>,
  { check, seen }: Sides<S>,
): Promise<void> {
  await assert.rejects(withSubject(start, check), (error) => {
    if (!(error instanceof AssertionError)) throw error;
    assert.match(error.message, seen);
    return true;
  });
}
