/** Sends what waits in a spool to its receiver: in batches, again and again where that fails, and never in anybody's way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEvent } from '../reading/event-filter.ts';
import { type LogSink, RefusedRecords, type ShippedRecord, TryLater } from './log-sink.ts';
import { Spool, type Spooled } from './spool.ts';

/** How a receiver does. For metrics. */
export interface ShipHealth {
  readonly isFailing: boolean;
  /** What it failed with last, without what it said: that may hold anything. */
  readonly error: string | undefined;
  /** Records that it has taken. */
  readonly sent: number;
  /** Records that it will never take. */
  readonly refused: number;
  /** Records that found no room in the spool. */
  readonly lost: number;
  readonly waitingBytes: number;
  /** What may wait: beyond it the oldest are lost. */
  readonly mostBytes: number;
}

/** What the log is told of a receiver. */
export interface ShipListener {
  /** It does not take records: they wait. Told once for an outage. */
  failing(name: string, error: string): void;
  /** It takes them again; so many found no room meanwhile. */
  recovered(name: string, goneMs: number, lost: number): void;
  /** It will never take so many, the last ones included. */
  refused(name: string, count: number): void;
}

/** How long it waits between two tries, at first and at most. */
export interface ShipPauses {
  readonly firstMs: number;
  readonly longestMs: number;
}

const PAUSES: ShipPauses = { firstMs: 250, longestMs: 30_000 };
const BATCH_RECORDS = 500;
const LOOK_MS = 1000;
const LONGEST_CLOSE_MS = 3000;

/** One receiver with its spool. */
export class Shipper {
  readonly #sink: LogSink;
  readonly #spool: Spool;
  readonly #listener: ShipListener;
  readonly #pauses: ShipPauses;
  readonly #end = new AbortController();
  readonly #running: Promise<void>;
  #wake: (() => void) | undefined;
  #failures = 0;
  #failingSince = 0;
  #error: string | undefined;
  #sent = 0;
  #refused = 0;
  #toldLost = 0;
  #isClosing = false;

  constructor(
    sink: LogSink,
    folder: string,
    most: number,
    listener: ShipListener,
    pauses: ShipPauses = PAUSES,
  ) {
    this.#sink = sink;
    this.#listener = listener;
    this.#pauses = pauses;
    this.#spool = new Spool(folder, most, () => this.#wake?.());
    this.#running = this.#run();
  }

  /** How it does. */
  get health(): ShipHealth {
    return {
      // A disk that takes nothing is no better than a receiver that does not.
      isFailing: this.#failures > 0 || this.#spool.error !== undefined,
      error: this.#failures > 0 ? (this.#spool.error ?? this.#error) : this.#spool.error,
      sent: this.#sent,
      refused: this.#refused,
      lost: this.#spool.lost,
      waitingBytes: this.#spool.bytes,
      mostBytes: this.#spool.most,
    };
  }

  /** Takes a record to be sent. */
  add(record: Spooled): void {
    this.#spool.add(record);
  }

  /** Sends what it can in three seconds; the rest is sent by the next process. */
  async close(): Promise<void> {
    await this.#spool.flush();
    this.#isClosing = true;
    this.#wake?.();
    const late = sleep(LONGEST_CLOSE_MS, undefined, { signal: this.#end.signal, ref: true }).catch(
      () => undefined,
    );
    await Promise.race([this.#running, late]);
    this.#end.abort();
    await this.#spool.close();
  }

  async #run(): Promise<void> {
    while (!this.#end.signal.aborted) {
      try {
        const batch = await this.#spool.next(BATCH_RECORDS);
        if (batch === undefined) {
          if (this.#isClosing) return;
          await this.#rest(LOOK_MS);
          continue;
        }
        await this.#send(batch.records.map(readRecord));
        await batch.done();
        this.#succeeded();
      } catch (error) {
        await this.#rest(this.#failed(error));
      }
    }
  }

  /** A receiver that refuses a batch may mean one record of it: where it does not say, halves are tried, down to that one. */
  async #send(records: readonly ShippedRecord[]): Promise<void> {
    try {
      await this.#sink.send(records);
      this.#sent += records.length;
    } catch (error) {
      if (!(error instanceof RefusedRecords)) throw error;
      const half = Math.ceil(records.length / 2);
      if (error.count === undefined && records.length > 1) {
        await this.#send(records.slice(0, half));
        await this.#send(records.slice(half));
        return;
      }
      const refused = Math.min(error.count ?? 1, records.length);
      this.#sent += records.length - refused;
      this.#refused += refused;
      this.#listener.refused(this.#sink.name, this.#refused);
    }
  }

  #succeeded(): void {
    const { lost } = this.#spool;
    if (this.#failures > 0 || lost > this.#toldLost) {
      const goneMs = this.#failures === 0 ? 0 : Date.now() - this.#failingSince;
      this.#listener.recovered(this.#sink.name, goneMs, lost - this.#toldLost);
      this.#toldLost = lost;
    }
    this.#failures = 0;
  }

  /** Doubles, and half of it is chance: a hundred processes must not come back in one moment. */
  #failed(error: unknown): number {
    this.#error = errorText(error);
    this.#failures += 1;
    if (this.#failures === 1) {
      this.#failingSince = Date.now();
      this.#listener.failing(this.#sink.name, this.#error);
    }
    const { firstMs, longestMs } = this.#pauses;
    const doubled = Math.min(longestMs, firstMs * 2 ** Math.min(this.#failures - 1, 20));
    const asked = error instanceof TryLater ? (error.afterMs ?? 0) : 0;
    return Math.max(Math.min(asked, longestMs), doubled * (0.5 + Math.random() / 2));
  }

  async #rest(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    // A pause after a failure is kept whatever comes meanwhile.
    if (this.#failures === 0) this.#wake = resolve;
    await Promise.race([
      promise,
      sleep(ms, undefined, { signal: this.#end.signal, ref: false }).catch(() => undefined),
    ]);
    this.#wake = undefined;
  }
}

const UNREAD = { time: '', level: 'warn', event: 'unreadable', outcome: 'failure', service: '' } as const;

/** A machine that lost its power leaves lines that are no JSON: sent as such, one would keep all behind it from ever leaving. */
function readRecord({ id, line }: Spooled): ShippedRecord {
  const event = parseEvent(line);
  if (event !== undefined) return { id, line, event };
  return { id, line: JSON.stringify({ ...UNREAD, text: line.toWellFormed() }), event: UNREAD };
}

function errorText(error: unknown): string {
  if (error instanceof TryLater) return error.message;
  const { code, cause, name } = (error ?? {}) as {
    code?: unknown;
    cause?: { code?: unknown };
    name?: unknown;
  };
  const found = [code, cause?.code, name].find((one) => typeof one === 'string');
  return typeof found === 'string' ? found : 'unknown';
}
