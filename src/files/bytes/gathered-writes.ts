/**
 * Pieces of a body, gathered before they are written: one call to the system for each would cost more than the bytes. They are
 * copied into few buffers that are used again: held as they came, each would live until a write has ended, and the collector
 * would have to look for it among everything that is old.
 */
import type { FileHandle } from 'node:fs/promises';

/** Most files are no longer than some of these. */
const FIRST = 64 * 1024;
const LARGE = 256 * 1024;
/** So many files on their way have large buffers, two each; whoever comes then has a small one, and waits while it is written. */
const MOST_LARGE = 16;
/** Behind so many bytes the disk is told to begin, so that the end of a file waits for the rest alone. */
const SYNCED = 16 * 1024 * 1024;

/** How many files have large buffers; and whether the disk was told: that keeps a thread that all writes need, so one does it at once. */
const busy = { large: 0, isSyncing: false };

/** Writes to a file one piece behind the other, while the next ones come in. */
export class GatheredWrites {
  readonly #handle: FileHandle;
  #buffer: Buffer | undefined;
  #filled = 0;
  /** Of the two buffers the one that nothing is written from. */
  #spare: Buffer | undefined;
  #hasLarge = false;
  #writing: Promise<void> = Promise.resolve();
  #syncing: Promise<void> = Promise.resolve();
  #unsynced = 0;
  readonly #isKept: boolean;

  /** @param isKept - whether it is to outlive a power cut, and not only this process */
  constructor(handle: FileHandle, isKept: boolean) {
    this.#handle = handle;
    this.#isKept = isKept;
  }

  /** Takes a piece. Resolves when there is room for another one. */
  async write(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.byteLength;) {
      const buffer = (this.#buffer ??= this.#emptied());
      const part = piece.subarray(at, at + buffer.length - this.#filled);
      buffer.set(part, this.#filled);
      this.#filled += part.byteLength;
      at += part.byteLength;
      if (this.#filled < buffer.length) return;
      await this.#writing;
      this.#begin();
      if (!this.#hasLarge) await this.#writing;
    }
  }

  /**
   * Resolves when everything is written. What was told to the disk before is heard of here, and must be: a system says once that it
   * has lost something, and the next sync of the file finds nothing wrong.
   */
  async flush(): Promise<void> {
    try {
      await this.#writing;
      this.#begin(true);
      await this.#writing;
      await this.#syncing;
    } finally {
      this.#let();
    }
  }

  /** Resolves when nothing is being written any more, whatever came of it. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#writing]);
    await Promise.allSettled([this.#syncing]);
    this.#let();
  }

  #let(): void {
    if (this.#hasLarge) busy.large -= 1;
    this.#hasLarge = false;
  }

  #emptied(): Buffer {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined && (spare.length === LARGE || !this.#hasLarge)) return spare;
    return Buffer.allocUnsafeSlow(this.#hasLarge ? LARGE : FIRST);
  }

  /** @param isLast - the disk is told by whoever ends the file */
  #begin(isLast = false): void {
    const buffer = this.#buffer;
    if (buffer === undefined || this.#filled === 0) return;
    const bytes = buffer.subarray(0, this.#filled);
    this.#buffer = undefined;
    this.#filled = 0;
    if (!this.#hasLarge && busy.large < MOST_LARGE) {
      busy.large += 1;
      this.#hasLarge = true;
    }
    this.#writing = writeAll(this.#handle, bytes).then(() => {
      this.#spare = buffer;
      if (!isLast) this.#sync(bytes.length);
    });
    // Heard of at the next piece; until then it must not end the process.
    this.#writing.catch(() => undefined);
  }

  #sync(written: number): void {
    this.#unsynced += written;
    if (!this.#isKept || this.#unsynced < SYNCED || busy.isSyncing) return;
    this.#unsynced = 0;
    busy.isSyncing = true;
    // One that failed stays failed.
    this.#syncing = Promise.all([this.#syncing, this.#handle.datasync()])
      .then(() => undefined)
      .finally(() => {
        busy.isSyncing = false;
      });
    this.#syncing.catch(() => undefined);
  }
}

/** A disk that is nearly full takes a part, and says why at the next try. */
async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
}
