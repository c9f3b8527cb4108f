/** Files that are there as a whole, wherever they lie. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { call, name } from '../../../core/call.ts';

/** A file that can be read from any place of it, as often as is needed. */
export interface WholeFile {
  /** In bytes. */
  readonly size: number;
  /**
   * Its bytes.
   *
   * @param from - the first of them: 0 or more
   * @param to - the one behind the last: at most `size`
   */
  read(from: number, to: number): AsyncIterable<Uint8Array>;
}

/** One that is held in memory. */
export function heldFile(bytes: Uint8Array): WholeFile {
  return {
    size: bytes.length,
    async *read(from, to) {
      yield bytes.subarray(from, to);
    },
  };
}

/** What stands from one place to another, as one piece: for no more than a caller can hold. */
export async function readPiece(file: WholeFile, from: number, to: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of file.read(from, to)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/**
 * One that lies at a path of this machine. It is opened anew for each look.
 *
 * @throws the error of the file system where there is none
 */
export async function fileAt(path: string): Promise<WholeFile> {
  checkPath(path);
  const { size } = await stat(path);
  return {
    size,
    read: (from, to) =>
      // An empty range is none to a stream: its `end` is the last byte.
      from >= to
        ? Readable.from([])
        : createReadStream(path, { start: from, end: to - 1, highWaterMark: PIECE }),
  };
}

const PIECE = 256 * 1024;
const checkPath = call("await fileAt('/srv/incoming/1')", { path: name });
