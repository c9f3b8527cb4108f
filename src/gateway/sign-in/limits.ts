/**
 * How often somebody may try: per client, per account, per pair of them, each with pauses that grow with what was wrong. Counted
 * in the shared store before the application hears of an attempt, so that a thousand at once are counted one by one. Names of
 * accounts are tags by the time they come here.
 */
import { countOwed } from '../../core/gcra.ts';
import { growingPause } from '../../core/growing-pause.ts';
import type { Rate } from '../../core/rate.ts';
import type { CounterStore } from '../../stores/ports/counters.ts';
import type { SignInSettings } from '../options/sign-in.options.ts';

/** Who tries what. */
export interface Subject {
  /** What limits count a client by. */
  readonly client: string;
  readonly accounts: readonly string[];
  /** The browser, where every account it names knows it: it is counted for itself, and strangers cannot lock it out. */
  readonly browser: string | undefined;
}

/** Why an attempt has to wait. */
export interface Held {
  readonly by: 'client' | 'account' | 'pair' | 'browser';
  readonly account?: string;
  readonly retryAfterMs: number;
}

/** What wrong attempts add up to: each weighs for `windowMs / count`, and `free` of them cost no pause. */
interface Streak {
  readonly rate: Rate;
  readonly free: number;
}

interface Count {
  readonly key: string;
  readonly rate: Rate;
  readonly streak: Streak | undefined;
  readonly by: Held['by'];
  readonly account?: string;
}

const HOUR = 60 * 60_000;
/** A person mistypes, and tries their other passwords. */
const OF_PAIR: Streak = { rate: { count: 12, windowMs: 6 * HOUR }, free: 5 };
/** From everywhere together, but for known browsers. At its slowest 96 guesses a day (NIST SP 800-63B-4 3.2.2). */
const OF_ACCOUNT: Streak = { rate: { count: 12, windowMs: 6 * HOUR }, free: 10 };
/** An office behind one address mistypes more. */
const OF_CLIENT: Streak = { rate: { count: 60, windowMs: 6 * HOUR }, free: 30 };
/** All known browsers of an account together: who once had its password may have made many of them. */
const OF_KNOWN: Rate = { count: 60, windowMs: HOUR };

/** Counts the attempts at one application. */
export class AttemptLimits {
  readonly #counters: CounterStore;
  readonly #rates: Pick<SignInSettings, 'perClient' | 'perAccount' | 'perPair'>;

  constructor(counters: CounterStore, rates: Pick<SignInSettings, 'perClient' | 'perAccount' | 'perPair'>) {
    this.#counters = counters;
    this.#rates = rates;
  }

  /**
   * Counts an attempt, or says why it must wait. The client comes first, then the pair: past their own limits they cost the
   * account's owner nothing.
   *
   * @throws what the store throws where it is gone
   */
  async begin(subject: Subject, now: number): Promise<Held | undefined> {
    for (const count of this.#counts(subject)) {
      const retryAfterMs = await this.#take(count, now);
      if (retryAfterMs > 0) {
        const { by, account } = count;
        return { by, retryAfterMs, ...(account !== undefined && { account }) };
      }
    }
    return undefined;
  }

  /** The attempt was wrong, or nobody can tell: pauses grow. What was right clears nothing, so that a stranger learns nothing. */
  async wrong(subject: Subject, now: number): Promise<void> {
    for (const { key, streak } of this.#counts(subject))
      if (streak !== undefined) await this.#counters.debit(`sign-in/wrong/${key}`, streak.rate, 1, now);
  }

  /** Milliseconds to wait; 0: it was counted, and may go on. */
  async #take({ key, rate, streak }: Count, now: number): Promise<number> {
    if (streak !== undefined) {
      const wrong = countOwed(streak.rate, await this.#counters.debt(`sign-in/wrong/${key}`, now));
      const windowMs = growingPause(wrong, streak.free);
      if (windowMs > 0) {
        const pause = await this.#counters.take(`sign-in/pause/${key}`, { count: 1, windowMs }, now);
        // The longest of what holds: who is told the shorter one comes back to be refused again.
        if (!pause.allowed) return Math.max(pause.retryAfterMs, await this.#untilNext(key, rate, now));
      }
    }
    const counted = await this.#counters.take(`sign-in/rate/${key}`, rate, now);
    return counted.allowed ? 0 : counted.retryAfterMs;
  }

  /** Milliseconds until the limit lets one more through; 0: it would now. Counts nothing. */
  async #untilNext(key: string, { count, windowMs }: Rate, now: number): Promise<number> {
    const debt = await this.#counters.debt(`sign-in/rate/${key}`, now);
    return Math.max(0, Math.ceil(debt - windowMs + windowMs / count));
  }

  #counts({ client, accounts, browser }: Subject): readonly Count[] {
    const { perClient, perAccount, perPair } = this.#rates;
    if (browser !== undefined)
      return [
        { key: `browser/${browser}`, rate: perPair, streak: OF_PAIR, by: 'browser' },
        ...accounts.map((account) => {
          return {
            key: `known/${account}`,
            rate: OF_KNOWN,
            streak: undefined,
            by: 'browser',
            account,
          } as const;
        }),
      ];
    const pairs = accounts.map((account): Count => {
      return { key: `pair/${account}/${client}`, rate: perPair, streak: OF_PAIR, by: 'pair', account };
    });
    const all = accounts.map((account): Count => {
      return { key: `account/${account}`, rate: perAccount, streak: OF_ACCOUNT, by: 'account', account };
    });
    return [{ key: `client/${client}`, rate: perClient, streak: OF_CLIENT, by: 'client' }, ...pairs, ...all];
  }
}
