/**
 * What of a report is mended by a program: edits by file, each tried first. The tree is looked at as it would be, and where a finding is
 * still there, or one is there that was not, the edits of that file are dropped.
 */
import { lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Finding } from '../finding.ts';
import { allFindings } from '../report/report.ts';
import { checkSource, type SourceOptions } from '../source/check-source.ts';
import { readText } from '../source/read-text.ts';
import { applyEdits, type Edit, inOrder } from './edit.ts';
import { fixFor } from './fixers.ts';
import { installedPython } from './pin-requirements.ts';

/** The change of one file. */
export interface FileFix {
  /** From the root of the tree. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly edits: readonly Edit[];
  /** What it mends. */
  readonly findings: readonly Finding[];
}

const MOST_BYTES = 1024 * 1024;

/**
 * The changes.
 *
 * @param all - every finding of the look at that tree
 * @param findings - those to mend: what is waived or in the baseline is left as it is
 */
export async function planFixes(
  root: string,
  all: readonly Finding[],
  findings: readonly Finding[] = all,
  options: SourceOptions = {},
): Promise<readonly FileFix[]> {
  const top = resolve(root);
  let installed: ReadonlyMap<string, string> | undefined;
  const plan = [...Map.groupBy(findings, ({ where }) => where.file)].flatMap(([path, some]) => {
    if (path === undefined || !isPlainFile(top, path)) return [];
    const read = readText(join(top, path), MOST_BYTES);
    if ('why' in read) return [];
    const { text } = read;
    const edits: Edit[] = [];
    const mended: Finding[] = [];
    for (const finding of some) {
      const at = positionOf(text, finding);
      if (at === undefined) continue;
      installed ??= installedPython(top);
      const fix = fixFor({ text, at, finding, installed });
      if (fix === undefined || fix.length === 0 || applyEdits(text, [...edits, ...fix]) === undefined)
        continue;
      edits.push(...fix);
      mended.push(finding);
    }
    const after = applyEdits(text, edits);
    if (after === undefined || after === text) return [];
    return [{ path, before: text, after, edits: inOrder(edits), findings: mended }];
  });
  return plan.length === 0 ? [] : tried(top, plan, all, options);
}

/** Looks at the tree as it would be. */
async function tried(
  root: string,
  plan: readonly FileFix[],
  before: readonly Finding[],
  options: SourceOptions,
): Promise<readonly FileFix[]> {
  const instead = new Map(plan.map(({ path, after }) => [path, after]));
  const { results, notScanned } = await checkSource(root, { ...options, instead });
  const left = countsOf(allFindings(results));
  const known = countsOf(before);
  return plan.filter(({ path, findings }) => {
    if (notScanned.some((one) => one.path === path)) return false;
    if ([...countsOf(findings)].some(([key, count]) => (left.get(key) ?? 0) > (known.get(key) ?? 0) - count))
      return false;
    return !allFindings(results).some(
      (one) =>
        one.level !== 'note' &&
        one.where.file === path &&
        (left.get(keyOf(one)) ?? 0) > (known.get(keyOf(one)) ?? 0),
    );
  });
}

/** Not by fingerprint: the line of what stays is another one. */
function keyOf({ rule, message, where }: Finding): string {
  return `${rule}\n${where.file ?? ''}\n${message}`;
}

function countsOf(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const one of findings) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return counts;
}

/**
 * Whether each part of a path is a folder of the tree, and its end a file of one name: a link leads elsewhere, and what has a second
 * name is shared with whoever has that one.
 */
export function isPlainFile(root: string, path: string): boolean {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return false;
  let here = root;
  for (const [place, part] of parts.entries()) {
    here = join(here, part);
    const facts = lstatSync(here, { throwIfNoEntry: false });
    const last = place === parts.length - 1;
    if (facts === undefined || (last ? !facts.isFile() || facts.nlink > 1 : !facts.isDirectory()))
      return false;
  }
  return true;
}

function positionOf(text: string, { where: { line, column } }: Finding): number | undefined {
  if (line === undefined || column === undefined) return undefined;
  let start = 0;
  const ends = text.matchAll(/\r\n|\n|\r/g);
  for (let count = 1; count < line; count += 1) {
    const end = ends.next();
    if (end.done === true) return undefined;
    start = end.value.index + end.value[0].length;
  }
  const at = start + column - 1;
  return at > text.length ? undefined : at;
}
