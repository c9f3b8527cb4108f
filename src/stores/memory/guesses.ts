import type { GuessRecord, GuessStore } from '../ports/accounts.ts';

interface Counted {
  readonly record: GuessRecord;
  readonly expiresAt: number;
}

/** Counts of wrong passwords in the memory of this process. */
export class MemoryGuesses implements GuessStore {
  readonly #counted = new Map<string, Counted>();

  find(key: string, now: number): GuessRecord | undefined {
    const counted = this.#counted.get(key);
    return counted === undefined || counted.expiresAt <= now ? undefined : counted.record;
  }

  advance(
    key: string,
    seen: GuessRecord | undefined,
    next: GuessRecord,
    expiresAt: number,
    now: number,
  ): boolean {
    const there = seen === undefined ? this.find(key, now) : this.#counted.get(key)?.record;
    if (!isSame(there, seen)) return false;
    this.#counted.set(key, { record: { ...next }, expiresAt });
    return true;
  }

  clear(key: string): void {
    this.#counted.delete(key);
  }

  /** Deletes what is past its end. */
  sweep(now: number, most: number): number {
    let count = 0;
    for (const [key, { expiresAt }] of this.#counted) {
      if (count === most) break;
      if (expiresAt <= now && this.#counted.delete(key)) count += 1;
    }
    return count;
  }
}

function isSame(a: GuessRecord | undefined, b: GuessRecord | undefined): boolean {
  return a?.failures === b?.failures && a?.streak === b?.streak && a?.lastAt === b?.lastAt;
}
