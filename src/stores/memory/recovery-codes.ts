import type { RecoveryCodeStore } from '../ports/factors.ts';

/** Recovery codes in the memory of this process. */
export class MemoryRecoveryCodes implements RecoveryCodeStore {
  readonly #sets = new Map<string, Set<string>>();

  replace(account: string, hashes: readonly string[]): void {
    this.#sets.set(account, new Set(hashes));
  }

  take(account: string, hash: string): number | undefined {
    const set = this.#sets.get(account);
    return set?.delete(hash) === true ? set.size : undefined;
  }

  count(account: string): number {
    return this.#sets.get(account)?.size ?? 0;
  }

  /** Removes the whole set. */
  removeAll(account: string): void {
    this.#sets.delete(account);
  }
}
