/** A package that an application is built of, as a lock or a list says it. */

/** Where packages come from. */
export type Ecosystem = 'npm' | 'PyPI';

/** One package. */
export interface PackageEntry {
  readonly ecosystem: Ecosystem;
  readonly name: string;
  readonly version: string;
  /** `sha512-...` of npm, `sha256:...` of Python. */
  readonly hashes: readonly string[];
  /** The address that it is fetched from, where one is named. */
  readonly from: string | undefined;
  readonly licence: string | undefined;
  /** It runs a program of its own when it is installed. */
  readonly runsScripts: boolean;
  readonly development: boolean;
  /** For tests and builds of a workspace: a folder of the tree. */
  readonly local: boolean;
  /** Where it lies, among copies of the same version. */
  readonly path: string;
  /** What stands in the lock to find its line by. */
  readonly mark: string;
}

/** A lock that was read. */
export interface Lock {
  readonly packages: readonly PackageEntry[];
  /** What the lock is of: its name and version, where it says so. */
  readonly root: { readonly name: string | undefined; readonly version: string | undefined };
}

/** One with the usual things left out. */
export function entry(
  from: Pick<PackageEntry, 'ecosystem' | 'name' | 'version'> & Partial<PackageEntry>,
): PackageEntry {
  return {
    hashes: [],
    from: undefined,
    licence: undefined,
    runsScripts: false,
    development: false,
    local: false,
    path: '',
    mark: from.name,
    ...from,
  };
}

/** An object out of what was parsed, and nothing else. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

/** A list out of what was parsed. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text out of what was parsed. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
