/** What a release changes in the files, as text in and text out. */

const HEADING = /^## (?<name>.+)$/gmu;

/** The entry of a version in CHANGELOG, from its heading on; undefined where there is none or it says nothing. */
export function entryOf(changelog: string, version: string): string | undefined {
  const entry = sections(changelog).find(({ name }) => name.startsWith(`${version} - `));
  return entry !== undefined && /^- /mu.test(entry.text) ? entry.text.trim() : undefined;
}

/**
 * CHANGELOG with what is under "Unreleased" as the entry of a version, under its UTC date, and an empty "Unreleased" above.
 * Undefined where nothing is to be released.
 */
export function cutChangelog(changelog: string, version: string, now: Date): string | undefined {
  const open = sections(changelog).find(({ name }) => name.startsWith('Unreleased'));
  if (open === undefined || !/^- /mu.test(open.text)) return undefined;
  const heading = `## ${version} - ${now.toISOString().slice(0, 10)}`;
  const entry = open.text.replace(/^## .+$/mu, () => heading);
  return changelog.replace(open.text, () => `## Unreleased\n\n${entry}`);
}

/** A manifest or lock file with the version of its root set, and with that of this package where it installs it. */
export function withVersion(manifest: string, version: string): string {
  const parsed = JSON.parse(manifest) as {
    version: string;
    packages?: Record<string, { version?: string }>;
    dependencies?: Record<string, string>;
  };
  parsed.version = version;
  const root = parsed.packages?.[''];
  if (root !== undefined) root.version = version;
  if (parsed.dependencies?.['bulwark'] !== undefined) parsed.dependencies['bulwark'] = version;
  return `${JSON.stringify(parsed, null, 2)}\n`;
}

/** Whether a version comes after another. Both are three numbers. */
export function isNewer(version: string, than: string): boolean {
  const [left, right] = [version, than].map((text) => text.split('.').map(Number)) as [number[], number[]];
  const at = left.findIndex((number, index) => number !== right[index]);
  return at !== -1 && (left[at] ?? 0) > (right[at] ?? 0);
}

function sections(changelog: string): readonly { readonly name: string; readonly text: string }[] {
  const headings = [...changelog.matchAll(HEADING)];
  return headings.map((match, index) => ({
    name: match.groups?.['name'] ?? '',
    text: changelog.slice(match.index, headings[index + 1]?.index),
  }));
}
