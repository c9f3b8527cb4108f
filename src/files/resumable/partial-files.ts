/**
 * Files that come over several requests. Their room is taken when they begin; each part is synced before it is acknowledged; and the
 * file is put together, judged and listed when its last byte is there. Knows no protocol.
 */
import { FileFault } from '../../controls/uploads/content/file-fault.ts';
import { UploadSink } from '../../controls/uploads/content/upload-sink.ts';
import type { Audit } from '../../core/events.ts';
import type { UploadRule } from '../../core/route-rules.ts';
import type { FileQuota, FileRecord } from '../../stores/ports/files.ts';
import { fileName } from '../file-name.ts';
import { FILES_EVENTS } from '../files.events.ts';
import { typeOf } from '../type-of.ts';
import type { Vault } from '../vault.ts';
import { Hold, LEASE_MS, LostHold, MOST_PARTS } from './hold.ts';
import { offsetOf, partIds, readParts } from './parts.ts';

/** What partial files stand on. */
export interface PartialFilesParts {
  readonly vault: Vault;
  readonly quota: FileQuota;
  /** How long one that nobody ends is kept, in milliseconds. */
  readonly keep: number;
  readonly waits: boolean;
  readonly audit: Audit;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** A file that somebody wants to bring. */
export interface OfferedFile {
  readonly owner: string;
  /** As its client calls it. */
  readonly filename: string;
  /** The media type that its client claims. */
  readonly type: string | undefined;
  readonly size: number;
}

/** Why bytes were not taken: another request brings them, they are not the next ones, more than were announced, or in too many pieces. */
export type NotTaken = 'held' | 'offset' | 'length' | 'pieces';

/** Bytes that come. */
export interface ComingBytes {
  readonly from: number;
  /** How many are declared; undefined: that is seen when they end. */
  readonly length: number | undefined;
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Aborts where the session was ended. */
  readonly signal: AbortSignal;
}

/** The partial files of one application. */
export class PartialFiles {
  readonly #its: PartialFilesParts;

  constructor(parts: PartialFilesParts) {
    this.#its = parts;
  }

  /**
   * Begins one, if there is room for all of it.
   *
   * @throws FileFault where its size, its name or its type is none that the route takes
   */
  async begin(
    { owner, filename, type, size }: OfferedFile,
    rule: UploadRule,
  ): Promise<FileRecord | undefined> {
    if (size === 0) throw new FileFault('empty');
    if (size > rule.size) throw new FileFault('size');
    sinkFor(rule, filename, type);
    const { vault, quota, keep, clock } = this.#its;
    const expiresAt = clock() + keep;
    const kept = { owner, name: fileName(filename), type: typeOf(filename, rule.types), expiresAt };
    return await vault.reserve(kept, size, quota);
  }

  /** One of an account. Whose it is and whether it is there are one answer. */
  async find(id: string, owner: string): Promise<FileRecord | undefined> {
    const record = await this.#its.vault.rows.partial(id);
    const isLive = record?.owner === owner && (record.expiresAt ?? Infinity) > this.#its.clock();
    return isLive ? record : undefined;
  }

  /**
   * Takes bytes, and keeps those that came where their client goes in the middle.
   *
   * @returns how many are there and synced
   * @throws whatever reading them comes to, once those that came are synced
   */
  async append(
    record: FileRecord,
    { from, length, pieces, signal }: ComingBytes,
  ): Promise<number | NotTaken> {
    const hold = await this.#take(record);
    if (hold === undefined) return 'held';
    try {
      if (hold.offset !== from) return 'offset';
      if (from + (length ?? 0) > record.size) return 'length';
      if (hold.parts.parts.length >= MOST_PARTS) return 'pieces';
      let at = from;
      try {
        for await (const piece of pieces) {
          if (at + piece.byteLength > record.size) return 'length';
          await hold.write(piece);
          at += piece.byteLength;
          signal.throwIfAborted();
        }
      } finally {
        await hold.sync();
      }
      return hold.offset;
    } catch (error) {
      // Whoever has the file by now is somewhere else in it.
      if (error instanceof LostHold) return 'offset';
      throw error;
    } finally {
      await hold.release().catch(() => undefined);
    }
  }

  /**
   * Has a file exist whose bytes are all there: reads them once more, in their order, through the checks of the route.
   *
   * @returns `held`: another request is at it. Undefined: it was given up meanwhile
   * @throws FileFault where its bytes are none that the route takes: then nothing of it is left
   */
  async finish(record: FileRecord, rule: UploadRule): Promise<FileRecord | 'held' | undefined> {
    const { vault, waits, quota, audit } = this.#its;
    const hold = await this.#take(record);
    if (hold === undefined) return 'held';
    try {
      if (hold.parts.whole === '') await hold.tellWhole(await this.#putTogether(hold, rule));
      // Before the row forgets them: from then on nothing leads there.
      await vault.removeParts(partIds(record.id, hold.note));
      const state = waits ? 'quarantine' : 'ready';
      const { id, owner, size } = record;
      const sha256 = hold.parts.whole;
      if ((await vault.rows.complete(id, { size, sha256, state }, quota)) !== 'kept') throw new LostHold();
      audit(FILES_EVENTS.stored, { file: id, owner, size, state });
      return { ...record, sha256, state, note: '', expiresAt: undefined };
    } catch (error) {
      if (error instanceof FileFault) {
        await this.#drop(hold);
        throw error;
      }
      await hold.release().catch(() => undefined);
      // A sweep that took the file away takes its parts away too: what fails then may be anything.
      if (await vault.removeLost(record.id)) return undefined;
      if (error instanceof LostHold) return 'held';
      throw error;
    }
  }

  /** Ends one that is not whole, and gives its room back. False: a request brings bytes of it right now. */
  async end(record: FileRecord): Promise<boolean> {
    const hold = await this.#take(record);
    if (hold === undefined) return false;
    const { id, owner } = record;
    await this.#drop(hold);
    this.#its.audit(FILES_EVENTS.ended, { file: id, owner });
    return true;
  }

  /** Ends all of an account, whoever is at them. Their bytes go with the next sweep: one at work may still write. */
  async endAll(owner: string): Promise<void> {
    const { vault, clock } = this.#its;
    for (const { id } of await vault.rows.partials(owner, Number.MAX_SAFE_INTEGER))
      await vault.rows.giveUp(id, Number.MAX_SAFE_INTEGER, clock() + LEASE_MS);
  }

  async #take(record: FileRecord): Promise<Hold | undefined> {
    return await Hold.take(this.#its.vault, record, this.#its.clock);
  }

  async #drop(hold: Hold): Promise<void> {
    const { vault } = this.#its;
    const { id } = hold.record;
    if (!(await vault.rows.giveUp(id, Number.MAX_SAFE_INTEGER, vault.holdUntil))) return;
    // What a disk does not give up now is swept.
    await vault.discard(id, hold.note).catch(() => undefined);
  }

  /** @returns the SHA-256 of the whole */
  async #putTogether(hold: Hold, rule: UploadRule): Promise<string> {
    const { vault } = this.#its;
    const { record, parts } = hold;
    const sink = sinkFor(rule, record.name, undefined);
    const arrival = await vault.beginWhole(record, () => hold.renew(), LEASE_MS);
    try {
      for (const part of parts.parts) {
        for await (const piece of vault.readPart(record, part)) {
          sink.data(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
          await arrival.write(piece);
        }
      }
      sink.end();
      await arrival.finish();
      arrival.let();
      return arrival.sha256;
    } catch (error) {
      await arrival.abort();
      throw error;
    }
  }
}

/** How much of a record is there. */
export function offsetIn({ note }: FileRecord): number {
  return offsetOf(readParts(note));
}

/** @throws FileFault where the end of its name or its type is none that the route takes */
function sinkFor(rule: UploadRule, filename: string, type: string | undefined): UploadSink {
  const sink = new UploadSink({ ...rule, files: 1, total: Number.POSITIVE_INFINITY });
  sink.part({ name: 'file', filename, type });
  return sink;
}
