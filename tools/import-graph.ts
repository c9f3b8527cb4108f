/** Which files of a tree a change may concern. */
import { dirname, join } from 'node:path';

/** By the path of a file, those that import it. */
export type ImportedBy = ReadonlyMap<string, ReadonlySet<string>>;

/** Where a specifier stands: in an import, an export from elsewhere, an import within an expression or a type. */
const SPECIFIER = /(?:\bfrom|\bimport|\bimport\(|\brequire\(|\bresolve\()\s*(['"])([^'"\n]+)\1/g;

/**
 * Reads who imports whom. What looks like an import and is none only makes one file more to look at.
 *
 * @param texts - by path, relative to the root of the tree
 * @param packages - what a bare specifier stands for, if a file of the tree
 */
export function importedBy(
  texts: ReadonlyMap<string, string>,
  packages: ReadonlyMap<string, string>,
): ImportedBy {
  const importers = new Map<string, Set<string>>();
  for (const [name, text] of texts) {
    for (const [, , specifier = ''] of text.matchAll(SPECIFIER)) {
      const target = specifier.startsWith('.') ? join(dirname(name), specifier) : packages.get(specifier);
      if (target === undefined) continue;
      const known = importers.get(target) ?? new Set();
      importers.set(target, known.add(name));
    }
  }
  return importers;
}

/** The changed files, and all that import one of them, over however many others. */
export function affectedBy(changed: readonly string[], importers: ImportedBy): ReadonlySet<string> {
  const affected = new Set(changed);
  // A set is walked in the order of its making: what is added on the way comes too.
  for (const name of affected) for (const importer of importers.get(name) ?? []) affected.add(importer);
  return affected;
}
