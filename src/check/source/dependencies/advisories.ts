/** What is known of packages: records of OSV (ossf.github.io/osv-schema, 1.7), and which versions they are about. */
import { listOf, objectOf, type PackageEntry, textOf } from './package-entry.ts';
import { normalName } from './read-python-lock.ts';

/** One record, as far as it matters here. */
export interface Advisory {
  readonly id: string;
  readonly summary: string;
  readonly ecosystem: string;
  readonly name: string;
  readonly versions: ReadonlySet<string>;
  readonly ranges: readonly Range[];
}

interface Range {
  readonly introduced: string;
  readonly fixed: string | undefined;
  readonly lastAffected: string | undefined;
}

/** Reads one record, a list of them, or what a query of OSV answers. */
export function readAdvisories(value: unknown): readonly Advisory[] {
  const records = Array.isArray(value) ? listOf(value) : listOf(objectOf(value)['vulns'] ?? [value]);
  return records.flatMap((one) => {
    const record = objectOf(one);
    const id = textOf(record['id']);
    if (id === undefined || record['withdrawn'] !== undefined) return [];
    return listOf(record['affected']).flatMap((part) => {
      const affected = objectOf(part);
      const named = objectOf(affected['package']);
      const [ecosystem, name] = [textOf(named['ecosystem']), textOf(named['name'])];
      if (ecosystem === undefined || name === undefined) return [];
      return [
        {
          id,
          summary: textOf(record['summary']) ?? textOf(record['details'])?.split('\n')[0] ?? '',
          ecosystem: ecosystem.split(':')[0] ?? '',
          name: ecosystem === 'PyPI' ? normalName(name) : name,
          versions: new Set(listOf(affected['versions']).flatMap((version) => textOf(version) ?? [])),
          ranges: listOf(affected['ranges']).flatMap((range) => rangesOf(objectOf(range))),
        },
      ];
    });
  });
}

function rangesOf(range: Readonly<Record<string, unknown>>): readonly Range[] {
  if (range['type'] === 'GIT') return [];
  const found: Range[] = [];
  let introduced: string | undefined;
  for (const value of listOf(range['events'])) {
    const event = objectOf(value);
    const start = textOf(event['introduced']);
    const [fixed, lastAffected] = [textOf(event['fixed']), textOf(event['last_affected'])];
    if (start !== undefined) introduced = start;
    else if (introduced !== undefined && (fixed ?? lastAffected) !== undefined) {
      found.push({ introduced, fixed, lastAffected });
      introduced = undefined;
    }
  }
  if (introduced !== undefined) found.push({ introduced, fixed: undefined, lastAffected: undefined });
  return found;
}

/** Whether a record is about a version; and the first one in which it is mended, where there is one. */
export function isAbout(
  { ecosystem, name, versions, ranges }: Advisory,
  one: PackageEntry,
): { readonly fixed: string | undefined } | undefined {
  if (ecosystem !== one.ecosystem || name !== one.name || one.version === '') return undefined;
  const range = ranges.find(
    ({ introduced, fixed, lastAffected }) =>
      (introduced === '0' || compareVersions(one.version, introduced) >= 0) &&
      (fixed === undefined || compareVersions(one.version, fixed) < 0) &&
      (lastAffected === undefined || compareVersions(one.version, lastAffected) <= 0),
  );
  if (range !== undefined) return { fixed: range.fixed };
  return versions.has(one.version) ? { fixed: undefined } : undefined;
}

/** The order of versions: numbers by their size, what comes before a release before it (SemVer 2.0.0, PEP 440). */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [partsOf(one), partsOf(other)];
  for (let at = 0; at < Math.max(a.numbers.length, b.numbers.length); at += 1) {
    const difference = (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (a.before === b.before) return 0;
  if (a.before === '') return b.before.startsWith('post') ? -1 : 1;
  if (b.before === '') return a.before.startsWith('post') ? 1 : -1;
  if (a.before.startsWith('post') !== b.before.startsWith('post'))
    return a.before.startsWith('post') ? 1 : -1;
  return comparePre(a.before.split('.'), b.before.split('.'));
}

function comparePre(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [left, right] = [a[at], b[at]];
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    if (left === right) continue;
    const [x, y] = [Number(left), Number(right)];
    if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
    return left < right ? -1 : 1;
  }
  return 0;
}

function partsOf(version: string): { readonly numbers: readonly number[]; readonly before: string } {
  const { release = '', rest = '' } =
    /^[v=\s]*(?:\d+!)?(?<release>\d+(?:\.\d+)*)(?<rest>[^+]*)/.exec(version)?.groups ?? {};
  // PEP 440 writes `1.0rc1` where SemVer has `1.0.0-rc.1`.
  const before = rest
    .replace(/^[-._]/, '')
    .replaceAll(/(?<=[a-z])(?=\d)/gi, '.')
    .toLowerCase();
  return { numbers: release.split('.').map(Number), before };
}
