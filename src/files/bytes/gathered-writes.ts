/** Pieces of a body, gathered before they are written: one call to the system for each would cost more than the bytes. */
import type { FileHandle } from 'node:fs/promises';

/** As much is being written as is gathered meanwhile: twice this is held for each file on its way. */
const GATHERED = 128 * 1024;

/** Writes to a file one piece behind the other, while the next ones come in. */
export class GatheredWrites {
  readonly #handle: FileHandle;
  #pieces: Uint8Array[] = [];
  #size = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Takes a piece. Resolves when there is room for another one. */
  async write(piece: Uint8Array): Promise<void> {
    this.#pieces.push(piece);
    this.#size += piece.byteLength;
    if (this.#size < GATHERED) return;
    await this.#writing;
    this.#begin();
  }

  /** Resolves when everything is written. */
  async flush(): Promise<void> {
    await this.#writing;
    this.#begin();
    await this.#writing;
  }

  /** Resolves when nothing is being written any more, whatever came of it. */
  async settled(): Promise<void> {
    await this.#writing.catch(() => undefined);
  }

  #begin(): void {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#size = 0;
    this.#writing = pieces.length === 0 ? Promise.resolve() : writeAll(this.#handle, pieces);
    // Heard of at the next piece; until then it must not end the process.
    this.#writing.catch(() => undefined);
  }
}

/** A disk that is nearly full takes a part, and says why at the next try. */
async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  const { bytesWritten } = await handle.writev(pieces);
  const size = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  if (bytesWritten === size) return;
  const rest = Buffer.concat(pieces).subarray(bytesWritten);
  for (let at = 0; at < rest.length;) at += (await handle.write(rest, at)).bytesWritten;
}
