/** Writes what was planned: new files where none is, changed ones where they still are what was read, nothing through a link. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  openSync,
  realpathSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { writeFixes, type WrittenFix } from '../fix/write-fixes.ts';
import type { Change } from './plan-init.ts';

/** Writes them, in their order. The first that cannot be written ends it: what comes behind stands on it. */
export function writeChanges(folder: string, changes: readonly Change[]): readonly WrittenFix[] {
  const root = realpathSync(folder);
  const written: WrittenFix[] = [];
  for (const change of changes) {
    const { path, before } = change;
    const one =
      before === undefined
        ? { path, why: writeNew(root, change) }
        : (writeFixes(root, [{ ...change, before, findings: [] }])[0] ?? { path, why: 'it was not written' });
    written.push(one);
    if (one.why !== undefined) break;
  }
  return written;
}

/** Whole or not at all, and in the place of nothing: a name that is there, or leads elsewhere, is refused by the system. */
function writeNew(root: string, { path, after }: Change): string | undefined {
  if (!/^[\w.-]+$/.test(path)) return 'it is no name in the project';
  const beside = join(root, `.${path}.${randomBytes(6).toString('hex')}.tmp`);
  let made = false;
  try {
    const file = openSync(
      beside,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0),
      0o644,
    );
    made = true;
    try {
      writeFileSync(file, after);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    linkSync(beside, join(root, path));
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EEXIST'
      ? 'something of that name is there'
      : `it could not be written (${code ?? String(error)})`;
  } finally {
    if (made) unlinkSync(beside);
  }
}
