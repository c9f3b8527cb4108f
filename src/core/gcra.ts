/**
 * The generic cell rate algorithm: a sliding limit in one number per key. That number is the theoretical arrival
 * time (`tat`), the moment at which all that was counted is paid off. Unlike a fixed window it has no edge at which a
 * client gets its count twice. (ITU-T I.371; RFC 9333 leaves the algorithm open.)
 */
import type { Rate } from './rate.ts';

/** What one more request is told, and what to store for the next. */
export interface GcraStep {
  readonly allowed: boolean;
  /**
   * The arrival time to store where it is not what was stored: a refusal costs nothing, but ends a debt that nobody can have.
   */
  readonly tat: number;
  readonly remaining: number;
  readonly retryAfterMs: number;
  readonly resetAfterMs: number;
}

/** Most windows that a debt can last: who went past a limit in many processes at once is let in again. */
export const LONGEST_DEBT_WINDOWS = 2;

/**
 * How far the clocks of machines that share a store may differ, in milliseconds. What lies further ahead than that is taken
 * for a clock that was set back. Less, and a machine that is a few minutes late would cut what the others have counted, so
 * that no limit held on any of them.
 */
export const CLOCKS_APART_MS: number = 10 * 60_000;

/**
 * The moment from which a request counts. An arrival time beyond the latest that there can be was stored by a clock that
 * has been set back since, and a step of an hour would refuse everybody for that hour: nobody can tell what of it was
 * owed, so that the limit counts as used up, and comes back from now on.
 *
 * @param apart - how far the clock that stored it may be ahead of this one, in milliseconds; 0 where it is the same one
 */
export function gcraStart({ windowMs }: Rate, tat: number, now: number, apart: number): number {
  const latest = now + LONGEST_DEBT_WINDOWS * windowMs + apart;
  return tat > latest ? now + windowMs : Math.max(tat, now);
}

/** What a debit adds to an arrival time, and what it can come to at the latest. */
export interface GcraDebt {
  readonly owed: number;
  readonly latest: number;
}

/** Counts requests that were let through already, past the limit too. Returns the new arrival time. */
export function gcraDebit(rate: Rate, tat: number, count: number, now: number): number {
  const { owed, latest } = gcraDebt(rate, count, now);
  return Math.min(Math.max(tat, now) + owed, latest);
}

/** The parts of {@link gcraDebit}, for stores that put them together themselves. */
export function gcraDebt(rate: Rate, count: number, now: number): GcraDebt {
  return { owed: (rate.windowMs / rate.count) * count, latest: now + LONGEST_DEBT_WINDOWS * rate.windowMs };
}

/**
 * How many of a rate a debt stands for, each of which weighs until it is paid off. More than anybody can owe is none: a clock
 * was set back since, and nobody is to be counted against for as long as that.
 */
export function countOwed({ count, windowMs }: Rate, debtMs: number): number {
  return debtMs > LONGEST_DEBT_WINDOWS * windowMs ? 0 : Math.ceil(debtMs / (windowMs / count));
}

/**
 * Counts one request.
 *
 * @param tat - what was stored for the key, in milliseconds since 1970; 0 for a new key
 * @param now - milliseconds since 1970
 */
export function gcraStep(rate: Rate, tat: number, now: number): GcraStep {
  const interval = rate.windowMs / rate.count;
  const tolerance = rate.windowMs - interval;
  const start = gcraStart(rate, tat, now, CLOCKS_APART_MS);
  const early = start - now - tolerance;
  // A nanosecond of slack: 60000 / 7 added seven times is not 60000.
  if (early > 1e-6) {
    return {
      allowed: false,
      tat: start,
      remaining: 0,
      retryAfterMs: Math.ceil(early),
      resetAfterMs: Math.ceil(start - now),
    };
  }
  return gcraPassed(rate, start + interval, now);
}

/** What a request is told that was counted. @param tat - the new arrival time */
export function gcraPassed(rate: Rate, tat: number, now: number): GcraStep {
  return {
    allowed: true,
    tat,
    remaining: Math.floor((rate.windowMs - (tat - now)) / (rate.windowMs / rate.count) + 1e-9),
    retryAfterMs: 0,
    resetAfterMs: Math.ceil(tat - now),
  };
}
