/**
 * What public calls take, looked at as they are called. JavaScript hands over anything: a text has `includes` as a list
 * of roles has, and a misspelt `expiresIn` is a token for three months. Each room says in a table what its calls take
 * (`*.calls.ts`), and nothing else is taken. Where all is well nothing is made: calls cost as much as before.
 */
import { BulwarkError } from './errors.ts';
import { nearest } from './nearest.ts';
import type { Problems } from './problems.ts';

/** What is wrong with a value, in a sentence about it, and where in it: empty for the value itself. */
export interface Fault {
  readonly path: string;
  readonly reason: string;
}

/** Looks at one value. Undefined: it is taken. */
export type Fit = (value: unknown) => Fault | undefined;

/** What an object is made of. A missing or surplus entry is a type error. */
export type Shape<T> = { readonly [K in keyof T]-?: Fit };

/** Throws where a call was handed something that it does not take. */
export type Check = (...given: unknown[]) => void;

/** The checks of calls, by their names. */
export type Calls<Names extends string> = Readonly<Record<Names, Check>>;

/**
 * The check of one call.
 *
 * @param line - the call as it should be written
 * @param takes - by the names of its parameters, in their order
 */
export function call(line: string, takes: Readonly<Record<string, Fit>>): Check {
  const called = line.replace(/\(.*$/s, '').replace(/^await /, '');
  const parameters = Object.entries(takes);
  return (...given) => {
    for (let at = 0; at < parameters.length; at += 1) {
      const [parameter, fit] = parameters[at] as [string, Fit];
      const fault = fit(given[at]);
      if (fault !== undefined) throw refused(called, below(parameter, fault), line);
    }
  };
}

/** Puts what is wrong with an object that is handed in at start-up beside the other problems, all at once. */
export function checkParts<T>(
  section: string,
  shape: Shape<T>,
  given: unknown,
  line: string,
  problems: Problems,
): void {
  for (const fault of faultsOf(shape, given)) {
    const { path, reason } = below(section, fault);
    const code = fault.unknown === true ? 'ERR_BULWARK_UNKNOWN_OPTION' : 'ERR_BULWARK_INVALID_OPTION';
    problems.refuse(code, path, `${reason}.`, line);
  }
}

/** A text that is not empty: the name of an account, a purpose, a key. */
export const name: Fit = (value) => {
  if (typeof value === 'string' && value !== '') return undefined;
  // Ids of a table are numbers more often than not, and "a text" does not say what to write.
  if (typeof value === 'number' || typeof value === 'bigint') return NUMBER_FOR_TEXT;
  return fault(value, 'it must be a text that is not empty');
};

/** Any text, such as one that a person typed. */
export const anyText: Fit = (value) =>
  typeof value === 'string' ? undefined : fault(value, 'it must be a text');

/** A list of texts, and no text: that has the methods of a list, and finds parts of words. */
export const texts: Fit = (value) => {
  if (Array.isArray(value)) {
    // A loop: a hole in a list is skipped by `every`.
    for (const entry of value as readonly unknown[]) if (typeof entry !== 'string') return LIST_OF_TEXTS;
    return undefined;
  }
  return fault(value, LIST_OF_TEXTS.reason);
};

/** `true` or `false`. */
export const flag: Fit = (value) =>
  typeof value === 'boolean' ? undefined : fault(value, 'it must be true or false');

/** A finite number. */
export const amount: Fit = (value) =>
  typeof value === 'number' && Number.isFinite(value) ? undefined : fault(value, 'it must be a number');

/** A number of 1 or more: of things, bytes, milliseconds. */
export const count: Fit = (value) =>
  amount(value) === undefined && (value as number) >= 1
    ? undefined
    : fault(value, 'it must be a number of 1 or more');

/** A function. */
export const callback: Fit = (value) =>
  typeof value === 'function' ? undefined : fault(value, 'it must be a function');

/** Whatever it is: it is read and judged by itself. */
export const anything: Fit = () => undefined;

/** Where nothing is a value too. */
export function maybe(fit: Fit): Fit {
  return (value) => (value === undefined ? undefined : fit(value));
}

/** One of a few words. */
export function word(...words: readonly string[]): Fit {
  const reason = `it must be ${words.map((one) => `'${one}'`).join(' or ')}`;
  return (value) => (words.includes(value as string) ? undefined : fault(value, reason));
}

/** One of several kinds. */
export function either(reason: string, ...fits: readonly Fit[]): Fit {
  return (value) =>
    fits.some((fit) => fit(value) === undefined) ? undefined : fault(value, `it must be ${reason}`);
}

/**
 * An object that something of ours has made, or a library: known by what is used of it.
 *
 * @param what - completes the sentence "it must be ..."
 */
export function made(what: string, uses: Readonly<Record<string, Fit>>): Fit {
  const names = Object.keys(uses);
  const fits = Object.values(uses);
  return (value) => {
    if (typeof value !== 'function' && !isObject(value)) return fault(value, `it must be ${what}`);
    for (let at = 0; at < names.length; at += 1) {
      const used = (value as Readonly<Record<string, unknown>>)[names[at] as string];
      if ((fits[at] as Fit)(used) !== undefined) return fault(value, `it must be ${what}`);
    }
    return undefined;
  };
}

/** An object that the caller writes down: every entry is known, and each is as it must be. */
export function fields<T>(shape: Shape<T>): Fit {
  return (value) => firstFault(shape, value);
}

interface EntryFault extends Fault {
  readonly unknown?: true;
}

const NUMBER_FOR_TEXT: Fault = {
  path: '',
  reason: 'it is a number, and must be a text: write String(...) around it',
};

const LIST_OF_TEXTS: Fault = { path: '', reason: 'it must be a list of texts' };

function firstFault<T>(shape: Shape<T>, value: unknown): EntryFault | undefined {
  if (!isObject(value) || Array.isArray(value) || isPromise(value))
    return fault(value, 'it must be an object');
  for (const key of Object.keys(value)) if (!Object.hasOwn(shape, key)) return unknownEntry(shape, key);
  for (const key in shape) {
    const found = shape[key]((value as T)[key]);
    if (found !== undefined) return below(key, found);
  }
  return undefined;
}

function faultsOf<T>(shape: Shape<T>, value: unknown): readonly EntryFault[] {
  if (!isObject(value) || Array.isArray(value) || isPromise(value))
    return [fault(value, 'it must be an object')];
  const unknown = Object.keys(value).filter((key) => !Object.hasOwn(shape, key));
  const found = (Object.keys(shape) as (keyof T & string)[]).flatMap((key) => {
    const one = shape[key]((value as T)[key]);
    return one === undefined ? [] : [below(key, one)];
  });
  return [...unknown.map((key) => unknownEntry(shape, key)), ...found];
}

function unknownEntry(shape: object, key: string): EntryFault {
  const known = Object.keys(shape);
  const guess = nearest(key, known);
  const hint = guess === undefined ? `known here: ${known.join(', ')}` : `did you mean ${guess}?`;
  return { path: key, reason: `nothing of this name is read: ${hint}`, unknown: true };
}

/** What was forgotten most often is told first. */
function fault(value: unknown, reason: string): Fault {
  if (!isPromise(value)) return { path: '', reason };
  // Its failure is told by the error that comes of this; without it Node.js would report it a second time.
  Promise.resolve(value).catch(() => undefined);
  return { path: '', reason: 'it is a promise, which has to be awaited' };
}

function below(place: string, { path, ...rest }: EntryFault): EntryFault {
  return { ...rest, path: path === '' ? place : `${place}.${path}` };
}

function refused(called: string, { path, reason }: Fault, line: string): BulwarkError {
  return new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', `${called}: ${path}: ${reason}. Write ${line}`);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && 'then' in value && typeof value.then === 'function';
}
