/**
 * What a suspect client gives before a form of accounts is looked at: work of its browser, or, without script, a pause.
 * Asked by what was counted of it already; asking counts nothing. It comes on top of all limits and delays, in the place
 * of none.
 */
import { CHALLENGE_CALLS } from '../accounts.calls.ts';
import type { ProofOfWork, WorkChallenge } from '../../identity/proof-of-work/proof-of-work.ts';
import type { AccountsContext, AccountVisit } from '../context.ts';
import { nameOf } from '../email-address.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import { type Pause, Pauses } from './pauses.ts';
import type { Suspicion } from './suspicion.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';
import { tendMethods } from '../../core/tended.ts';

/** The forms that can be asked for it: those that anyone can send. */
export type ChallengedForm = 'sign-in' | 'register' | 'reset';

/** What goes into the page. Either answer will do. */
export interface FormChallenge {
  readonly work: WorkChallenge;
  readonly pause: Pause;
}

/** What a form brought back: nothing of it is trusted. */
export interface ChallengeAnswer {
  readonly challenge: string;
  readonly proof: string;
  readonly pause: string;
}

/**
 * Whether a form may be looked at. `asked`: it brought nothing. `stale`: its answer is too old, was taken before, or is
 * none of this form and client, or more is asked by now. `early`: the pause is not over.
 */
export type ChallengeVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'asked' | 'stale' | 'early'; readonly next: FormChallenge };

/** The parts of a challenge. */
export interface ChallengeParts {
  readonly context: AccountsContext;
  readonly suspicion: Suspicion;
  readonly devices: KnownBrowsers;
  readonly work: ProofOfWork;
  /** Whether everyone is asked, and not only who is suspect. */
  readonly always: boolean;
}

/** A quarter of the most that is counted is suspect; each further quarter doubles what is asked. */
const STEPS = 4;
const MOST_LEVEL = STEPS - 1;

/** Asks suspect clients for work or patience. */
export class Challenge {
  readonly #parts: ChallengeParts;
  readonly #pauses: Pauses;

  constructor(parts: ChallengeParts) {
    const { keys, counters, clock } = parts.context;
    this.#parts = parts;
    this.#pauses = new Pauses({ keys, counters, clock });
  }

  /**
   * What a page asks for; undefined: nothing. Counts and stores nothing.
   *
   * @param email - what was typed, where something was
   */
  async ask(visit: AccountVisit, form: ChallengedForm, email?: string): Promise<FormChallenge | undefined> {
    CHALLENGE_CALLS.ask(visit, form, email);
    // An empty page for a browser that some account knows, most likely that of its owner. The form is judged all the same.
    if ((email === undefined || email === '') && this.#parts.devices.hasCookie(visit)) return undefined;
    const level = await this.#level(visit, form, email);
    return level === undefined ? undefined : this.#next(visit, form, level);
  }

  /**
   * Takes the answer of a form, once, before anything else of the form is looked at or counted.
   *
   * @throws what the store throws where it is gone: no form is let through then
   */
  async take(
    visit: AccountVisit,
    form: ChallengedForm,
    email: string,
    answer: ChallengeAnswer,
  ): Promise<ChallengeVerdict> {
    CHALLENGE_CALLS.take(visit, form, email, answer);
    const verdict = await this.#judge(visit, form, email, answer);
    if (verdict.ok && form !== 'sign-in') await this.#parts.suspicion.mailAsked(visit);
    if (!verdict.ok) {
      const reason = `a form of a suspect client without what was asked: ${verdict.reason}`;
      visit.audit(ACCOUNTS_EVENTS.limited, { reason, form });
    }
    return verdict;
  }

  async #judge(
    visit: AccountVisit,
    form: ChallengedForm,
    email: string,
    { challenge, proof, pause }: ChallengeAnswer,
  ): Promise<ChallengeVerdict> {
    const level = await this.#level(visit, form, email);
    if (level === undefined) return { ok: true };
    const subject = { form, client: visit.client.key, level };
    if (proof !== '' && (await this.#parts.work.take(subject, challenge, proof)).ok) return { ok: true };
    if (pause === '') return { ok: false, reason: 'asked', next: this.#next(visit, form, level) };
    // Also behind work that was not taken: who left the page open for long has waited.
    const waited = await this.#pauses.take(subject, pause);
    if (waited.ok) return waited;
    const next = { work: this.#parts.work.issue(subject), pause: waited.next };
    return { ok: false, reason: proof === '' ? waited.reason : 'stale', next };
  }

  #next(visit: AccountVisit, form: ChallengedForm, level: number): FormChallenge {
    const subject = { form, client: visit.client.key, level };
    return { work: this.#parts.work.issue(subject), pause: this.#pauses.begin(subject) };
  }

  /** How much is asked, from 0; undefined: nothing. */
  async #level(visit: AccountVisit, form: ChallengedForm, email?: string): Promise<number | undefined> {
    const name = email === undefined || email === '' ? undefined : nameOf(email);
    // Guesses of a name are about signing in to it: its owner must not need longer for a way out of them.
    const suspicion = await this.#parts.suspicion.of(visit, form === 'sign-in' ? name : undefined);
    const level = Math.floor(STEPS * suspicion) - 1;
    if (level < 0 && !this.#parts.always) return undefined;
    // Only now, for a name without an account too: what takes time is the same for both.
    if (name !== undefined && (await this.#isKnown(visit, name))) return undefined;
    return Math.min(Math.max(0, level), MOST_LEVEL);
  }

  async #isKnown(visit: AccountVisit, name: string): Promise<boolean> {
    const record = await this.#parts.context.store.findByEmail(name);
    return (await this.#parts.devices.recognise(visit, record?.id)).idHash !== undefined;
  }

  static {
    tendMethods(Challenge, (its) => its.#parts.context.audit);
  }
}
