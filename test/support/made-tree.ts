/** Source trees for tests of the check from inside. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { allFindings } from '../../src/check/report/report.ts';
import { checkSource, type SourceOptions, type SourceReport } from '../../src/check/source/check-source.ts';

/** Writes a tree, lets it be looked at, and takes it away. */
export async function withTree<T>(
  files: Readonly<Record<string, string | Buffer>>,
  look: (root: string) => Promise<T>,
): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'bulwark-tree-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return await look(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What is said of a tree: `rule file:line`, in the order of names. */
export function saidOf({ results }: SourceReport): readonly string[] {
  return allFindings(results)
    .map(({ rule, where }) => `${rule} ${where.file ?? ''}:${where.line ?? 0}`)
    .toSorted();
}

/** The same of files that are given as text. */
export function findingsIn(
  files: Readonly<Record<string, string | Buffer>>,
  options?: SourceOptions,
): Promise<readonly string[]> {
  return withTree(files, async (root) => saidOf(await checkSource(root, options)));
}
