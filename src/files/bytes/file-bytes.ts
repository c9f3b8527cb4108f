/**
 * Where the bytes of files lie. They are known by the random id of their row and by nothing that a client said; whether a
 * file exists says its row alone, so that what lies here may lag behind, and is swept. `bulwark/testing` has the suite that
 * every implementation passes.
 */

/** Bytes on their way to where they will lie. */
export interface FileWriter {
  /**
   * Whether a piece is copied by the time that its `write` resolves, so that its memory is given back at once. Default false: it
   * may be held until it is written.
   */
  readonly copies?: boolean;
  /**
   * Takes a piece, and resolves when there is room for the next one: who awaits it holds no file in memory. The piece must
   * not change afterwards.
   */
  write(piece: Uint8Array): Promise<void>;
  /** Resolves when all of it is there and would outlive a power cut. Until then nobody can read any of it. */
  finish(): Promise<void>;
  /** Leaves nothing behind. Never throws: what it cannot do is left to a sweep. */
  abort(): Promise<void>;
}

/** A place for the bytes of files. */
export interface FileBytes {
  /** Begins a file. Its id is random, so that there is none of it yet. */
  create(id: string): Promise<FileWriter>;
  /** How many bytes there are of a file that is whole; undefined where there is none. */
  size(id: string): Promise<number | undefined>;
  /**
   * The bytes from one place to another.
   *
   * @param from - the first: 0 or more
   * @param to - the one behind the last
   * @throws BulwarkError ERR_BULWARK_FILE_DAMAGED, as it is read, where there are not so many
   */
  read(id: string, from: number, to: number): AsyncIterable<Uint8Array>;
  /** Removes a file, or what is there of one that was begun by a process that is gone. One that is not there is no error. */
  remove(id: string): Promise<void>;
}

/** Ids are names of files and of objects: nothing else may become one. */
export function isFileId(id: string): boolean {
  return ID.test(id);
}

const ID = /^[\w-]{16,64}$/;
