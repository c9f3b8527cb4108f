/**
 * What the methods of a port do about texts that a store could not give back as they are. A lone surrogate turns into
 * U+FFFD on its way to UTF-8: two accounts would become one, and see each other's sessions. Each port has its table of
 * rules beside it, and `checked.ts` puts them in front of whatever engine there is.
 */
import { BulwarkError } from '../core/errors.ts';

type Method = (...values: readonly never[]) => unknown;

/** Puts a rule in front of a method that is bound to its store. */
export type Rule = (method: Method) => Method;

/** A rule for each method of a port, and a table for each port inside it. */
export type Rules<Port> = {
  readonly [Name in keyof Port]-?: Port[Name] extends Method ? Rule : Rules<Port[Name]>;
};

/** How a method that keeps something is checked. */
export interface Kept {
  /** How many of its first values are names of what is there already, which nothing of a broken name is. */
  readonly names?: number;
  /** What the method answers where there is none of such a name. */
  readonly none?: unknown;
  /** The most bytes that a field may have. */
  readonly most?: Readonly<Record<string, number>>;
}

/** The list of nothing. */
export const NONE: readonly never[] = Object.freeze([]);

/** For methods that are given digests and numbers alone, and that every request asks: nothing stands in front of them. */
export const pass: Rule = (method) => method;

/** For methods that look for something or remove it: there is nothing under a broken name, and `none` says so. */
export function look(none: unknown): Rule {
  return (method) => {
    const run = method as (...values: readonly unknown[]) => unknown;
    return (...values: readonly unknown[]) => (values.every(isSound) ? run(...values) : none);
  };
}

/**
 * For methods that keep something.
 *
 * @param noun - what is kept, such as `account`
 */
export function keep(noun: string, { names = 0, none, most }: Kept = {}): Rule {
  return (method) => {
    const run = method as (...values: readonly unknown[]) => unknown;
    return (...values: readonly unknown[]) => {
      for (const kept of names === 0 ? values : values.slice(names)) refuse(noun, kept, most);
      return names === 0 || values.slice(0, names).every(isSound) ? run(...values) : none;
    };
  };
}

/** For methods that go through everything in the order of names: a broken one has a place in it too. */
export const from: Rule = (method) => {
  const run = method as (name: string | undefined, limit: number) => unknown;
  return (name: string | undefined, limit: number) => run(name?.toWellFormed(), limit);
};

function isSound(value: unknown): boolean {
  return typeof value !== 'string' || value.isWellFormed();
}

/** @throws BulwarkError ERR_BULWARK_STORE where a text in it could not be given back as it is */
function refuse(noun: string, kept: unknown, most: Kept['most']): void {
  if (typeof kept === 'string') assertSound(noun, kept);
  else if (Array.isArray(kept)) for (const one of kept) refuse(noun, one, most);
  else if (typeof kept === 'object' && kept !== null) {
    for (const [field, value] of Object.entries(kept)) {
      const named = `${field} of the ${noun}`;
      const bound = most?.[field];
      if (bound !== undefined) assertFits(named, value, bound);
      refuse(named, value, undefined);
    }
  }
}

function assertSound(what: string, text: string): void {
  if (text.isWellFormed()) return;
  const said = `The ${what} holds half a surrogate pair. Pass it through toWellFormed() or refuse it.`;
  throw new BulwarkError('ERR_BULWARK_STORE', said);
}

function assertFits(what: string, text: unknown, bytes: number): void {
  // A string of that many UTF-16 units may still be three times as many bytes; shorter ones need no counting.
  if (typeof text !== 'string' || text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return;
  const said = `The ${what} is larger than ${bytes} bytes. Keep it in your own database and its key here.`;
  throw new BulwarkError('ERR_BULWARK_STORE', said);
}
