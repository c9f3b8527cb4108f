/** Readers for the kinds of values policies are made of. Each returns a typed value or throws {@link Unfit}. */
import { isPlainObject, joinPath, type Read, Unfit } from './options.ts';

/** A length of time as written in a policy: `'500ms'`, `'30s'`, `'15m'`, `'12h'`, `'7d'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** An amount of bytes as written in a policy: `'512B'`, `'64KB'`, `'10MB'` (1 KB is 1024 bytes). */
export type Size = `${number}${'B' | 'KB' | 'MB' | 'GB'}`;

const DURATION_UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SIZE_UNITS = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 } as const;

/** Milliseconds of a duration, or undefined where the text is none. Never 0: a life of nothing is a mistake. */
export function parseDuration(text: string): number | undefined {
  return parseUnits(text, DURATION_UNITS);
}

/** Bytes of a size, or undefined where the text is none. */
export function parseSize(text: string): number | undefined {
  return parseUnits(text, SIZE_UNITS);
}

/** A duration between two bounds (milliseconds, both inclusive). */
export function duration(minimum: number, maximum: number): Read<number> {
  return (value) => {
    const ms = typeof value === 'string' ? parseDuration(value) : undefined;
    if (ms === undefined || ms < minimum || ms > maximum) {
      throw new Unfit(
        `a duration from ${showDuration(minimum)} to ${showDuration(maximum)}, such as '${showDuration(within(DURATIONS, minimum, maximum))}'`,
      );
    }
    return ms;
  };
}

/** Shown to whoever wrote something else: the first that would be taken. */
const DURATIONS = ['15m', '12h', '7d', '30s', '500ms'].map((one) => parseDuration(one) ?? 0);
const SIZES = ['10MB', '1MB', '64KB', '1GB'].map((one) => parseSize(one) ?? 0);

function within(examples: readonly number[], minimum: number, maximum: number): number {
  return examples.find((one) => one >= minimum && one <= maximum) ?? minimum;
}

/** A size between two bounds (bytes, both inclusive). */
export function size(minimum: number, maximum: number): Read<number> {
  return (value) => {
    const bytes = typeof value === 'string' ? parseSize(value) : undefined;
    if (bytes === undefined || bytes < minimum || bytes > maximum) {
      throw new Unfit(
        `a size from ${showSize(minimum)} to ${showSize(maximum)}, such as '${showSize(within(SIZES, minimum, maximum))}'`,
      );
    }
    return bytes;
  };
}

/** A whole number between two bounds, both inclusive. */
export function integer(minimum: number, maximum: number): Read<number> {
  return (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < minimum || value > maximum) {
      throw new Unfit(`a whole number from ${minimum} to ${maximum}`);
    }
    return value;
  };
}

/** `true` or `false`, nothing that merely looks like it. */
export const boolean: Read<boolean> = (value) => {
  if (typeof value !== 'boolean') throw new Unfit('true or false');
  return value;
};

/** One of a few words. */
export function oneOf<const T extends string>(...words: readonly T[]): Read<T> {
  return (value) => {
    const found = words.find((word) => word === value);
    if (found === undefined) throw new Unfit(`one of ${words.map((word) => `'${word}'`).join(', ')}`);
    return found;
  };
}

/** A text that matches; `expected` says what is wanted. */
export function text(pattern: RegExp, expected: string): Read<string> {
  return (value) => {
    if (typeof value !== 'string' || !pattern.test(value)) throw new Unfit(expected);
    return value;
  };
}

/** Where nothing is a value too. */
export function optional<T>(read: Read<T>): Read<T | undefined> {
  return (value, path, problems) => (value === undefined ? undefined : read(value, path, problems));
}

/** A list, each entry read on its own. */
export function listOf<T>(read: Read<T>, expected: string): Read<readonly T[]> {
  return (value, path, problems) => {
    if (!Array.isArray(value)) throw new Unfit(expected);
    return value.map((entry: unknown, index) => read(entry, `${path}[${index}]`, problems));
  };
}

/** An object whose keys the application chooses, each value read on its own. */
export function recordOf<T>(read: Read<T>, expected: string): Read<Readonly<Record<string, T>>> {
  return (value, path, problems) => {
    if (!isPlainObject(value)) throw new Unfit(expected);
    const record: Record<string, T> = Object.create(null) as Record<string, T>;
    for (const [key, entry] of Object.entries(value))
      record[key] = read(entry, joinPath(path, key), problems);
    return record;
  };
}

/** A duration as a person writes it, in the largest unit that fits. */
export function showDuration(ms: number): string {
  return showUnits(ms, DURATION_UNITS);
}

/** A size as a person writes it, in the largest unit that fits. */
export function showSize(bytes: number): string {
  return showUnits(bytes, SIZE_UNITS);
}

function parseUnits(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d{1,9})([a-zA-Z]{1,2})$/.exec(text);
  const unit = match?.[2];
  if (unit === undefined || !Object.hasOwn(units, unit)) return undefined;
  const amount = Number(match?.[1]) * (units[unit] ?? 0);
  return amount > 0 ? amount : undefined;
}

function showUnits(amount: number, units: Readonly<Record<string, number>>): string {
  const fitting = Object.entries(units).filter(([, factor]) => amount % factor === 0);
  const [unit, factor] = fitting.at(-1) ?? ['', 1];
  return `${amount / factor}${unit}`;
}
