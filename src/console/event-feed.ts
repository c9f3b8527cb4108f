/** What the console shows comes in here: lines of the log and counts of the layer, put down once a second, on no request's way. */
import type { DetailsOf, EventKind } from '../core/events.ts';
import { errorName } from '../core/errors.ts';
import type { EventFigures } from '../audit/index/event-figures.ts';
import type { EventIndex } from '../audit/index/event-index.ts';
import { CONSOLE_EVENTS } from './console.events.ts';

/** What is counted of a layer. All of it only grows. */
export interface CountedLayer {
  readonly requests: number;
  readonly counts: ReadonlyMap<string, { readonly refused: number; readonly observed: number }>;
  readonly audit: {
    readonly counts: ReadonlyMap<string, number>;
    follow(follower: (kind: EventKind, line: string) => void): void;
    write<Kind extends EventKind>(kind: Kind, details: DetailsOf<Kind>): void;
  };
}

/** How the feed does. */
export interface FeedHealth {
  readonly waiting: number;
  readonly dropped: number;
  /** Why the database takes nothing. Undefined: it does. */
  readonly error: string | undefined;
}

/** Lines that wait: a minute of a flood, in some MB. */
const MOST_WAITING = 10_000;
/** Lines that are written in one turn: some milliseconds. */
const AT_ONCE = 500;
const EVERY_MS = 1_000;
const FORGET_EVERY_MS = 60_000;
const FORGET_BATCHES = 1;

/** Names of figures. */
export const REQUESTS = 'requests';
/** How often a guard refused. */
export const refusedBy = (guard: string): string => `refused ${guard}`;
/** How often it would have. */
export const observedBy = (guard: string): string => `observed ${guard}`;
/** How often an event was written. */
export const eventsOf = (name: string): string => `event ${name}`;

/** Feeds one process's part. */
export class EventFeed {
  readonly #layer: CountedLayer;
  readonly #index: EventIndex;
  readonly #figures: EventFigures;
  readonly #keep: number;
  readonly #timer: NodeJS.Timeout;
  readonly #seen = new Map<string, number>();
  #waiting: string[] = [];
  #dropped = 0;
  #toldDropped = 0;
  #error: string | undefined;
  #forgotAt = 0;
  #isClosed = false;

  constructor(layer: CountedLayer, index: EventIndex, figures: EventFigures, keep: number) {
    this.#layer = layer;
    this.#index = index;
    this.#figures = figures;
    this.#keep = keep;
    layer.audit.follow((_kind, line) => this.#note(line));
    this.#timer = setInterval(() => this.work(Date.now()), EVERY_MS).unref();
  }

  get health(): FeedHealth {
    return { waiting: this.#waiting.length, dropped: this.#dropped, error: this.#error };
  }

  /** Puts down what has come. Called once a second, and by whoever wants to see the last of it. */
  work(now: number): void {
    if (this.#isClosed) return;
    try {
      // The rest in the next second: requests come in between.
      const many = this.#waiting.length > MOST_WAITING / 2 ? AT_ONCE * 4 : AT_ONCE;
      if (this.#waiting.length > 0) this.#index.take(this.#waiting.slice(0, many));
      this.#waiting.splice(0, many);
      this.#count(now);
      if (now - this.#forgotAt >= FORGET_EVERY_MS) {
        this.#forgotAt = now;
        this.#index.forget(now - this.#keep, FORGET_BATCHES);
        this.#figures.forget(now);
      }
      this.#error = undefined;
    } catch (error) {
      this.#error = errorName(error);
    }
    this.#tellDropped();
  }

  /** Puts down all that waits, and ends. */
  close(): void {
    if (this.#isClosed) return;
    clearInterval(this.#timer);
    do this.work(Date.now());
    while (this.#waiting.length > 0 && this.#error === undefined);
    this.#isClosed = true;
    this.#index.close();
    this.#figures.close();
  }

  #note(line: string): void {
    if (this.#isClosed) return;
    if (this.#waiting.length >= MOST_WAITING) this.#dropped += 1;
    else this.#waiting.push(line);
  }

  #count(now: number): void {
    const { requests, counts, audit } = this.#layer;
    const totals = new Map<string, number>([[REQUESTS, requests]]);
    for (const [guard, { refused, observed }] of counts) {
      totals.set(refusedBy(guard), refused);
      totals.set(observedBy(guard), observed);
    }
    for (const [name, count] of audit.counts) totals.set(eventsOf(name), count);
    const more = new Map<string, number>();
    for (const [name, total] of totals) {
      const growth = total - (this.#seen.get(name) ?? 0);
      if (growth > 0) more.set(name, growth);
    }
    if (more.size === 0) return;
    this.#figures.add(more, now);
    // Not before they are kept: what another process held up is added the next time.
    for (const name of more.keys()) this.#seen.set(name, totals.get(name) ?? 0);
  }

  #tellDropped(): void {
    const dropped = this.#dropped - this.#toldDropped;
    if (dropped === 0) return;
    this.#toldDropped = this.#dropped;
    this.#layer.audit.write(CONSOLE_EVENTS.behind, { dropped, error: this.#error });
  }
}
