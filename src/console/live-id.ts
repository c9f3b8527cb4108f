/**
 * Ids of a live stream, which browsers send back to go on where they were. Signed for one session and one search: only what
 * was noted as a look may go on without another note, and nobody has the log from its beginning by a number they made up.
 */
import type { Exchange } from '../core/exchange.ts';
import type { KeyRing } from '../core/key-ring.ts';
import { CONSOLE_KEYS } from './console.keys.ts';

const TAG_BYTES = 16;
const ID = /^(\d{1,15})(?:\.([\w-]{22}))?$/;

/** What a browser sent back. */
export interface CameWith {
  readonly place: number;
  /** Whether it was given to this session, for this search. */
  readonly isOurs: boolean;
}

/** The ids of one search in one session. */
export class LiveIds {
  readonly #keys: KeyRing;
  readonly #about: string;

  constructor(keys: KeyRing, { session }: Pick<Exchange, 'session'>, given: object) {
    this.#keys = keys;
    this.#about = JSON.stringify([session?.idHash, given]);
  }

  of(place: number): string {
    const tag = this.#keys.sign(CONSOLE_KEYS.live, this.#signed(place)).subarray(0, TAG_BYTES);
    return `${place}.${tag.toString('base64url')}`;
  }

  /** Undefined: it is no id. */
  read(text: string | undefined): CameWith | undefined {
    const [, digits, tag] = ID.exec(text ?? '') ?? [];
    if (digits === undefined) return undefined;
    const place = Number(digits);
    const isOurs =
      tag !== undefined &&
      this.#keys.verify(CONSOLE_KEYS.live, this.#signed(place), Buffer.from(tag, 'base64url'));
    return { place, isOurs };
  }

  #signed(place: number): string {
    return `${place} ${this.#about}`;
  }
}
