/**
 * Options as tables. Each room declares one table: per option its default, the reason and the source of that
 * default, and how a value is read. The policy loader, the documentation (docs/manual/defaults.md) and the
 * checker all read the same table, so no default is written twice.
 */
import { nearest } from './nearest.ts';
import { peerWord } from './peer-words.ts';
import type { Problems } from './problems.ts';

/** What a reader throws when a value does not fit; `expected` completes the sentence "it must be ...". */
export class Unfit extends Error {
  readonly expected: string;
  /** True for a value that is well formed and would open what the control closes. */
  readonly unsafe: boolean;

  constructor(expected: string, unsafe = false) {
    super(expected);
    this.expected = expected;
    this.unsafe = unsafe;
  }
}

/** Reads one value of a policy. Throws {@link Unfit}, or reports nested problems itself under `path`. */
export type Read<T> = (value: unknown, path: string, problems: Problems) => T;

/** One option: what it is when nothing is said, why, and how a given value is read. */
export interface OptionSpec<T> {
  /** Already read: durations in milliseconds, sizes in bytes. */
  readonly default: T;
  /** The default as a person would write it in a policy, where that differs from the value itself. */
  readonly shown?: string;
  readonly read: Read<T>;
  /** Why the default is what it is, in one sentence. */
  readonly reason: string;
  /** The standard, paper or measurement behind it. */
  readonly source: string;
  /** A line to write, shown when a value is refused, such as `idle: '30m'`. */
  readonly example: string;
  /** Where it is an object of options itself: their table, for the documentation. */
  readonly table?: object;
  /** Whether its values may let somebody in, as those of headers do: of these only the names are ever shown. */
  readonly secret?: true;
}

/** Every option of a section. A missing or surplus entry is a type error. */
export type OptionTable<Settings> = { readonly [K in keyof Settings]-?: OptionSpec<Settings[K]> };

/**
 * Reads a section of the policy by its table. Collects every problem; returns the defaults for what did not fit,
 * so that the rest can be read too.
 */
export function readOptions<Settings>(
  section: string,
  table: OptionTable<Settings>,
  input: unknown,
  problems: Problems,
): Settings {
  const settings = defaultsOf(table);
  if (input === undefined) return settings;
  if (!isPlainObject(input)) {
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      section,
      'it must be an object of options.',
      fixOf(section, table, input),
    );
    return settings;
  }
  for (const [key, value] of Object.entries(input)) {
    if (!Object.hasOwn(table, key)) refuseUnknown(section, key, Object.keys(table), problems);
    else if (value !== undefined) {
      const name = key as keyof Settings & string;
      readOne(section, name, table[name], value, settings, problems);
    }
  }
  return settings;
}

/** `csp: 'observe'` means its mode: an empty object, which enforces, would be the opposite of what was asked for. */
function fixOf(section: string, table: object, input: unknown): string {
  if (input !== 'enforce' && input !== 'observe' && input !== 'off') return `${section}: {}`;
  if ('mode' in table) return `${section}: { mode: '${input}' }`;
  return `leave ${section} out: it has no mode, since other controls stand on it`;
}

/** A table of its own within a section, as one of its options. */
export function group<Settings>(
  table: OptionTable<Settings>,
  { reason, source, example }: Pick<OptionSpec<Settings>, 'reason' | 'source' | 'example'>,
): OptionSpec<Settings> {
  return {
    default: defaultsOf(table),
    shown: 'see below',
    read: (value, path, problems) => readOptions(path, table, value, problems),
    reason,
    source,
    example,
    table,
  };
}

/** The settings of a section for which the policy says nothing. */
export function defaultsOf<Settings>(table: OptionTable<Settings>): Settings {
  const settings: Partial<Settings> = {};
  for (const key of Object.keys(table) as (keyof Settings)[]) settings[key] = table[key].default;
  return settings as Settings;
}

/** Refuses an option name that does not exist, and names the nearest that does. */
export function refuseUnknown(
  section: string,
  key: string,
  known: readonly string[],
  problems: Problems,
): void {
  const guess = nearest(key, known);
  const meant = peerWord(section, key);
  problems.refuse(
    'ERR_BULWARK_UNKNOWN_OPTION',
    joinPath(section, key),
    'there is no option of this name; ignoring it would leave you with a setting you believe in and do not have.',
    meant ??
      (guess === undefined
        ? `remove it; known here: ${known.join(', ')}`
        : `did you mean ${joinPath(section, guess)}?`),
  );
}

/** Whether a value is an object literal: not null, an array or an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether an object literal says something of a name. */
export function isGiven(value: unknown, key: string): boolean {
  return isPlainObject(value) && value[key] !== undefined;
}

/** The full name of an option, as shown in messages. */
export function joinPath(section: string, key: string): string {
  return section === '' ? key : `${section}.${key}`;
}

function readOne<Settings, K extends keyof Settings & string>(
  section: string,
  key: K,
  spec: OptionSpec<Settings[K]>,
  value: unknown,
  settings: Settings,
  problems: Problems,
): void {
  const path = joinPath(section, key);
  try {
    settings[key] = spec.read(value, path, problems);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    const code = error.unsafe ? 'ERR_BULWARK_UNSAFE_OPTION' : 'ERR_BULWARK_INVALID_OPTION';
    problems.refuse(code, path, `it must be ${error.expected}.`, spec.example);
  }
}
