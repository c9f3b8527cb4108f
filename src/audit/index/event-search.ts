/**
 * What searches a log without its files: in SQLite for one machine, in PostgreSQL for several. A page begins where the one
 * before ended, and nothing that is skipped is counted: it takes as long in ten million events as in ten thousand.
 */
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { EventQuery, FoundEvent } from '../reading/event-filter.ts';

/** Events, newest first, and where the next page begins. */
export interface IndexPage {
  readonly events: readonly FoundEvent[];
  /** Undefined: this is the last. */
  readonly next: string | undefined;
}

/** What was done when files were read. */
export interface IndexRun {
  readonly added: number;
  readonly known: number;
  readonly others: number;
}

/** An index of a log. `test/support/event-search-suite.ts` is what each passes. */
export interface EventSearch {
  /** Takes what files hold that is not there yet: records are told by their place in a chain. Lines without one are left out. */
  add(paths: readonly string[]): Promise<IndexRun>;
  /** @param after - what the page before gave as `next` */
  page(query: EventQuery, most: number, after?: string): MaybePromise<IndexPage>;
  /**
   * Takes out what is older than a moment, in milliseconds since 1970. What takes out whole chunks keeps up to one of them longer.
   *
   * @returns how many events
   */
  forget(before: number): MaybePromise<number>;
  close(): MaybePromise<void>;
}
