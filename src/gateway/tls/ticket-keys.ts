/**
 * Keys of TLS tickets: the same in all processes that share a store, another one every twelve hours. They are random, and the
 * store forgets them: what was recorded before opens to nobody later, whatever secret leaks (RFC 9325 7.4).
 */
import type { KeyRing } from '../../core/key-ring.ts';
import { randomBytes } from '../../core/random.ts';
import type { SessionRecord, SessionStore } from '../../stores/ports/sessions.ts';
import { TLS_KEYS } from './tls.keys.ts';

/** As OpenSSL takes them: a name, a key and a key to authenticate by. */
const KEY_BYTES = 48;
const EPOCH_MS = 12 * 3_600_000;

/** What the keys are shared by. */
export interface TicketKeysParts {
  readonly store: SessionStore;
  readonly keys: KeyRing;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/** The keys of this time and the next. */
export class TicketKeys {
  readonly #store: SessionStore;
  readonly #keys: KeyRing;
  readonly #clock: () => number;

  constructor({ store, keys, clock = Date.now }: TicketKeysParts) {
    this.#store = store;
    this.#keys = keys;
    this.#clock = clock;
  }

  /**
   * The key that is in use now. Two processes that begin at once have one of two for a moment, and one from the next call on.
   * Rejects where the store does not answer.
   */
  async current(): Promise<Buffer> {
    const now = this.#clock();
    const epoch = Math.floor(now / EPOCH_MS);
    const name = this.#keys.sign(TLS_KEYS.ticketName, String(epoch)).toString('base64url');
    const found = await this.#find(name, now);
    if (found !== undefined) return found;
    const made = randomBytes(KEY_BYTES);
    try {
      await this.#store.create(this.#recordOf(name, made, now, (epoch + 1) * EPOCH_MS));
    } catch (error) {
      // Another process was first, in a store that holds to that.
      const theirs = await this.#find(name, now);
      if (theirs === undefined) throw error;
      return theirs;
    }
    return (await this.#find(name, now)) ?? made;
  }

  async #find(name: string, now: number): Promise<Buffer | undefined> {
    const record = await this.#store.find(name, now);
    if (record === undefined) return undefined;
    return this.#keys.open(TLS_KEYS.ticketKey, record.data, name)?.plaintext;
  }

  #recordOf(name: string, key: Buffer, now: number, expiresAt: number): SessionRecord {
    return {
      idHash: name,
      account: undefined,
      roles: [],
      createdAt: now,
      signedInAt: undefined,
      mfaAt: undefined,
      device: undefined,
      seenAt: now,
      expiresAt,
      idleMs: EPOCH_MS,
      version: 1,
      data: this.#keys.seal(TLS_KEYS.ticketKey, key, name),
      address: '',
      userAgent: '',
    };
  }
}
