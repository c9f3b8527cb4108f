/**
 * A partial file in the hands of one request. It says so in the row and goes on saying it while bytes come, so that of two
 * requests one writes; a process that dies has let go of it a few seconds later.
 */
import { randomId } from '../../core/random.ts';
import type { FileRecord } from '../../stores/ports/files.ts';
import type { FileWriter } from '../bytes/file-bytes.ts';
import type { Vault } from '../vault.ts';
import { offsetOf, partId, type Parts, readParts, writeParts } from './parts.ts';

/** Shorter than what clients wait before they give up: a line that is dead without a word holds a file as long as this. */
export const LEASE_MS = 6_000;
/** As much is lost at most where a process dies: what stands before it is synced, and said in the row. */
export const PART_BYTES: number = 8 * 1024 ** 2;
/** Pieces of a file that are so many are no upload of a file, but somebody who has rows written. */
export const MOST_PARTS = 1_000;
const NAME_BYTES = 8;

/** Somebody else has the file by now: what was written meanwhile is nobody's. */
export class LostHold extends Error {
  override readonly name = 'LostHold';
}

/** Somebody who may write. */
export class Hold {
  readonly record: FileRecord;
  readonly #vault: Vault;
  readonly #clock: () => number;
  #note: string;
  #parts: Parts;
  #writer: FileWriter | undefined;
  #written = 0;
  #last: Promise<void> = Promise.resolve();

  private constructor(vault: Vault, record: FileRecord, clock: () => number) {
    this.#vault = vault;
    this.record = record;
    this.#clock = clock;
    this.#note = record.note;
    this.#parts = readParts(record.note);
  }

  /** Undefined: somebody else has it. */
  static async take(vault: Vault, record: FileRecord, clock: () => number): Promise<Hold | undefined> {
    const hold = new Hold(vault, record, clock);
    if (hold.#parts.until > clock()) return undefined;
    const { open } = hold.#parts;
    try {
      await hold.renew();
    } catch (error) {
      if (error instanceof LostHold) return undefined;
      throw error;
    }
    // Of a process that died over it: what it acknowledged stands in the row, and this was not.
    if (open !== '') await vault.removeParts([partId(record.id, open)]);
    return hold;
  }

  /** How many bytes are there and synced. */
  get offset(): number {
    return offsetOf(this.#parts);
  }

  /** What is there. */
  get parts(): Parts {
    return this.#parts;
  }

  /** What its row says. */
  get note(): string {
    return this.#note;
  }

  /** Writes what comes next. */
  async write(piece: Uint8Array): Promise<void> {
    if (this.#writer === undefined) {
      const open = randomId(NAME_BYTES);
      await this.#say({ open });
      this.#writer = await this.#vault.beginPart(this.record, open);
      this.#written = 0;
    } else if (this.#parts.until - this.#clock() < LEASE_MS / 2) await this.renew();
    await this.#writer.write(piece);
    this.#written += piece.byteLength;
    if (this.#written >= PART_BYTES) await this.sync();
  }

  /** Resolves when what was written would outlive a power cut, and the row says so. */
  async sync(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    if (writer === undefined) return;
    const { open, parts } = this.#parts;
    try {
      await writer.finish();
      await this.#say({ open: '', parts: [...parts, { name: open, size: this.#written }] });
    } catch (error) {
      await writer.abort();
      // It may have its name by now; whoever has the file does not know of it.
      await this.#vault.removeParts([partId(this.record.id, open)]).catch(() => undefined);
      // That one removed what was written here, so that finishing it fails for that alone.
      if (!(error instanceof LostHold)) await this.renew();
      throw error;
    }
  }

  /** Says that the file itself is there, by its digest. */
  async tellWhole(whole: string): Promise<void> {
    await this.#say({ whole });
  }

  /** Says that it is still being brought. */
  async renew(): Promise<void> {
    await this.#say({});
  }

  /** Lets go of it. What was not synced is gone. */
  async release(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.abort();
    await this.#say({ until: 0 });
  }

  /** One after the other: each is told of the row that the one before it left. */
  #say(change: Partial<Parts>): Promise<void> {
    const next = this.#last
      .catch(() => undefined)
      .then(async () => {
        const parts = { ...this.#parts, until: this.#clock() + LEASE_MS, ...change };
        const note = writeParts(parts);
        if (!(await this.#vault.rows.advance(this.record.id, this.#note, note))) throw new LostHold();
        this.#note = note;
        this.#parts = parts;
      });
    this.#last = next;
    next.catch(() => undefined);
    return next;
  }
}
