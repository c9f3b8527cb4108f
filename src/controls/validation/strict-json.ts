/**
 * JSON that has one reading: what parsers disagree on is refused (RFC 8259, RFC 7493; ASVS v5.0.0-1.5.3). JSON.parse reads it,
 * and what it made is looked through, so that no second grammar is written here.
 */
import { isUtf8 } from 'node:buffer';
import { countNames } from '../../core/json-names.ts';
import { EscapedNameError, type JsonReviver, parseJson } from '../../core/parse-json.ts';
import { isForbiddenName } from './forbidden-name.ts';

/** How much of it there may be. */
export interface JsonLimits {
  /** Objects and lists inside one another. */
  readonly depth: number;
  /** Names of members and entries of lists, altogether. */
  readonly entries: number;
  /** Whole numbers past 2^53, which JavaScript rounds to another one: refused, or given as the text that was sent. */
  readonly bigIntegers: 'refuse' | 'text';
}

/**
 * Why a text is not taken. `encoding`: it is not UTF-8. `duplicate`: one name twice in one object, of which some readers take
 * the first and some the last. `forbidden-name`: `__proto__`, `constructor` or `prototype`. `number`: one that cannot be kept
 * exactly. `surrogate`: half a character. `escaped-name`: a name with a quote, a backslash or a control character, which V8 may
 * take for another one.
 */
export type JsonFault =
  | 'encoding'
  | 'syntax'
  | 'depth'
  | 'entries'
  | 'duplicate'
  | 'forbidden-name'
  | 'number'
  | 'surrogate'
  | 'escaped-name';

/** A value, or why there is none and, where that is known, the way to it as a JSON pointer (RFC 6901). */
export type JsonReading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: JsonFault; readonly at: string };

/** Reads a body. The work is linear in its bytes. */
export function readStrictJson(bytes: Uint8Array, limits: JsonLimits): JsonReading {
  if (!isUtf8(bytes)) return refused('encoding');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  try {
    const value = read(text, bytes, limits, parse(text));
    return { ok: true, value };
  } catch (error) {
    if (error instanceof Fault) return refused(error.fault, error.pointer);
    throw error;
  }
}

function read(text: string, bytes: Uint8Array, limits: JsonLimits, value: unknown, judged = false): unknown {
  const look = new Look(limits, text.includes('\\u'));
  look.at(value, 0);
  // Rare: how a number was written is asked only where one is large.
  if (look.large && !judged) {
    const judge: JsonReviver = (_name, one, { source }) => judgeNumber(one, source, limits.bigIntegers);
    return read(text, bytes, limits, parseJson(text, judge), true);
  }
  if (countNames(bytes) !== look.names) throw new Fault('duplicate');
  return value;
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new Fault(error instanceof EscapedNameError ? 'escaped-name' : 'syntax');
  }
}

/** In place of a number that is not taken: from there its way is known. */
const NOT_KEPT = Symbol('a number that cannot be kept');

/** `1e28` is an amount, and as near as such amounts are; `9007199254740993` is a name of something, and would be another's. */
function judgeNumber(value: unknown, source: string | undefined, whole: JsonLimits['bigIntegers']): unknown {
  if (!isLarge(value)) return value;
  if (Number.isFinite(value) && !WHOLE.test(source ?? '')) return value;
  return whole === 'text' && WHOLE.test(source ?? '') ? source : NOT_KEPT;
}

const WHOLE = /^-?\d+$/;

/** Past what whole numbers are kept exactly to; Infinity too, which is what is made of `1e999`. */
function isLarge(value: unknown): boolean {
  return typeof value === 'number' && (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER);
}

/** Looks through what was read. */
class Look {
  /** Names of members that there are. */
  names = 0;
  /** Whether a number is among them whose text decides. */
  large = false;
  #entries = 0;
  readonly #limits: JsonLimits;
  readonly #hasEscapes: boolean;

  /** @param hasEscapes - without one, a text in UTF-8 has no half characters */
  constructor(limits: JsonLimits, hasEscapes: boolean) {
    this.#limits = limits;
    this.#hasEscapes = hasEscapes;
  }

  /** @param above - how many objects and lists it is in */
  at(value: unknown, above: number): void {
    if (typeof value === 'string') this.#text(value);
    else if (typeof value !== 'object' || value === null) {
      if (value === NOT_KEPT) throw new Fault('number');
      if (isLarge(value)) this.large = true;
    } else if (above === this.#limits.depth) throw new Fault('depth');
    else if (Array.isArray(value)) this.#list(value, above + 1);
    else this.#object(value as Readonly<Record<string, unknown>>, above + 1);
  }

  #list(list: readonly unknown[], depth: number): void {
    this.#count(list.length);
    let index = 0;
    // Around the whole of it, and not around each entry: there are many, and hardly ever a fault.
    try {
      for (; index < list.length; index += 1) {
        const value = list[index];
        // Short ones are most of what comes: no call for them.
        if (typeof value !== 'boolean') this.at(value, depth);
      }
    } catch (error) {
      throw below(index, error);
    }
  }

  #object(object: Readonly<Record<string, unknown>>, depth: number): void {
    let names = 0;
    let last = '';
    try {
      // What JSON.parse made has no enumerable names but its own.
      for (const name in object) {
        last = name;
        names += 1;
        if (isForbiddenName(name)) throw new Fault('forbidden-name');
        const value = object[name];
        if (this.#hasEscapes) this.#text(name);
        else if (typeof value === 'string') continue;
        this.at(value, depth);
      }
    } catch (error) {
      throw below(last, error);
    }
    this.names += names;
    this.#count(names);
  }

  #text(text: string): void {
    if (this.#hasEscapes && !text.isWellFormed()) throw new Fault('surrogate');
  }

  #count(entries: number): void {
    this.#entries += entries;
    if (this.#entries > this.#limits.entries) throw new Fault('entries');
  }
}

class Fault extends Error {
  readonly fault: JsonFault;
  pointer = '';

  constructor(fault: JsonFault) {
    super(fault);
    this.fault = fault;
  }
}

/** The same fault, seen from one object or list further out. */
function below(step: string | number, error: unknown): unknown {
  if (error instanceof Fault) error.pointer = `/${escapeStep(String(step))}${error.pointer}`;
  return error;
}

function escapeStep(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}

function refused(fault: JsonFault, at = ''): JsonReading {
  return { ok: false, fault, at };
}
