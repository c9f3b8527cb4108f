/** Mistakes of rules. Those of packages are written by others, in JavaScript: what they hand over is looked at before it is a report. */
import type { Level, Outcome, RuleFacts } from '../core/rule.ts';

/** Which rule it was, of which package, and what went wrong. */
export function failureText({ id, package: name }: RuleFacts, error: unknown): string {
  return `${name === undefined ? 'the rule' : `${id} of ${name}`} failed: ${mistakeText(error)}`;
}

/** What somebody threw, in words; they can throw anything. */
export function mistakeText(error: unknown): string {
  const said: unknown = error instanceof Error ? error.message : error;
  return typeof said === 'string' ? said : 'it threw what is no error';
}

const LEVELS: readonly unknown[] = ['error', 'warning', 'note'] satisfies readonly Level[];
const SURE: readonly unknown[] = ['high', 'medium', 'low'];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Refuses what is no fault.
 *
 * @throws TypeError naming the field
 */
export function requireFault(given: unknown): void {
  if (typeof given !== 'object' || given === null) throw new TypeError('a fault must be an object');
  const { level, message, evidence, fix, confidence, flow } = given as Fields;
  if (typeof message !== 'string' || message.trim() === '')
    throw new TypeError('message of a fault must be a sentence');
  if (typeof fix !== 'string' || fix.trim() === '')
    throw new TypeError('fix of a fault must be the line to write');
  if (evidence !== undefined && typeof evidence !== 'string')
    throw new TypeError('evidence of a fault must be a text');
  if (level !== undefined && !LEVELS.includes(level))
    throw new TypeError('level of a fault must be error, warning or note');
  if (confidence !== undefined && !SURE.includes(confidence))
    throw new TypeError('confidence of a fault must be high, medium or low');
  if (flow !== undefined && !(Array.isArray(flow) && flow.every(isStep)))
    throw new TypeError('flow of a fault must be a list of steps, each with a message');
}

/**
 * Refuses what is no outcome.
 *
 * @throws TypeError naming the field
 */
export function requireOutcome(given: unknown): asserts given is Outcome {
  const { outcome, evidence, why, faults } =
    typeof given === 'object' && given !== null ? (given as Fields) : {};
  if (outcome === 'held' && typeof evidence === 'string') return;
  if (outcome === 'not-seen' && typeof why === 'string') return;
  if (outcome !== 'fell-short' || !Array.isArray(faults) || faults.length === 0)
    throw new TypeError('run must end with held and evidence, fell-short and faults, or not-seen and why');
  for (const fault of faults as readonly unknown[]) {
    requireFault(fault);
    const { level, evidence: seen } = fault as Fields;
    if (level === undefined || seen === undefined)
      throw new TypeError('a fault must have a level and evidence');
  }
}

function isStep(step: unknown): boolean {
  if (typeof step !== 'object' || step === null) return false;
  const { message, file, url, method } = step as Fields;
  return (
    typeof message === 'string' &&
    [file, url, method].every((one) => one === undefined || typeof one === 'string')
  );
}
