/** Signed heads that somebody kept elsewhere: what a log cannot be without, however well its rest was formed anew. */
import { readMark } from './chain-line.ts';
import { readSigned } from './signed-record.ts';
import { type HeadVerifier, verifierOf } from './signing-key.ts';

/** One head that was kept. */
export interface KeptHead {
  readonly chain: string;
  readonly seq: number;
  readonly hash: string;
  /** ISO 8601, UTC. */
  readonly time: string;
}

interface ChainHeads {
  readonly verifier: HeadVerifier;
  readonly bySeq: Map<number, KeptHead>;
}

const MOST_EARLY = 1000;

/** The heads of a file that a witness keeps: lines of the log itself, those that are signed. */
export class HeadBook {
  readonly #refused: number[] = [];
  readonly #keys: readonly string[] | undefined;
  readonly #chains = new Map<string, ChainHeads>();
  /** Heads that came before the one that names the key of their chain, as where a process ended while it wrote. */
  #early: { readonly line: Buffer; readonly number: number }[] = [];
  #lines = 0;

  /** @param keys - public keys that are trusted; undefined: whichever the first line of a chain names */
  constructor(keys: readonly string[] | undefined) {
    this.#keys = keys;
  }

  /** Numbers of lines that are no head, or whose signature is not that of their chain's key. */
  get refused(): readonly number[] {
    return [...this.#refused, ...this.#early.map(({ number }) => number)].toSorted((a, b) => a - b);
  }

  /** Takes one line. */
  add(line: Buffer): void {
    this.#lines += 1;
    this.#sort(line, this.#lines);
  }

  /** The head kept for this place, which is then asked for no more. Undefined: there is none. */
  meet(chain: string, seq: number): KeptHead | undefined {
    const heads = this.#chains.get(chain)?.bySeq;
    const head = heads?.get(seq);
    if (head !== undefined) heads?.delete(seq);
    return head;
  }

  /** Heads that no record of the log was met for, in the order in which they were kept. */
  *unmet(): Generator<KeptHead> {
    for (const { bySeq } of this.#chains.values()) yield* bySeq.values();
  }

  #sort(line: Buffer, number: number): void {
    const mark = readMark(line);
    const record = mark?.signature === undefined ? undefined : readSigned(line);
    if (mark?.signature === undefined || record === undefined) {
      this.#refused.push(number);
      return;
    }
    const { time, details } = record;
    const known = this.#chains.get(mark.chain);
    if (known === undefined && details.publicKey === undefined && this.#early.length < MOST_EARLY) {
      // A copy: the line is the reader's own.
      this.#early.push({ line: Buffer.from(line), number });
      return;
    }
    const heads = known ?? this.#begin(mark.chain, details.publicKey);
    if (
      heads === undefined ||
      time === undefined ||
      !heads.verifier(line.subarray(0, mark.signedBytes), mark.signature)
    ) {
      this.#refused.push(number);
      return;
    }
    heads.bySeq.set(mark.seq, { chain: mark.chain, seq: mark.seq, hash: mark.hash, time });
    if (known === undefined) this.#sortEarly();
  }

  #sortEarly(): void {
    const early = this.#early;
    this.#early = [];
    for (const { line, number } of early) this.#sort(line, number);
  }

  #begin(chain: string, publicKey: string | undefined): ChainHeads | undefined {
    if (publicKey === undefined || this.#keys?.includes(publicKey) === false) return undefined;
    const heads = { verifier: verifierOf(publicKey), bySeq: new Map<number, KeptHead>() };
    this.#chains.set(chain, heads);
    return heads;
  }
}
