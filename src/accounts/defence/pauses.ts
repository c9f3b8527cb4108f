/**
 * Pauses: what a browser without script gives instead of work. A token says since when its sender waits; it is signed for
 * one form and one client, and nothing is stored until it is taken. Whoever collects many at once gains nothing: of one
 * client one is taken in the length of a pause, whatever form it is for.
 */
import type { KeyRing } from '../../core/key-ring.ts';
import { randomId } from '../../core/random.ts';
import type { CounterStore } from '../../stores/ports/counters.ts';
import { ACCOUNTS_KEYS } from '../accounts.keys.ts';

/** What a pause is bound to. */
export interface PauseSubject {
  readonly form: string;
  /** What limits count the client by. */
  readonly client: string;
  /** From 0: each doubles the pause. */
  readonly level: number;
}

/** A pause under way. */
export interface Pause {
  readonly token: string;
  /** Milliseconds until it is over. */
  readonly leftMs: number;
}

/** Whether a pause is over. `next` is the pause to go on with, whose waiting is not lost where it counts. */
export type PauseVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'early' | 'stale'; readonly next: Pause };

/** What is needed of a policy, and the time. */
export interface PauseParts {
  readonly keys: KeyRing;
  readonly counters: CounterStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Sixty times the default work, in which the same person may not send another form. */
const SHORTEST_MS = 30_000;
/** Typing without a hurry, and the longest pause before it (WCAG 2.2, 2.2.1). */
const LIFE_MS = 30 * 60_000;
const ID_BYTES = 16;
const TAG_BYTES = 16;
const TOKEN = /^([1-9]\d{0,15})\.([\w-]{22})\.([\w-]{22})$/;

/** Milliseconds of a pause. */
export function pauseOf(level: number): number {
  return SHORTEST_MS * 2 ** level;
}

/** Begins pauses and takes them. */
export class Pauses {
  readonly #parts: PauseParts;

  constructor(parts: PauseParts) {
    this.#parts = parts;
  }

  /** A pause that begins now. Nothing is stored. */
  begin(subject: PauseSubject): Pause {
    return this.#make(subject, pauseOf(subject.level));
  }

  /**
   * Takes a pause that is over, once. How long it must be is asked now: one that began before more was asked goes on.
   *
   * @throws what the store throws where it is gone: nothing is taken then
   */
  async take(subject: PauseSubject, token: string): Promise<PauseVerdict> {
    const { counters, clock } = this.#parts;
    const now = clock();
    const read = this.#read(subject, token);
    if (read === undefined || read.since + LIFE_MS <= now) return this.#stale(subject);
    const length = pauseOf(subject.level);
    // A clock was set back since: what is left of a pause is never more than a pause.
    if (read.since > now) return { ok: false, reason: 'early', next: this.begin(subject) };
    const leftMs = read.since + length - now;
    if (leftMs > 0) return { ok: false, reason: 'early', next: { token, leftMs } };
    // Twice its life: the clocks of two processes need not agree.
    const once = { count: 1, windowMs: 2 * LIFE_MS };
    if (!(await counters.take(`pause/${read.id}`, once, now)).allowed) return this.#stale(subject);
    const veiled = this.#sign(`client/${subject.client}`);
    const oneAtATime = await counters.take(`pauses/${veiled}`, { count: 1, windowMs: length }, now);
    if (oneAtATime.allowed) return { ok: true };
    return {
      ok: false,
      reason: 'early',
      next: this.#make(subject, Math.min(oneAtATime.retryAfterMs, length)),
    };
  }

  #stale(subject: PauseSubject): PauseVerdict {
    return { ok: false, reason: 'stale', next: this.begin(subject) };
  }

  #make(subject: PauseSubject, leftMs: number): Pause {
    const since = this.#parts.clock() + leftMs - pauseOf(subject.level);
    const id = randomId(ID_BYTES);
    return { token: `${since}.${id}.${this.#sign(said(subject, since, id))}`, leftMs };
  }

  #read(subject: PauseSubject, token: string): { readonly since: number; readonly id: string } | undefined {
    const [, time = '', id = '', tag = ''] = TOKEN.exec(token) ?? [];
    if (id === '') return undefined;
    const since = Number(time);
    const signed = this.#parts.keys.verify(
      ACCOUNTS_KEYS.pause,
      said(subject, since, id),
      Buffer.from(tag, 'base64url'),
    );
    return signed ? { since, id } : undefined;
  }

  #sign(message: string): string {
    return this.#parts.keys.sign(ACCOUNTS_KEYS.pause, message).toString('base64url', 0, TAG_BYTES);
  }
}

/** The client comes last: it may hold anything. Nothing else that is signed here begins so. */
function said({ form, client }: PauseSubject, since: number, id: string): string {
  return `pause/${form}/${since}/${id}/${client}`;
}
