/** Signed heads that somebody kept elsewhere: what a log cannot be without, however well its rest was formed anew. */
import { readMark } from './chain-line.ts';
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

interface SignedLine {
  readonly time?: unknown;
  readonly details?: { readonly publicKey?: unknown };
}

/** The heads of a file that a witness keeps: lines of the log itself, those that are signed. */
export class HeadBook {
  /** Lines that are no head, or whose signature is not that of their chain's key. */
  readonly refused: number[] = [];
  readonly #keys: readonly string[] | undefined;
  readonly #chains = new Map<string, ChainHeads>();
  #lines = 0;

  /** @param keys - public keys that are trusted; undefined: whichever the first line of a chain names */
  constructor(keys: readonly string[] | undefined) {
    this.#keys = keys;
  }

  /** Takes one line. */
  add(line: Buffer): void {
    this.#lines += 1;
    if (!this.#take(line)) this.refused.push(this.#lines);
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

  #take(line: Buffer): boolean {
    const mark = readMark(line);
    if (mark?.signature === undefined) return false;
    const { time, details } = JSON.parse(line.toString()) as SignedLine;
    const heads = this.#chains.get(mark.chain) ?? this.#begin(mark.chain, details?.publicKey);
    if (heads === undefined || typeof time !== 'string') return false;
    if (!heads.verifier(line.subarray(0, mark.signedBytes), mark.signature)) return false;
    heads.bySeq.set(mark.seq, { chain: mark.chain, seq: mark.seq, hash: mark.hash, time });
    return true;
  }

  #begin(chain: string, publicKey: unknown): ChainHeads | undefined {
    if (typeof publicKey !== 'string' || this.#keys?.includes(publicKey) === false) return undefined;
    const heads = { verifier: verifierOf(publicKey), bySeq: new Map<number, KeptHead>() };
    this.#chains.set(chain, heads);
    return heads;
  }
}
