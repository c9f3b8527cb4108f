/**
 * The hashes of ids that came with the last requests. A page is a dozen of them with one cookie, and to hash it each time takes an
 * eighth of all that the layer adds to each.
 *
 * Nothing but the hash is remembered: whether a session lives is asked of its store each time, so that one that was ended is over
 * at once. An id lies in the memory of a process as long as the head of its request; here for a second more at most, so that a dump of the
 * memory has those of whoever is there at this moment, as it has without, and those of nobody else. Two ids are compared only where
 * V8's own keyed hashes of both agree: how long an answer takes says nothing of how much of an id was guessed.
 */
import { hashSessionId } from './session-cookie.ts';

/** Milliseconds. */
const KEPT_MS = 1000;
/** Whoever makes up more than that has those of others hashed each time, as without. */
const MOST_KEPT = 1024;

/** Of one server. */
export class SeenIds {
  readonly #hashes = new Map<string, string>();

  /** How many are kept now. */
  get size(): number {
    return this.#hashes.size;
  }

  /** What {@link hashSessionId} says. */
  of(id: string): string {
    return this.#hashes.get(id) ?? this.#learn(id);
  }

  #learn(id: string): string {
    const hash = hashSessionId(id);
    if (this.#hashes.size === MOST_KEPT) return hash;
    if (this.#hashes.size === 0) setTimeout(() => this.#hashes.clear(), KEPT_MS).unref();
    // A copy: a piece of a head would keep the whole of it, with all other cookies.
    this.#hashes.set(Buffer.from(id, 'latin1').toString('latin1'), hash);
    return hash;
  }
}
