/** Pins of requirements: the versions that are installed in the tree, where each line is a plain one and has its version there. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from './edit.ts';

const MOST_PACKAGES = 5000;

/** What the environment of a tree holds, by normal name. Its folders are real ones: a link could lead anywhere. */
export function installedPython(root: string): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  for (const name of ['.venv', 'venv', 'env']) {
    for (const folder of below(root, name, 'lib')) {
      for (const entry of foldersOf(join(root, name, 'lib', folder, 'site-packages')).slice(
        0,
        MOST_PACKAGES,
      )) {
        const [, what = '', version = ''] = /^([A-Za-z0-9_.]+)-(\d[\w.!+]*)\.dist-info$/.exec(entry) ?? [];
        if (what !== '') versions.set(normal(what), version);
      }
    }
    if (versions.size > 0) break;
  }
  return versions;
}

/** Whole, or not at all: half a list of pins is another version tomorrow all the same. */
export function pinRequirements(
  text: string,
  installed: ReadonlyMap<string, string>,
): readonly Edit[] | undefined {
  const edits: Edit[] = [];
  for (const { 0: line, index } of text.matchAll(/[^\r\n]+/g)) {
    const bare = line.replace(/(?:^|\s)#.*$/, '').trim();
    if (bare === '' || /==/.test(bare)) continue;
    const plain =
      /^(?<name>[A-Za-z0-9][\w.-]*)(?<extras>\[[\w,\s-]*\])?\s*(?<bound>(?:>=|~=)\s*[\d.]+)?\s*(?:;|$)/.exec(
        bare,
      );
    const { name, extras = '', bound } = plain?.groups ?? {};
    const version = name === undefined ? undefined : installed.get(normal(name));
    if (name === undefined || version === undefined || !isAtLeast(version, bound)) return undefined;
    const from = index + line.indexOf(name) + name.length + extras.length;
    const to = bound === undefined ? from : index + line.indexOf(bound) + bound.length;
    edits.push({ from, to, text: `==${version}` });
  }
  return edits.length === 0 ? undefined : edits;
}

/** PEP 503. */
function normal(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** Of plain numbers alone; what `~=` forbids is left to a person. */
function isAtLeast(version: string, bound: string | undefined): boolean {
  if (bound === undefined) return true;
  if (bound.startsWith('~=') || !/^[\d.]+$/.test(version)) return false;
  const [have, least] = [version, bound.replace(/^>=\s*/, '')].map((one) => one.split('.').map(Number));
  for (const [place, number] of (least ?? []).entries()) {
    const own = have?.[place] ?? 0;
    if (own !== number) return own > number;
  }
  return true;
}

function below(root: string, ...parts: readonly string[]): readonly string[] {
  let path = root;
  for (const part of parts) {
    path = join(path, part);
    if (!isFolder(path)) return [];
  }
  return foldersOf(path);
}

function foldersOf(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  } catch {
    // No environment, or one that may not be read: nothing is known of it.
    return [];
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
