/** Where records are sent: what every receiver is to the one that sends. */
import type { AuditEvent } from '../audit-event.ts';

/** A record on its way. */
export interface ShippedRecord {
  /** The same however often the record is sent: by it a receiver drops repeats. */
  readonly id: string;
  /** The line as the log has it, with its chain where there is one. */
  readonly line: string;
  readonly event: AuditEvent;
}

/** A receiver. `syslog()`, `otlp()` and the others of `bulwark/shipping` are some; any object of this shape is one. */
export interface LogSink {
  /** Names its spool and its figures: letters, digits and dashes. */
  readonly name: string;
  /**
   * Sends records, in order. Resolves once the receiver has taken them.
   *
   * @throws RefusedRecords where it will never take them; anything else is tried again
   */
  send(records: readonly ShippedRecord[]): Promise<void>;
}

/** The receiver has looked at records and will not take them, now or later. */
export class RefusedRecords extends Error {
  override readonly name = 'RefusedRecords';
  /**
   * How many, where the receiver has taken the others: none of them is sent again. Undefined: it has taken none, and which
   * they are is found by halves.
   */
  readonly count: number | undefined;

  constructor(message: string, count?: number) {
    super(message);
    this.count = count;
  }
}

/** The receiver says when to come again. */
export class TryLater extends Error {
  override readonly name = 'TryLater';
  /** Milliseconds from now; undefined where it does not say. */
  readonly afterMs: number | undefined;

  constructor(message: string, afterMs?: number) {
    super(message);
    this.afterMs = afterMs;
  }
}
