import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BulwarkError } from '../../core/errors.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Replaced, SessionRecord } from '../../stores/ports/sessions.ts';
import type { State } from '../../stores/ports/state.ts';
import { checked } from '../../stores/checked.ts';

/** Makes an empty state. */
export type OpenState = () => MaybePromise<State>;

/** What a store may do its own way. */
export interface StoreTraits {
  /** Forgets by itself what is over, by a clock of its own: its sweep finds nothing to do. */
  readonly forgets?: boolean;
}

/** When the tests take place, in milliseconds since 1970. */
export const NOW: number = Date.parse('2026-01-01T00:00:00Z');
/** How long the sessions of the tests live unused, and at most. */
export const IDLE_MS: number = 30 * 60_000;
export const ABSOLUTE_MS: number = 12 * 3_600_000;

/** A session of `ann` that has just begun, unless a test says otherwise. */
export function sketchSession(name: string, changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    idHash: name,
    account: 'ann',
    roles: [],
    createdAt: NOW,
    signedInAt: NOW,
    mfaAt: undefined,
    seenAt: NOW,
    expiresAt: NOW + ABSOLUTE_MS,
    idleMs: IDLE_MS,
    version: 1,
    data: '{}',
    address: '192.0.2.1',
    userAgent: 'a browser',
    device: undefined,
    ...changes,
  };
}

/** A test on a state of its own, checked as a policy checks whatever it is given. */
export function stateTest(open: OpenState, fact: string, body: (state: State) => Promise<void>): void {
  test(fact, async () => {
    const state = checked(await open());
    try {
      await body(state);
    } finally {
      await state.close();
    }
  });
}

/** Runs something that the store must refuse with its code. */
export async function refusesToStore(work: () => unknown): Promise<void> {
  await assert.rejects(
    async () => work(),
    (error) => error instanceof BulwarkError && error.code === 'ERR_BULWARK_STORE',
  );
}

/** What a reader may do to a list that a store has shown: a store that does not let it be done is as good. */
export function triesToAdd(word: string, shown: readonly string[] | undefined): void {
  assert.ok(shown !== undefined);
  try {
    (shown as string[]).push(word);
  } catch (error) {
    assert.ok(error instanceof TypeError);
  }
}

/** Sweeps as a process does: again after each that took a hundred, and none takes more than a thousand. Returns how many went. */
export async function sweepAll(
  store: { readonly sweep: (now: number) => MaybePromise<number> },
  now: number,
): Promise<number> {
  let all = 0;
  for (;;) {
    const swept = await store.sweep(now);
    assert.ok(swept <= 1000, `a sweep took ${swept} rows`);
    all += swept;
    if (swept < 100) return all;
  }
}

/** How many of several answers are `true`. */
export async function countTrue(answers: readonly MaybePromise<boolean>[]): Promise<number> {
  return (await Promise.all(answers.map(async (answer) => answer))).filter(Boolean).length;
}

/** When a session was last used, by what `use` found. */
export async function seenAt(
  found: MaybePromise<SessionRecord | Replaced | undefined>,
): Promise<number | undefined> {
  const session = await found;
  return typeof session === 'object' ? session.seenAt : undefined;
}

/** Texts that have broken one store or another. */
export const HOSTILE_TEXTS: readonly string[] = [
  '\0',
  'before\0after',
  "'; DROP TABLE sessions; --",
  '"quoted" \\ back',
  '\r\nSET key value\r\n',
  '%_*?[a-z]{}:',
  '__proto__',
  'constructor',
  '\u{1f600}\u{1f3f3}\ufe0f\u200d\u{1f308}',
  '\u202eevil\u200b\ufeff',
  '\ufffd\uffff',
  ' trailing ',
  'x'.repeat(2000),
];
