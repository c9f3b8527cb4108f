/** Puts changed files into the place of those that were read: each whole or not at all, with its mode, and where it still is what it was. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type FileFix, isPlainFile } from './plan-fixes.ts';

/** What came of a change. */
export interface WrittenFix {
  readonly path: string;
  /** Why it was not written. Undefined: it was. */
  readonly why: string | undefined;
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Writes them. Never throws for a file: the next one is tried all the same. */
export function writeFixes(root: string, fixes: readonly FileFix[]): readonly WrittenFix[] {
  return fixes.map((fix) => ({ path: fix.path, why: writeOne(resolve(root), fix) }));
}

function writeOne(root: string, { path, before, after }: FileFix): string | undefined {
  if (!isPlainFile(root, path)) return 'it is no file of the tree any more';
  const file = join(root, path);
  const beside = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  let opened: number | undefined;
  try {
    const bytes = readFileSync(file);
    const marked = bytes.subarray(0, 3).equals(BOM);
    if (!bytes.subarray(marked ? 3 : 0).equals(Buffer.from(before, 'utf8')))
      return 'it has changed since it was looked at';
    const { mode } = lstatSync(file);
    // A name that is there already, or a link of that name, is refused.
    opened = openSync(
      beside,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0),
      0o600,
    );
    const text = Buffer.from(after, 'utf8');
    for (const part of marked ? [BOM, text] : [text]) writeAll(opened, part);
    fchmodSync(opened, mode & 0o7777);
    fsyncSync(opened);
    closeSync(opened);
    opened = undefined;
    renameSync(beside, file);
    return undefined;
  } catch (error) {
    if (opened !== undefined) closeSync(opened);
    removeQuietly(beside);
    return error instanceof Error && 'code' in error
      ? `it could not be written (${String(error.code)})`
      : String(error);
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was never made.
  }
}
