/** The general limit over all processes that share a store. */
import type { Exchange } from '../../core/exchange.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Refusal, Verdict } from '../../core/verdict.ts';
import type { CounterStore } from '../../stores/ports/counters.ts';
import { GENERAL_POLICY, generalLine, retryAfterSeconds } from './rate-headers.ts';
import type { RateTable } from './rate-table.ts';
import type { ShownLimit } from './route-limit.ts';
import { tooManyRequests } from './too-many-requests.ts';

/** As in core/gcra.ts. */
const SLACK_MS = 1e-6;

/** The refusal of who is over it. */
export function overGeneral(retryAfterMs: number): Refusal {
  return tooManyRequests(retryAfterSeconds(retryAfterMs), { limit: GENERAL_POLICY, by: 'client' });
}

/** Reports of one client that are under way, one after the other. */
interface UnderWay {
  /** Resolves when the last one has been answered. */
  done: Promise<void>;
  /** Requests let through since the first one left. */
  passes: number;
}

/**
 * The general limit over all processes that share a store. Each lets through by its own table, and tells the store of its
 * passes a batch at a time: of P processes together at most the limit and P batches get through. While a report is under
 * way, one more batch passes; requests beyond that wait for the store's answer, or a burst would be over before it came.
 */
export class SharedLimit {
  readonly #table: RateTable;
  readonly #counters: CounterStore;
  readonly #underWay = new Map<string, UnderWay>();

  constructor(table: RateTable, counters: CounterStore) {
    this.#table = table;
    this.#counters = counters;
  }

  /**
   * Counts a request that the table let through. Refuses where all processes together have let through more than the
   * limit already.
   *
   * @param due - passes to report, this one among them, or 0
   */
  pass({ client, now }: Exchange, due: number, shown: ShownLimit): MaybePromise<Verdict> {
    const { key } = client;
    const underWay = this.#underWay.size === 0 ? undefined : this.#underWay.get(key);
    if (underWay === undefined) return due === 0 ? undefined : this.#report(key, due, now, shown);
    underWay.passes += 1;
    if (due > 0) this.#chain(key, underWay, async () => this.#debit(key, due, now));
    if (underWay.passes < this.#table.batch) return undefined;
    return underWay.done.then(() => this.#judge(key, now, shown));
  }

  #report(key: string, due: number, now: number, shown: ShownLimit): MaybePromise<Verdict> {
    const debited = this.#debit(key, due, now);
    if (!(debited instanceof Promise)) return this.#judge(key, now, shown);
    const underWay: UnderWay = { done: Promise.resolve(), passes: 0 };
    this.#underWay.set(key, underWay);
    this.#chain(key, underWay, () => debited);
    return underWay.done.then(() => this.#judge(key, now, shown));
  }

  #chain(key: string, underWay: UnderWay, step: () => Promise<void>): void {
    const done = underWay.done.then(step);
    underWay.done = done;
    void done.then(() => {
      if (underWay.done === done) this.#underWay.delete(key);
    });
  }

  /** Tells the store, and learns what all others have told it. */
  #debit(key: string, count: number, now: number): MaybePromise<void> {
    const learn = (debtMs: number): void => this.#table.owe(key, debtMs, now);
    try {
      const debt = this.#counters.debit(`rate/${GENERAL_POLICY}/${key}`, this.#table.rate, count, now);
      // A store that is gone: this process counts for itself until it is back, as it does between two reports.
      return debt instanceof Promise ? debt.then(learn, nothing) : learn(debt);
    } catch {
      return undefined;
    }
  }

  #judge(key: string, now: number, shown: ShownLimit): Verdict {
    const { windowMs, count } = this.#table.rate;
    const debtMs = this.#table.debt(key, now);
    // The request itself is in the debt; the next one would need room too.
    if (debtMs - windowMs <= SLACK_MS) return undefined;
    const retryAfterMs = debtMs - windowMs + windowMs / count;
    shown.line = generalLine(0, retryAfterMs);
    return overGeneral(retryAfterMs);
  }
}

function nothing(): void {
  // The table has the say.
}
