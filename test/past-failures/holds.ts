/** A known failure as a test: it passes with the control on, and is seen to fail with the control off, every time. */
import assert, { AssertionError } from 'node:assert/strict';
import { test } from 'node:test';

/** A check that waits for what never comes is a failed one. Far above what any of them takes. */
const MOST_MS = 60_000;

/** What a check looks at. */
export interface Subject {
  /** Ends what was started. Called whatever came of the check. */
  readonly stop?: () => unknown;
}

/** Ways to start a subject, by what is special about each. */
export type Starts<S extends Subject> = Readonly<Record<string, () => S | Promise<S>>>;

/** Both sides of one failure. */
export interface Sides<S extends Subject> {
  /** Under the layer: the check passes on each. */
  readonly on: Starts<S>;
  /** The control's own switch, or the usual recipe without it: the very same check fails on each. */
  readonly off: Starts<S>;
  readonly check: (subject: S) => unknown;
  /** What the check says where it fails. A recipe that is broken in some other way would fail it too, and prove nothing. */
  readonly seen: RegExp;
}

/**
 * Registers a test of line `number` of docs/manual/past-failures.md.
 *
 * @param fact - what holds under the layer, in words
 */
export function pastFailure<S extends Subject>(number: number, fact: string, sides: Sides<S>): void {
  void test(`past failure ${number}: ${fact}`, { timeout: MOST_MS }, async (t) => {
    for (const [name, start] of Object.entries(sides.on)) {
      await t.test(`holds: ${name}`, () => withSubject(start, sides.check));
    }
    for (const [name, start] of Object.entries(sides.off)) {
      await t.test(`is seen to fail: ${name}`, () => seesFailure(start, sides));
    }
  });
}

async function withSubject<S extends Subject>(
  start: () => S | Promise<S>,
  check: (subject: S) => unknown,
): Promise<void> {
  const subject = await start();
  try {
    await check(subject);
  } finally {
    await subject.stop?.();
  }
}

async function seesFailure<S extends Subject>(
  start: () => S | Promise<S>,
  { check, seen }: Sides<S>,
): Promise<void> {
  await assert.rejects(withSubject(start, check), (error) => {
    if (!(error instanceof AssertionError)) throw error;
    assert.match(error.message, seen);
    return true;
  });
}
