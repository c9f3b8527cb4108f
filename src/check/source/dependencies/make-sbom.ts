/** Makes a list of packages out of the locks of a folder. */
import { basename, join, resolve } from 'node:path';
import { shownPath } from '../source-file.ts';
import { type NotLooked, walkTree } from '../walk-tree.ts';
import { isLockFile, type LockFile, readLock } from './locks.ts';
import { cycloneDx, packagesOf, spdx } from './sbom.ts';

/** What to make. */
export interface SbomOptions {
  /** `cyclonedx` or `spdx`. */
  readonly format: string;
  readonly name: string | undefined;
  /** Without what only tests and builds need. */
  readonly production: boolean;
  readonly toolVersion: string;
  /** Default: now. */
  readonly at?: Date;
}

/** The list, and what could not be read; or why there is none. */
export type MadeSbom =
  | { readonly text: string; readonly notRead: readonly NotLooked[] }
  | { readonly why: string };

const LIMITS = { files: 100_000, fileBytes: 0, depth: 64 };

/** Makes it. A lock that cannot be read is told of: the list is not whole. */
export async function makeSbom(folder: string, options: SbomOptions): Promise<MadeSbom> {
  const write = { cyclonedx: cycloneDx, spdx }[options.format];
  if (write === undefined) return { why: 'format is cyclonedx or spdx' };
  const root = resolve(folder);
  const notRead: NotLooked[] = [];
  const locks: LockFile[] = [];
  const walk = walkTree(root, LIMITS, {
    onLeftOut: () => undefined,
    onCut: ({ path, why }) => void notRead.push({ path: shownPath(path), why }),
  });
  for await (const path of walk) {
    if (!isLockFile(path)) continue;
    const lock = readLock(join(root, path), path);
    if (typeof lock === 'string') notRead.push({ path: shownPath(path), why: lock });
    else locks.push(lock);
  }
  if (locks.length === 0) {
    const [first] = notRead;
    return {
      why:
        first === undefined
          ? 'the folder has no lock: make one first, such as by npm install --package-lock-only'
          : `${first.path}: ${first.why}`,
    };
  }
  const named = locks.find(({ lock }) => lock.root.name !== undefined)?.lock.root;
  const packages = packagesOf(locks).filter(({ development }) => !options.production || !development);
  const facts = {
    name: options.name ?? named?.name ?? basename(root),
    version: named?.version ?? '0.0.0',
    toolVersion: options.toolVersion,
    at: options.at ?? new Date(),
  };
  return { text: JSON.stringify(write(packages, facts), undefined, 2), notRead };
}
