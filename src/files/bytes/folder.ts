/** The bytes of files in a folder of this machine, or of a drive that several share. */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BulwarkError } from '../../core/errors.ts';
import { damaged } from './damaged.ts';
import { type FileBytes, type FileWriter, isFileId } from './file-bytes.ts';
import { GatheredWrites } from './gathered-writes.ts';
import { servedFolder } from './served-folder.ts';

/** Bytes that are asked of the system at once. */
const PIECE = 128 * 1024;
const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/**
 * Keeps files in a folder: each under a temporary name until it is whole and synced, then under its own, and the folder is
 * synced too. Readable by the user of this process alone.
 *
 * @throws BulwarkError ERR_BULWARK_INVALID_OPTION where the folder looks like one that a server hands out
 */
export function folderBytes(directory: string): FileBytes {
  const served = servedFolder(directory);
  if (served !== undefined) {
    const said = `files.bytes: a folder named ${served} is handed out by most servers: name one beside it, such as 'data/files'`;
    throw new BulwarkError('ERR_BULWARK_INVALID_OPTION', said);
  }
  const shelves = new Shelves(resolve(directory));
  return {
    create: async (id) => {
      const shelf = await shelves.of(id);
      const partial = join(shelf, `${id}.part`);
      const handle = await attempt(
        open(partial, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, OWNER_ONLY),
      );
      return writerTo(handle, { partial, whole: join(shelf, id), shelf });
    },
    size: async (id) => {
      const found = await stat(shelves.path(id)).catch(absent);
      return found?.size;
    },
    read: (id, from, to) => readPieces(shelves.path(id), from, to),
    remove: async (id) => {
      const path = shelves.path(id);
      await attempt(Promise.all([rm(path, { force: true }), rm(`${path}.part`, { force: true })]));
    },
  };
}

interface Paths {
  readonly partial: string;
  readonly whole: string;
  readonly shelf: string;
}

function writerTo(handle: FileHandle, { partial, whole, shelf }: Paths): FileWriter {
  const writes = new GatheredWrites(handle, true);
  return {
    copies: true,
    write: (piece) => attempt(writes.write(piece)),
    finish: () =>
      attempt(
        (async () => {
          await writes.flush();
          await handle.sync();
          await handle.close();
          await rename(partial, whole);
          await syncFolder(shelf);
        })(),
      ),
    abort: async () => {
      await writes.settled();
      await handle.close().catch(() => undefined);
      await rm(partial, { force: true }).catch(() => undefined);
    },
  };
}

async function* readPieces(path: string, from: number, to: number): AsyncGenerator<Uint8Array, void, void> {
  const handle = await open(path, 'r').catch(absent);
  if (handle === undefined) throw damaged();
  try {
    for (let at = from; at < to;) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE, to - at));
      const { bytesRead } = await attempt(handle.read(buffer, 0, buffer.length, at));
      if (bytesRead === 0) throw damaged();
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** Files by the start of their ids: a folder of a million names is slow on many file systems, and in every tool. */
class Shelves {
  readonly #directory: string;
  readonly #made = new Map<string, Promise<void>>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  path(id: string): string {
    if (!isFileId(id))
      throw new BulwarkError('ERR_BULWARK_STORE', 'An id of a file is none that was made here.');
    return join(this.#directory, id.slice(0, 2), id);
  }

  async of(id: string): Promise<string> {
    const shelf = join(this.path(id), '..');
    const made = this.#made.get(shelf) ?? this.#make(shelf);
    this.#made.set(shelf, made);
    // One that could not be made is tried again: the drive may be back.
    await made.catch((error: unknown) => {
      this.#made.delete(shelf);
      throw error;
    });
    return shelf;
  }

  async #make(shelf: string): Promise<void> {
    await attempt(mkdir(shelf, { recursive: true, mode: OWNER_ONLY_FOLDER }));
    await attempt(syncFolder(this.#directory));
  }
}

/** Without it a name may be gone after a power cut, and the bytes with it. Windows opens no folder, and writes names at once. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function attempt<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw storeError(error);
  }
}

/** The message of the system has the whole path in it. */
function storeError(error: unknown): BulwarkError {
  if (error instanceof BulwarkError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const said =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'The folder of files is full. Make room, or lower files.quota.'
      : `The folder of files failed: ${code}. Look whether it is there, and whether this user may write to it.`;
  return new BulwarkError('ERR_BULWARK_STORE', said, { cause: error });
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw storeError(error);
}
