import assert from 'node:assert/strict';
import type { FileRecord, FileShareRecord, FileStore } from '../../stores/ports/files.ts';
import { NOW, type OpenState, stateTest } from './support.ts';

/** More than any test reaches. */
export const ROOM = { files: 1000, bytes: 1_000_000 } as const;

/** A file of `ann` that begins to arrive, unless a test says otherwise. */
export function sketchFile(id: string, changes: Partial<FileRecord> = {}): FileRecord {
  return {
    id,
    owner: 'ann',
    name: `${id}.pdf`,
    type: 'application/pdf',
    size: 0,
    sha256: '',
    state: 'arriving',
    note: '',
    sealedKey: `key of ${id}`,
    createdAt: NOW,
    heldUntil: NOW + 60_000,
    expiresAt: undefined,
    ...changes,
  };
}

/** A share of file `a` with `bob`. */
export function sketchShare(id: string, changes: Partial<FileShareRecord> = {}): FileShareRecord {
  return {
    id,
    file: 'a',
    account: 'bob',
    once: false,
    createdAt: NOW,
    expiresAt: NOW + 1000,
    usedAt: undefined,
    ...changes,
  };
}

/** A test on rows of files of its own. */
export function fileTest(open: OpenState, fact: string, body: (files: FileStore) => Promise<void>): void {
  stateTest(open, fact, async ({ files }) => {
    assert.ok(files !== undefined, 'a state that keeps rows of files has them under `files`');
    await body(files);
  });
}

/** Has a file be there, as one that arrived whole. */
export async function keepFile(
  files: FileStore,
  id: string,
  changes: Partial<FileRecord> = {},
): Promise<FileRecord> {
  const { size = 10, sha256 = 'digest', state = 'ready', ...begun } = changes;
  const record = sketchFile(id, begun);
  await files.begin(record);
  assert.equal(await files.complete(id, { size, sha256, state }, ROOM), 'kept');
  return { ...record, size, sha256, state, heldUntil: undefined };
}

/** The ids of files, in their order. */
export function idsOf(files: readonly { readonly id: string }[]): string {
  return files.map(({ id }) => id).join(' ');
}
