/** Challenges: made without a write, good for one purpose and a while, and taken once over all processes. */
import type { KeyRing } from '../../core/key-ring.ts';
import { randomId } from '../../core/random.ts';
import type { CounterStore } from '../../stores/ports/counters.ts';
import { DEVICE_KEYS } from './device-bound.keys.ts';

/** A browser registers at once: what comes later was kept by somebody. */
const REGISTER_MS = 5 * 60_000;
/** One is sent ahead for the next time. Longer than the proof that it renews, by default. */
const REFRESH_MS = 30 * 60_000;

/** What a challenge is for: to bind the session of this id, or to prove this device again. */
export type ChallengeFor = { readonly session: string } | { readonly device: string };

const TAG_BYTES = 16;
/** When it was made, 128 random bits, and a tag, of which there is one spelling. */
const CHALLENGE = /^([0-9a-z]{8,9})\.([\w-]{22})\.([\w-]{21}[AQgw])$/;

/** Challenges of one application. */
export class Challenges {
  readonly #keys: KeyRing;
  readonly #counters: CounterStore;

  constructor(keys: KeyRing, counters: CounterStore) {
    this.#keys = keys;
    this.#counters = counters;
  }

  /** A new one. Stores nothing. */
  make(what: ChallengeFor, now: number): string {
    const made = `${now.toString(36)}.${randomId(16)}`;
    const tag = this.#keys.sign(DEVICE_KEYS.challenge, messageOf(made, what));
    return `${made}.${tag.toString('base64url', 0, TAG_BYTES)}`;
  }

  /** Uses one up. False: it is none of ours, of something else, late, or was used: by whichever process. */
  async take(text: string, what: ChallengeFor, now: number): Promise<boolean> {
    const [, madeAt = '', random = '', tag = ''] = CHALLENGE.exec(text) ?? [];
    if (tag === '') return false;
    const lifeMs = 'session' in what ? REGISTER_MS : REFRESH_MS;
    // One of a process whose clock is ahead is good a little longer.
    if (Number.parseInt(madeAt, 36) + lifeMs <= now) return false;
    const message = messageOf(`${madeAt}.${random}`, what);
    if (!this.#keys.verify(DEVICE_KEYS.challenge, message, Buffer.from(tag, 'base64url'))) return false;
    // Known as used for longer than it could be good.
    const once = { count: 1, windowMs: 2 * lifeMs };
    return (await this.#counters.take(`device-challenge/${random}`, once, now)).allowed;
  }
}

function messageOf(made: string, what: ChallengeFor): string {
  return 'session' in what ? `${made}.session.${what.session}` : `${made}.device.${what.device}`;
}
