/** Files where they lie: a row first, then its bytes, so that whatever a process leaves behind has a row that leads to it. */
import { createHash, hkdfSync } from 'node:crypto';
import type { KeyRing } from '../core/key-ring.ts';
import { randomBytes, randomId } from '../core/random.ts';
import type { FileQuota, FileRecord, FileState, FileStore } from '../stores/ports/files.ts';
import { damaged } from './bytes/damaged.ts';
import type { FileBytes, FileWriter } from './bytes/file-bytes.ts';
import { readSealed, SealingWriter } from './bytes/sealed.ts';
import { FILES_KEYS } from './files.keys.ts';
import { type Part, partId, partIds } from './resumable/parts.ts';

/** How long a file on its way is nobody else's, since its process last said so. */
export const HOLD_MS = 60_000;
const ID_BYTES = 16;
const KEY_BYTES = 32;

/** What a vault is made of. */
export interface VaultParts {
  readonly rows: FileStore;
  readonly bytes: FileBytes;
  readonly keys: KeyRing;
  readonly encrypt: boolean;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Default {@link HOLD_MS}. */
  readonly holdMs?: number;
}

/** Whose a new file is, and what it is called. */
export interface NewFile {
  readonly owner: string;
  readonly name: string;
  readonly type: string;
  readonly expiresAt: number | undefined;
}

/** Rows and bytes together. */
export class Vault {
  readonly rows: FileStore;
  readonly #parts: VaultParts;

  constructor(parts: VaultParts) {
    this.rows = parts.rows;
    this.#parts = parts;
  }

  /** Begins a file: from now on a sweep finds what becomes of it. */
  async begin(file: NewFile): Promise<Arrival> {
    const { clock, holdMs = HOLD_MS } = this.#parts;
    const record: FileRecord = { ...this.#row(file), state: 'arriving', heldUntil: clock() + holdMs };
    const { id } = record;
    await this.rows.begin(record);
    try {
      return await this.#arrive(record, () => this.rows.renew(id, clock() + holdMs), holdMs);
    } catch (error) {
      await this.undo(id).catch(() => undefined);
      throw error;
    }
  }

  /** Takes the room of a file that comes in parts, until it is whole or given up. Undefined: there is none. */
  async reserve(file: NewFile, size: number, quota: FileQuota): Promise<FileRecord | undefined> {
    const record: FileRecord = { ...this.#row(file), size, state: 'partial', heldUntil: undefined };
    return (await this.rows.reserve(record, quota)) === 'kept' ? record : undefined;
  }

  /** Begins a part of such a file. The note of its row has the name by now, so that a sweep finds the bytes. */
  async beginPart({ id, sealedKey }: FileRecord, name: string): Promise<FileWriter> {
    const part = partId(id, name);
    const writer = await this.#parts.bytes.create(part);
    return sealedKey === '' ? writer : new SealingWriter(writer, this.#keyOfPart(id, sealedKey, part), part);
  }

  /** The bytes of a part, in clear. */
  readPart({ id, sealedKey }: FileRecord, { name, size }: Part): AsyncIterable<Uint8Array> {
    const { bytes } = this.#parts;
    const part = partId(id, name);
    if (sealedKey === '') return bytes.read(part, 0, size);
    return readSealed(bytes, {
      id: part,
      key: this.#keyOfPart(id, sealedKey, part),
      size,
      from: 0,
      to: size,
    });
  }

  /** Begins the bytes of such a file itself, anew where a process died over them. */
  async beginWhole(record: FileRecord, renew: () => unknown, holdMs: number): Promise<Arrival> {
    await this.#parts.bytes.remove(record.id);
    return await this.#arrive(record, renew, holdMs);
  }

  /** Removes the bytes of parts. */
  async removeParts(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.#parts.bytes.remove(id);
  }

  #row({ owner, name, type, expiresAt }: NewFile): Omit<FileRecord, 'state' | 'heldUntil'> {
    const { keys, encrypt, clock } = this.#parts;
    const id = randomId(ID_BYTES);
    const sealedKey = encrypt ? keys.seal(FILES_KEYS.file, randomBytes(KEY_BYTES), id) : '';
    return { id, owner, name, type, size: 0, sha256: '', note: '', sealedKey, createdAt: clock(), expiresAt };
  }

  async #arrive(record: FileRecord, renew: () => unknown, holdMs: number): Promise<Arrival> {
    const { id, sealedKey } = record;
    const writer = await this.#parts.bytes.create(id);
    const sealed = sealedKey === '' ? writer : new SealingWriter(writer, this.#keyOf(id, sealedKey), id);
    return new Arrival(record, sealed, renew, holdMs);
  }

  #keyOf(id: string, sealedKey: string): Buffer {
    const opened = this.#parts.keys.open(FILES_KEYS.file, sealedKey, id);
    if (opened === undefined) throw damaged();
    return opened.plaintext;
  }

  /** Pieces are numbered from zero in each of them: under one key two parts would have the same nonces. */
  #keyOfPart(id: string, sealedKey: string, part: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#keyOf(id, sealedKey), '', part, KEY_BYTES));
  }

  /** Has a file exist that arrived. */
  async complete(arrival: Arrival, state: FileState, quota: FileQuota): Promise<'kept' | 'full' | 'gone'> {
    const { size, sha256 } = arrival;
    return await this.rows.complete(arrival.record.id, { size, sha256, state }, quota);
  }

  /**
   * The bytes of a file, in clear.
   *
   * @throws BulwarkError ERR_BULWARK_FILE_DAMAGED, as they are read, where they are not those that were stored
   */
  read({ id, sealedKey, size }: FileRecord, from: number, to: number): AsyncIterable<Uint8Array> {
    const { bytes } = this.#parts;
    if (sealedKey === '') return bytes.read(id, from, to);
    return readSealed(bytes, { id, key: this.#keyOf(id, sealedKey), size, from, to });
  }

  /** Gives up a file that arrives, if nobody has said after `heldBefore` that it still does, and leaves nothing of it behind. */
  async giveUp(id: string, heldBefore: number): Promise<void> {
    if (await this.rows.giveUp(id, heldBefore, this.holdUntil)) await this.discard(id);
  }

  /**
   * Gives up a file for whoever brings it, once no more of its bytes are written. One that was completed after all stays: a store
   * that was too late to say so may have done it.
   */
  async undo(id: string): Promise<void> {
    if (await this.rows.giveUp(id, Number.MAX_SAFE_INTEGER, this.holdUntil)) await this.discard(id);
    else await this.removeLost(id);
  }

  /**
   * Removes bytes that were still on their way when a sweep gave their file up: nothing leads to them any more. For whoever wrote
   * them, once that is over.
   *
   * @returns whether the file is gone
   */
  async removeLost(id: string): Promise<boolean> {
    // In this order: one that is partial no more is whole or gone, and stays that.
    if ((await this.rows.partial(id)) !== undefined) return false;
    const file = await this.rows.find(id);
    if (file === undefined || file.state === 'refused') await this.removeBytes(id);
    return file === undefined;
  }

  /**
   * Removes the bytes of a file that nobody sees any more, and then its row: in this order, so that none is left over.
   *
   * @param note - of its row: that of a partial file leads to its parts
   */
  async discard(id: string, note = ''): Promise<void> {
    await this.removeParts([...partIds(id, note), id]);
    await this.rows.forget(id);
  }

  /** Removes the bytes of a file whose row stays, so that its owner sees why. */
  async removeBytes(id: string): Promise<void> {
    await this.#parts.bytes.remove(id);
  }

  /** Until when whoever removes a file sees to its bytes; after it, a sweep does. */
  get holdUntil(): number {
    return this.#parts.clock() + (this.#parts.holdMs ?? HOLD_MS);
  }

  /**
   * Seals the keys of files anew that an older secret has sealed. No byte of a file is read or written.
   *
   * @returns how many were sealed anew, and how many no secret of the ring opens
   */
  async rekey(batch = 500): Promise<{ readonly sealed: number; readonly lost: number }> {
    const { keys } = this.#parts;
    const count = { sealed: 0, lost: 0 };
    for (let last: string | undefined; ;) {
      const rows = await this.rows.after(last, batch);
      for (const { id, sealedKey } of rows) {
        if (sealedKey === '') continue;
        const opened = keys.open(FILES_KEYS.file, sealedKey, id);
        if (opened === undefined) count.lost += 1;
        else if (!opened.current) {
          const fresh = keys.seal(FILES_KEYS.file, opened.plaintext, id);
          if (await this.rows.rekey(id, sealedKey, fresh)) count.sealed += 1;
        }
      }
      if (rows.length < batch) return count;
      last = rows.at(-1)?.id;
    }
  }
}

/** A file on its way in. Whoever brings it says from time to time that it still does. */
export class Arrival {
  readonly record: FileRecord;
  readonly #writer: FileWriter;
  readonly #hash = createHash('sha256');
  readonly #renewing: NodeJS.Timeout;
  #size = 0;
  #sha256 = '';

  constructor(record: FileRecord, writer: FileWriter, renew: () => unknown, holdMs: number) {
    this.record = record;
    this.#writer = writer;
    const again = (): void => {
      // A store that is gone for a moment is asked again; one that is gone for long has given the file up.
      void Promise.try(renew).catch(() => undefined);
    };
    this.#renewing = setInterval(again, holdMs / 3).unref();
  }

  get size(): number {
    return this.#size;
  }

  /** Of all its bytes, base64url; empty until it is finished. */
  get sha256(): string {
    return this.#sha256;
  }

  /** Takes a piece; see {@link FileWriter}. */
  async write(piece: Uint8Array): Promise<void> {
    this.#size += piece.byteLength;
    this.#hash.update(piece);
    await this.#writer.write(piece);
  }

  /** Resolves when all of it would outlive a power cut. */
  async finish(): Promise<void> {
    await this.#writer.finish();
    this.#sha256 = this.#hash.digest('base64url');
  }

  /** Nothing is said of it any more: it is there by its row, or gone. */
  let(): void {
    clearInterval(this.#renewing);
  }

  /** Leaves no bytes behind. */
  async abort(): Promise<void> {
    this.let();
    await this.#writer.abort();
  }
}
