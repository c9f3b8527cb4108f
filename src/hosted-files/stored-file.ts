/** A file as an application sees it. */
import type { FileRecord } from '../stores/ports/files.ts';

/** A file that is kept. */
export interface StoredFile {
  /** Random: for addresses. It opens nothing by itself. */
  readonly id: string;
  readonly owner: string;
  /** As its owner called it, cleaned: for people to read, and never part of a path. */
  readonly name: string;
  /** What it was judged as. */
  readonly type: string;
  /** In bytes. */
  readonly size: number;
  /** SHA-256 of its bytes, base64url. */
  readonly sha256: string;
  /** `quarantine`: it waits to be looked at. `refused`: it was, and its bytes are gone. */
  readonly state: 'quarantine' | 'ready' | 'refused';
  /** What was said of a refused one. */
  readonly note: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** When it ends by itself, in milliseconds since 1970. */
  readonly expiresAt: number | undefined;
}

/** What of a row is an application's matter: not the key. */
export function storedFile(record: FileRecord): StoredFile {
  const { id, owner, name, type, size, sha256, state, note, createdAt, expiresAt } = record;
  return {
    id,
    owner,
    name,
    type,
    size,
    sha256,
    state: state as StoredFile['state'],
    note,
    createdAt,
    expiresAt,
  };
}
