/** Alerts of a running layer: looks at events after they were written, and never on the way of the request that wrote them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseEvent } from '../audit/reading/event-filter.ts';
import type { ShipHealth } from '../audit/shipping/shipper.ts';
import type { ShipLog } from '../audit/shipping/ship-log.ts';
import type { DetailsOf, EventKind } from '../core/events.ts';
import { isRead } from './alert-rules.ts';
import type { Alert, AlertBook } from './alert-book.ts';
import { ALERTS_EVENTS } from './alerts.events.ts';

/** Writes to the log of which this reads. */
export type WriteAlert = <Kind extends EventKind>(kind: Kind, details: DetailsOf<Kind>) => void;

/** What a watch has. */
export interface WatchParts {
  readonly book: AlertBook;
  readonly write: WriteAlert;
  readonly receivers?: ShipLog | undefined;
  readonly escalation?: ShipLog | undefined;
}

/** Events that wait to be looked at: some seconds of a flood, in a few MB. */
const MOST_WAITING = 10_000;
const AT_ONCE = 50;

/** Takes lines of the log as they are written. */
export class AlertWatch {
  readonly #parts: WatchParts;
  #waiting: string[] = [];
  /** Those under way too. */
  #held = 0;
  #working: Promise<void> | undefined;
  #dropped = 0;
  #toldDropped = 0;
  #raised = 0;
  #failed = 0;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** Alerts raised by this process, events that no rule saw since too many waited, and those on which a rule failed. */
  get counts(): { readonly raised: number; readonly dropped: number; readonly failed: number } {
    return { raised: this.#raised, dropped: this.#dropped, failed: this.#failed };
  }

  /** How receivers of alerts do, by their names. */
  get receivers(): ReadonlyMap<string, ShipHealth> {
    const { receivers, escalation } = this.#parts;
    return new Map([...(receivers?.health ?? []), ...(escalation?.health ?? [])]);
  }

  /** Takes a line that was just written. Only puts it down. */
  note({ name, level }: EventKind, line: string): void {
    if (name === ALERTS_EVENTS.raised.name) return this.#ship(line);
    if (level === 'info' && !isRead(name)) return;
    if (this.#held >= MOST_WAITING) {
      this.#dropped += 1;
      return;
    }
    this.#held += 1;
    this.#waiting.push(line);
    this.#working ??= this.#work();
  }

  /** Resolves once all that was noted has been looked at. */
  async settled(): Promise<void> {
    await this.#working;
  }

  /** Looks at what waits, and sends what it can in three seconds; the rest waits on disk for the next process. */
  async close(): Promise<void> {
    await this.settled();
    await Promise.all([this.#parts.receivers?.close(), this.#parts.escalation?.close()]);
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      for (let at = 0; at < lines.length; at += 1) {
        // Where the state answers at once nothing else would have its turn.
        if (at % AT_ONCE === 0) await nextTurn();
        await this.#look(lines[at] ?? '');
        this.#held -= 1;
      }
      this.#tellDropped();
    }
    this.#working = undefined;
  }

  async #look(line: string): Promise<void> {
    try {
      const event = parseEvent(line);
      for (const alert of event === undefined ? [] : await this.#parts.book.look(event)) this.#raise(alert);
    } catch {
      // One line that a rule stumbles over must not end the alerts of all others.
      this.#failed += 1;
    }
  }

  #raise(alert: Alert): void {
    this.#raised += 1;
    this.#parts.write(ALERTS_EVENTS.raised, detailsOf(alert));
  }

  #tellDropped(): void {
    const dropped = this.#dropped - this.#toldDropped;
    if (dropped === 0) return;
    this.#toldDropped = this.#dropped;
    this.#parts.write(ALERTS_EVENTS.dropped, { dropped });
  }

  #ship(line: string): void {
    this.#parts.receivers?.add(line);
    if (/"escalated":true[,}]/.test(line)) this.#parts.escalation?.add(line);
  }
}

/** An alert as its event tells it. */
export function detailsOf({ at: _at, escalated, ...told }: Alert): DetailsOf<typeof ALERTS_EVENTS.raised> {
  return { ...told, ...(escalated ? { escalated } : undefined) };
}
