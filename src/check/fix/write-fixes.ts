/** Puts changed files into the place of those that were read: each whole or not at all, with its owner and mode, and where it still is what it was. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  type Stats,
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

/** Gives an open file to a user and a group. Handed in by tests, which are not root, or are. */
export type Chown = (file: number, uid: number, gid: number) => void;

/** Writes them. Never throws for a file: the next one is tried all the same. */
export function writeFixes(
  root: string,
  fixes: readonly FileFix[],
  chown: Chown = fchownSync,
): readonly WrittenFix[] {
  return fixes.map((fix) => ({ path: fix.path, why: writeOne(resolve(root), fix, chown) }));
}

function writeOne(root: string, { path, before, after }: FileFix, chown: Chown): string | undefined {
  if (!isPlainFile(root, path)) return 'it is no file of the tree any more';
  const file = join(root, path);
  const beside = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  let opened: number | undefined;
  try {
    const bytes = readFileSync(file);
    const marked = bytes.subarray(0, 3).equals(BOM);
    if (!bytes.subarray(marked ? 3 : 0).equals(Buffer.from(before, 'utf8')))
      return 'it has changed since it was looked at';
    const was = lstatSync(file);
    // A name that is there already, or a link of that name, is refused.
    opened = openSync(
      beside,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0),
      0o600,
    );
    const text = Buffer.from(after, 'utf8');
    for (const part of marked ? [BOM, text] : [text]) writeAll(opened, part);
    if (!isOf(was, opened, chown)) {
      closeSync(opened);
      opened = undefined;
      removeQuietly(beside);
      return 'its owner and group could not be kept: run this as whoever owns it';
    }
    // Behind the owner: setuid is never set on a file of somebody else.
    fchmodSync(opened, was.mode & 0o7777);
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

/** Whether a new file belongs to whom the old one does. Root's would be read, or run, by nobody or as root. */
function isOf(was: Stats, file: number, chown: Chown): boolean {
  const now = fstatSync(file);
  if (now.uid === was.uid && now.gid === was.gid) return true;
  try {
    chown(file, was.uid, was.gid);
  } catch {
    return false;
  }
  const given = fstatSync(file);
  return given.uid === was.uid && given.gid === was.gid;
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
