/**
 * Links that were followed outside the network of their session, by a browser that could not prove anything yet. The first is
 * excused, since people travel; and it is told where nobody proves the device there afterwards, or a thief would have one for nothing.
 */
import { Marks } from './marks.ts';

/** A person opens several links at once; whoever comes by links for longer, and never proves anything, is no browser of theirs. */
const LINKS_FOR_MS = 10_000;
/** A page of ours loads itself again at once, and the browser signs for it: on a slow line that takes a while. */
const PROOF_WITHIN_MS = 60_000;

interface Waiting {
  readonly network: string;
  readonly since: number;
}

/** Those of one process. */
export class FollowedLinks {
  readonly #seen: Marks;
  readonly #most: number;
  /** By session: where a proof has yet to come. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(lifeMs: number, most: number) {
    this.#seen = new Marks(lifeMs, most);
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#seen.isEmpty && this.#waiting.size === 0;
  }

  /** Whether a link is one that people follow: the first of its session there, and what is opened with it. */
  excuses(session: string, network: string, now: number): boolean {
    const place = placeOf(session, network);
    if (!this.#seen.set(place, now)) return now - (this.#seen.since(place, now) ?? now) < LINKS_FOR_MS;
    this.#waiting.set(session, { network, since: now });
    if (this.#waiting.size > this.#most) {
      const [oldest] = this.#waiting.keys();
      if (oldest !== undefined) this.#waiting.delete(oldest);
    }
    return true;
  }

  /** The device was proved: there a link is excused again. Returns where one was followed and no proof has come, once. */
  proved(session: string, network: string, now: number): string | undefined {
    this.#seen.clear(placeOf(session, network));
    const waiting = this.#waiting.get(session);
    if (waiting === undefined) return undefined;
    const isHere = waiting.network === network;
    if (!isHere && now - waiting.since < PROOF_WITHIN_MS) return undefined;
    this.#waiting.delete(session);
    return isHere ? undefined : waiting.network;
  }

  /** The theft is told already. */
  forget(session: string): void {
    this.#waiting.delete(session);
  }
}

function placeOf(session: string, network: string): string {
  return `${session} ${network}`;
}
