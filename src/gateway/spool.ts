/**
 * Request bodies, taken whole before an upstream is asked: a slow client then costs a server of one worker nothing, and a
 * server that reads no chunked bodies gets a length.
 */
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { randomId } from '../core/random.ts';
import type { SpoolSettings } from './options/upstream.options.ts';

/** What bodies may take. */
export interface SpoolLimits extends SpoolSettings {
  /** Where files are made; by default the folder of the system for temporary files. */
  readonly folder?: string;
}

/** There is no room for another body: too many are under way at once. The answer is 507. */
export class SpoolFullError extends Error {
  override readonly name = 'SpoolFullError';
}

/** A body that is here, every byte of it. */
export interface SpooledBody {
  readonly bytes: number;
  /** Its content, once. A buffer where it was small; undefined where there is nothing in it. */
  content(): Buffer | Readable | undefined;
  /** Gives its room back. To be called however the request ends; more than once does no harm. */
  release(): void;
}

/** Takes bodies, and holds all of them together to one bound. */
export class Spool {
  readonly #limits: SpoolLimits;
  #used = 0;

  constructor(limits: SpoolLimits) {
    this.#limits = limits;
  }

  /** Bytes that bodies take at the moment. */
  get used(): number {
    return this.#used;
  }

  /**
   * Takes a body to its end.
   *
   * @throws SpoolFullError where there is no room; what the pieces throw, where the client goes away or sends too much
   */
  async take(pieces: AsyncIterable<Uint8Array>): Promise<SpooledBody> {
    const body = new Body((bytes) => this.#reserve(bytes), this.#limits);
    try {
      for await (const piece of pieces) await body.add(piece);
    } catch (error) {
      body.release();
      throw error;
    }
    return body;
  }

  #reserve(bytes: number): void {
    if (bytes > 0 && this.#used + bytes > this.#limits.total)
      throw new SpoolFullError('bodies under way take all the room there is');
    this.#used += bytes;
  }
}

class Body implements SpooledBody {
  readonly #reserve: (bytes: number) => void;
  readonly #limits: SpoolLimits;
  #pieces: Uint8Array[] = [];
  #file: FileHandle | undefined;
  #reserved = 0;
  bytes = 0;

  constructor(reserve: (bytes: number) => void, limits: SpoolLimits) {
    this.#reserve = reserve;
    this.#limits = limits;
  }

  async add(piece: Uint8Array): Promise<void> {
    this.#reserve(piece.byteLength);
    this.#reserved += piece.byteLength;
    this.bytes += piece.byteLength;
    if (this.#file !== undefined) await writeAll(this.#file, piece);
    else {
      this.#pieces.push(piece);
      if (this.bytes > this.#limits.memory) await this.#moveToFile();
    }
  }

  content(): Buffer | Readable | undefined {
    if (this.bytes === 0) return undefined;
    const file = this.#file;
    if (file === undefined) return Buffer.concat(this.#pieces);
    this.#file = undefined;
    return file.createReadStream({ start: 0, highWaterMark: 256 * 1024 });
  }

  release(): void {
    this.#reserve(-this.#reserved);
    this.#reserved = 0;
    this.#pieces = [];
    const file = this.#file;
    this.#file = undefined;
    // A stream over it closes it by itself.
    void file?.close().catch(() => undefined);
  }

  // Nobody else can open it: it has no name but for a moment, and then only for its owner.
  async #moveToFile(): Promise<void> {
    const path = join(this.#limits.folder ?? tmpdir(), `bulwark-body-${randomId(16)}`);
    const file = await open(path, 'wx+', 0o600);
    this.#file = file;
    await unlink(path);
    for (const piece of this.#pieces) await writeAll(file, piece);
    this.#pieces = [];
  }
}

/** A write may take a part only. */
async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.byteLength;) {
    const { bytesWritten } = await file.write(piece, at, piece.byteLength - at);
    at += bytesWritten;
  }
}
