import type { ActivityRecord, ActivityStore } from '../ports/accounts.ts';
import type { IsAccount } from './accounts.ts';

/** What accounts did, in the memory of this process. */
export class MemoryActivity implements ActivityStore {
  readonly #isAccount: IsAccount;
  /** By account, newest first. */
  readonly #lines = new Map<string, readonly ActivityRecord[]>();

  constructor(isAccount: IsAccount) {
    this.#isAccount = isAccount;
  }

  add(record: ActivityRecord, most: number): void {
    const { account } = record;
    if (!this.#isAccount(account)) return;
    const lines = [{ ...record }, ...(this.#lines.get(account) ?? [])];
    this.#lines.set(account, lines.sort((a, b) => b.at - a.at).slice(0, most));
  }

  list(account: string, limit: number): readonly ActivityRecord[] {
    return this.#lines.get(account)?.slice(0, limit) ?? [];
  }

  /** Removes every line of an account. */
  removeAll(account: string): void {
    this.#lines.delete(account);
  }
}
