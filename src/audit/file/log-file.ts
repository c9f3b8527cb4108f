/**
 * The file of a log: records are chained at once, in memory, and written in batches. Nobody waits for the disk but who asks
 * for it by `flushed`. Several processes may write one file: each batch is one append.
 */
import { closeSync, fdatasync, fstatSync, stat, write, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BulwarkError, errorName } from '../../core/errors.ts';
import type { Chain, ChainPlace, Opening } from '../chain/chain.ts';
import { isSigned } from '../chain/chain-line.ts';
import { hasLine, openLogFile, readLogEnd } from './last-record.ts';
import type { AuditFileSettings } from './file.options.ts';

/** How the file does. */
export interface LogFileHealth {
  readonly isFailing: boolean;
  /** Events that found no room while it failed. */
  readonly lost: number;
  /** The error of the last write, by its code. */
  readonly error: string | undefined;
}

/** What the file tells its log. */
export interface LogFileListener {
  /** Called before records are written: has what they stand on on the disk before them. */
  settle?(): Promise<void>;
  /** The same at the end of the process, where nothing can be waited for. */
  settleNow?(): void;
  /** Told once when it begins to fail. */
  failing(error: string): void;
  /** Told once when it can be written again. */
  recovered(lost: number, goneMs: number, error: string): void;
  /** Signed lines, once they are in the file. */
  heads(lines: readonly string[]): void;
}

/** A record that waits, or the place behind which another file goes on. */
type Entry = string | { readonly next: number };

const [writeBytes, syncData, look] = [promisify(write), promisify(fdatasync), promisify(stat)];

const BATCH_BYTES = 1_048_576;
const FLUSH_MS = 50;
const FLUSH_BYTES = 262_144;
const RETRY_MS = 500;
/** What a disk that does not take them may leave waiting in memory. */
const MOST_WAITING_BYTES = 8_388_608;
const LOOK_MS = 200;
const LF = 0x0a;
const LONGEST_CLOSE_MS = 1000;
const LONGEST_LAST_WRITE_MS = 200;

/** Writes one chain to a file. */
export class LogFile {
  readonly #settings: AuditFileSettings;
  readonly #chain: Chain;
  readonly #listener: LogFileListener;
  readonly #clock: () => number;
  readonly #headTimer: NodeJS.Timeout;
  readonly #onExit = (): void => this.#endNow();
  readonly #onHangUp = (): void => this.reopen();
  #file: number;
  #waiting: Entry[] = [];
  #waitingBytes = 0;
  #taken = 0;
  #written = 0;
  #synced = 0;
  #asked = 0;
  #inFlight: { readonly lines: readonly string[]; readonly from: number } | undefined;
  #size = 0;
  #tornBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #lookedAt = 0;
  #failingSince: number | undefined;
  #error = '';
  #lost = 0;
  #hasEnd = false;
  #isClosed = false;

  /**
   * @param last - the last head that was kept, for a file that is new
   * @throws BulwarkError ERR_BULWARK_AUDIT_FILE where the file cannot be opened: found out at the start, and not when it is needed
   */
  constructor(
    settings: AuditFileSettings,
    chain: Chain,
    listener: LogFileListener,
    clock: () => number,
    last?: ChainPlace,
  ) {
    this.#settings = settings;
    this.#chain = chain;
    this.#listener = listener;
    this.#clock = clock;
    try {
      this.#file = openLogFile(settings.path);
    } catch (cause) {
      const message = `audit.file.path: ${settings.path} cannot be opened for writing (${errorName(cause)})`;
      throw new BulwarkError('ERR_BULWARK_AUDIT_FILE', message, { cause });
    }
    this.#begin('start', this.#file, last);
    this.#headTimer = setInterval(() => this.#head(), settings.headEvery).unref();
    process.once('exit', this.#onExit);
    if (settings.hangUp) process.on('SIGHUP', this.#onHangUp);
  }

  /** How it does. */
  get health(): LogFileHealth {
    const isFailing = this.#failingSince !== undefined;
    return { isFailing, lost: this.#lost, error: isFailing ? this.#error : undefined };
  }

  /** Chains a record and has it written soon: the line. Undefined: there is no room, and it is lost. */
  append(body: string): string | undefined {
    if (this.#hasEnd || this.#isClosed || this.#waitingBytes > MOST_WAITING_BYTES) {
      this.#lost += 1;
      return undefined;
    }
    const line = this.#chain.link(body);
    this.#push(line);
    if (this.#chain.unsigned >= this.#settings.headRecords) this.#push(this.#chain.head());
    return line;
  }

  /**
   * Resolves once every record so far is on the disk (fdatasync).
   *
   * @throws BulwarkError ERR_BULWARK_AUDIT_FILE where the disk does not take them
   */
  async flushed(): Promise<void> {
    const upTo = this.#taken;
    this.#asked = Math.max(this.#asked, upTo);
    while (this.#synced < upTo) {
      if (!this.#isClosed) await this.#flush();
      if (this.#synced >= upTo) return;
      if (this.#isClosed || this.#failingSince !== undefined)
        throw new BulwarkError('ERR_BULWARK_AUDIT_FILE', `the log cannot be written: ${this.#error}`);
    }
  }

  /** Looks whether the file was moved away, as logrotate does, and goes on in a new one. */
  reopen(): void {
    this.#lookedAt = 0;
    void this.#flush();
  }

  /** Writes what waits and the last record. What the disk does not take within a second is lost. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#hasEnd = true;
    this.#push(this.#chain.close());
    const late = new AbortController();
    // What fails here is told by its listener; the end must not wait for a disk.
    const done = this.flushed().catch(() => undefined);
    await Promise.race([
      done,
      pause(LONGEST_CLOSE_MS, undefined, { signal: late.signal, ref: true }).catch(() => undefined),
    ]);
    late.abort();
    this.#endNow();
  }

  #head(): void {
    if (this.#chain.unsigned > 0 && !this.#hasEnd) this.#push(this.#chain.head());
  }

  #begin(reason: Opening['reason'], file: number, last?: ChainPlace): void {
    this.#size = fstatSync(file).size;
    const { unended, ...end } = readLogEnd(file);
    this.#tornBytes = unended;
    const { headRecords } = this.#settings;
    this.#push(this.#chain.open({ reason, headRecords, after: last, ...end }));
  }

  #push(line: string): void {
    this.#waiting.push(line);
    this.#waitingBytes += line.length + 1;
    this.#taken += 1;
    if (this.#timer !== undefined || this.#failingSince !== undefined) return;
    if (this.#waitingBytes > FLUSH_BYTES) void this.#flush();
    else
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        void this.#flush();
      }, FLUSH_MS).unref();
  }

  /** One at a time: who asks meanwhile is given the one that runs, and asks again. */
  #flush(): Promise<void> {
    this.#flushing ??= this.#writeAll().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #writeAll(): Promise<void> {
    try {
      await this.#lookAtFile();
      while (this.#waiting.length > 0 && !this.#isClosed) await this.#writeBatch();
      if (this.#synced < this.#asked && !this.#isClosed) {
        const upTo = this.#written;
        await syncData(this.#file);
        this.#synced = upTo;
      }
      if (this.#failingSince !== undefined || this.#lost > 0) this.#recover();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #writeBatch(): Promise<void> {
    const [first] = this.#waiting;
    if (typeof first === 'object') {
      await syncData(this.#file);
      this.#switchTo(first.next);
      return;
    }
    // Taken before that: what comes meanwhile may stand on what comes meanwhile.
    const lines = takeLines(this.#waiting);
    await this.#listener.settle?.();
    if (this.#isClosed) return;
    const lead = this.#tornBytes > 0 ? '\n' : '';
    const bytes = Buffer.from(`${lead}${lines.join('\n')}\n`);
    this.#inFlight = { lines, from: this.#size };
    try {
      const { bytesWritten } = await writeBytes(this.#file, bytes, 0, bytes.byteLength, null);
      if (this.#isClosed) return;
      const written = bytes.subarray(lead.length, bytesWritten);
      this.#size += bytesWritten;
      if (bytesWritten >= lead.length && lead !== '') this.#tornBytes = 0;
      this.#noteWritten(lines, written, bytesWritten < bytes.byteLength);
    } finally {
      this.#inFlight = undefined;
    }
  }

  /** A disk that fills up takes part of a batch. The record that it tore is written again whole, behind a line break. */
  #noteWritten(lines: readonly string[], written: Buffer, isTorn: boolean): void {
    let whole = lines.length;
    if (isTorn) {
      whole = written.filter((byte) => byte === LF).byteLength;
      this.#tornBytes += written.byteLength - (written.lastIndexOf(LF) + 1);
    }
    this.#waiting.splice(0, whole);
    this.#written += whole;
    const done = lines.slice(0, whole);
    for (const line of done) this.#waitingBytes -= line.length + 1;
    const signed = done.filter(isSigned);
    if (signed.length > 0) this.#listener.heads(signed);
  }

  #switchTo(next: number): void {
    closeSync(this.#file);
    this.#waiting.shift();
    this.#file = next;
    this.#size = fstatSync(next).size;
  }

  /** Whether the path still leads to the file that is open, and whether nobody has cut it. */
  async #lookAtFile(): Promise<void> {
    const now = this.#clock();
    if (now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    const own = fstatSync(this.#file);
    const there = await look(this.#settings.path).catch(() => undefined);
    if (there?.ino === own.ino && there.dev === own.dev) {
      if (own.size < this.#size) this.#begin('truncated', this.#file);
      return;
    }
    const next = openLogFile(this.#settings.path);
    this.#waiting.push({ next });
    this.#begin('rotated', next);
  }

  #fail(error: unknown): void {
    this.#error = errorName(error);
    if (this.#failingSince === undefined) {
      this.#failingSince = this.#clock();
      this.#listener.failing(this.#error);
    }
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#flush();
    }, RETRY_MS).unref();
  }

  #recover(): void {
    const lost = this.#lost;
    const goneMs = this.#failingSince === undefined ? 0 : this.#clock() - this.#failingSince;
    this.#failingSince = undefined;
    this.#lost = 0;
    this.#listener.recovered(lost, goneMs, this.#error === '' ? 'slow' : this.#error);
  }

  /** At the end of the process nothing can be waited for any more. */
  #endNow(): void {
    if (this.#isClosed) return;
    if (!this.#hasEnd) this.#push(this.#chain.close());
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#headTimer);
    process.off('exit', this.#onExit);
    process.off('SIGHUP', this.#onHangUp);
    try {
      this.#listener.settleNow?.();
      this.#settleLastWrite();
      for (const entry of this.#waiting) this.#writeNow(entry);
      this.#waiting = [];
      closeSync(this.#file);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A batch that a thread is writing just now must not be written a second time. */
  #settleLastWrite(): void {
    if (this.#inFlight === undefined) return;
    const { lines, from } = this.#inFlight;
    const until = performance.now() + LONGEST_LAST_WRITE_MS;
    while (!hasLine(this.#file, from, lines.at(-1) ?? '')) if (performance.now() > until) return;
    this.#waiting.splice(0, lines.length);
    this.#tornBytes = 0;
    const signed = lines.filter(isSigned);
    if (signed.length > 0) this.#listener.heads(signed);
  }

  #writeNow(entry: Entry): void {
    if (typeof entry === 'object') {
      closeSync(this.#file);
      this.#file = entry.next;
      return;
    }
    writeSync(this.#file, `${this.#tornBytes > 0 ? '\n' : ''}${entry}\n`);
    this.#tornBytes = 0;
    if (isSigned(entry)) this.#listener.heads([entry]);
  }
}

/** As many lines as one write takes, up to where another file goes on. */
function takeLines(waiting: readonly Entry[]): string[] {
  const lines: string[] = [];
  let bytes = 0;
  for (const entry of waiting) {
    if (typeof entry === 'object' || bytes > BATCH_BYTES) break;
    lines.push(entry);
    bytes += entry.length;
  }
  return lines;
}
