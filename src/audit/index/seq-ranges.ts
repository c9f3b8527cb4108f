/** Which numbers of a chain were seen, as ranges: a log is read in order but for its files, so that these are few. */

/** Numbers from the first to the last, both of them in it. */
export interface SeqRange {
  first: number;
  last: number;
}

/** Told where a range begins, and its new end; undefined: it is part of another one now. */
export type OnRange = (first: number, last: number | undefined) => void;

/** The numbers of one chain. */
export class SeqRanges {
  /** In order, and none touches the next. */
  readonly #ranges: SeqRange[] = [];
  readonly #onRange: OnRange;

  constructor(onRange: OnRange) {
    this.#onRange = onRange;
  }

  /** Puts back what was told before. In order. */
  restore(range: SeqRange): void {
    this.#ranges.push(range);
  }

  /** Whether a number is there. */
  has(seq: number): boolean {
    return seq <= (this.#ranges[this.#after(seq) - 1]?.last ?? 0);
  }

  /** Takes a number that is not there. */
  add(seq: number): void {
    const at = this.#after(seq);
    const [before, behind] = [this.#ranges[at - 1], this.#ranges[at]];
    const isNextTo = before?.last === seq - 1;
    const isInFront = behind?.first === seq + 1;
    if (isInFront) this.#onRange(behind.first, undefined);
    if (isNextTo) {
      before.last = isInFront ? behind.last : seq;
      if (isInFront) this.#ranges.splice(at, 1);
      this.#onRange(before.first, before.last);
    } else if (isInFront) {
      behind.first = seq;
      this.#onRange(seq, behind.last);
    } else {
      this.#ranges.splice(at, 0, { first: seq, last: seq });
      this.#onRange(seq, seq);
    }
  }

  /** The place of the first range that begins behind a number. */
  #after(seq: number): number {
    let [low, high] = [0, this.#ranges.length];
    // Nearly always the end: a log grows there.
    if ((this.#ranges.at(-1)?.first ?? 0) <= seq) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle]?.first ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
