/** Files that wait to be looked at, and what becomes of them. */
import { passingLook, type PassingLook } from '../controls/uploads/scan/passing-look.ts';
import type { FileScan, ScanVerdict } from '../controls/uploads/scan/scan.ts';
import type { Audit } from '../core/events.ts';
import type { FileRecord } from '../stores/ports/files.ts';
import { FILES_EVENTS } from './files.events.ts';
import type { Vault } from './vault.ts';

/** How files are looked at. */
export interface QuarantineParts {
  readonly vault: Vault;
  readonly scan: FileScan;
  readonly scanTime: number;
  readonly audit: Audit;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

const BATCH = 100;
const LONGEST_NOTE = 200;
/** Long enough for its owner to see why. A refused file counts for no quota: without an end its rows have no bound. */
const REFUSED_MS = 30 * 24 * 60 * 60_000;
/** A scanner that has not answered for so many is down: the others are tried the next time. */
const ENOUGH = 3;

/** Has files looked at, once when they come and again until somebody could say. */
export class Quarantine {
  readonly #parts: QuarantineParts;
  /** A look that timed out goes on until its scanner ends it: another at the same file would only add to it. */
  readonly #looking = new Set<string>();
  #again: Promise<number> | undefined;
  #behind: string | undefined;

  constructor(parts: QuarantineParts) {
    this.#parts = parts;
  }

  /** A look at a file while it comes; undefined where its scan needs it whole. */
  passing(type: string, signal: AbortSignal): PassingLook | undefined {
    return passingLook(this.#parts.scan, type, signal);
  }

  /**
   * Looks at one file. Returns it as it is afterwards; undefined where it was removed meanwhile.
   *
   * @param scan - what is left of a look while it came
   */
  async look(record: FileRecord, scan: FileScan = this.#parts.scan): Promise<FileRecord | undefined> {
    const { vault, audit, clock } = this.#parts;
    if (this.#looking.has(record.id)) return record;
    const seen = await this.#scan(record, scan);
    if (seen.verdict === 'wait') return record;
    const note = seen.verdict === 'refused' ? seen.detail.toWellFormed().slice(0, LONGEST_NOTE) : '';
    const state = seen.verdict === 'refused' ? 'refused' : 'ready';
    const { id, owner, expiresAt = Infinity } = record;
    const endsAt = seen.verdict === 'refused' ? Math.min(expiresAt, clock() + REFUSED_MS) : record.expiresAt;
    if (!(await vault.rows.settle(id, 'quarantine', state, note, endsAt))) return await vault.rows.find(id);
    if (seen.verdict === 'refused') {
      audit(FILES_EVENTS.harmful, { file: id, owner, fault: seen.reason, found: seen.found });
      await vault.removeBytes(id);
    }
    return { ...record, state, note, expiresAt: endsAt };
  }

  /** Looks at all that wait, one after the other: a scanner that was down has them all at once otherwise. Returns how many left. */
  again(): Promise<number> {
    this.#again ??= this.#lookAtAll().finally(() => {
      this.#again = undefined;
    });
    return this.#again;
  }

  /** Goes on behind where it stopped: of files that nobody can say anything of, none stands in the way of the others. */
  async #lookAtAll(): Promise<number> {
    let settled = 0;
    let unsettled = 0;
    for (;;) {
      const waiting = await this.#parts.vault.rows.waiting(this.#behind, BATCH);
      for (const record of waiting) {
        this.#behind = record.id;
        if (this.#looking.has(record.id)) continue;
        const after = await this.look(record);
        if (after?.state !== 'quarantine') settled += 1;
        else if ((unsettled += 1) === ENOUGH) return settled;
      }
      if (waiting.length < BATCH) {
        this.#behind = undefined;
        return settled;
      }
    }
  }

  async #scan(record: FileRecord, scan: FileScan): Promise<ScanVerdict> {
    const { vault, scanTime, audit } = this.#parts;
    const { id, name, type, size } = record;
    const signal = AbortSignal.timeout(scanTime);
    const late = Promise.withResolvers<never>();
    // Where the scanner throws before anybody waits for this, nobody does.
    late.promise.catch(() => undefined);
    const abort = (): void => late.reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    const read = (from: number, to: number): AsyncIterable<Uint8Array> =>
      readUntil(signal, () => vault.read(record, from, to));
    this.#looking.add(id);
    try {
      const file = { id, name, type, size, signal, read };
      const look = Promise.try(scan, file);
      const over = (): void => void this.#looking.delete(id);
      void look.then(over, over);
      const verdict = await Promise.race([look, late.promise]);
      if (KNOWN.includes(verdict.verdict)) return verdict;
      throw new TypeError('what looks at files gave no verdict');
    } catch (error) {
      audit(FILES_EVENTS.unscanned, { error, service: 'files.scan' });
      return UNSEEN;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}

/** Ends a look whose time is over where it reads on: most scanners know nothing of signals. */
async function* readUntil(
  signal: AbortSignal,
  read: () => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  signal.throwIfAborted();
  for await (const piece of read()) {
    signal.throwIfAborted();
    yield piece;
  }
}

/** Of code without types anything may come: what is no verdict lets no file through. */
const KNOWN: readonly unknown[] = ['clean', 'refused', 'wait'];
const UNSEEN: ScanVerdict = { verdict: 'wait', reason: 'unseen', detail: 'Nobody could look at it yet.' };
