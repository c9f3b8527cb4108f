/**
 * Who is suspect: counts of their own, beside those of limits and alarms. They are paid off within a day, so that whoever
 * is slow is counted too, and no success clears them: what is asked of a name tells nobody that its owner was there.
 */
import { countOwed } from '../../core/gcra.ts';
import type { Rate } from '../../core/rate.ts';
import { type AccountsContext, type AccountVisit, veil } from '../context.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Wrong passwords for one name, from browsers that it does not know. */
const MANY_WRONG: Rate = { count: 12, windowMs: DAY_MS };
/** Addresses with a wrong password for one name. A household, an office or a train has a few. */
const MANY_ADDRESSES: Rate = { count: 10, windowMs: DAY_MS };
/** Names with a wrong password from one client. */
const MANY_NAMES: Rate = { count: 20, windowMs: DAY_MS };
/** Mails that one client asks for, by both forms that send them. */
const MANY_MAILS: Rate = { count: 20, windowMs: DAY_MS };
/** A name that one client tries again is no further name. */
const ONCE: Rate = { count: 1, windowMs: DAY_MS };

/** Counts what speaks against clients and names. */
export class Suspicion {
  readonly #context: AccountsContext;

  constructor(context: AccountsContext) {
    this.#context = context;
  }

  /** A wrong password for a name, in its one spelling, from a browser that it does not know. */
  async wrongPassword(visit: AccountVisit, name: string): Promise<void> {
    const { counters, clock } = this.#context;
    const veiled = this.#name(name);
    const client = this.#client(visit);
    await counters.take(`suspect/wrong/${veiled}`, MANY_WRONG, clock());
    if (!(await counters.take(`suspect/pair/${veiled}/${client}`, ONCE, clock())).allowed) return;
    await counters.take(`suspect/addresses/${veiled}`, MANY_ADDRESSES, clock());
    await counters.take(`suspect/names/${client}`, MANY_NAMES, clock());
  }

  /** A form that sends a mail, whether there is such an account or not. */
  async mailAsked(visit: AccountVisit): Promise<void> {
    const { counters, clock } = this.#context;
    await counters.take(`suspect/mails/${this.#client(visit)}`, MANY_MAILS, clock());
  }

  /**
   * How much speaks against a visit, from 0 to 1. Counts and stores nothing. Of a name it is the same whether it has an
   * account or not.
   */
  async of(visit: AccountVisit, name?: string): Promise<number> {
    const client = this.#client(visit);
    const shares = [
      this.#share(`suspect/names/${client}`, MANY_NAMES),
      this.#share(`suspect/mails/${client}`, MANY_MAILS),
    ];
    if (name !== undefined) {
      const veiled = this.#name(name);
      shares.push(
        this.#share(`suspect/wrong/${veiled}`, MANY_WRONG),
        this.#share(`suspect/addresses/${veiled}`, MANY_ADDRESSES),
      );
    }
    return Math.max(...(await Promise.all(shares)));
  }

  /** Each that was counted weighs until it is paid off: whoever reads a moment later reads the same number. */
  async #share(key: string, rate: Rate): Promise<number> {
    const { counters, clock } = this.#context;
    return countOwed(rate, await counters.debt(key, clock())) / rate.count;
  }

  #name(name: string): string {
    return veil(this.#context, 'name', name);
  }

  #client(visit: AccountVisit): string {
    return veil(this.#context, 'client', visit.client.key);
  }
}
