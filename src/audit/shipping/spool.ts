/**
 * What waits for a receiver, on disk: a folder of segments, bounded. Nobody waits for it, and what was in it when a process
 * ended is sent by the next. Where it is full the oldest goes: a receiver that was gone for a week gets the end of that week.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { appendFile, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomId } from '../../core/random.ts';

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
  readonly #most: number;
  readonly #onMore: () => void;
  readonly #segments: Segment[] = [];
  #own: string;
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
    this.#most = most;
    this.#onMore = onMore;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#own = join(folder, `${process.pid}-${randomId(6)}`);
    mkdirSync(this.#own, { mode: 0o700 });
    this.#adopt();
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
    await this.flush();
    for (const segment of [...this.#segments]) if (segment.sent >= segment.bytes) await this.#drop(segment);
    if (this.#segments.length === 0) await rm(this.#own, { recursive: true, force: true });
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = this.#waiting.join('');
      const lines = this.#waiting.length;
      const segment = this.#current();
      try {
        await appendFile(segment.path, text, { mode: 0o600 });
      } catch (error) {
        this.#error = String((error as NodeJS.ErrnoException).code);
        // Part of it may be there: what follows must not be glued to it.
        this.#number += 1;
        segment.bytes = statSync(segment.path, { throwIfNoEntry: false })?.size ?? 0;
        this.#timer = setTimeout(() => void this.flush(), FLUSH_MS * 10).unref();
        return;
      }
      this.#error = undefined;
      this.#waiting.splice(0, lines);
      const bytes = Buffer.byteLength(text);
      this.#waitingBytes = this.#waiting.reduce((sum, one) => sum + one.length, 0);
      segment.bytes += bytes;
      await this.#makeRoom();
    }
    this.#onMore();
  }

  #current(): Segment {
    const last = this.#segments.at(-1);
    const path = join(this.#own, `${String(this.#number).padStart(9, '0')}.log`);
    if (last?.path === path && last.bytes < SEGMENT_BYTES) return last;
    if (last?.path === path) this.#number += 1;
    const segment = {
      path: join(this.#own, `${String(this.#number).padStart(9, '0')}.log`),
      bytes: 0,
      sent: 0,
    };
    this.#segments.push(segment);
    return segment;
  }

  async #makeRoom(): Promise<void> {
    while (this.bytes > this.#most && this.#segments.length > 1) {
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
    segment.sent = segment.bytes;
    await rm(segment.path, { force: true });
    await rm(segment.path + CURSOR, { force: true });
  }

  /** Takes over what processes left that are no more. A rename is given to one of several. */
  #adopt(): void {
    for (const name of readdirSync(this.#folder)) {
      const pid = Number(/^(\d+)-/.exec(name)?.[1] ?? 0);
      if (join(this.#folder, name) === this.#own || pid === 0 || isAlive(pid)) continue;
      const folder = join(this.#own, `of-${name}`);
      try {
        renameSync(join(this.#folder, name), folder);
      } catch {
        continue;
      }
      this.#adoptFrom(folder);
    }
  }

  #adoptFrom(folder: string): void {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
      if (!name.endsWith('.log')) continue;
      const path = join(folder, name);
      this.#segments.push({ path, bytes: statSync(path).size, sent: cursorOf(path) });
    }
  }
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

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
