/**
 * Guessing passwords: counted by name before the password is looked at, with growing pauses, and an end. Names that
 * have no account are counted like all others. A browser that the account knows is counted for itself, so that
 * strangers cannot lock its owner out.
 */
import type { AccountRecord, GuessRecord } from '../../stores/ports/accounts.ts';
import type { Suspicion } from './suspicion.ts';
import { growingPause } from '../../core/growing-pause.ts';
import { GuessAlarm } from '../../controls/rate-limit/guess-alarm.ts';
import { type AccountsContext, type AccountVisit, passwordMark, veil } from '../context.ts';
import type { NoticeAhead } from '../mail/notices.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';

/** What is tried. */
export interface Attempt {
  /** The address in its one spelling, or whatever else was typed. */
  readonly name: string;
  /** The account of that name, if there is one. */
  readonly account: Pick<AccountRecord, 'id' | 'passwordHash'> | undefined;
  /** The device by which the account knows the browser, if it does. */
  readonly device: string | undefined;
}

/** Whether an attempt is let through. */
export type AttemptVerdict =
  | {
      readonly ok: true;
      /** Too many were wrong: whatever the password is, it must be reset first. */
      readonly spent: boolean;
      /** It is this attempt that makes them too many, if it is wrong: a notice to the owner, to be posted then or dropped. */
      readonly alarm: NoticeAhead | undefined;
    }
  | { readonly ok: false; readonly retryAfterMs: number };

/** Wrong ones that cost no pause: people mistype, and try their other passwords. */
const FREE = 5;
const SHORT_PAUSE_MS = 1000;
/** A streak that was quiet for so long begins anew, for names without an account too: their counts end with it. */
const STREAK_ENDS_MS = 60 * 60_000;
/** Wrong ones in a row are in a row until one is right. An account nobody signed in to for a year has other troubles. */
const KEEP_MS = 365 * 24 * 60 * 60_000;
const MOST_CONFLICTS = 5;

/** Counts the guesses of one application. */
export class Guessing {
  readonly #context: AccountsContext;
  readonly #suspicion: Suspicion | undefined;
  readonly #alarm: GuessAlarm;

  /** @param suspicion - where suspect clients are asked for more */
  constructor(context: AccountsContext, suspicion?: Suspicion) {
    this.#context = context;
    this.#suspicion = suspicion;
    this.#alarm = new GuessAlarm(context.counters);
  }

  /**
   * Counts an attempt, before anything of it is looked at.
   *
   * @param warn - stores a notice to the owner: before the last one is counted, since no later one is the last
   */
  async begin(
    visit: AccountVisit,
    attempt: Attempt,
    warn?: () => Promise<NoticeAhead>,
  ): Promise<AttemptVerdict> {
    const { counters, settings, clock } = this.#context;
    const key = this.#keyOf(attempt);
    const taken = await counters.take(`attempts/${key}`, settings.attempts, clock());
    if (!taken.allowed) return this.#wait(visit, attempt, taken.retryAfterMs);
    for (let conflict = 0; conflict < MOST_CONFLICTS; conflict += 1) {
      const seen = await this.#context.store.guesses.find(key, clock());
      const now = clock();
      const pauseMs = seen === undefined ? 0 : pauseAfter(seen) - Math.max(0, now - seen.lastAt);
      // A clock was set back since: the pause begins now, or it would last as long as the step.
      if (seen !== undefined && pauseMs > 0 && seen.lastAt > now)
        await this.#advance(key, attempt, seen, { ...seen, lastAt: now });
      if (pauseMs > 0) return this.#wait(visit, attempt, pauseMs);
      const next = after(seen, clock());
      const alarm = next.failures === settings.failures ? await warn?.() : undefined;
      if (await this.#count(key, attempt, seen, next, alarm)) {
        return { ok: true, spent: next.failures > settings.failures, alarm };
      }
    }
    // So many at this very moment are no person.
    return this.#wait(visit, attempt, SHORT_PAUSE_MS);
  }

  /** The password was right: counting begins anew. */
  async succeeded(attempt: Attempt): Promise<void> {
    await this.#context.store.guesses.clear(this.#keyOf(attempt));
  }

  /**
   * There is another password for a name now, or another account: whatever was guessed, was guessed of the old one. What
   * browsers guessed that the account knew is counted by its password, and so is forgotten already.
   */
  async forget(name: string): Promise<void> {
    await this.succeeded({ name, account: undefined, device: undefined });
  }

  /**
   * Looks at a password that was counted by {@link begin}. Where that could not be done, as the queue is full or nobody
   * waits any more, nothing was learnt of it, and it counts no longer.
   *
   * @param alarm - of its verdict: nobody is told then, unless it counts still
   */
  async uncountIfThrown<T>(attempt: Attempt, look: () => Promise<T>, alarm?: NoticeAhead): Promise<T> {
    try {
      return await look();
    } catch (error) {
      try {
        await this.#uncount(attempt);
      } catch (failure) {
        alarm?.post();
        throw failure;
      }
      await alarm?.drop();
      throw error;
    }
  }

  /**
   * The password was wrong: whether that is part of something bigger. Many addresses on one name is a botnet, many
   * names from one address is a list of stolen passwords being tried; both are told once an hour.
   */
  async failed(visit: AccountVisit, attempt: Attempt): Promise<void> {
    if (attempt.device !== undefined) return;
    await this.#suspicion?.wrongPassword(visit, attempt.name);
    const name = veil(this.#context, 'name', attempt.name);
    const client = veil(this.#context, 'client', visit.client.key);
    const seen = await this.#alarm.wrong(name, client, this.#context.clock());
    if (seen.manyClients) {
      const reason = 'wrong passwords for one account from many addresses';
      visit.audit(ACCOUNTS_EVENTS.guessed, { reason, account: attempt.account?.id });
    }
    if (seen.manyNames) {
      visit.audit(ACCOUNTS_EVENTS.guessed, { reason: 'wrong passwords for many accounts from one address' });
    }
  }

  async #uncount(attempt: Attempt): Promise<void> {
    const key = this.#keyOf(attempt);
    for (let conflict = 0; conflict < MOST_CONFLICTS; conflict += 1) {
      const seen = await this.#context.store.guesses.find(key, this.#context.clock());
      if (seen === undefined || seen.failures === 0) return;
      const next = { ...seen, failures: seen.failures - 1, streak: Math.max(0, seen.streak - 1) };
      if (await this.#advance(key, attempt, seen, next)) return;
    }
  }

  /** Where nobody knows whether it was counted, its owner hears of it. */
  async #count(
    key: string,
    attempt: Attempt,
    seen: GuessRecord | undefined,
    next: GuessRecord,
    alarm: NoticeAhead | undefined,
  ): Promise<boolean> {
    let counted = true;
    try {
      counted = await this.#advance(key, attempt, seen, next);
      if (!counted) await alarm?.drop();
    } catch (error) {
      alarm?.post();
      throw error;
    }
    return counted;
  }

  async #advance(
    key: string,
    attempt: Attempt,
    seen: GuessRecord | undefined,
    next: GuessRecord,
  ): Promise<boolean> {
    const now = this.#context.clock();
    const keepMs = attempt.account === undefined ? STREAK_ENDS_MS : KEEP_MS;
    return await this.#context.store.guesses.advance(key, seen, next, now + keepMs, now);
  }

  #wait(visit: AccountVisit, { account }: Attempt, retryAfterMs: number): AttemptVerdict {
    visit.audit(ACCOUNTS_EVENTS.limited, {
      account: account?.id,
      reason: 'too many sign-ins for one name',
    });
    return { ok: false, retryAfterMs };
  }

  #keyOf({ name, account, device }: Attempt): string {
    const known = account !== undefined && device !== undefined;
    if (!known) return veil(this.#context, 'name', name);
    // With the password: a reset begins anew, also for a browser that comes back with its cookie. And with nothing that
    // changes without it: whoever may change that would guess on for ever.
    return veil(this.#context, 'device', `${passwordMark(this.#context, account)}/${device}`);
  }
}

function after(seen: GuessRecord | undefined, now: number): GuessRecord {
  if (seen === undefined) return { failures: 1, streak: 1, lastAt: now };
  const quiet = now - seen.lastAt >= STREAK_ENDS_MS;
  return { failures: seen.failures + 1, streak: quiet ? 1 : seen.streak + 1, lastAt: now };
}

/** Milliseconds from one wrong password to the next. */
function pauseAfter({ streak }: GuessRecord): number {
  return growingPause(streak, FREE);
}
