/** The chain of one process: forms its records, one behind the other, and signs its heads. Knows no file. */
import { randomId } from '../../core/random.ts';
import { LOG_EVENTS } from '../log.events.ts';
import { chainHash, hashed, NO_HASH, numbered, signedText } from './chain-line.ts';
import type { HeadSigner } from './signing-key.ts';

/** Where a record stands: its chain, its number in it, and its hash. */
export interface ChainPlace {
  readonly chain: string;
  readonly seq: number;
  readonly hash: string;
}

/** What a chain says of itself where it begins, or goes on, in a file. */
export interface Opening {
  readonly reason: 'start' | 'rotated' | 'truncated';
  /** A head is signed after so many records at the latest: of more behind the last one, some are forged or some are gone. */
  readonly headRecords?: number | undefined;
  /** The last record that stood there, of whatever chain: an earlier chain that is cut afterwards is missed. */
  readonly after?: ChainPlace | undefined;
  /** What a process that was killed has left of its last record. */
  readonly torn?: { readonly bytes: number; readonly hash: string } | undefined;
}

type SignedKind = typeof LOG_EVENTS.opened | typeof LOG_EVENTS.head | typeof LOG_EVENTS.closed;

const ID_BYTES = 9;

/** Links records. */
export class Chain {
  readonly id: string = randomId(ID_BYTES);
  readonly #signer: HeadSigner;
  readonly #service: string;
  readonly #clock: () => number;
  #seq = 0;
  #hash: string = NO_HASH;
  #unsigned = 0;

  constructor(signer: HeadSigner, service: string, clock: () => number) {
    this.#signer = signer;
    this.#service = service;
    this.#clock = clock;
  }

  /** Records since the last signed one. */
  get unsigned(): number {
    return this.#unsigned;
  }

  /** The next record: `body` is one JSON object, and the line has no line break. */
  link(body: string): string {
    this.#unsigned += 1;
    return this.#close(numbered(body, this.id, (this.#seq += 1)));
  }

  /** The first record in a file. */
  open(opening: Opening): string {
    const { publicKey } = this.#signer;
    return this.#signed(LOG_EVENTS.opened, { ...opening, publicKey, process: process.pid });
  }

  /** A head over everything so far. */
  head(): string {
    return this.#signed(LOG_EVENTS.head, {});
  }

  /** The last record. */
  close(): string {
    return this.#signed(LOG_EVENTS.closed, {});
  }

  /** Written without the log's redaction: all of it is ours, and a hash must stay as it is. */
  #signed({ name, level }: SignedKind, details: object): string {
    const time = new Date(this.#clock()).toISOString();
    const prev = this.#hash;
    const event = { time, level, event: name, service: this.#service, details: { ...details, prev } };
    const text = numbered(JSON.stringify(event), this.id, (this.#seq += 1));
    this.#unsigned = 0;
    return this.#close(signedText(text, this.#signer.sign(text)));
  }

  #close(text: string): string {
    this.#hash = chainHash(this.#hash, text);
    return hashed(text, this.#hash);
  }
}
