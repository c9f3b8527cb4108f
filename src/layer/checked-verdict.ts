/**
 * What hooks of an application's guards answer, looked at before anything is done with it. Types are not there at run time,
 * and values may be a stranger's: what cannot be sent or logged is found here, where an error is the guard's and closes the
 * door, and not where the answer is written, where nobody would catch it.
 */
import { eventOf, type SecurityEvent } from '../core/events.ts';
import { assertLine } from '../core/header-line.ts';
import type { Refusal, Verdict } from '../core/verdict.ts';
import type { KnownEvents } from '../policy/own-events.ts';
import { LAYER_EVENTS } from './layer.events.ts';

/** As {@link eventOf} makes it: a kind with a name, and details. */
export function isEvent(value: unknown): value is SecurityEvent {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('details' in value))
    return false;
  const { kind } = value;
  return typeof kind === 'object' && kind !== null && 'name' in kind && typeof kind.name === 'string';
}

/** Whether something is waited for by `then`: a promise of another library or realm is one too. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/**
 * The answer of a hook that has to answer at once.
 *
 * @throws TypeError where it is a promise: what that comes to is too late, and its error would end the process
 */
export function atOnce<Answer>(name: string, hook: string, answer: Answer): Answer {
  if (!isThenable(answer)) return answer;
  answer.then(ignore, ignore);
  throw new TypeError(
    `the guard ${name} answered with a promise in ${hook}, which has to answer at once: wait in onRequest, and keep what came of it in a slot`,
  );
}

/**
 * A refusal as it may be sent, in a copy: each field is read once.
 *
 * @throws TypeError where it is none
 * @throws RangeError where a header cannot stand in a head
 */
export function checkedVerdict(name: string, verdict: Verdict, known: KnownEvents): Verdict {
  if (verdict === undefined) return undefined;
  const refusal = Object(verdict) as Refusal;
  const { status, type, title, detail, headers, event, close } = refusal;
  if (!isStatus(status) || ![type, title, detail].every(isText)) {
    throw new TypeError(
      `the guard ${name} answered with what is neither a refusal nor an event: return undefined, { status, type, title, detail } or eventOf(...)`,
    );
  }
  return {
    status,
    type,
    title,
    detail,
    close: close === true,
    ...(headers !== undefined && { headers: headers.map(checkedLine) }),
    ...(event !== undefined && { event: knownEvent(event, known) }),
  };
}

/** One that nobody declared is told, and not lost: the refusal itself stands. */
export function knownEvent({ kind, details }: SecurityEvent, known: KnownEvents): SecurityEvent {
  return known.has(kind.name)
    ? { ...eventOf(kind, {}), details: { ...details } }
    : eventOf(LAYER_EVENTS.undeclared, { ...details, undeclared: kind.name });
}

/** Node.js takes numbers, and so do those who write guards. */
function checkedLine([name, given]: readonly [string, string | number]): readonly [string, string] {
  const value = String(given);
  assertLine(name, value);
  return [name, value];
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 300 && value < 600;
}

function ignore(): void {
  // That it came too late is what is told.
}
