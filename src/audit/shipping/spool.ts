/**
 * What waits for a receiver, on disk: a folder of segments, bounded. Nobody waits for it, and what was in it when a process
 * ended is sent by the next. Where it is full the oldest goes: a receiver that was gone for a week gets the end of that week.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { appendFile, open, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { disown, isLeft, MARK_MS, markUsed, ownName } from './spool-owner.ts';

/** A record that waits: its id, and its line. */
export interface Spooled {
  readonly id: string;
  readonly line: string;
}

/** Records to send, and what is called once they were taken. */
export interface SpoolBatch {
  readonly records: readonly Spooled[];
  done(): Promise<void>;
}

interface Segment {
  readonly path: string;
  bytes: number;
  /** Up to here it was sent. */
  sent: number;
}

const SEGMENT_BYTES = 1_048_576;
const MOST_IN_MEMORY = 8_388_608;
const FLUSH_MS = 100;
const CURSOR = '.sent';
const LF = 0x0a;

/** The spool of one receiver, of one process. */
export class Spool {
  readonly #folder: string;
  /** Bytes that may wait. */
  readonly most: number;
  readonly #onMore: () => void;
  readonly #segments: Segment[] = [];
  readonly #own: string;
  readonly #markTimer: NodeJS.Timeout;
  /** How many of the segments, the first ones, are of processes that ended. */
  #adopted = 0;
  #number = 0;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #lost = 0;
  #error: string | undefined;

  /**
   * @param folder - of the receiver, for all processes
   * @param most - bytes of this process
   * @param onMore - called where there is more to send
   */
  constructor(folder: string, most: number, onMore: () => void) {
    this.#folder = folder;
    this.most = most;
    this.#onMore = onMore;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#own = join(folder, ownName());
    mkdirSync(this.#own, { mode: 0o700 });
    this.#adopt();
    this.#markTimer = setInterval(() => this.#lookAround(), MARK_MS).unref();
    if (OPEN.size === 0) process.on('exit', endAll);
    OPEN.add(this);
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes, sent }) => sum + bytes - sent, this.#waitingBytes);
  }

  /** Records that found no room. */
  get lost(): number {
    return this.#lost;
  }

  /** Why the disk does not take them; undefined: it does. */
  get error(): string | undefined {
    return this.#error;
  }

  /** Takes a record. */
  add({ id, line }: Spooled): void {
    if (this.#waitingBytes > MOST_IN_MEMORY) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(`${id} ${line}\n`);
    this.#waitingBytes += id.length + line.length + 2;
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Has what waits in memory written. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
  }

  /** The oldest records that were not sent, at most so many. Undefined: there are none. */
  async next(most: number): Promise<SpoolBatch | undefined> {
    const [segment] = this.#segments;
    if (segment === undefined) return undefined;
    if (segment.sent >= segment.bytes) {
      // The one that is written to is left alone until it is full.
      if (this.#segments.length === 1 && segment.bytes < SEGMENT_BYTES) return undefined;
      await this.#drop(segment);
      return await this.next(most);
    }
    const { records, bytes } = take(await readFrom(segment), most);
    if (bytes === 0) {
      // Torn by the end of a process: there is no more of it to come.
      segment.sent = segment.bytes;
      return await this.next(most);
    }
    return {
      records,
      done: async () => {
        segment.sent += bytes;
        if (!this.#segments.includes(segment)) return;
        await writeFile(segment.path + CURSOR, String(segment.sent)).catch(() => undefined);
      },
    };
  }

  /** Writes what waits, and leaves nothing behind where all was sent. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    clearInterval(this.#markTimer);
    await this.flush();
    for (const segment of [...this.#segments]) if (segment.sent >= segment.bytes) await this.#drop(segment);
    if (this.#segments.length === 0) await rm(this.#own, { recursive: true, force: true });
    disown(basename(this.#own));
    OPEN.delete(this);
    if (OPEN.size === 0) process.off('exit', endAll);
  }

  /**
   * Writes what waits, at the end of a process that nobody closed anything in: what came last is why it ended. What is on
   * its way to the disk at that moment is there twice, with the same id; in a segment of its own, behind nothing torn.
   */
  endNow(): void {
    if (this.#waiting.length === 0) return;
    this.#number += 1;
    try {
      mkdirSync(this.#own, { recursive: true, mode: 0o700 });
      writeFileSync(this.#path(), this.#waiting.join(''), { mode: 0o600 });
    } catch {
      this.#lost += this.#waiting.length;
    }
    this.#waiting = [];
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#writeWaiting();
      this.#onMore();
    } catch (error) {
      // Nobody waits for this but a timer: what is thrown from here ends the process.
      this.#error = String((error as NodeJS.ErrnoException).code);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.flush(), FLUSH_MS * 10).unref();
    }
  }

  async #writeWaiting(): Promise<void> {
    const text = this.#waiting.join('');
    const lines = this.#waiting.length;
    // Whoever cleans up may have taken it away.
    mkdirSync(this.#own, { recursive: true, mode: 0o700 });
    const segment = this.#current();
    await appendFile(segment.path, text, { mode: 0o600 });
    this.#error = undefined;
    this.#waiting.splice(0, lines);
    this.#waitingBytes = this.#waiting.reduce((sum, one) => sum + one.length, 0);
    segment.bytes += Buffer.byteLength(text);
    await this.#makeRoom();
  }

  #current(): Segment {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.path === this.#path() && last.bytes < SEGMENT_BYTES) {
      // Where a write was cut short, or the file taken away, what follows must not be glued to what is there.
      if ((statSync(last.path, { throwIfNoEntry: false })?.size ?? 0) === last.bytes) return last;
    }
    if (last?.path === this.#path()) this.#number += 1;
    const segment = { path: this.#path(), bytes: 0, sent: 0 };
    this.#segments.push(segment);
    return segment;
  }

  #path(): string {
    return join(this.#own, `${String(this.#number).padStart(9, '0')}.log`);
  }

  /** Another container may have ended since, which nobody could know when this one began. */
  #lookAround(): void {
    try {
      mkdirSync(this.#own, { recursive: true, mode: 0o700 });
      markUsed(this.#own);
      this.#adopt();
      if (this.#waiting.length === 0) this.#error = undefined;
      if (this.#segments.length > 0) this.#onMore();
    } catch (error) {
      this.#error = String((error as NodeJS.ErrnoException).code);
    }
  }

  async #makeRoom(): Promise<void> {
    while (this.bytes > this.most && this.#segments.length > 1) {
      const [oldest] = this.#segments;
      if (oldest === undefined) return;
      const left = await readFile(oldest.path).catch(() => Buffer.alloc(0));
      this.#lost += left.subarray(oldest.sent).filter((byte) => byte === LF).byteLength;
      await this.#drop(oldest);
    }
  }

  async #drop(segment: Segment): Promise<void> {
    const at = this.#segments.indexOf(segment);
    if (at !== -1) this.#segments.splice(at, 1);
    if (at !== -1 && at < this.#adopted) this.#adopted -= 1;
    segment.sent = segment.bytes;
    await rm(segment.path, { force: true });
    await rm(segment.path + CURSOR, { force: true });
  }

  /** Takes over what processes left that are no more. A rename is given to one of several. */
  #adopt(): void {
    for (const name of readdirSync(this.#folder)) {
      if (isLeft(join(this.#folder, name), name)) this.#adoptFolder(join(this.#folder, name), `of-${name}`);
    }
  }

  #adoptFolder(from: string, name: string): void {
    const folder = join(this.#own, name);
    try {
      renameSync(from, folder);
    } catch {
      // Another process was first.
      return;
    }
    const names = readdirSync(folder).toSorted();
    // What that one had taken over itself lies beside it from now on: a path must not grow with each restart.
    for (const inner of names) if (inner.startsWith('of-')) this.#adoptFolder(join(folder, inner), inner);
    for (const inner of names) {
      if (!inner.endsWith('.log')) continue;
      const path = join(folder, inner);
      // In front of what is written to now, which is the last.
      const segment = { path, bytes: statSync(path).size, sent: cursorOf(path) };
      this.#segments.splice(this.#adopted, 0, segment);
      this.#adopted += 1;
    }
    if (readdirSync(folder).length === 0) rmdirSync(folder);
  }
}

/** One listener for all: each of its own would be taken for a leak. */
const OPEN = new Set<Spool>();

function endAll(): void {
  for (const spool of OPEN) spool.endNow();
}

function cursorOf(path: string): number {
  try {
    return Number(readFileSync(path + CURSOR, 'utf8')) || 0;
  } catch {
    return 0;
  }
}

async function readFrom({ path, sent, bytes }: Segment): Promise<Buffer> {
  const file = await open(path).catch(() => undefined);
  // Somebody took it away: there is nothing left to send of it.
  if (file === undefined) return Buffer.alloc(0);
  try {
    const buffer = Buffer.alloc(Math.min(bytes - sent, SEGMENT_BYTES));
    const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, sent);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function take(data: Buffer, most: number): { records: readonly Spooled[]; bytes: number } {
  const records: Spooled[] = [];
  let bytes = 0;
  for (let end = data.indexOf(LF); end !== -1 && records.length < most; end = data.indexOf(LF, bytes)) {
    const text = data.toString('utf8', bytes, end);
    const space = text.indexOf(' ');
    records.push({ id: text.slice(0, space), line: text.slice(space + 1) });
    bytes = end + 1;
  }
  return { records, bytes };
}
